/** All that a pair has sent, and what became of it. */
import { isBeyond, lengthOf, type Passage, type Segment, type Side } from './segment.js';

// See random.ts.
const Maps = Map;

/** Up to where an end had received all there is, from some moment on. */
interface Delivery {
  readonly order: number;
  readonly ack: number;
  readonly by: Segment;
}

/** What one end has sent in a connection. */
interface Sent {
  readonly all: Segment[];
  /** What took sequence space: what was new, in its order, and what was not. */
  readonly once: Segment[];
  readonly again: Segment[];
  readonly deliveries: Delivery[];
}

const NOTHING: Sent = { all: [], once: [], again: [], deliveries: [] };

export class Log {
  /** Through each vantage point, in that order, by side. */
  readonly places: readonly (readonly [Passage[], Passage[]])[];
  /** Of each side, by connection. */
  readonly #sent = [new Maps<number, Sent>(), new Maps<number, Sent>()] as const;

  constructor(places: number) {
    this.places = Array.from({ length: places }, () => [[], []] as const);
  }

  pass(passage: Passage): void {
    passage.segment.passages.push(passage);
    this.places[passage.place]?.[passage.segment.from].push(passage);
  }

  send(segment: Segment): void {
    const { all, once, again } = this.#open(segment.from, segment.connection);
    all.push(segment);
    if (lengthOf(segment) > 0) (segment.isAgain ? again : once).push(segment);
  }

  deliver(sender: Side, order: number, ack: number, by: Segment): void {
    this.#open(sender, by.connection).deliveries.push({ order, ack, by });
  }

  /** All that a side has sent. */
  sentBy(side: Side): Segment[] {
    return [...this.#sent[side].values()].flatMap(({ all }) => all);
  }

  /** What a side has sent in a connection after something happened, in its order. */
  *sentAfter(side: Side, connection: number, order: number): Iterable<Segment> {
    const { all } = this.#of(side, connection);
    let at = firstWhere(all, (segment) => segment.order > order);
    for (; at < all.length; at++) yield all[at] as Segment;
  }

  /** What made the receiver have all up to and with the first byte of a segment. */
  deliveryOf({ from, connection, seq }: Segment): Delivery | undefined {
    const { deliveries } = this.#of(from, connection);
    return deliveries[firstWhere(deliveries, ({ ack }) => isBeyond(ack, seq))];
  }

  /** Everything that was sent with the first byte of a segment, that one included. */
  copiesOf({ from, connection, seq }: Segment): Segment[] {
    const { once, again } = this.#of(from, connection);
    const first = once[firstWhere(once, (each) => isBeyond(each.seq + lengthOf(each), seq))];
    return [...(first ? [first] : []), ...again].filter(
      (each) => !isBeyond(each.seq, seq) && isBeyond(each.seq + lengthOf(each), seq),
    );
  }

  /** Those of a side's passages through a vantage point that the capture has at a time. */
  at(place: number, side: Side, seen: number): Passage[] {
    const passages = this.places[place]?.[side] ?? [];
    const found: Passage[] = [];
    let at = firstWhere(passages, (passage) => passage.seen >= seen);
    for (; passages[at]?.seen === seen; at++) {
      const passage = passages[at] as Passage;
      if (passage.isCaptured) found.push(passage);
    }
    return found;
  }

  #of(side: Side, connection: number): Sent {
    return this.#sent[side].get(connection) ?? NOTHING;
  }

  #open(side: Side, connection: number): Sent {
    const known = this.#sent[side].get(connection);
    if (known) return known;
    const fresh: Sent = { all: [], once: [], again: [], deliveries: [] };
    this.#sent[side].set(connection, fresh);
    return fresh;
  }
}

/** The first of a sorted list of which something holds, as it does of all after that. */
function firstWhere<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
