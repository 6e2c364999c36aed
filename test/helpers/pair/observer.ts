/**
 * What the rules of measuring give where nothing is short: an observer at the vantage point that forgets nothing,
 * written for clarity. It shows that the rules are enough, and how many RTTs there are to be had.
 */
import { FLAG } from '../core/reading.js';
import { isBeyond, lengthOf, other, type Segment, type Side } from './segment.js';
import type { Seen, Watcher } from './watch.js';

// See random.ts.
const Maps = Map;

/** The first data with its TSval. */
interface Waiting {
  readonly time: number;
  readonly segment: Segment;
  /** Whether its first acknowledgement is its answer, even if that echoes what was sent before. */
  isPlain: boolean;
}

/** What one end of a connection has sent. */
interface Direction {
  /** From its SYN on. */
  readonly isWhole: boolean;
  /** Just beyond all that was seen. */
  next: number;
  tsval: number;
  waiting: Waiting[];
}

export class Observer implements Watcher {
  readonly #directions = new Maps<string, Direction>();
  readonly #seen: Seen[] = [];

  add(pair: number, segment: Segment, seen: number, place: number): boolean {
    if (!segment.hasTimestamp) return false;
    const flow = `${pair} ${place} ${segment.connection}`;
    if (segment.flags & FLAG.ack) this.#answer(flow, pair, segment, seen);
    if (lengthOf(segment) > 0) this.#ask(flow, segment, seen);
    else this.#directionOf(flow, segment);
    return false;
  }

  async process(): Promise<void> {}

  take(): Seen[] {
    this.#directions.clear();
    return this.#seen.splice(0);
  }

  #ask(flow: string, segment: Segment, time: number): void {
    const { seq, tsval, flags } = segment;
    const direction = this.#directionOf(flow, segment);
    const { next } = direction;
    const end = (seq + lengthOf(segment)) >>> 0;
    const isAgain = isBeyond(next, seq);
    if (isAgain) sendAgain(direction, segment, end);
    // A SYN-ACK echoes the very SYN; and what comes first in mid-stream may have been sent before.
    const isPlain = seq === next && direction.isWhole && !(flags & FLAG.syn);
    const isNew = isBeyond(tsval, direction.tsval);
    if (isNew) direction.tsval = tsval;
    if (isNew && !isAgain) direction.waiting.push({ time, segment, isPlain });
    if (isBeyond(end, next)) direction.next = end;
  }

  /** Of a connection met in mid-stream, the first segment may be one that is sent again. */
  #directionOf(flow: string, segment: Segment): Direction {
    const { from, seq, tsval, flags } = segment;
    const key = keyOf(flow, from);
    const known = this.#directions.get(key);
    if (known) return known;
    const peer = this.#directions.get(keyOf(flow, other(from)));
    const isFirst = (flags & FLAG.syn) > 0 && (!(flags & FLAG.ack) || peer?.isWhole === true);
    const next = isFirst ? seq : (seq + lengthOf(segment)) >>> 0;
    const before = isFirst ? (tsval - 1) >>> 0 : tsval;
    const direction = { next, tsval: before, isWhole: isFirst, waiting: [] };
    this.#directions.set(key, direction);
    return direction;
  }

  #answer(flow: string, pair: number, answer: Segment, seen: number): void {
    const sender = other(answer.from);
    const direction = this.#directions.get(keyOf(flow, sender));
    if (!direction) return;
    const { waiting, next } = direction;
    const isAnswered = ({ segment }: Waiting) => isBeyond(answer.ack, segment.seq);
    for (const each of waiting.filter(isAnswered)) {
      const rtt = seen - each.time;
      const echoed = (answer.tsecr - each.segment.tsval) | 0;
      const fits = echoed === 0 || (echoed < 0 && each.isPlain);
      // Both ends may open at once, and send what they opened with again.
      if (answer.flags & FLAG.syn && each.segment.flags & FLAG.ack) continue;
      if (fits && rtt > 0 && !isBeyond(answer.ack, next)) {
        this.#seen.push({ seen, rtt, pair, sender, keepAlive: false });
      }
    }
    direction.waiting = waiting.filter((each) => !isAnswered(each));
    // What the peer has was sent, seen or not.
    if (isBeyond(answer.ack, next)) direction.next = answer.ack;
  }
}

/** What waits is ambiguous if it is sent again, or if something is sent under its TSval that was missing before it. */
function sendAgain(direction: Direction, again: Segment, end: number): void {
  direction.waiting = direction.waiting.filter(({ segment }) => {
    const covers = !isBeyond(again.seq, segment.seq) && isBeyond(end, segment.seq);
    return !covers && segment.tsval !== again.tsval;
  });
  for (const each of direction.waiting) {
    if (isBeyond(each.segment.seq, again.seq)) each.isPlain = false;
  }
}

function keyOf(flow: string, side: Side): string {
  return `${flow} ${side}`;
}
