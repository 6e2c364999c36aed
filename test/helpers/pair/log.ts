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

interface Data {
  readonly once: Segment[];
  readonly again: Segment[];
}

export class Log {
  readonly sent: readonly [Segment[], Segment[]] = [[], []];
  /** Through the vantage point, in that order. */
  readonly passages: readonly [Passage[], Passage[]] = [[], []];
  /** Of what each side has sent, by connection. */
  readonly #deliveries = [new Maps<number, Delivery[]>(), new Maps<number, Delivery[]>()] as const;

  /** Of what each side has sent with data, by connection: what was new, in its order, and what was not. */
  readonly #data = [new Maps<number, Data>(), new Maps<number, Data>()] as const;

  deliver(sender: Side, order: number, ack: number, by: Segment): void {
    const deliveries = this.#deliveries[sender];
    const known = deliveries.get(by.connection);
    if (known) known.push({ order, ack, by });
    else deliveries.set(by.connection, [{ order, ack, by }]);
  }

  /** What made the receiver have all up to and with the first byte of a segment. */
  deliveryOf({ from, connection, seq }: Segment): Delivery | undefined {
    const deliveries = this.#deliveries[from].get(connection) ?? [];
    return deliveries[firstWhere(deliveries, ({ ack }) => isBeyond(ack, seq))];
  }

  send(segment: Segment): void {
    this.sent[segment.from].push(segment);
    const length = lengthOf(segment);
    if (length === 0) return;
    const data = this.#data[segment.from];
    const of = data.get(segment.connection) ?? { once: [], again: [] };
    data.set(segment.connection, of);
    (segment.isAgain ? of.again : of.once).push(segment);
  }

  /** Everything that was sent with the first byte of a segment, that one included. */
  copiesOf({ from, connection, seq }: Segment): Segment[] {
    const { once = [], again = [] } = this.#data[from].get(connection) ?? {};
    const first = once[firstWhere(once, (each) => isBeyond(each.seq + lengthOf(each), seq))];
    return [...(first ? [first] : []), ...again].filter(
      (each) => !isBeyond(each.seq, seq) && isBeyond(each.seq + lengthOf(each), seq),
    );
  }

  /** Those of a side's passages that the capture has at a time. */
  at(side: Side, seen: number): Passage[] {
    const passages = this.passages[side];
    const found: Passage[] = [];
    let at = firstWhere(passages, (passage) => passage.seen >= seen);
    for (; passages[at]?.seen === seen; at++) {
      const passage = passages[at] as Passage;
      if (passage.isCaptured) found.push(passage);
    }
    return found;
  }

  /** Of what a side has sent, the index of the first after something happened. */
  firstAfter(side: Side, order: number): number {
    return firstWhere(this.sent[side], (segment) => segment.order > order);
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
