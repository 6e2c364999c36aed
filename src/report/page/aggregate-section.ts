/** Networks, owners or interfaces, one in a row. */
import { type NamedRow, type RowsOf, whatRowsAre } from './aggregate-rows.js';
import { button, element } from './dom.js';
import { SortedTable, type TableColumn } from './sorted-table.js';
import { countText, msNumber, quantity } from './text.js';

type Column = TableColumn<NamedRow, keyof NamedRow>;

const NOTE =
  'RTTs in ms, for the whole run; percentiles are midpoints of buckets. Select a row to see it alone';

export class AggregateSection {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #note = element('p', { class: 'note' });
  readonly #what: RowsOf;
  readonly #table: SortedTable<NamedRow, keyof NamedRow>;

  /** @param rows of all sides */
  constructor(rows: readonly NamedRow[], onChoose: (series: number) => void) {
    this.#what = whatRowsAre(rows);
    const areSeveral = new Set(rows.map(({ seenAt }) => seenAt)).size > 1;
    this.#table = new SortedTable<NamedRow, keyof NamedRow>({
      id: 'aggregates-table',
      label: `${this.#what}s`,
      columns: [nameColumn(this.#what), ...(areSeveral ? [SEEN_AT] : []), ...FIGURES],
      order: { column: 'p99', isDescending: true },
      nameOf: ({ name, seenAt }) => `${name} ${seenAt}`,
      choiceOf: ({ series }) => series,
      onChoose,
      plural: 'rows',
    });
    this.root = element('section', {}, this.#title, this.#note, ...this.#table.parts);
  }

  /** @param count of the side; not all need to be told */
  show(rows: readonly NamedRow[], count: number, chosen: number | undefined): void {
    this.#title.textContent = quantity(count, this.#what.toLowerCase());
    this.#note.textContent = `${NOTE}${unkeptText(rows)}.${leftText(rows.length, count)}`;
    this.#table.show(rows, chosen);
  }

  choose(chosen: number | undefined): void {
    this.#table.choose(chosen);
  }
}

function unkeptText(rows: readonly NamedRow[]): string {
  const unkept = rows.filter(({ series }) => series === undefined).length;
  if (unkept === 0) return '';
  return `; for ${countText(unkept)} less severe rows, only the whole run was kept`;
}

function leftText(told: number, count: number): string {
  if (told >= count) return '';
  return ` These are the ${countText(told)} with the highest p99; the others are included in the figures and charts of all.`;
}

function nameColumn(label: string): Column {
  const cell = ({ name, series }: NamedRow) =>
    element('td', {}, series === undefined ? name : button(name, () => {}));
  return { column: 'name', label, isName: true, cell };
}

const SEEN_AT: Column = {
  column: 'seenAt',
  label: 'Seen at',
  isName: true,
  cell: ({ seenAt }) => element('td', {}, seenAt),
};
const counts = (column: 'samples' | 'overdue', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, countText(row[column])),
});
const times = (column: 'least' | 'median' | 'p90' | 'p99' | 'most', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, row.reported > 0 ? msNumber(row[column]) : ''),
});
const FIGURES: readonly Column[] = [
  counts('samples', 'Samples'),
  times('least', 'Min'),
  times('median', 'p50'),
  times('p90', 'p90'),
  times('p99', 'p99'),
  times('most', 'Max'),
  counts('overdue', 'Overdue'),
];
