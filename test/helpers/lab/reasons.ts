/** Why another tool has an RTT where pping has none, or another one: told from the segments alone. */
import type { Asked } from '../core/asked.js';
import { distance, type Segment } from '../packets/segments.js';

/** In the words of docs/accuracy.md. */
export const REASONS = {
  same: 'the same RTT',
  earlier: 'the ACK also answers an earlier segment, which was being measured',
  part: 'the first bytes of the segment, a merged one, had been acknowledged before',
  again: 'its data was retransmitted, or other data was while it waited (Karn)',
  pending: 'another segment waited for its answer',
  known: 'its TSval is not new',
  shared: 'other data waited, and the segment before it, a pure ACK, had its TSval',
  echo: 'the answer echoes the TSval of another segment',
  unexplained: 'unexplained',
} as const;
export type Reason = keyof typeof REASONS;

/** One direction of a connection, by indices into the capture. */
interface Way {
  /** In the order of the capture; SYN and FIN are data, too. */
  readonly data: number[];
  /** Data that does not go on where its direction had ended, each with what ends the recovery: the acknowledgement of all that had been sent. */
  readonly recoveries: { readonly from: number; until: number; readonly end: number }[];
  readonly asked: { readonly question: number; readonly answer: number }[];
  highest: number | undefined;
}

export class Reasons {
  readonly #segments: readonly Segment[];
  readonly #ways = new Map<string, Way>();
  readonly #byQuestion = new Map<number, number>();

  constructor(segments: readonly Segment[], asked: readonly Asked[]) {
    this.#segments = segments;
    segments.forEach((segment, index) => {
      this.#sent(segment, index);
      this.#acknowledged(segment, index);
    });
    const indices = new Map(segments.map(({ record }, index) => [record, index]));
    for (const each of asked) {
      const question = indices.get(each.question.record) ?? Number.NaN;
      const answer = indices.get(each.answer.record) ?? Number.NaN;
      this.#byQuestion.set(question, answer);
      this.#way(each.question.way).asked.push({ question, answer });
    }
  }

  /** Of an RTT between two segments. */
  of(question: number, answer: number): Reason {
    const { way, tsval } = this.#segment(question);
    const { asked } = this.#way(way);
    const end = this.#byQuestion.get(question);
    if (end === answer) return 'same';
    if (asked.some((each) => each.answer === answer && each.question < question)) return 'earlier';
    if (end !== undefined && end < answer) return 'part';
    if (this.#isAgain(question, answer)) return 'again';
    if (tsval === undefined) {
      const isPending = asked.some((each) => each.question < question && question < each.answer);
      return isPending ? 'pending' : 'unexplained';
    }
    if (this.#isKnown(way, question, tsval)) return 'known';
    const { before, acknowledged } = this.#around(question);
    if (before?.tsval === tsval && distance(acknowledged ?? 0, this.#segment(question).seq) < 0) {
      return 'shared';
    }
    return this.#firstEcho(question) === tsval ? 'unexplained' : 'echo';
  }

  #segment(index: number): Segment {
    const segment = this.#segments[index];
    if (segment === undefined) throw new Error(`no segment ${index}`);
    return segment;
  }

  #way(name: string): Way {
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const way: Way = { data: [], recoveries: [], asked: [], highest: undefined };
    this.#ways.set(name, way);
    return way;
  }

  #sent({ way: name, seq, length }: Segment, index: number): void {
    const way = this.#way(name);
    const end = (seq + length) | 0;
    if (length > 0 && way.highest !== undefined && distance(seq, way.highest) < 0) {
      way.recoveries.push({ from: index, until: Number.POSITIVE_INFINITY, end: way.highest });
    }
    if (length > 0) way.data.push(index);
    if (way.highest === undefined || distance(end, way.highest) > 0) way.highest = end;
  }

  #acknowledged({ back, ack }: Segment, index: number): void {
    if (ack === undefined) return;
    for (const recovery of this.#way(back).recoveries) {
      const isOver =
        recovery.until === Number.POSITIVE_INFINITY && distance(ack, recovery.end) >= 0;
      if (isOver) recovery.until = index;
    }
  }

  /** Its data was sent again, or something else that the answer may have had to wait for. */
  #isAgain(question: number, answer: number): boolean {
    const { way, seq, tsval } = this.#segment(question);
    return this.#way(way).recoveries.some(({ from, until }) => {
      if (from > answer || question > until) return false;
      if (tsval === undefined || from === question) return true;
      const other = this.#segment(from);
      return other.tsval === tsval || (from > question && distance(other.seq, seq) <= 0);
    });
  }

  /** The segment before it in its direction, and what the last one of the other acknowledges. */
  #around(question: number) {
    const { way, back } = this.#segment(question);
    const earlier = this.#segments.slice(0, question);
    return {
      before: earlier.findLast((each) => each.way === way),
      acknowledged: earlier.findLast((each) => each.way === back)?.ack,
    };
  }

  #isKnown(way: string, question: number, tsval: number): boolean {
    return this.#way(way).data.some(
      (index) => index < question && distance(this.#segment(index).tsval ?? 0, tsval) >= 0,
    );
  }

  /** What the first segment to acknowledge any byte of it echoes. */
  #firstEcho(question: number): number | undefined {
    const { back, seq } = this.#segment(question);
    const first = this.#segments.find(
      ({ way, ack }, index) =>
        index > question && way === back && ack !== undefined && distance(ack, seq) > 0,
    );
    return first?.tsecr;
  }
}
