/**
 * Whether an RTT is true: the time from a passage of data through a vantage point to that of the first segment
 * by which the peer, having got that very data, acknowledges it.
 */
import { FLAG } from '../core/reading.js';
import type { Log } from './log.js';
import {
  isBeyond,
  lengthOf,
  other,
  type Passage,
  passagesAt,
  type Segment,
  type Side,
} from './segment.js';

/** Bytes that one end is ahead of the other: of two connections so little lies between them by chance only. */
const MOST_AHEAD = 2 ** 20;

/** From best to worst. */
export const VERDICTS = [
  /** The first answer, or the first that passed. */
  'exact',
  /** Earlier answers were lost before they could pass: documented. */
  'ackLoss',
  /** It answers an earlier copy with the same TSval that passed before the capture began. */
  'beforeCapture',
  /** Earlier answers were lost, and the data was sent again meanwhile: known to be ambiguous. */
  'ackLossThenSentAgain',
  /** It waited for data that was lost and sent again: this, or what comes before it. */
  'retransmission',
  /** An earlier answer has passed. */
  'late',
  /** It answers an earlier copy of the data. */
  'below',
  /** No such packets, or they have nothing to do with each other. */
  'unrelated',
] as const;

export type Verdict = (typeof VERDICTS)[number];

export interface Judged {
  readonly verdict: Verdict;
  readonly data?: Passage;
  readonly answer?: Passage;
}

/**
 * @param sender of the data
 * @param seen when the answer was, by the capture's clock
 */
export function judge(log: Log, sender: Side, seen: number, rtt: number): Judged {
  const judged = log.places.map((_, place) => {
    const asked = log.at(place, sender, seen - rtt).filter(({ segment }) => asks(segment));
    const answers = log.at(place, other(sender), seen);
    return exactIn(log, asked, answers) ?? leastWrongIn(log, asked, answers);
  });
  return judged.reduce((best, each) => (isBetter(each, best) ? each : best));
}

/** Data, and what repeats none of it but asks whether the other end is there: a keep-alive. */
function asks(segment: Segment): boolean {
  return lengthOf(segment) > 0 || segment.isAgain;
}

function isBetter(a: Judged, b: Judged): boolean {
  return VERDICTS.indexOf(a.verdict) < VERDICTS.indexOf(b.verdict);
}

function exactIn(
  log: Log,
  asked: readonly Passage[],
  answers: readonly Passage[],
): Judged | undefined {
  for (const data of asked) {
    const answer = firstPassage(firstAnswer(log, data), data.place);
    if (answer && answers.includes(answer) && !isHeldUp(log, data)) {
      return { verdict: 'exact', data, answer };
    }
  }
  return undefined;
}

function leastWrongIn(log: Log, asked: readonly Passage[], answers: readonly Passage[]): Judged {
  let best: Judged = { verdict: 'unrelated' };
  for (const data of asked) {
    for (const answer of answers) {
      // Of those at one time that have nothing to do with each other, any is shown.
      if (!best.data) best = { verdict: 'unrelated', data, answer };
      const verdict = verdictOf(log, data, answer);
      const judged = { verdict, data, answer };
      if (isBetter(judged, best)) best = judged;
    }
  }
  return best;
}

/** Whether a segment acknowledges the first byte of what another brought. */
export function isAnswer(segment: Segment, to: Segment): boolean {
  return (
    segment.connection === to.connection &&
    (segment.flags & (FLAG.ack | FLAG.rst)) === FLAG.ack &&
    isBeyond(segment.ack, to.seq)
  );
}

/** The first segment by which the peer, having got this, acknowledges it. */
export function firstAnswer(log: Log, passage: Passage): Segment | undefined {
  for (const answer of answersTo(log, passage)) return answer;
  return undefined;
}

export function firstPassage(segment: Segment | undefined, place: number): Passage | undefined {
  return segment?.passages.find((each) => each.place === place);
}

