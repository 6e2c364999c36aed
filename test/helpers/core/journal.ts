/**
 * All usable segments with the times at which they were shown, which are all different: so each RTT
 * names the two packets that it lies between, and those have to be a question and its first answer.
 */
import type { Answer, RttEvent } from '../../../src/events/types.js';
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
    const problem = this.#notRight(event, asked, answer);
    return problem && [problem, ...this.#history(asked, answer)].join('\n');
  }

  #notRight(event: RttEvent, asked: Reading, answer: Reading): string | undefined {
    if (event.keepAlive) return this.#notOfKeepAlive(event, asked, answer);
    return event.by === 'sequence'
      ? this.#notBySequence(event, asked, answer)
      : this.#notByTimestamp(event, asked, answer);
  }

  /** Packets come too densely here for any but those whose TSval is echoed. */
  #notOfKeepAlive(event: RttEvent, asked: Reading, answer: Reading): string | undefined {
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    const isSame = ({ from, tsval, hasTimestamp }: Reading) =>
      from === asked.from && hasTimestamp && tsval === asked.tsval;
    if (asked.payload > 1 || isLimit(asked) || answer.payload > 0) return 'no keep-alive';
    if (answer.tsecr !== asked.tsval) return 'not the TSval asked with';
    const at = entries.indexOf(asked);
    if (entries.slice(0, at).some(isSame) && !isTakenOver(entries, at)) return 'not a new TSval';
    return notOfEachOther(asked, answer) ?? notAsReported(event, answer);
  }

  #notByTimestamp(event: RttEvent, asked: Reading, answer: Reading): string | undefined {
    return (
      notOfKind(event, asked, answer) ??
      notOfEachOther(asked, answer) ??
      notAsReported(event, answer) ??
      this.#notTheFirst(asked, answer) ??
      this.#notProven(event, asked, answer)
    );
  }

  /** Without timestamps nothing may be sent again meanwhile. */
  #notBySequence(event: RttEvent, asked: Reading, answer: Reading): string | undefined {
    if (asked.hasTimestamp && answer.hasTimestamp && !this.#ignoresTimestamps(asked))
      return 'both have timestamps';
    if (asked.from !== answer.to || asked.to !== answer.from) return 'not of opposite directions';
    if (!(answer.flags & FLAG.ack) || !acknowledges(answer, asked)) return 'not acknowledged';
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    const isAgain = entries
      .slice(entries.indexOf(asked) + 1, entries.lastIndexOf(answer))
      .filter(
        ({ from, hook, flags }) =>
          from === asked.from && hook === asked.hook && !(flags & (FLAG.rst | FLAG.syn)),
      )
      .some((entry) => entry.seq === asked.seq && entry.payload >= 1 && !event.handshake);
    if (isAgain) return 'sent again';
    return notOfKind(event, asked, answer) ?? notAsReported(event, answer);
  }

  /** A SYN or a SYN-ACK had none: whatever comes after it is ignored (RFC 7323, 3.2). */
  #ignoresTimestamps(asked: Reading): boolean {
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    return entries
      .slice(0, entries.indexOf(asked))
      .some(({ flags, hasTimestamp }) => (flags & FLAG.syn) !== 0 && !hasTimestamp);
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

  /** Where TSecr does not tell, the data were sent once; where it does, not again under the same TSval. */
  #notProven({ handshake }: RttEvent, asked: Reading, answer: Reading): string | undefined {
    if (handshake) return undefined;
    const isSame = ({ tsval }: Reading) => tsval === asked.tsval;
    if (this.#sentAgain(asked, answer).some(isSame)) return 'sent again under its TSval';
    return answer.tsecr === asked.tsval ? undefined : this.#notOnce(asked, answer);
  }

  /** What is between the two of the same data or data before it, at the same hook. */
  #sentAgain(asked: Reading, answer: Reading): Reading[] {
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    return (
      entries
        .slice(entries.indexOf(asked) + 1, entries.lastIndexOf(answer))
        .filter((entry) => isOfSender(entry, asked) && lengthOf(entry) > 0)
        .filter((entry) => entry.hook === asked.hook)
        // TCP itself would drop data with a SYN (RFC 5961, 4.2).
        .filter((entry) => (entry.flags & ~asked.flags & FLAG.syn) === 0)
        .filter((entry) => entry.seq === asked.seq || isAfter(asked, entry))
    );
  }

  /** Whether the acknowledgement is no proof by itself that the data arrived. */
  #notOnce(asked: Reading, answer: Reading): string | undefined {
    if (this.#sentAgain(asked, answer).length > 0)
      return 'sent again, and not the TSval asked with';
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    const [from, to] = [entries.indexOf(asked), entries.lastIndexOf(answer)];
    const before = sameDirection(entries, from);
    const isKnown = (entry: Reading) =>
      (isAfter(entry, asked) || entry.seq === asked.seq) && isBelievable(entry, asked);
    if (before.some((entry) => lengthOf(entry) > 0 && isKnown(entry))) return 'not new data';
    const seen = [...before, ...entries.slice(from, to).filter((e) => isOfSender(e, asked))];
    const isSeen = seen.some((entry) => ((answer.ack - endOf(entry)) | 0) <= 0);
    return isSeen ? undefined : 'acknowledges what was not seen';
  }

  /** Whether another packet had the TSval before, or has been answered before. */
  #notTheFirst(asked: Reading, answer: Reading): string | undefined {
    const entries = this.#connections.get(connectionOf(asked)) as Reading[];
    let at = entries.lastIndexOf(answer) - 1;
    const before = acknowledgedBefore(entries, asked, answer);
    for (; entries[at] !== asked; at--) {
      const entry = entries[at] as Reading;
      const isMore = ((entry.ack - before) | 0) > 0;
      if (isMore && isAnswer(entry, asked, answer)) return 'not the first answer';
    }
    if (isLimit(asked) || !this.#notOnce(asked, answer)) return undefined;
    const earlier = sameDirection(entries, at);
    const isSame = (entry: Reading) =>
      lengthOf(entry) > 0 &&
      entry.tsval === asked.tsval &&
      isBelievable(entry, asked) &&
      !isRefused(entries, entry, asked) &&
      !hadArrived(entries, entry);
    const first = earlier.findIndex(isSame);
    // A TSval far off turns the clock: after it those before it may be new again. A SYN may have begun nothing.
    const turns = (entry: Reading) => isOfSender(entry, asked) && isFar(entry, asked);
    if (first < 0 || entries.slice(0, at).some(turns) || isTakenOver(entries, at)) return undefined;
    // Data sent again under the TSval of a pure ACK is passed over; what comes after it may not be.
    const isPassedOver = earlier
      .slice(first)
      .some(({ tsval, payload }) => payload === 0 && tsval === asked.tsval);
    return isPassedOver ? undefined : 'not the first packet with its TSval';
  }
}

