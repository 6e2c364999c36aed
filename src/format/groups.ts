/** Hosts that RTTs were measured to, and owners of connections, each as a table. */
import { LISTENER } from '../attribution/label.js';
import type { GroupTotals, Ranking } from '../summary/groups.js';
import type { SideTotals } from '../summary/run-totals.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostText } from '../text/host.js';
import { shortened } from '../text/shortened.js';
import { count, shareText, significant } from '../text/units.js';
import { coverageLines } from './coverage.js';
import { kindWords } from './path-kinds.js';

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
/** The same server has another row once it has accepted. */
const LISTENER_NOTE =
  '  listener: it was not known, or not yet, which process accepted the connection';
const HEADINGS = COLUMNS.map(([heading]) => heading);
const NAME_WIDTH = 26;
const LONGEST_NAME = 78;

type Side = Pick<SideTotals, 'path' | 'protocol'>;

/** None where RTTs were counted in the core, which does not tell hosts apart. */
export function peerLines(
  { peers, ...side }: Side & Pick<SideTotals, 'peers'>,
  names?: HostNames,
): string[] {
  if (peers.size === 0) return [];
  const table = tableLines('peer', peers, side, ({ address, ipVersion }) =>
    hostText(address, ipVersion, names),
  );
  return [...table, ...coverageLines(peers.worst, names)];
}

/** None where they are not told. */
export function ownerLines({ owners, ...side }: Side & Pick<SideTotals, 'owners'>): string[] {
  if (!owners) return [];
  const table = tableLines('owner', owners, side, ({ label }) => asciiText(label));
  const areListening = owners.worst.some(({ label }) => label.startsWith(LISTENER));
  return areListening ? [...table, LISTENER_NOTE] : table;
}

/** All times in milliseconds. */
function tableLines<What>(
  word: string,
  { worst, size, forgotten }: Ranking<What>,
  side: Side,
  nameOf: (what: What) => string,
): string[] {
  const title =
    worst.length < size ? `worst ${worst.length} of ${size} ${word}s, ms` : `${word}, ms`;
  const names = worst.map(nameOf);
  const longest = Math.max(title.length, ...names.map(({ length }) => length));
  const marks = worst.map((group) => markOf(group, side));
  const markWidth = Math.max(0, ...marks.map(({ length }) => length));
  const width = Math.min(longest, NAME_WIDTH - markWidth);
  return [
    ...groupLines(title, width, HEADINGS),
    ...worst.flatMap((group, at) => {
      return groupLines(names[at] ?? '', width, cellsOf(group), marks[at]);
    }),
    ...(forgotten > 0 ? [`  (${count(forgotten, word)} forgotten: table full)`] : []),
  ];
}

/** What answered, where that is not what the table of the side is of; with a space before it. */
function markOf({ kind, answered }: GroupTotals, { path, protocol }: Side): string {
  if (kind === path.kind || answered === path.kind) return '';
  return `  ${kindWords(protocol)[answered]}`;
}

/** A name that is longer than its column has a line of its own. */
function groupLines(name: string, width: number, cells: readonly string[], mark = ''): string[] {
  if (name.length <= width) return [row(name, width, cells) + mark];
  return [`  ${shortened(name, LONGEST_NAME).trimEnd()}`, row('', width, cells) + mark];
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
