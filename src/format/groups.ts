/** Hosts that RTTs were measured to, and owners of connections, each as a table. */
import type { GroupTotals, Ranking } from '../summary/groups.js';
import type { OwnerLabel } from '../summary/owners.js';
import type { SideTotals } from '../summary/run-totals.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostText } from '../text/host.js';
import { shortened } from '../text/shortened.js';
import { count, shareText, significant } from '../text/units.js';
import { coverageLines } from './coverage.js';

/** With their widths: all of them, and a name, are 80 columns. */
const COLUMNS = [
  ['flows', 5],
  ['samples', 7],
  ['min', 6],
  ['p50', 6],
  ['p99', 6],
  ['queueing', 8],
  ['retrans', 7],
] as const;
const HEADINGS = COLUMNS.map(([heading]) => heading);
const NAME_WIDTH = 26;
const LONGEST_NAME = 78;

/** None where RTTs were counted in the core, which does not tell hosts apart. */
export function peerLines(peers: SideTotals['peers'], names?: HostNames): string[] {
  if (peers.size === 0) return [];
  const table = tableLines('peer', peers, ({ address, ipVersion }) =>
    hostText(address, ipVersion, names),
  );
  return [...table, ...coverageLines(peers.worst, names)];
}

export function ownerLines(owners: Ranking<OwnerLabel>): string[] {
  return tableLines('owner', owners, ({ label }) => asciiText(label));
}

/** All times in milliseconds. */
function tableLines<What>(
  word: string,
  { worst, size, forgotten }: Ranking<What>,
  nameOf: (what: What) => string,
): string[] {
  const title =
    worst.length < size ? `worst ${worst.length} of ${size} ${word}s, ms` : `${word}, ms`;
  const names = worst.map(nameOf);
  const longest = Math.max(title.length, ...names.map(({ length }) => length));
  const width = Math.min(longest, NAME_WIDTH);
  return [
    row(title, width, HEADINGS),
    ...worst.flatMap((group, at) => groupLines(names[at] ?? '', width, cellsOf(group))),
    ...(forgotten > 0 ? [`  (${count(forgotten, word)} forgotten: table full)`] : []),
  ];
}

/** A name that is longer than its column has a line of its own. */
function groupLines(name: string, width: number, cells: readonly string[]): string[] {
  if (name.length <= width) return [row(name, width, cells)];
  return [`  ${shortened(name, LONGEST_NAME).trimEnd()}`, row('', width, cells)];
}

function row(name: string, width: number, cells: readonly string[]): string {
  const columns = COLUMNS.map(
    ([, columnWidth], at) => ` ${(cells[at] ?? '').padStart(columnWidth)}`,
  );
  return `  ${name.padEnd(width)}${columns.join('')}`;
}

function cellsOf(group: GroupTotals): string[] {
  const { flows, samples, least, median, p99, queueing, resent } = group;
  const times = [least, median, p99, queueing].map((time) => significant(time / 1e6));
  return [String(flows), String(samples), ...times, shareText(resent)];
}
