/** What was measured on one side of the interface: its RTTs by what has answered them. */
import type { PathKind } from '../summary/path-kind.js';
import type { Side } from '../summary/sides.js';
import type { Distribution, KindTotals, SideTotals } from '../summary/totals.js';
import { asciiText } from '../text/ascii.js';
import { count, significant } from '../text/units.js';

/**
 * A heading, and a table in milliseconds. Its first row is of the RTTs that tell the path best.
 * @param place what packets cross, as its name; undefined for a capture
 */
export function sideLines(totals: SideTotals, place = 'the interface'): string[] {
  const { side, samples, overdue, path, beside } = totals;
  // The interface is between the two paths: which of them is slow?
  const what = SIDE_TEXTS[side](asciiText(place));
  const waited = overdue > 0 ? `, ${overdue} not answered (as long as they waited)` : '';
  return [
    `${what}: ${count(samples, 'sample')}${waited}`,
    row('RTT in ms', ['RTTs', ...QUANTILES]),
    ...[path, ...beside].map(kindRow),
  ];
}

const SIDE_TEXTS: Record<Side, (place: string) => string> = {
  beyond: (place) => `beyond ${place}`,
  behind: (place) => `behind ${place}`,
  unknown: () => 'direction not known',
};

const KIND_TEXTS: Record<PathKind, string> = {
  all: 'all',
  kernel: 'ACKs and handshakes',
  data: 'answers with data',
};

/** Which of the rows above a picture is of, where it is not of all. */
export function captionLines({ path }: SideTotals): string[] {
  return path.kind === 'all' ? [] : [`  ${KIND_TEXTS[path.kind]}, ms:`];
}

const QUANTILES = ['min', 'p50', 'p90', 'p99', 'max'] as const satisfies (keyof Distribution)[];
const NAME_WIDTH = 20;
const COLUMN_WIDTH = 8;

function kindRow({ kind, reported, rtt }: KindTotals): string {
  const times = QUANTILES.map((name) => significant(rtt[name] / 1e6));
  return row(KIND_TEXTS[kind], [String(reported), ...times]);
}

function row(name: string, cells: readonly string[]): string {
  const columns = cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`);
  return `  ${name.padEnd(NAME_WIDTH)}${columns.join('')}`;
}
