/** RTTs by whose the connection is. */
import { labelOf } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { Groups, type GroupTerms } from './groups.js';

export interface OwnerLabel {
  /** As it is: to be escaped where it is shown. */
  readonly label: string;
}

export class Owners extends Groups<OwnerLabel> {
  constructor(attributionOf: AttributionOf, terms?: GroupTerms) {
    super(
      (event) => labelOf(attributionOf(event)),
      (label) => ({ label }),
      terms,
    );
  }
}
