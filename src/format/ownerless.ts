/** What a filter by owner leaves out, whoever asked for it. */
import { isAnyWanted, type WantedOwners } from '../attribution/wanted-owners.js';
import type { Filter } from '../sampling/filter.js';
import { protocolsOf } from '../sampling/protocols.js';

/** One line; undefined where nothing is left out. */
export function ownerlessText(
  wanted: WantedOwners,
  protocols: Filter['protocols'],
): string | undefined {
  if (!isAnyWanted(wanted) || !protocolsOf(protocols).has('dns')) return undefined;
  return 'without DNS: of its queries nothing says whose they are';
}
