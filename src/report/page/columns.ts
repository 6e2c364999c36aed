/** A chart has a thousand pixels and a run a million samples: what each column of pixels shows. */
import type { SampleSelection } from './selection.js';

/** Only columns that have samples; index by index. */
export interface Columns {
  /** In the middle between the column's first sample and its last, ms since the epoch. */
  readonly times: Float64Array;
  readonly least: Float64Array;
  /** By nearest rank, as all medians. */
  readonly median: Float64Array;
  readonly most: Float64Array;
  readonly counts: Float64Array;
  /** Where it is drawn, too. */
  readonly p99?: Float64Array;
  /** In ms: columns no further apart are joined, however few there are. */
  readonly reach?: number;
}

/** Where there are few samples, wider columns still say something of how they spread. */
const WIDEST_PX = 8;
const WORTHWHILE_SAMPLES = 10;

/** Into how many columns so many samples are best cut: a pixel each at the most. */
export function columnCount(samples: number, pixels: number): number {
  const fewest = Math.max(1, Math.floor(pixels / WIDEST_PX));
  return Math.min(pixels, Math.max(fewest, Math.floor(samples / WORTHWHILE_SAMPLES)));
}

/**
 * Every sample is in one column, so that no outlier is lost.
 * @param visible in the order of time, all of them from `from` to `to`
 */
export function columnsOf(
  visible: SampleSelection,
  from: number,
  to: number,
  count: number,
): Columns {
  const columns = roomFor(count);
  const { times } = visible;
  const scale = count / (to - from || 1);
  const columnOf = (time: number) => Math.min(count - 1, Math.floor((time - from) * scale));
  let filled = 0;
  for (let start = 0; start < times.length; filled++) {
    const column = columnOf(times[start] as number);
    let end = start + 1;
    while (end < times.length && columnOf(times[end] as number) === column) end++;
    fill(columns, filled, visible, start, end);
    start = end;
  }
  return cut(columns, filled);
}

function fill(
  { times, least, median, most, counts }: Columns,
  column: number,
  { times: at, rtts }: SampleSelection,
  start: number,
  end: number,
): void {
  const sorted = rtts.slice(start, end).sort();
  const last = sorted.length - 1;
  times[column] = ((at[start] as number) + (at[end - 1] as number)) / 2;
  least[column] = sorted[0] as number;
  median[column] = sorted[last >> 1] as number;
  most[column] = sorted[last] as number;
  counts[column] = sorted.length;
}

function roomFor(count: number): Columns {
  return {
    times: new Float64Array(count),
    least: new Float64Array(count),
    median: new Float64Array(count),
    most: new Float64Array(count),
    counts: new Float64Array(count),
  };
}

function cut({ times, least, median, most, counts }: Columns, count: number): Columns {
  return {
    times: times.subarray(0, count),
    least: least.subarray(0, count),
    median: median.subarray(0, count),
    most: most.subarray(0, count),
    counts: counts.subarray(0, count),
  };
}

/** Ranges of columns that are close enough for a line: where nothing was measured, there is none. */
export function stretchesOf(
  { times }: Columns,
  widestGap: number,
): { start: number; end: number }[] {
  const stretches: { start: number; end: number }[] = [];
  let start = 0;
  for (let index = 1; index <= times.length; index++) {
    const gap = (times[index] ?? Number.POSITIVE_INFINITY) - (times[index - 1] as number);
    if (gap <= widestGap) continue;
    stretches.push({ start, end: index });
    start = index;
  }
  return stretches;
}
