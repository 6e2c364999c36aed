/** Hosts that RTTs were measured to, and owners of connections, each as a table. */
import type { GroupTotals, Ranking } from '../summary/groups.js';
import type { OwnerLabel } from '../summary/owners.js';
import type { SideTotals } from '../summary/totals.js';
import { addressText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { shortened } from '../text/shortened.js';
import { shareText, significant } from '../text/units.js';
import { coverageLines } from './coverage.js';

const HEADINGS = ['flows', 'samples', 'least', 'median', 'p99', 'queueing', 'retrans'] as const;
const COLUMN_WIDTH = 8;
/** Paths of cgroups may be long; addresses are not. */
const LONGEST_NAME = 48;

export function peerLines(peers: SideTotals['peers']): string[] {
  const table = tableLines('peer', peers, ({ address, ipVersion }) =>
    addressText(address, ipVersion),
  );
  return [...table, ...coverageLines(peers.worst)];
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
  const names = worst.map(nameOf);
  const title = worst.length < size ? `${worst.length} worst of ${size} ${word}s` : word;
  const longest = Math.max(title.length, ...names.map(({ length }) => length));
  const width = Math.min(longest, LONGEST_NAME);
  const row = (first: string, cells: readonly string[]) =>
    `  ${shortened(first, width)}${cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`).join('')}`;
  return [
    row(title, HEADINGS),
    ...worst.map((group, index) => row(names[index] ?? '', cellsOf(group))),
    ...(forgotten > 0 ? [`  (${word}s forgotten for want of room: ${forgotten})`] : []),
  ];
}

function cellsOf(group: GroupTotals): string[] {
  const { flows, samples, least, median, p99, queueing, resent } = group;
  const times = [least, median, p99, queueing].map((time) => significant(time / 1e6));
  return [String(flows), String(samples), ...times, shareText(resent)];
}
