/** The places where a run was seen: interfaces, perhaps of several captures. */
import type { PerSide, SeenAt } from './run-facts.js';

/** More of them are put together, as what has no name is. */
const MOST_NAMED = 1000;

export interface PlaceCounts extends SeenAt {
  readonly samples: PerSide;
  readonly flows: PerSide;
}

type Name = string | undefined;

export class Places {
  /** In the order in which they came. */
  readonly all: PlaceCounts[] = [];
  readonly #byCapture = new Map<Name, Map<Name, number>>();

  indexOf(seenAt: SeenAt): number {
    const { capture, interface: name } = seenAt;
    const known = this.#byCapture.get(capture)?.get(name);
    if (known !== undefined) return known;
    const isNamed = capture !== undefined || name !== undefined;
    return isNamed && this.all.length >= MOST_NAMED ? this.indexOf({}) : this.#add(capture, name);
  }

  #add(capture: Name, name: Name): number {
    const index =
      this.all.push({ capture, interface: name, samples: [0, 0, 0], flows: [0, 0, 0] }) - 1;
    const ofCapture = this.#byCapture.get(capture) ?? new Map<Name, number>();
    this.#byCapture.set(capture, ofCapture.set(name, index));
    return index;
  }
}
