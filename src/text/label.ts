/** What whoever started a run has added to all that it tells: which machine it is, for example. */
export interface Label {
  /** Lower-case letters, digits and _. */
  readonly name: string;
  /** Any text that is not empty. */
  readonly value: string;
}
