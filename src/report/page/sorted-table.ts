/** A table whose rows are sorted by a click on a heading, and one of which may be chosen. */
import { button, element } from './dom.js';
import { type Order, sortedBy } from './order.js';
import { countText } from './text.js';

const AT_FIRST = 200;

export interface TableColumn<Row, Column> {
  readonly column: Column;
  readonly label: string;
  /** Whether it is first sorted from its beginning, as names are. */
  readonly isName?: boolean;
  cell(row: Row): HTMLElement;
}

export interface TableTerms<Row, Column> {
  readonly id: string;
  /** For those who do not see it. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row, Column>[];
  readonly order: Order<Column>;
  /** What it is called; also the order of those that are equal. */
  readonly nameOf: (row: Row) => string;
  /** What is told when it is chosen; undefined: it cannot be. */
  readonly choiceOf: (row: Row) => number | undefined;
  readonly onChoose: (choice: number) => void;
  /** Of the rows, such as `peers`. */
  readonly plural: string;
}

export class SortedTable<Row, Column extends keyof Row> {
  readonly parts: readonly HTMLElement[];
  readonly #terms: TableTerms<Row, Column>;
  readonly #heads = new Map<Column, HTMLElement>();
  readonly #body = element('tbody');
  readonly #more: HTMLButtonElement;
  #rows: readonly Row[] = [];
  #chosen: number | undefined;
  #order: Order<Column>;
  #isAllShown = false;

  constructor(terms: TableTerms<Row, Column>) {
    const { id, label, columns, order } = terms;
    this.#terms = terms;
    this.#order = order;
    this.#more = button('', () => this.#showAll(), { id: 'show-all' });
    const head = element(
      'thead',
      {},
      element('tr', {}, ...columns.map((each) => this.#head(each))),
    );
    const table = element('table', { id }, head, this.#body);
    const scroll = { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label };
    this.parts = [element('div', scroll, table), this.#more];
  }

  show(rows: readonly Row[], chosen: number | undefined): void {
    this.#rows = rows;
    this.#fill();
    this.choose(chosen);
  }

  choose(chosen: number | undefined): void {
    this.#chosen = chosen;
    for (const row of this.#body.rows) this.#markChosen(row);
  }

  #head({ column, label, isName = false }: TableColumn<Row, Column>): HTMLElement {
    const sort = button(label, () => this.#sort(column, isName));
    const head = element('th', { scope: 'col' }, sort);
    this.#heads.set(column, head);
    return head;
  }

  /** Once more the other way round; first what is large, but names from the beginning. */
  #sort(column: Column, isName: boolean): void {
    const isSame = this.#order.column === column;
    this.#order = { column, isDescending: isSame ? !this.#order.isDescending : !isName };
    this.#fill();
  }

  #showAll(): void {
    this.#isAllShown = true;
    this.#fill();
  }

  #fill(): void {
    const { nameOf, plural } = this.#terms;
    const { column, isDescending } = this.#order;
    for (const [each, head] of this.#heads) {
      if (each === column) head.ariaSort = isDescending ? 'descending' : 'ascending';
      else head.removeAttribute('aria-sort');
    }
    const rows = sortedBy(this.#rows, this.#order, nameOf);
    const shown = this.#isAllShown ? rows : rows.slice(0, AT_FIRST);
    this.#body.replaceChildren(...shown.map((row) => this.#row(row)));
    this.#more.hidden = shown.length === rows.length;
    this.#more.textContent = `Show all ${countText(rows.length)} ${plural}`;
  }

  #row(row: Row): HTMLElement {
    const { columns, choiceOf, onChoose } = this.#terms;
    const choice = choiceOf(row);
    const cells = columns.map(({ cell }) => cell(row));
    if (choice === undefined) return element('tr', {}, ...cells);
    const made = element('tr', { 'data-row': String(choice) }, ...cells);
    // Also where the name is not; the name's button bubbles.
    made.addEventListener('click', () => onChoose(choice));
    this.#markChosen(made);
    return made;
  }

  #markChosen(row: HTMLElement): void {
    const isChosen = row.dataset.row !== undefined && row.dataset.row === String(this.#chosen);
    row.classList.toggle('chosen', isChosen);
    row.querySelector('button')?.setAttribute('aria-pressed', String(isChosen));
  }
}