/** A part of what is asked with may have been acknowledged before it was seen: by a forgery, or since it was sent before. */
function acknowledgedBefore(entries: readonly Reading[], asked: Reading, answer: Reading): number {
  return entries
    .slice(0, entries.indexOf(asked))
    .filter((entry) => entry.from === answer.from && entry.hasTimestamp)
    .filter((entry) => acknowledges(entry, asked) && ((entry.ack - endOf(asked)) | 0) < 0)
    .reduce((most, { ack }) => (((ack - most) | 0) > 0 ? ack : most), asked.seq);
}

/** What the sender of entries[at] said before, newest first, since the last SYN. */
function sameDirection(entries: readonly Reading[], at: number): Reading[] {
  const before: Reading[] = [];
  for (let index = at - 1; index >= 0; index--) {
    const entry = entries[index] as Reading;
    if (beginsAnew(entry)) break;
    if (isOfSender(entry, entries[at] as Reading)) before.push(entry);
  }
  return before;
}

function isOfSender(entry: Reading, asked: Reading): boolean {
  return entry.from === asked.from && entry.hasTimestamp && !isLimit(entry);
}

/** A FIN takes a sequence number, too. */
function lengthOf({ payload, flags }: Reading): number {
  return payload + (flags & FLAG.fin ? 1 : 0);
}

function endOf(entry: Reading): number {
  return (entry.seq + lengthOf(entry)) | 0;
}

/** In sequence, and not half around it. */
function isAfter(entry: Reading, asked: Reading): boolean {
  const distance = (entry.seq - asked.seq) | 0;
  return distance > 0 && distance < 2 ** 30;
}

/** Or it changes nothing: of somebody who does not know where the connection is (bpf/protocols/tcp/acceptable.h). */
function isBelievable(entry: Reading, asked: Reading): boolean {
  const ahead = (entry.seq - asked.seq) | 0;
  const isNear = ahead >= -(2 ** 30) && ahead <= (isFar(entry, asked) ? 2 ** 16 : 2 ** 20);
  return isNear && (entry.flags & FLAG.ack) > 0;
}

/** After only a handshake, what does not fit that begins no flow. */
function isRefused(entries: readonly Reading[], entry: Reading, asked: Reading): boolean {
  const before = entries.slice(0, entries.indexOf(entry));
  const isOther = (each: Reading) => isLimit(each) || isElsewhere(each, asked);
  return (isElsewhere(entry, asked) || isBeforeSyn(before, entry)) && before.every(isOther);
}

