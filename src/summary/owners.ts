/** RTTs by whose the connection is. */
import { labelOf } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import type { RttEvent } from '../events/types.js';
import { type GroupKeys, Groups, type GroupTerms, MOST_GROUPS } from './groups.js';
import { NameTable } from './key-table.js';

export interface OwnerLabel {
  /** As it is: to be escaped where it is shown. */
  readonly label: string;
}

export class Owners extends Groups<OwnerLabel> {
  constructor(attributionOf: AttributionOf, terms: GroupTerms = {}) {
    super(new OwnerKeys(attributionOf, terms.most ?? MOST_GROUPS), terms);
  }
}

class OwnerKeys extends NameTable implements GroupKeys<OwnerLabel> {
  readonly #attributionOf: AttributionOf;

  constructor(attributionOf: AttributionOf, most: number) {
    super(most);
    this.#attributionOf = attributionOf;
  }

  find(event: RttEvent): number {
    return this.numberOf(this.#labelOf(event));
  }

  add(event: RttEvent): number {
    return this.addName(this.#labelOf(event));
  }

  whatAt(at: number): OwnerLabel {
    return { label: this.nameOf(at) };
  }

  #labelOf(event: RttEvent): string {
    return labelOf(this.#attributionOf(event));
  }
}
