/** The peers, one in a row. */
import type { SeenAt } from '../run-facts.js';
import { button, element } from './dom.js';
import { countPeers, type PeerColumn, type PeerRow } from './peers.js';
import { placeName } from './place-text.js';
import { SortedTable, type TableColumn } from './sorted-table.js';
import { countText, msNumber, quantity } from './text.js';

type Column = TableColumn<PeerRow, PeerColumn>;

const NOTE =
  'RTTs in ms. Queueing is how far a typical RTT is above the minimum RTT of its time: time spent waiting, on top of the base delay. Select a peer to see it alone.';

export class PeerSection {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #table: SortedTable<PeerRow, PeerColumn>;
  #mostQueueing = 1;

  constructor(places: readonly SeenAt[], onChoose: (peer: number) => void) {
    const areSeveral = places.length > 1;
    const place: Column = textColumn('place', 'Seen at', (row) =>
      placeName(places[row.place] ?? {}),
    );
    this.#table = new SortedTable<PeerRow, PeerColumn>({
      id: 'peers-table',
      label: 'Peers',
      columns: [ADDRESS, ...(areSeveral ? [place] : []), ...FIGURES, this.#queueing()],
      order: { column: 'queueing', isDescending: true },
      nameOf: ({ address }) => address,
      choiceOf: ({ peer }) => peer,
      onChoose,
      plural: areSeveral ? 'rows' : 'peers',
    });
    const note = element('p', { class: 'note' }, NOTE);
    this.root = element('section', {}, this.#title, note, ...this.#table.parts);
  }

  show(rows: readonly PeerRow[], chosen: number | undefined): void {
    const peers = countPeers(rows);
    const many = peers < rows.length ? ', one row for each place where it was seen' : '';
    this.#title.textContent = `${quantity(peers, 'peer')}${many}`;
    this.#mostQueueing = rows.reduce((largest, { queueing }) => Math.max(largest, queueing), 1);
    this.#table.show(rows, chosen);
  }

  choose(chosen: number | undefined): void {
    this.#table.choose(chosen);
  }

  #queueing(): Column {
    const cell = ({ queueing }: PeerRow) => {
      const bar = element('span', { class: 'meter' });
      bar.style.inlineSize = `${(100 * queueing) / this.#mostQueueing}%`;
      const amount = element('span', { class: 'amount' }, msNumber(queueing));
      return element('td', { class: 'queueing' }, bar, amount);
    };
    return { column: 'queueing', label: 'Queueing', cell };
  }
}

function textColumn(column: PeerColumn, label: string, textOf: (row: PeerRow) => string): Column {
  return { column, label, isName: true, cell: (row) => element('td', {}, textOf(row)) };
}

const ADDRESS: Column = {
  column: 'address',
  label: 'Peer',
  isName: true,
  cell: ({ address }) =>
    element(
      'td',
      {},
      button(address, () => {}),
    ),
};

const counts = (column: 'flows' | 'samples', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, countText(row[column])),
});
const times = (column: 'least' | 'median' | 'p99' | 'most', label: string): Column => ({
  column,
  label,
  cell: (row) => element('td', {}, msNumber(row[column])),
});
const FIGURES: readonly Column[] = [
  counts('flows', 'Flows'),
  counts('samples', 'Samples'),
  times('least', 'Min'),
  times('median', 'p50'),
  times('p99', 'p99'),
  times('most', 'Max'),
];
