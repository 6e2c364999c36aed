/** The places where the run was seen, one in a row: a reader chooses one, or all together. */
import type { SeenAt } from '../run-facts.js';
import { button, element } from './dom.js';
import { kindText } from './path.js';
import type { PlaceRow } from './place-rows.js';
import { atPlaces } from './place-text.js';
import { countText, msNumber } from './text.js';

const HEADS = ['Seen at', 'Samples', 'Min', 'p50', 'p90'];
const KIND_HEAD = 'Percentiles of';

export class PlaceSection {
  readonly root: HTMLElement;
  readonly #head = element('thead');
  readonly #body = element('tbody');
  readonly #onChoose: (place: number | undefined) => void;

  constructor(places: readonly SeenAt[], onChoose: (place: number | undefined) => void) {
    this.#onChoose = onChoose;
    this.root = element(
      'section',
      { id: 'places' },
      element('h2', {}, `Seen ${atPlaces(places)}`),
      element(
        'p',
        { class: 'note' },
        'RTTs in ms. A connection counts at each place where it was seen; "all" combines their RTTs. Select a place to see it alone.',
      ),
      element(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Places' },
        element('table', { id: 'places-table' }, this.#head, this.#body),
      ),
    );
  }

  show(rows: readonly PlaceRow[], chosen: number | undefined, protocol: string): void {
    const hadFocus = this.#body.contains(document.activeElement);
    const kinds = new Set(rows.flatMap(({ rtts }) => rtts?.kind ?? []));
    const heads = kinds.size > 1 ? [...HEADS, KIND_HEAD] : HEADS;
    const cells = heads.map((head) => element('th', { scope: 'col' }, head));
    this.#head.replaceChildren(element('tr', {}, ...cells));
    const named = kinds.size > 1 ? protocol : undefined;
    this.#body.replaceChildren(...rows.map((row) => this.#row(row, named)));
    this.choose(chosen);
    if (hadFocus) this.#body.querySelector<HTMLElement>('.chosen button')?.focus();
  }

  choose(chosen: number | undefined): void {
    for (const row of this.#body.rows) {
      const isChosen = row.dataset.place === String(chosen);
      row.classList.toggle('chosen', isChosen);
      row.querySelector('button')?.setAttribute('aria-pressed', String(isChosen));
    }
  }

  /** @param protocol undefined where the kind has no column */
  #row({ place, name, samples, rtts }: PlaceRow, protocol: string | undefined): HTMLElement {
    const times = rtts ? [rtts.least, rtts.median, rtts.p90].map(msNumber) : ['', '', ''];
    const kind = protocol === undefined ? [] : [rtts ? kindText(rtts.kind, protocol) : ''];
    const cells = [countText(samples), ...times, ...kind];
    const made = element(
      'tr',
      { 'data-place': String(place) },
      element(
        'td',
        {},
        button(name, () => {}),
      ),
      ...cells.map((text) => element('td', {}, text)),
    );
    // Also where the name is not; the name's button bubbles.
    made.addEventListener('click', () => this.#onChoose(place));
    return made;
  }
}
