/** The head of the page: what is shown, of when, and the choice of a side. */
import type { PerSide, RecordedFacts, SeenAt, SideIndex } from '../run-facts.js';
import { choices, element } from './dom.js';
import { periodOf, sideText } from './header.js';
import { titleOf } from './place-text.js';
import { countText } from './text.js';

/** What is shown: all places, or one by its index. */
export interface Shown {
  readonly place: number | undefined;
  /** Samples. */
  readonly counts: PerSide;
}

type HeadFacts = Pick<RecordedFacts, 'from' | 'to' | 'protocols'> & {
  readonly places: readonly SeenAt[];
};

export class HeadSection {
  readonly root: HTMLElement;
  readonly #facts: HeadFacts;
  readonly #title = element('h1');
  readonly #side = element('div');
  readonly #onSide: (side: SideIndex) => void;

  constructor(facts: HeadFacts, onSide: (side: SideIndex) => void, ...tools: HTMLElement[]) {
    this.#facts = facts;
    this.#onSide = onSide;
    const period = element('p', { class: 'period' }, periodOf(facts));
    this.root = element(
      'header',
      {},
      element('div', {}, this.#title, period),
      element('div', { class: 'tools' }, this.#side, ...tools),
    );
  }

  show(scope: Shown, side: SideIndex): void {
    const { places } = this.#facts;
    const isAll = scope.place === undefined;
    const shown = isAll ? places : [places[scope.place] as SeenAt];
    this.#title.textContent = titleOf(shown, places.length === 1);
    document.title = `${this.#title.textContent}, ${periodOf(this.#facts)}`;
    this.#side.replaceChildren(this.#sides(shown, scope, side));
  }

  /** Two sides are two different paths, and protocols answer otherwise: they are never put together. */
  #sides(shown: readonly SeenAt[], { counts }: Shown, chosen: SideIndex): HTMLElement {
    const { protocols } = this.#facts;
    const occurring = Array.from(counts.keys()).filter((side) => counts[side] !== 0);
    if (occurring.length === 1) {
      return element('span', { class: 'side' }, `Path ${sideText(chosen, shown, protocols)}`);
    }
    const options = occurring.map((value) => ({
      value,
      label: `${sideText(value, shown, protocols)} (${countText(counts[value] ?? 0)})`,
    }));
    return choices('side', 'Path', options, chosen, this.#onSide);
  }
}
