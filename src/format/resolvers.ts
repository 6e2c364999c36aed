/** Resolvers that were asked, as a table of the summary. */
import { STANDARD_PORTS } from '../sampling/protocols.js';
import { failedIn, failuresIn } from '../summary/dns.js';
import type { Resolver, ResolverRanking, ResolverTotals } from '../summary/resolvers.js';
import type { Side } from '../summary/sides.js';
import { type HostNames, hostEndpointText, hostText } from '../text/host.js';
import { shortened } from '../text/shortened.js';
import { count, significant } from '../text/units.js';
import { rcodeText } from './dns-codes.js';

/** With their widths: all of them, and a name, are 80 columns. */
const COLUMNS = [
  ['queries', 7],
  ['unanswered', 10],
  ['failed', 6],
  ['min', 6],
  ['p50', 6],
  ['p99', 6],
  ['max', 6],
] as const;
const HEADINGS = COLUMNS.map(([heading]) => heading);
const NAME_WIDTH = 24;
const LONGEST_NAME = 78;
/** Where there are resolvers on several sides of the interface; as in the live view. */
const SIDE_MARKS: Record<Side, string> = { beyond: '> ', behind: '< ', unknown: '  ' };
const NO_MARK = '  ';

/** Times in milliseconds; none where no resolver was asked. */
export function resolverLines(resolvers: ResolverRanking, names?: HostNames): string[] {
  const { most, size, forgotten } = resolvers;
  if (size === 0) return [];
  const title = most.length < size ? `${most.length} of ${size} resolvers, ms` : 'resolver, ms';
  const areSeveral = new Set(most.map(({ side }) => side)).size > 1;
  const shown = most.map((totals) => ({ totals, name: resolverText(totals, names) }));
  const longest = Math.max(title.length, ...shown.map(({ name }) => name.length));
  const width = Math.min(longest, NAME_WIDTH);
  return [
    row(NO_MARK, title, width, HEADINGS),
    ...shown.flatMap(({ totals, name }) =>
      resolverRows(areSeveral ? SIDE_MARKS[totals.side] : NO_MARK, name, width, totals),
    ),
    ...shown.flatMap(({ totals, name }) => failureLines(name, totals)),
    ...(forgotten > 0 ? [`  (${count(forgotten, 'resolver')} forgotten: table full)`] : []),
  ];
}

/** With its port, where that is not the standard one. */
export function resolverText(resolver: Omit<Resolver, 'side'>, names?: HostNames): string {
  const { address, port, ipVersion } = resolver;
  return port === STANDARD_PORTS.dns
    ? hostText(address, ipVersion, names)
    : hostEndpointText(address, port, ipVersion, names);
}

/** `12 SERVFAIL, 3 REFUSED`; '' where there were none. */
export function failureText({ rcodes }: Pick<ResolverTotals, 'rcodes'>): string {
  return failuresIn(rcodes)
    .map(([rcode, number]) => `${number} ${rcodeText(rcode)}`)
    .join(', ');
}

/** Which failures these were. */
function failureLines(name: string, totals: ResolverTotals): string[] {
  const text = failureText(totals);
  return text === '' ? [] : [`  ${name}: ${text}`];
}

/** A name that is longer than its column has a line of its own. */
function resolverRows(mark: string, name: string, width: number, totals: ResolverTotals): string[] {
  const cells = cellsOf(totals);
  if (name.length <= width) return [row(mark, name, width, cells)];
  return [`${mark}${shortened(name, LONGEST_NAME).trimEnd()}`, row(NO_MARK, '', width, cells)];
}

function row(mark: string, name: string, width: number, cells: readonly string[]): string {
  const columns = COLUMNS.map(
    ([, columnWidth], at) => ` ${(cells[at] ?? '').padStart(columnWidth)}`,
  );
  return `${mark}${name.padEnd(width)}${columns.join('')}`;
}

function cellsOf({ responses, unanswered, rcodes, responseTime }: ResolverTotals): string[] {
  const { min, p50, p99, max } = responseTime ?? {};
  const times = [min, p50, p99, max].map((time) =>
    time === undefined ? '-' : significant(time / 1e6),
  );
  return [String(responses + unanswered), String(unanswered), String(failedIn(rcodes)), ...times];
}
