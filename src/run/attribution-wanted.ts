/** Whose connections they are, in a live run: what of that is wanted. */
import { isAnyWanted } from '../attribution/wanted-owners.js';
import { Fault } from '../faults.js';
import type { AttributionWanted } from '../live/programs.js';
import type { LiveOptions } from '../options/options.js';
import { isAggregatedByOwner } from '../sampling/aggregation.js';
import { EVERYONE, type OwnerFilter } from '../sampling/owner-filter.js';

/** What the programs are told, and what is said of it. */
export interface Wanted extends AttributionWanted {
  /** Why conntrack is not asked for ends before NAT, where these are wanted; undefined where it is. */
  readonly missingConntrack: string | undefined;
}

/**
 * Undefined where nothing of it is wanted. Throws a UsageError where an owner that is asked for
 * is not there, a Fault where the kernel cannot tell what is.
 */
export async function attributionWanted(options: LiveOptions): Promise<Wanted | undefined> {
  const owners = areOwnersWanted(options);
  if (!owners && !options.nat) return undefined;
  const missingConntrack = options.nat ? await conntrackMissing(owners) : undefined;
  const filter = isAnyWanted(options.wantedOwners) ? await filterOf(options) : EVERYONE;
  const from = missingConntrack === undefined ? 'conntrack' : 'sockets';
  return { owners, originals: options.nat ? from : 'none', filter, missingConntrack };
}

export function areOwnersWanted(options: LiveOptions): boolean {
  return (
    options.who || isAggregatedByOwner(options.aggregation) || isAnyWanted(options.wantedOwners)
  );
}

/**
 * What this takes is loaded only where it is wanted: each module is a part of the time that pping takes to start.
 * Throws a Fault where without conntrack nothing is known.
 */
async function conntrackMissing(areOwnersWanted: boolean): Promise<string | undefined> {
  const { canLoadWithoutLookup, missingConntrackLookup } = await import('../live/conntrack.js');
  const missing = missingConntrackLookup();
  if (missing === undefined || (areOwnersWanted && canLoadWithoutLookup())) return missing;
  throw new Fault(`--nat: ${missing}`);
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
