/** The protocols that RTTs of a run were measured by, each with a small number. */
import { SIDE_COUNT, type SideIndex } from './run-facts.js';

/** As many as there is room for in the flags of a sample. */
const MOST = 16;
const OTHERS = 'others';

export class Protocols {
  /** In the order in which they came. */
  readonly all: string[] = [];

  /** @param side on that side of the interface: an index in SIDES */
  sideOf({ side, protocol }: { readonly side: SideIndex; readonly protocol: string }): SideIndex {
    return side + SIDE_COUNT * this.#indexOf(protocol);
  }

  /** Whoever writes a run may name any number of them. */
  #indexOf(name: string): number {
    const known = this.all.indexOf(name);
    if (known >= 0) return known;
    if (this.all.length === MOST) return MOST - 1;
    return this.all.push(this.all.length === MOST - 1 ? OTHERS : name) - 1;
  }
}
