/** The histograms of aggregates, as docs/aggregates.md has them: 32 buckets an octave, from 1,024 ns to 2^36 ns. */

/** Those with something in them, ascending: index, count, index, count and so on. */
export type Buckets = readonly number[];

/** RTTs that were counted together. Durations in ns. */
export interface Counted {
  readonly samples: number;
  /** RTTs, each in one bucket. */
  readonly reported: number;
  /** In none of the others. */
  readonly overdue: number;
  /** Exact; 0 where there is no RTT. */
  readonly least: number;
  readonly most: number;
  readonly buckets: Buckets;
}

export const NOTHING: Counted = {
  ...{ samples: 0, reported: 0, overdue: 0 },
  ...{ least: 0, most: 0, buckets: [] },
};

const FIRST_BITS = 10;
const LAST_BITS = 36;
/** Of an octave. */
export const PARTS = 32;
export const BUCKETS = 2 + (LAST_BITS - FIRST_BITS) * PARTS;

/** Where a bucket begins, in ns. */
export function startOf(index: number): number {
  if (index === 0) return 0;
  const octave = Math.floor((index - 1) / PARTS);
  return (2 ** (FIRST_BITS + octave) / PARTS) * (PARTS + ((index - 1) % PARTS));
}

/** What all in it are less than; Infinity of the last one. */
export function endOf(index: number): number {
  return index < BUCKETS - 1 ? startOf(index + 1) : Number.POSITIVE_INFINITY;
}

/** @returns undefined where no bucket begins there */
export function indexFrom(start: number): number | undefined {
  if (start === 0) return 0;
  const octave = Math.floor(Math.log2(start));
  const part = start / (2 ** octave / PARTS) - PARTS;
  const index = 1 + (octave - FIRST_BITS) * PARTS + part;
  return Number.isInteger(index) && index >= 1 && index < BUCKETS ? index : undefined;
}

/** Bucket by bucket, so it is exact. */
export function sumOf(all: Iterable<Counted>): Counted {
  const sum = { ...NOTHING, least: Number.POSITIVE_INFINITY };
  const counts = new Float64Array(BUCKETS);
  for (const { samples, reported, overdue, least, most, buckets } of all) {
    sum.samples += samples;
    sum.reported += reported;
    sum.overdue += overdue;
    if (reported === 0) continue;
    sum.least = Math.min(sum.least, least);
    sum.most = Math.max(sum.most, most);
    for (let at = 0; at < buckets.length; at += 2) {
      const index = buckets[at] as number;
      counts[index] = (counts[index] as number) + (buckets[at + 1] as number);
    }
  }
  const least = sum.reported > 0 ? sum.least : 0;
  return { ...sum, least, buckets: filledOf(counts) };
}

/**
 * By nearest rank: the middle of its bucket, within the least and the most. As in docs/ndjson.md.
 * @returns NaN where there is none
 */
export function percentileOf({ reported, least, most, buckets }: Counted, percent: number): number {
  if (reported === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil((percent * reported) / 100));
  if (rank >= reported) return most;
  let below = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    below += buckets[at + 1] as number;
    if (below >= rank) return Math.min(Math.max(middleOf(buckets[at] as number), least), most);
  }
  return most;
}

function middleOf(index: number): number {
  return index < BUCKETS - 1 ? (startOf(index) + endOf(index)) / 2 : startOf(index);
}

function filledOf(counts: Float64Array): Buckets {
  const buckets: number[] = [];
  for (let index = 0; index < BUCKETS; index++) {
    const count = counts[index] as number;
    if (count > 0) buckets.push(index, count);
  }
  return buckets;
}
