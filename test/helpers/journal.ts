/**
 * All usable segments with the times at which they were shown, which are all different: so each RTT
 * names the two packets that it lies between, and those have to be a question and its first answer.
 */
import type { RttEvent } from '../../src/events/types.js';
import { FLAG, type Reading } from './reading.js';

/** No connection's own clock advances by so much. */
const FAR = 2 ** 16;
const { abs } = Math;

export class Journal {
  readonly #byTime = new Map<number, Reading>();
  readonly #connections = new Map<string, Reading[]>();

  note(entry: Reading): void {
    this.#byTime.set(entry.time, entry);
    const key = connectionOf(entry);
    const entries = this.#connections.get(key);
    if (entries) entries.push(entry);
    else this.#connections.set(key, [entry]);
  }

  /** @returns what is wrong with an RTT, if anything */
  judge(event: RttEvent, answered: number): string | undefined {
    const answer = this.#byTime.get(answered);
    const asked = this.#byTime.get(answered - event.rtt);
    if (!answer || !asked) return 'not the time between two usable packets';
    const problem =
      notOfKind(event, asked, answer) ??
      notOfEachOther(asked, answer) ??
      notAsReported(event, answer) ??
      this.#notTheFirst(asked, answer);
    return problem && [problem, ...this.#history(asked, answer)].join('\n');
  }

  /** For whoever looks into a failure: a packet of the connection a line, up to the answer. */
  #history(asked: Reading, answer: Reading): string[] {
    const entries = this.#connections.get(connectionOf(asked)) ?? [];
    return entries.slice(0, entries.indexOf(answer) + 1).map((entry) => {
      const { time, flags, seq, ack, payload, tsval, tsecr } = entry;
      const side = entry.from === asked.from ? '->' : '<-';
      const times = entry.hasTimestamp ? `TSval ${tsval} TSecr ${tsecr}` : 'no timestamp';
      const role = entry === asked ? ' (asks)' : '';
      return `${side} ${time} flags ${flags} seq ${seq}+${payload} ack ${ack} ${times}${role}`;
    });
  }

  /** Whether another packet had the TSval before, or has been answered before. */
  #notTheFirst(asked: Reading, answer: Reading): string | undefined {
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    let at = entries.lastIndexOf(answer) - 1;
    for (; entries[at] !== asked; at--) {
      if (isAnswer(entries[at] as Reading, asked, answer)) return 'not the first answer';
    }
    if (isLimit(asked)) return undefined;
    const before = sameDirection(entries, at);
    const isSame = ({ tsval, payload }: Reading) => payload > 0 && tsval === asked.tsval;
    const first = before.findIndex(isSame);
    // A TSval far off turns the clock: after it those before it may be new again.
    if (first < 0 || before.some((entry) => isFar(entry, asked))) return undefined;
    // Data sent again under the TSval of a pure ACK is passed over; what comes after it may not be.
    const isPassedOver = before
      .slice(first)
      .some(({ tsval, payload }) => payload === 0 && tsval === asked.tsval);
    return isPassedOver ? undefined : 'not the first packet with its TSval';
  }
}

/** What the sender of entries[at] said before, newest first, since the last SYN. */
function sameDirection(entries: readonly Reading[], at: number): Reading[] {
  const { from } = entries[at] as Reading;
  const before: Reading[] = [];
  for (let index = at - 1; index >= 0; index--) {
    const entry = entries[index] as Reading;
    if (beginsAnew(entry)) break;
    if (entry.from === from && entry.hasTimestamp && !isLimit(entry)) before.push(entry);
  }
  return before;
}

function isFar(a: Reading, b: Reading): boolean {
  const distance = abs(a.tsval - b.tsval);
  return distance > FAR && distance < 2 ** 32 - FAR;
}

function connectionOf({ from, to }: Reading): string {
  return from < to ? from + to : to + from;
}

function notOfKind({ handshake }: RttEvent, asked: Reading, answer: Reading): string | undefined {
  return handshake ? notOfHandshake(asked, answer) : notOfData(asked, answer);
}

function notOfEachOther(asked: Reading, answer: Reading): string | undefined {
  if (asked.from !== answer.to || asked.to !== answer.from) return 'not of opposite directions';
  if (asked.tsval !== answer.tsecr || answer.tsecr === 0) return 'not the TSval asked with';
  const hasAck = (answer.flags & FLAG.ack) > 0;
  return hasAck && acknowledges(answer, asked) ? undefined : 'not acknowledged';
}

/** The flow as seen in the reply. */
function notAsReported(event: RttEvent, answer: Reading): string | undefined {
  const { hook, fromPort, toPort } = answer;
  if (event.srcPort !== fromPort || event.destPort !== toPort) return 'of another responder';
  const onEgress = hook === 'captured' ? undefined : hook === 'egress';
  return event.matchOnEgress === onEgress ? undefined : 'at another hook';
}

function notOfHandshake(asked: Reading, answer: Reading): string | undefined {
  if (!(asked.flags & FLAG.syn) || asked.flags & FLAG.rst) return 'not asked by a SYN';
  const isSynAck = (answer.flags & (FLAG.syn | FLAG.rst | FLAG.ack)) === (FLAG.syn | FLAG.ack);
  if (asked.flags & FLAG.ack)
    return isLimit(answer) ? 'a SYN-ACK not answered by an ACK' : undefined;
  return isSynAck ? undefined : 'a SYN not answered by a SYN-ACK';
}

function notOfData(asked: Reading, answer: Reading): string | undefined {
  if (isLimit(asked) || asked.payload === 0) return 'not asked by data';
  return isLimit(answer) ? 'answered by a SYN or RST' : undefined;
}

/** Of the same kind as `answer`. */
function isAnswer(entry: Reading, asked: Reading, answer: Reading): boolean {
  return (
    entry.from === answer.from &&
    entry.hasTimestamp &&
    !(entry.flags & FLAG.rst) &&
    (entry.flags & FLAG.syn) === (answer.flags & FLAG.syn) &&
    (entry.flags & FLAG.ack) > 0 &&
    entry.tsecr === asked.tsval &&
    acknowledges(entry, asked)
  );
}

function acknowledges({ ack }: Reading, { seq }: Reading): boolean {
  return ((ack - seq) | 0) > 0;
}

/** Nothing is asked by, and nothing answered by, a packet that breaks off; and only handshakes are by a SYN. */
function isLimit({ flags }: Reading): boolean {
  return (flags & (FLAG.syn | FLAG.rst)) > 0;
}

/** A SYN on a tuple with state begins a fresh flow. */
function beginsAnew({ flags }: Reading): boolean {
  return (flags & (FLAG.syn | FLAG.ack | FLAG.rst)) === FLAG.syn;
}
