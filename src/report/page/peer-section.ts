/** The peers, one in a row. */
import type { SeenAt } from '../run-facts.js';
import { button, element } from './dom.js';
import { countPeers, inOrder, type Order, type PeerColumn, type PeerRow } from './peers.js';
import { placeName } from './place-text.js';
import { countText, msNumber, quantity } from './text.js';

const AT_FIRST = 200;

interface Column {
  readonly column: PeerColumn;
  readonly label: string;
}

const ADDRESS: Column = { column: 'address', label: 'Peer' };
const PLACE: Column = { column: 'place', label: 'Seen at' };
const FIGURES: readonly Column[] = [
  { column: 'flows', label: 'Flows' },
  { column: 'samples', label: 'Samples' },
  { column: 'least', label: 'Least' },
  { column: 'median', label: 'Median' },
  { column: 'p99', label: 'p99' },
  { column: 'most', label: 'Max' },
  { column: 'queueing', label: 'Queueing' },
];

export class PeerSection {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #heads = new Map<PeerColumn, HTMLElement>();
  readonly #body = element('tbody');
  readonly #more: HTMLButtonElement;
  readonly #places: readonly SeenAt[];
  readonly #onChoose: (peer: number) => void;
  #rows: readonly PeerRow[] = [];
  #chosen: number | undefined;
  #order: Order = { column: 'queueing', isDescending: true };
  #isAllShown = false;

  constructor(places: readonly SeenAt[], onChoose: (peer: number) => void) {
    this.#places = places;
    this.#onChoose = onChoose;
    this.#more = button('', () => this.#showAll(), { id: 'show-all' });
    const head = element(
      'thead',
      {},
      element('tr', {}, ...this.#columns.map((each) => this.#head(each))),
    );
    this.root = element(
      'section',
      {},
      this.#title,
      element(
        'p',
        { class: 'note' },
        'RTTs in ms. Queueing is the median less the least: what a usual round trip waited beyond the way itself. Choose a peer to see it alone.',
      ),
      element(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Peers' },
        element('table', { id: 'peers-table' }, head, this.#body),
      ),
      this.#more,
    );
  }

  show(rows: readonly PeerRow[], chosen: number | undefined): void {
    this.#rows = rows;
    const peers = countPeers(rows);
    const many = peers < rows.length ? ', each at each place where it was seen' : '';
    this.#title.textContent = `${quantity(peers, 'peer')}${many}`;
    this.#fill();
    this.choose(chosen);
  }

  choose(chosen: number | undefined): void {
    this.#chosen = chosen;
    for (const row of this.#body.rows) this.#markChosen(row);
  }

  get #areSeveral(): boolean {
    return this.#places.length > 1;
  }

  get #columns(): readonly Column[] {
    return this.#areSeveral ? [ADDRESS, PLACE, ...FIGURES] : [ADDRESS, ...FIGURES];
  }

  #head({ column, label }: Column): HTMLElement {
    const sort = button(label, () => this.#sort(column));
    const head = element('th', { scope: 'col' }, sort);
    this.#heads.set(column, head);
    return head;
  }

  /** Once more the other way round; first what is large, but names from the beginning. */
  #sort(column: PeerColumn): void {
    const isSame = this.#order.column === column;
    const isDescending = isSame
      ? !this.#order.isDescending
      : column !== 'address' && column !== 'place';
    this.#order = { column, isDescending };
    this.#fill();
  }

  #showAll(): void {
    this.#isAllShown = true;
    this.#fill();
  }

  #fill(): void {
    const { column, isDescending } = this.#order;
    for (const [each, head] of this.#heads) {
      if (each === column) head.ariaSort = isDescending ? 'descending' : 'ascending';
      else head.removeAttribute('aria-sort');
    }
    const rows = inOrder(this.#rows, this.#order);
    const most = rows.reduce((largest, { queueing }) => Math.max(largest, queueing), 1);
    const shown = this.#isAllShown ? rows : rows.slice(0, AT_FIRST);
    this.#body.replaceChildren(...shown.map((row) => this.#row(row, most)));
    this.#more.hidden = shown.length === rows.length;
    this.#more.textContent = `Show all ${countText(rows.length)} ${this.#areSeveral ? 'rows' : 'peers'}`;
  }

  #row(row: PeerRow, mostQueueing: number): HTMLElement {
    const choose = () => this.#onChoose(row.peer);
    const name = element(
      'td',
      {},
      button(row.address, () => {}),
    );
    const bar = element('span', { class: 'meter' });
    bar.style.inlineSize = `${(100 * row.queueing) / mostQueueing}%`;
    const made = element(
      'tr',
      { 'data-peer': String(row.peer) },
      name,
      ...(this.#areSeveral ? [element('td', {}, this.#placeOf(row))] : []),
      ...[row.flows, row.samples].map((count) => element('td', {}, countText(count))),
      ...[row.least, row.median, row.p99, row.most].map((rtt) => element('td', {}, msNumber(rtt))),
      element(
        'td',
        { class: 'queueing' },
        bar,
        element('span', { class: 'amount' }, msNumber(row.queueing)),
      ),
    );
    // Also where the name is not; the name's button bubbles.
    made.addEventListener('click', choose);
    this.#markChosen(made);
    return made;
  }

  #placeOf({ place }: PeerRow): string {
    return placeName(this.#places[place] ?? {});
  }

  #markChosen(row: HTMLElement): void {
    const isChosen = row.dataset.peer === String(this.#chosen);
    row.classList.toggle('chosen', isChosen);
    row.querySelector('button')?.setAttribute('aria-pressed', String(isChosen));
  }
}
