/** Which connections are measured. */
import type { Prefix } from './prefix.js';

/** Both included; 0 to 65,535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Either end of a connection may be the one that fits. None of a kind fits all. */
export interface Selection {
  readonly prefixes: readonly Prefix[];
  readonly portRanges: readonly PortRange[];
}

/** What is included, but for what is excluded. */
export interface Filter {
  readonly include: Selection;
  readonly exclude: Selection;
}

const NOTHING: Selection = { prefixes: [], portRanges: [] };
export const NO_FILTER: Filter = { include: NOTHING, exclude: NOTHING };

export function isActive({ include, exclude }: Filter): boolean {
  return [include, exclude].some(
    ({ prefixes, portRanges }) => prefixes.length + portRanges.length > 0,
  );
}