/** All of those, in the order of their being sent. */
function* answersTo(log: Log, { segment, arrival }: Passage): Iterable<Segment> {
  if (arrival === 0) return;
  for (const each of log.sentAfter(other(segment.from), segment.connection, arrival)) {
    if (isAnswer(each, segment)) yield each;
  }
}

function verdictOf(log: Log, data: Passage, answer: Passage): Verdict {
  const [asked, answering] = [data.segment, answer.segment];
  if (isAcceptedFromBefore(data, answering)) return 'exact';
  if (!isAnswer(answering, asked)) return 'unrelated';
  if (data.arrival === 0 || answering.order < data.arrival) return causedByCopy(log, data, answer);
  if (isHeldUp(log, data)) return 'retransmission';
  const first = firstAnswer(log, data);
  if (first === answering && firstPassage(answering, data.place) === answer) return 'exact';
  const copies = log.copiesOf(asked);
  const wasSentAgain = copies.some(
    (copy) => copy.order > asked.order && hasArrivedBefore(copy, answering.order),
  );
  if (hasEarlierPassed(log, data, answer)) return wasSentAgain ? 'retransmission' : 'late';
  // Overtaken, not lost.
  if (firstPassage(first, data.place)) return 'exact';
  return wasSentAgain ? 'ackLossThenSentAgain' : 'ackLoss';
}

/** Ends that send SYNs of different connections at the same time may take them for those of one. */
function isAcceptedFromBefore({ segment, arrival }: Passage, answer: Segment): boolean {
  if (segment.connection === answer.connection) return false;
  const isOfIt =
    isBeyond(answer.ack, segment.seq) &&
    (answer.ack - segment.seq) >>> 0 <= MOST_AHEAD &&
    !isBeyond(answer.tsecr, segment.tsval);
  return isOfIt && (answer.flags & FLAG.rst) === 0 && arrival > 0 && answer.order > arrival;
}

function hasEarlierPassed(log: Log, data: Passage, answer: Passage): boolean {
  const acknowledged = acknowledgedBefore(log, data);
  for (const each of answersTo(log, data)) {
    if (!isBeyond(each.ack, acknowledged)) continue;
    const passages = passagesAt(each, data.place);
    if (passages.some((passage) => passage !== answer && passage.time < answer.time)) {
      return true;
    }
    if (each === answer.segment) break;
  }
  return false;
}

/** What is sent again may begin with bytes whose acknowledgement has passed: only the others can be measured. */
function acknowledgedBefore(log: Log, { segment, place, time }: Passage): number {
  let most = segment.seq;
  for (const each of log.sentBy(other(segment.from))) {
    const hasPassed = () => passagesAt(each, place).some((passage) => passage.time < time);
    if (isAnswer(each, segment) && isBeyond(each.ack, most) && hasPassed()) most = each.ack;
  }
  return most;
}

/** The peer had the first byte from another copy: one that was sent after this, or only one before it. */
function causedByCopy(log: Log, data: Passage, answer: Passage): Verdict {
  const copies = log
    .copiesOf(data.segment)
    .flatMap((copy) => passagesAt(copy, data.place))
    .filter(({ arrival }) => arrival > 0 && arrival < answer.segment.order);
  if (copies.some(({ time }) => time > data.time)) return 'retransmission';
  const { tsval } = data.segment;
  const isUnknowable = copies.some((copy) => !copy.isCaptured && copy.segment.tsval === tsval);
  return isUnknowable ? 'beforeCapture' : 'below';
}

/** Whether it came out of order, and what was missing before it was sent again only afterwards. */
function isHeldUp(log: Log, { segment, arrival }: Passage): boolean {
  const delivery = log.deliveryOf(segment);
  return (
    delivery !== undefined &&
    delivery.order > arrival &&
    delivery.by.isAgain &&
    delivery.by !== segment &&
    delivery.by.order > segment.order
  );
}

function hasArrivedBefore({ passages }: Segment, order: number): boolean {
  return passages.some(({ arrival }) => arrival > 0 && arrival < order);
}
