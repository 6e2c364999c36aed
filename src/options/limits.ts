/** How many values a repeatable option may have: what the maps of the kernel have room for. */
import { MOST_PORT_RANGES } from '../core/filter.js';
import { UsageError } from '../faults.js';
import { MOST_PREFIXES, type Prefix } from '../prefix.js';
import type { Filter, Selection } from '../sampling/filter.js';

/** Throws a UsageError where there are more. */
export function refuseTooMany({ include, exclude }: Filter, local: readonly Prefix[] = []): void {
  refuseInSelection(include);
  refuseInSelection(exclude);
  if (local.length > MOST_PREFIXES) throw new UsageError(`--local: at most ${MOST_PREFIXES}`);
}

function refuseInSelection({ prefixes, portRanges }: Selection): void {
  if (prefixes.length > MOST_PREFIXES) {
    throw new UsageError(`at most ${MOST_PREFIXES} hosts and networks are possible`);
  }
  if (portRanges.length > MOST_PORT_RANGES) {
    throw new UsageError(`at most ${MOST_PORT_RANGES} ports and ranges are possible`);
  }
}
