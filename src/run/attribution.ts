/** Whose connections they are, in a live run: who finds it out. */

import type { AttributionGaps } from '../attribution/gaps.js';
import type { AttributionOf } from '../attribution/owner.js';
import type { WantedOwners } from '../attribution/wanted-owners.js';
import { messageOf } from '../faults.js';
import type { CgroupRoot } from '../live/opened-sockets.js';
import { SOCKET_OWNERS_OBJECT } from '../live/requirements.js';
import type { LiveOptions } from '../options/options.js';
import { Attributions } from '../owners/attributions.js';
import { isWhole, PART_OF_CGROUPS } from '../owners/cgroup-mount.js';
import { CgroupPaths } from '../owners/cgroup-paths.js';
import { ContainerNames } from '../owners/container-names.js';
import { LocalNames } from '../owners/local-names.js';
import { PidFilter } from '../owners/pid-filter.js';
import { runtimeNamesSources } from '../owners/runtime-names-sources.js';
import { followedFilter, NO_CGROUPS } from '../owners/selection.js';
import { isAggregatedByOwner } from '../sampling/aggregation.js';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import type { OwnerOf } from '../summary/aggregates.js';
import { areOwnersWanted } from './attribution-wanted.js';

/** A map that is kept small may still see many flows in short time. */
const LEAST_FLOWS = 65_536;

export interface LiveAttributionParts {
  /** More is known of the flow than before. */
  readonly onChange: (flowId: number) => void;
  /** For people. */
  readonly say: (text: string) => void;
}

export class LiveAttribution {
  readonly attributions: Attributions;
  /** Undefined where no process in particular was asked for. */
  readonly pidFilter: PidFilter | undefined;
  readonly #names: LocalNames;
  readonly #paths = new CgroupPaths();
  readonly #wantedOwners: WantedOwners;
  readonly #isShown: boolean;
  readonly #isOfConnections: boolean;
  /** Whose sockets are to be noted as they open; undefined where none need be, or can be. */
  readonly socketsIn: CgroupRoot | undefined;
  #filter: OwnerFilter;

  /** @param filter what the programs know */
  constructor(options: LiveOptions, filter: OwnerFilter, { onChange, say }: LiveAttributionParts) {
    const { who, wantedOwners, aggregation } = options;
    const isByOwner = isAggregatedByOwner(aggregation);
    const paths = this.#paths;
    this.#wantedOwners = wantedOwners;
    this.#filter = filter;
    const { mount } = paths;
    const areWanted = areOwnersWanted(options);
    if ((who || isByOwner) && !mount) say(`without units and containers: ${NO_CGROUPS}`);
    else if (areWanted && !(mount && isWhole(mount))) {
      say(`without connections of other containers: ${mount ? PART_OF_CGROUPS : NO_CGROUPS}`);
    }
    this.socketsIn =
      areWanted && mount ? { directory: mount.point, isWhole: isWhole(mount) } : undefined;
    this.#isShown = who;
    this.#isOfConnections = who || options.nat || filter.pids.length > 0;
    this.#names = new LocalNames({
      paths,
      containers: options.containerNames
        ? new ContainerNames({ sources: runtimeNamesSources() })
        : undefined,
      object: SOCKET_OWNERS_OBJECT,
      found: (cookies) => this.attributions.found(cookies),
      failed: (error) => say(`processes cannot be found: ${messageOf(error)}`),
    });
    const most = Math.max(options.capacity.flows, LEAST_FLOWS);
    const known = { names: this.#names, areOwnersTold: areWanted };
    this.attributions = new Attributions({ ...known, most, onChange });
    const { pids } = filter;
    this.pidFilter =
      pids.length > 0 ? new PidFilter({ pids, processes: this.attributions }) : undefined;
  }

  /** Of RTTs that were counted together. */
  readonly ownerOf: OwnerOf = ({ cgroup, uid }) => ({ uid, ...this.#names.cgroup(cgroup) });

  /** What is to be shown of it. */
  get attributionOf(): AttributionOf {
    const { of } = this.attributions;
    if (this.#isShown) return of;
    return (event) => ({ original: of(event)?.original });
  }

  /** The filter for the programs, where a cgroup that was asked for has been made anew. */
  follow(): OwnerFilter | undefined {
    const followed = followedFilter(this.#wantedOwners, this.#filter, this.#paths);
    if (followed) this.#filter = followed;
    return followed;
  }

  /** Of each connection; undefined where that is not wanted: each has its processes looked for. */
  get ofConnections(): Attributions | undefined {
    return this.#isOfConnections ? this.attributions : undefined;
  }

  /** What is not known, until now. */
  get gaps(): AttributionGaps {
    return { ...this.attributions.gaps, undecided: this.pidFilter?.undecided ?? 0 };
  }

  /** Waits for what is being looked for. */
  close(): Promise<void> {
    return this.#names.close();
  }
}
