/** What was said of the interfaces to watch. */
export interface InterfaceWords {
  /** Each a name, a shell pattern or `any`; at least one. */
  readonly included: readonly string[];
  /** Each a name or a shell pattern. */
  readonly excluded: readonly string[];
}
