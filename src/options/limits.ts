/** How many values a repeatable option may have: what the maps of the kernel have room for. */
import { LIMIT } from '../core/layouts.js';
import { UsageError } from '../faults.js';
import type { Filter, Selection } from '../sampling/filter.js';
import type { Prefix } from '../sampling/prefix.js';

/** Throws a UsageError where there are more. */
export function refuseTooMany(
  { include, exclude, udpPorts }: Filter,
  local: readonly Prefix[] = [],
): void {
  refuseInSelection(include);
  refuseInSelection(exclude);
  const others = LIMIT.udpPorts - 1;
  for (const [name, ports] of Object.entries(udpPorts)) {
    if (ports.length > others) throw new UsageError(`--${name}-port: at most ${others}`);
  }
  if (local.length > LIMIT.prefixes) throw new UsageError(`--local: at most ${LIMIT.prefixes}`);
}

function refuseInSelection({ prefixes, portRanges }: Selection): void {
  if (prefixes.length > LIMIT.prefixes) {
    throw new UsageError(`at most ${LIMIT.prefixes} hosts and networks are possible`);
  }
  if (portRanges.length > LIMIT.portRanges) {
    throw new UsageError(`at most ${LIMIT.portRanges} ports and ranges are possible`);
  }
}
