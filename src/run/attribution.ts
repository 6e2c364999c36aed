/** Whose connections they are, in a live run: who finds it out. */

import type { AttributionGaps } from '../attribution/gaps.js';
import type { AttributionOf } from '../attribution/owner.js';
import type { WantedOwners } from '../attribution/wanted-owners.js';
import { messageOf } from '../faults.js';
import type { CgroupRoot, NotedSockets, OpenedSockets } from '../live/opened-sockets.js';
import { SOCKET_OWNERS_OBJECT } from '../live/requirements.js';
import type { LiveSource } from '../live/source.js';
import type { LiveOptions } from '../options/options.js';
import { Attributions } from '../owners/attributions.js';
import { type CgroupMount, isWhole, PART_OF_CGROUPS } from '../owners/cgroup-mount.js';
import { CgroupPaths } from '../owners/cgroup-paths.js';
import { withoutEnds } from '../owners/connection-services.js';
import { ContainerNames } from '../owners/container-names.js';
import { EarlierConnections } from '../owners/earlier-connections.js';
import { LocalNames } from '../owners/local-names.js';
import { PidFilter } from '../owners/pid-filter.js';
import { runtimeNamesSources } from '../owners/runtime-names-sources.js';
import { followedFilter, isSelected, NO_CGROUPS, withoutProcesses } from '../owners/selection.js';
import { WantedProcesses } from '../owners/wanted-processes.js';
import { isAggregatedByOwner } from '../sampling/aggregation.js';
import { isOwnerFiltered, type OwnerFilter } from '../sampling/owner-filter.js';
import type { OwnerOf } from '../summary/aggregated-who.js';
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
  readonly #paths: CgroupPaths;
  readonly #wantedOwners: WantedOwners;
  readonly #say: LiveAttributionParts['say'];
  readonly #areNamesShown: boolean;
  readonly #isShown: boolean;
  readonly #isOfConnections: boolean;
  readonly #areWanted: boolean;
  #earlier: EarlierConnections | undefined;
  /** Whose sockets are to be noted as they open; undefined where none need be, or can be. */
  readonly socketsIn: CgroupRoot | undefined;
  readonly #processes: WantedProcesses;
  #filter: OwnerFilter;

  /** @param filter what the programs know */
  constructor(options: LiveOptions, filter: OwnerFilter, { onChange, say }: LiveAttributionParts) {
    const { who, wantedOwners, aggregation, anonymization } = options;
    const isByOwner = isAggregatedByOwner(aggregation);
    const paths = new CgroupPaths(anonymization.how && { toldOf: withoutEnds });
    this.#paths = paths;
    this.#wantedOwners = wantedOwners;
    this.#filter = filter;
    const areWanted = areOwnersWanted(options);
    this.#areWanted = areWanted;
    this.socketsIn = areWanted ? rootAt(paths.mount) : undefined;
    this.#say = say;
    this.#areNamesShown = who || isByOwner;
    this.#isShown = who;
    this.#isOfConnections = who || options.nat || filter.pids.length > 0;
    this.#names = new LocalNames({
      paths,
      containers: options.containerNames
        ? new ContainerNames({ sources: runtimeNamesSources() })
        : undefined,
      object: SOCKET_OWNERS_OBJECT,
      found: (cookies) => this.attributions.found(cookies),
      failed: (error) => say(`process lookup failed: ${messageOf(error)}`),
    });
    const most = Math.max(options.capacity.flows, LEAST_FLOWS);
    const known = { names: this.#names, areOwnersTold: areWanted };
    this.attributions = new Attributions({ ...known, most, onChange });
    const { pids } = filter;
    this.#processes = new WantedProcesses(pids);
    this.pidFilter =
      pids.length > 0 ? new PidFilter({ pids, processes: this.attributions }) : undefined;
  }

  /**
   * From now on the sockets are looked for of connections that were there before.
   * @returns what is to be told of each flow that was met in mid-stream; undefined where no owners are told
   */
  seek({ unowned }: Pick<LiveSource, 'unowned'>): EarlierConnections | undefined {
    if (!this.#areWanted) return undefined;
    const isFiltered = isOwnerFiltered(this.#filter);
    const pathOf = (cgroup: bigint) => this.#names.pathOf(cgroup);
    this.#earlier = new EarlierConnections({
      list: () => unowned.list(),
      decide: (verdicts) => unowned.decide(verdicts),
      walker: () => this.#names.loadSockets(),
      isWanted: isFiltered ? (owner) => isSelected(owner, this.#filter, pathOf) : undefined,
      time: this.#names.walkTime,
      failed: (error) => this.#say(`cannot find earlier connections: ${messageOf(error)}`),
      // What the filter leaves out is not told of, and neither is what is only counted.
      isByClock: isFiltered || !this.#isShown,
    });
    return this.#earlier;
  }

  /** To people: what is not going to be known, and why. */
  tellLimits(sockets: Pick<OpenedSockets, 'noted' | 'reason'> | undefined): void {
    const root = this.socketsIn;
    const limits = sockets && root && limitsOf(sockets.noted, root, this.#areNamesShown);
    if (limits) this.#say(`${limits}: ${sockets.reason}`);
  }

  /** Of RTTs that were counted together. */
  readonly ownerOf: OwnerOf = ({ cgroup, uid }) => ({ uid, ...this.#names.cgroup(cgroup) });

  /** What is to be shown of it. */
  get attributionOf(): AttributionOf {
    const { of } = this.attributions;
    if (this.#isShown) return of;
    return (event) => ({ original: of(event)?.original });
  }

  /**
   * Tells people where a cgroup that was asked for has been made anew, or a process has ended.
   * @returns the filter for the programs then
   */
  follow(): OwnerFilter | undefined {
    const before = this.#filter;
    const followed = followedFilter(this.#wantedOwners, before, this.#paths);
    if (followed) {
      this.#filter = followed;
      this.#say('a selected cgroup was recreated: its connections are measured from now on');
    }
    this.#followProcesses();
    return this.#filter === before ? undefined : this.#filter;
  }

  #followProcesses(): void {
    const ended = this.#processes.takeEnded();
    if (ended.length > 0) this.#filter = withoutProcesses(this.#filter, ended);
    for (const pid of ended) {
      this.pidFilter?.end(pid);
      this.#say(`process ${pid} has ended: no new connections are measured for --pid ${pid}`);
    }
  }

  /** Of each connection; undefined where that is not wanted: each has its processes looked for. */
  get ofConnections(): Attributions | undefined {
    return this.#isOfConnections ? this.attributions : undefined;
  }

  /** What is not known, until now. */
  get gaps(): AttributionGaps {
    return { ...this.attributions.gaps, undecided: this.pidFilter?.undecided ?? 0 };
  }

  /** Before the source is closed: none are looked for any more. */
  async endSearch(): Promise<void> {
    await this.#earlier?.close();
  }

  /** Waits for what is being looked for. */
  async close(): Promise<void> {
    await this.endSearch();
    await this.#names.close();
  }
}

function rootAt(mount: CgroupMount | undefined): CgroupRoot {
  if (!mount) return { directory: undefined, lacking: NO_CGROUPS };
  return { directory: mount.point, lacking: isWhole(mount) ? undefined : PART_OF_CGROUPS };
}

/** In words, what is not known; undefined where all is. */
function limitsOf(
  noted: NotedSockets,
  { directory, lacking }: CgroupRoot,
  areNamesShown: boolean,
): string | undefined {
  const nameless =
    directory === undefined ? 'no names of units and containers' : 'no names of other containers';
  const hidden = 'no owners of connections in other containers';
  const late = 'owners are known only once a connection is open';
  const limits = [
    ...(areNamesShown && lacking !== undefined ? [nameless] : []),
    ...(noted === 'late' ? [late] : noted === 'all' ? [] : [hidden]),
  ];
  return limits.length > 0 ? limits.join(', and ') : undefined;
}
