/** What lies between two sequence numbers, found by others. */

/** `high` may be before `low`: then what spans both fits. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** By their first bits. */
const BUCKET_BITS = 16;
const BUCKETS = 1 << (32 - BUCKET_BITS);
/** What is in more of them is not kept: 16 MiB. */
const MOST_BUCKETS = 256;

/** From one sequence number to another, as far as that is less than half of them (RFC 9293, 3.4). */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

export function isIndexable(bounds: Bounds): boolean {
  return bucketsBetween(...ascending(bounds)) <= MOST_BUCKETS;
}

export class SequenceIndex<Item> {
  readonly #all: readonly Item[];
  readonly #buckets = new Map<number, Item[]>();

  /** @param items each is isIndexable() */
  constructor(items: readonly Item[], boundsOf: (item: Item) => Bounds) {
    this.#all = items;
    for (const item of items) this.#add(item, ...ascending(boundsOf(item)));
  }

  /** Visits what may overlap with what is from `first` to `last`; some of it more than once. */
  forEachNear(first: number, last: number, visit: (item: Item) => void): void {
    const count = bucketsBetween(first, last);
    if (count > MOST_BUCKETS) this.#all.forEach(visit);
    else this.#inBuckets(first, count).forEach(visit);
  }

  #inBuckets(first: number, count: number): readonly Item[] {
    if (count === 1) return this.#buckets.get(bucketAt(first, 0)) ?? [];
    return Array.from(
      { length: count },
      (_, nth) => this.#buckets.get(bucketAt(first, nth)) ?? [],
    ).flat();
  }

  #add(item: Item, first: number, last: number): void {
    const count = bucketsBetween(first, last);
    for (let nth = 0; nth < count; nth++) {
      const bucket = bucketAt(first, nth);
      const there = this.#buckets.get(bucket);
      if (there) there.push(item);
      else this.#buckets.set(bucket, [item]);
    }
  }
}

function ascending({ low, high }: Bounds): [number, number] {
  return distance(low, high) < 0 ? [high, low] : [low, high];
}

function bucketAt(seq: number, nth: number): number {
  return ((seq >>> BUCKET_BITS) + nth) % BUCKETS;
}

function bucketsBetween(first: number, last: number): number {
  return (((last >>> BUCKET_BITS) - (first >>> BUCKET_BITS) + BUCKETS) % BUCKETS) + 1;
}
