/** What a filter by owner leaves out, whoever asked for it. */
import { isAnyWanted, type WantedOwners } from '../attribution/wanted-owners.js';
import type { Filter } from '../sampling/filter.js';
import { protocolsOf } from '../sampling/protocols.js';

/** One line; undefined where nothing is left out. */
export function ownerlessText(
  wanted: WantedOwners,
  protocols: Filter['protocols'],
): string | undefined {
  const others = [...protocolsOf(protocols)].filter((word) => word !== 'tcp');
  if (!isAnyWanted(wanted) || others.length === 0) return undefined;
  return `only TCP is measured: of ${others.join(', ')} nothing says whose they are`;
}
