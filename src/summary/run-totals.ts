/** What a run adds up to, as figures. */
import type { AttributionGaps } from '../attribution/gaps.js';
import type { Counters } from '../core/counters.js';
import type { QuicConnections } from '../core/quic-connections.js';
import type { SelfCost } from '../core/self-cost.js';
import type { SeenAt } from '../events/places.js';
import type { Answer } from '../events/types.js';
import type { Occupancy } from '../sampling/governor.js';
import type { Capacity } from '../sampling/policy.js';
import type { ProtocolWord } from '../sampling/protocols.js';
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { Sighting } from '../visibility/sightings.js';
import type { SideKey } from './by-side.js';
import type { Uncovered, UnmeasuredHosts } from './coverage.js';
import type { Distribution } from './distribution.js';
import type { DnsFigures } from './dns.js';
import type { GroupTotals, Ranking } from './groups.js';
import type { Histogram } from './histogram.js';
import type { Peer } from './host-table.js';
import type { OwnerLabel } from './owners.js';
import type { PathKind } from './path-kind.js';
import type { ResolverRanking } from './resolvers.js';

/** What others have counted. */
export interface Counted {
  readonly counters: Counters;
  /** Identifiers that the last sweep left. */
  readonly waiting: number;
  /** In the maps, after the last sweep. */
  readonly occupancy: Occupancy;
  readonly capacity: Capacity;
  /** Connections of QUIC: those that are over, and those that the last sweep has left. */
  readonly quic?: QuicConnections | undefined;
  readonly droppedLines: number;
  readonly undecodable: number;
  readonly selfCost?: SelfCost | undefined;
  /** Who or what has kept packets from pping. */
  readonly sightings?: readonly Sighting[] | undefined;
  /** What was seen at each interface, where there are several. */
  readonly interfaces?: readonly InterfaceTally[] | undefined;
  /** Undefined where it was not asked whose connections are. */
  readonly attributionGaps?: AttributionGaps | undefined;
}

/** A host with what was measured of it, and what was not; that is undefined where all was. */
export type MeasuredPeer = Peer & GroupTotals & { readonly uncovered?: Uncovered | undefined };

/** RTTs of one kind. */
export interface Reported {
  /** Without what is overdue. */
  readonly reported: number;
  readonly rtt: Distribution;
}

/** RTTs by which of them tell the path. */
export interface KindTotals extends Reported {
  readonly kind: PathKind;
}

/** Of one place where connections were seen, the RTTs that tell its path best. */
export interface PlaceTotals extends KindTotals {
  /** Undefined of those without a name, and of those beyond the most that are told. */
  readonly seenAt: SeenAt | undefined;
}

/** What was measured on one side of the interface; and of one protocol, where there may be several. */
export interface SideTotals extends SideKey {
  readonly samples: number;
  /**
   * Data without an answer, in `all`, `path` and `histogram` with the time that it has waited for: its
   * RTT is at least that.
   */
  readonly overdue: number;
  readonly all: Reported;
  /** Of the RTTs that tell it best, as is `histogram`. */
  readonly path: KindTotals;
  /** Of kernels' answers and of those with data, where there are both, but for the kind of `path`. */
  readonly beside: readonly KindTotals[];
  /** Of each place; empty where they are all of one. What is overdue is included, as in `path`. */
  readonly places: readonly PlaceTotals[];
  /** Those that there are any of. */
  readonly answers: ReadonlyMap<Answer, Reported>;
  readonly histogram: Histogram;
  readonly peers: Ranking<Peer & Pick<MeasuredPeer, 'uncovered'>>;
  /** Undefined where they are not told. */
  readonly owners: Ranking<OwnerLabel> | undefined;
}

export type SideFigures = Pick<SideTotals, 'side' | 'protocol' | 'samples' | 'path' | 'beside'>;

/** What resolvers have answered, and what not, as far as it was told. In no figure of RTTs. */
export interface DnsTotals extends DnsFigures {
  /** Of none where queries are counted in the core, and not told one by one. */
  readonly resolvers: ResolverRanking;
}

/** All durations in nanoseconds. */
export interface RunTotals extends Counted {
  /** Those held back by --report-interval included. */
  readonly samples: number;
  /** RTTs that were reported, each for one sample or more. */
  readonly reported: number;
  /** Flows seen in both directions. */
  readonly flows: number;
  /** Of the reported RTTs of all sides, and of what is overdue; undefined where there is none, and where there may be several protocols. */
  readonly rtt: Distribution | undefined;
  /** Whether there is one of each protocol. */
  readonly areProtocolsTold?: boolean | undefined;
  /** What is measured, as --protocol has it; undefined where a filter has chosen hosts or ports, too. */
  readonly asked?: readonly ProtocolWord[] | undefined;
  /** Whether DNS alone is measured, which has neither samples nor flows. */
  readonly isDnsAlone?: boolean | undefined;
  /** Undefined where no query of DNS was seen. */
  readonly dns?: DnsTotals | undefined;
  /** Those where anything was measured. */
  readonly sides: readonly SideTotals[];
  /** Hosts without any RTT; undefined where there are none. */
  readonly unmeasuredHosts?: UnmeasuredHosts | undefined;
}
