/** Resolvers that were asked, one in a row. */
import { SIDES } from '../../summary/sides.js';
import type { ResolverFacts } from '../run-facts.js';
import { element } from './dom.js';
import { SortedTable, type TableColumn } from './sorted-table.js';
import { countText, msNumber, quantity } from './text.js';

/** Times in ns; -1 where there is none, below all others. */
interface ResolverRow {
  readonly resolver: string;
  readonly side: string;
  readonly queries: number;
  readonly unanswered: number;
  readonly failed: number;
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}
type Column = TableColumn<ResolverRow, keyof ResolverRow>;

const NONE = -1;
const STANDARD_PORT = 53;
const NOTE =
  'DNS response times in ms. They are not RTTs, and no other figure here includes them. They include the work of the resolver, such as asking other servers. Failed: responses such as SERVFAIL and REFUSED. Unanswered queries have no response time.';

/** Of all places and sides together: a server is an address and a port on a side of the interface. */
export function resolverSection(resolvers: readonly ResolverFacts[]): HTMLElement {
  const table = new SortedTable<ResolverRow, keyof ResolverRow>({
    id: 'resolvers-table',
    label: 'Resolvers',
    columns: COLUMNS,
    order: { column: 'queries', isDescending: true },
    nameOf: ({ resolver }) => resolver,
    choiceOf: () => undefined,
    onChoose: () => {},
    plural: 'resolvers',
  });
  table.show(resolvers.map(rowOf), undefined);
  const title = element('h2', {}, `${quantity(resolvers.length, 'DNS resolver')}`);
  const note = element('p', { class: 'note' }, NOTE);
  return element('section', { id: 'resolvers' }, title, note, ...table.parts);
}

function rowOf({
  address,
  port,
  side,
  queries,
  unanswered,
  failed,
  times,
}: ResolverFacts): ResolverRow {
  const { least = NONE, median = NONE, p99 = NONE, most = NONE } = times ?? {};
  const shown = { queries, unanswered, failed, least, median, p99, most };
  return { resolver: nameOf(address, port), side: SIDES[side] ?? 'unknown', ...shown };
}

function nameOf(address: string, port: number): string {
  if (port === STANDARD_PORT) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const text = (column: 'resolver' | 'side', label: string): Column => ({
  column,
  label,
  isName: true,
  cell: (row) => element('td', {}, row[column]),
});
const counts = (column: 'queries' | 'unanswered' | 'failed', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, countText(row[column])),
});
const times = (column: 'least' | 'median' | 'p99' | 'most', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, row[column] === NONE ? '' : msNumber(row[column])),
});

const COLUMNS: readonly Column[] = [
  text('resolver', 'Resolver'),
  text('side', 'Side'),
  counts('queries', 'Queries'),
  counts('unanswered', 'Unanswered'),
  counts('failed', 'Failed'),
  times('least', 'Min'),
  times('median', 'p50'),
  times('p99', 'p99'),
  times('most', 'Max'),
];
