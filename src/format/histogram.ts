/** A distribution in block characters, on a logarithmic scale. */
import type { Histogram } from '../summary/histogram.js';
import { significant } from '../text/units.js';

const BAR_WIDTH = 40;
/** Eighths of a character, from the left. */
const PARTIAL = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
/** Where rows begin within a power of ten, from fine to coarse; the first that fits is taken. */
const SCALES = [
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2],
  [1, 1.5, 2.2, 3.3, 4.7, 6.8],
  [1, 2, 5],
  [1, 3],
  [1],
] as const;

/** A row for each range of RTTs: where it begins, how many there are. @param mostRows so many, at least 2 */
export function histogramLines(histogram: Histogram, mostRows: number): string[] {
  if (histogram.total === 0) return [];
  const starts = rowStarts(histogram.least, histogram.most, mostRows);
  const counts = starts.map((start, row) => {
    const below = row === 0 ? 0 : histogram.countBelow(start);
    const next = starts[row + 1];
    return (next === undefined ? histogram.total : histogram.countBelow(next)) - below;
  });
  const most = Math.max(...counts);
  const labels = starts.map((start) => `${significant(start / 1e6)} ms`);
  const width = Math.max(...labels.map(({ length }) => length));
  return counts.map((count, row) => {
    const line = `  ${labels[row]?.padStart(width)}  ${bar(count / most)}`;
    return count > 0 ? `${line} ${count}` : line.trimEnd();
  });
}

/** Ascending, the first at or below `least`, the last at or below `most`. */
function rowStarts(least: number, most: number, mostRows: number): number[] {
  let starts: number[] = [];
  for (const scale of SCALES) {
    starts = within(scale, Math.max(1, least), Math.max(1, most));
    if (starts.length <= mostRows) return starts;
  }
  // From nanoseconds to hours: the first row takes what has none of its own.
  return [...starts.slice(0, 1), ...starts.slice(1 - mostRows)];
}

function within(scale: readonly number[], least: number, most: number): number[] {
  const starts: number[] = [];
  const firstPower = Math.floor(Math.log10(least));
  for (let power = firstPower; 10 ** power <= most; power++) {
    for (const step of scale) {
      const start = Math.round(step * 10 ** power);
      if (start <= least) starts[0] = start;
      // Of a few nanoseconds, several steps are the same.
      else if (start <= most && start !== starts.at(-1)) starts.push(start);
    }
  }
  return starts;
}

/** What is there is seen, however little. */
function bar(part: number): string {
  if (part <= 0) return '';
  const eighths = Math.max(1, Math.round(part * BAR_WIDTH * 8));
  return `${'█'.repeat(eighths >> 3)}${PARTIAL[eighths & 7]}`;
}
