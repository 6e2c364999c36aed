/** Whose connections they are, in a live run: what of that is wanted. */
import { Fault } from '../faults.js';
import type { AttributionWanted } from '../live/programs.js';
import type { LiveOptions } from '../options/options.js';
import { isAggregatedByOwner } from '../sampling/aggregation.js';
import { EVERYONE, type OwnerFilter } from '../sampling/owner-filter.js';

/**
 * For the programs: undefined where nothing of it is wanted. Throws a UsageError where an owner that is asked for
 * is not there, a Fault where the kernel cannot tell what is.
 */
export async function attributionWanted(
  options: LiveOptions,
): Promise<AttributionWanted | undefined> {
  const owners = areOwnersWanted(options);
  if (!owners && !options.nat) return undefined;
  if (options.nat) await requireConntrackLookup();
  const filter = isFiltered(options) ? await filterOf(options) : EVERYONE;
  return { owners, originals: options.nat ? 'conntrack' : 'none', filter };
}

export function areOwnersWanted(options: LiveOptions): boolean {
  return options.who || isAggregatedByOwner(options.aggregation) || isFiltered(options);
}

function isFiltered({ wantedOwners: { cgroups, containers, pids } }: LiveOptions): boolean {
  return cgroups.length + containers.length + pids.length > 0;
}

/** What this takes is loaded only where it is wanted: each module is a part of the time that pping takes to start. */
async function requireConntrackLookup(): Promise<void> {
  const { missingConntrackLookup } = await import('../live/conntrack.js');
  const missing = missingConntrackLookup();
  if (missing !== undefined) throw new Fault(`--nat: ${missing}`);
}

async function filterOf({ wantedOwners, containerNames }: LiveOptions): Promise<OwnerFilter> {
  const { CgroupPaths } = await import('../owners/cgroup-paths.js');
  const { runtimeNamesSources } = await import('../owners/runtime-names-sources.js');
  const { ownerFilter } = await import('../owners/selection.js');
  const paths = new CgroupPaths();
  try {
    return ownerFilter(wantedOwners, paths, containerNames ? runtimeNamesSources() : []);
  } finally {
    paths.close();
  }
}
