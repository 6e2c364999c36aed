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

/** A row for each range of RTTs: from where to below where, how many there are. @param mostRows so many, at least 2 */
export function histogramLines(histogram: Histogram, mostRows: number): string[] {
  const { total, least } = histogram;
  if (total === 0) return [];
  const edges = rowEdges(least, histogram.most, mostRows);
  const below = edges.map((edge, at) => {
    if (at === 0) return 0;
    return at === edges.length - 1 ? total : histogram.countBelow(edge);
  });
  const counts = below.slice(1).map((each, row) => each - (below[row] ?? 0));
  const most = Math.max(...counts);
  const texts = edges.map((edge, at) => (at === 0 && least < edge ? '0' : edgeText(edge)));
  const labels = counts.map((_, row) => `${texts[row]}-${texts[row + 1]} ms`);
  const width = Math.max(...labels.map(({ length }) => length));
  return counts.map((count, row) => {
    const line = `  ${labels[row]?.padStart(width)}  ${bar(count / most)}`;
    return count > 0 ? `${line} ${count}` : line.trimEnd();
  });
}

/** In milliseconds. Edges have two digits: below 0.01 ms three decimals would make some the same. */
function edgeText(edge: number): string {
  const inMs = edge / 1e6;
  return inMs < 0.01 ? String(Number(inMs.toPrecision(2))) : significant(inMs);
}

/** Ascending, the first at or below `least`, the last above `most`. */
function rowEdges(least: number, most: number, mostRows: number): number[] {
  let edges: number[] = [];
  for (const scale of SCALES) {
    edges = around(scale, Math.max(1, least), Math.max(1, most));
    if (edges.length <= mostRows + 1) return edges;
  }
  // From nanoseconds to hours: the first row takes what has none of its own.
  return [...edges.slice(0, 1), ...edges.slice(-mostRows)];
}

function around(scale: readonly number[], least: number, most: number): number[] {
  const edges: number[] = [];
  for (let power = Math.floor(Math.log10(least)); ; power++) {
    for (const step of scale) {
      const edge = Math.round(step * 10 ** power);
      if (edge <= least) edges[0] = edge;
      // Of a few nanoseconds, several steps are the same.
      else if (edge !== edges.at(-1)) edges.push(edge);
      if (edge > most) return edges;
    }
  }
}

/** What is there is seen, however little. */
function bar(part: number): string {
  if (part <= 0) return '';
  const eighths = Math.max(1, Math.round(part * BAR_WIDTH * 8));
  return `${'█'.repeat(eighths >> 3)}${PARTIAL[eighths & 7]}`;
}