/** Whether it was acknowledged before it was seen: then it asks nothing (already_acknowledged), whatever its TSval. */
function hadArrived(entries: readonly Reading[], asked: Reading): boolean {
  return entries
    .slice(0, entries.indexOf(asked))
    .some(
      (entry) =>
        entry.from === asked.to && entry.hasTimestamp && ((entry.ack - endOf(asked)) | 0) >= 0,
    );
}

/** Whether it acknowledges less than the other end's SYN or SYN-ACK. */
function isBeforeSyn(before: readonly Reading[], entry: Reading): boolean {
  const syns = before.filter(({ from, flags }) => from === entry.to && flags & FLAG.syn);
  return syns.length > 0 && syns.every(({ seq }) => ((entry.ack - seq) | 0) <= 0);
}

/** Whether it is about other sequence numbers of the other end than `asked` is. */
function isElsewhere({ from, seq, ack }: Reading, asked: Reading): boolean {
  return abs(((from === asked.from ? ack : seq) - asked.ack) | 0) > 2 ** 20;
}

function isFar(a: Reading, b: Reading): boolean {
  const distance = abs(a.tsval - b.tsval);
  return distance > FAR && distance < 2 ** 32 - FAR;
}

/** Of two SYNs on the same ports the other may pass for the beginning of a connection, once it seems answered. */
function isTakenOver(entries: readonly Reading[], at: number): boolean {
  const before = entries.slice(0, at);
  const syns = before.filter(beginsAnew).map(({ from, seq }) => `${from} ${seq}`);
  const data = before.findIndex((entry) => !isLimit(entry));
  const reset = before.findIndex(({ flags }) => flags & FLAG.rst);
  // What a reset has ended gives way to any handshake.
  if (reset >= 0 && before.slice(reset).some(({ flags }) => flags & FLAG.syn)) return true;
  return new Set(syns).size > 1 || before.slice(Math.max(data, 0)).some(beginsAnew);
}

function connectionOf({ from, to }: Reading): string {
  return from < to ? from + to : to + from;
}

function notOfKind({ handshake }: RttEvent, asked: Reading, answer: Reading): string | undefined {
  return handshake ? notOfHandshake(asked, answer) : notOfData(asked, answer);
}

/** A delayed acknowledgement echoes an older TSval, some stacks none. */
function isEcho(asked: Reading, answer: Reading): boolean {
  if (asked.flags & FLAG.syn) return answer.tsecr === asked.tsval && answer.tsecr !== 0;
  return answer.tsecr === 0 || ((answer.tsecr - asked.tsval) | 0) <= 0;
}

function notOfEachOther(asked: Reading, answer: Reading): string | undefined {
  if (asked.from !== answer.to || asked.to !== answer.from) return 'not of opposite directions';
  if (!isEcho(asked, answer)) return 'not the TSval asked with';
  const hasAck = (answer.flags & FLAG.ack) > 0;
  return hasAck && acknowledges(answer, asked) ? undefined : 'not acknowledged';
}

/** The flow as seen in the reply. */
function notAsReported(event: RttEvent, answer: Reading): string | undefined {
  const { hook, fromPort, toPort } = answer;
  if (event.srcPort !== fromPort || event.destPort !== toPort) return 'of another responder';
  const onEgress = hook === 'captured' ? undefined : hook === 'egress';
  if (event.matchOnEgress !== onEgress) return 'at another hook';
  return event.answer === kindOf(answer, event.handshake)
    ? undefined
    : `answered by ${event.answer}`;
}

function kindOf({ flags, payload }: Reading, isHandshake: boolean): Answer {
  if (payload > 0 && !(flags & FLAG.syn)) return 'data';
  return isHandshake ? 'handshake' : 'ack';
}

function notOfHandshake(asked: Reading, answer: Reading): string | undefined {
  if (!(asked.flags & FLAG.syn) || asked.flags & FLAG.rst) return 'not asked by a SYN';
  const isSynAck = (answer.flags & (FLAG.syn | FLAG.rst | FLAG.ack)) === (FLAG.syn | FLAG.ack);
  if (asked.flags & FLAG.ack)
    return isLimit(answer) ? 'a SYN-ACK not answered by an ACK' : undefined;
  return isSynAck ? undefined : 'a SYN not answered by a SYN-ACK';
}

function notOfData(asked: Reading, answer: Reading): string | undefined {
  if (isLimit(asked) || lengthOf(asked) === 0) return 'not asked by data';
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
    (entry.tsecr === asked.tsval || !(asked.flags & FLAG.syn)) &&
    acknowledges(entry, asked) &&
    ((entry.ack - endOf(asked)) | 0) <= 0
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
