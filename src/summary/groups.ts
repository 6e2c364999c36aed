/** RTTs by what flows have in common. */
import { PerFlow } from '../events/per-flow.js';
import type { RttEvent } from '../events/types.js';
import { type Pair, Pairing, type PathKind } from './path-kind.js';
import { type Memorable, Remembered } from './recently-used.js';
import { FlowProgress, Resent } from './resent.js';
import type { Routes, Track } from './routes.js';
import { RttStats } from './rtt-stats.js';

/** A busy server meets millions of hosts in a day. */
const MOST_GROUPS = 4_096;

/** What is told of a group; durations in nanoseconds. */
export interface GroupTotals {
  /** Those with RTTs in it: one that has come from another group counts in both. */
  readonly flows: number;
  readonly samples: number;
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
  /** Payload of those, both ways, until their last RTT. */
  readonly bytes: number;
  /** The share of bytes that were sent again; undefined where there were few. */
  readonly resent: number | undefined;
}

/** Some of the groups, with what tells each from the others. */
export interface Ranking<What> {
  /** The worst first: those that wait the most in queues. */
  readonly worst: readonly (What & GroupTotals)[];
  /** Of so many. */
  readonly size: number;
  /** So many times one was forgotten for want of room. */
  readonly forgotten: number;
}

class GroupStats extends RttStats {
  readonly resent = new Resent();

  override release(): void {
    super.release();
    this.resent.clear();
  }
}

class Group implements Memorable {
  flows = 0;
  touched = 0;
  isForgotten = true;
  /** Undefined while it is forgotten. */
  stats: GroupStats | undefined;

  /** @param spare where they go then: where there are more hosts than room, they are needed again at once */
  constructor(
    readonly key: string,
    readonly spare: GroupStats[],
  ) {}

  release(): void {
    this.flows = 0;
    if (!this.stats) return;
    this.stats.release();
    this.spare.push(this.stats);
    this.stats = undefined;
  }
}

/** Of an RTT and the one before. */
export interface Pairs {
  /** As of their group, or as it was told. */
  readonly ofGroup: Pair;
  /** As of their flow, where that was asked for. */
  readonly ofFlow: Pair;
}

/** A flow, in one direction. */
class Member extends FlowProgress implements Pairs {
  ofGroup: Pair = 'none';
  ofFlow: Pair = 'none';

  /**
   * @param track undefined where routes are not followed
   * @param pairing undefined where nobody asks for its pairs
   */
  constructor(
    public group: Group,
    public track: Track | undefined,
    readonly pairing: Pairing | undefined,
  ) {
    super();
  }

  moveTo(group: Group, track: Track | undefined): this {
    this.group = group;
    this.track = track;
    return this;
  }
}

/** How groups are kept. */
export interface GroupTerms {
  readonly most?: number;
  /** As of RttStats. */
  readonly window?: number;
  /** To be told of all RTTs. */
  readonly routes?: Routes | undefined;
  /** Whether the pairs of each flow by itself are asked for, too. */
  readonly areFlowsPaired?: boolean;
}

export class Groups<What extends object> {
  readonly #groups: Remembered<Group>;
  readonly #spare: GroupStats[] = [];
  /** Not closed with its flows: RTTs that come after would count the flow, and all that it has sent, again. */
  readonly #perFlow: PerFlow<Member>;
  readonly #keyOf: (event: RttEvent) => string;
  readonly #whatOf: (key: string) => What;
  readonly #window: number | undefined;
  readonly #routes: Routes | undefined;
  readonly #areFlowsPaired: boolean;

  /**
   * @param keyOf to which group a flow belongs in the event's direction: asked once, and again when it was forgotten
   * @param whatOf what is told of the group with this key
   */
  constructor(
    keyOf: (event: RttEvent) => string,
    whatOf: (key: string) => What,
    { most = MOST_GROUPS, window, routes, areFlowsPaired = false }: GroupTerms = {},
  ) {
    this.#keyOf = keyOf;
    this.#whatOf = whatOf;
    this.#window = window;
    this.#routes = routes;
    this.#areFlowsPaired = areFlowsPaired;
    this.#groups = new Remembered(most);
    this.#perFlow = new PerFlow((event, before) => this.#meet(event as RttEvent, before));
  }

  /**
   * @param pair where hosts are not the groups, that of its host
   * @returns what is valid until the flow's next RTT
   */
  record(event: RttEvent, rtt: number = event.rtt, pair?: Pair): Pairs {
    const member = this.#perFlow.of(event);
    const group = this.#groups.touch(member.group);
    member.group = group;
    // One that was forgotten comes back with this flow.
    if (group.flows === 0) group.flows = 1;
    group.stats ??= this.#spare.pop() ?? new GroupStats(this.#window);
    member.ofGroup = group.stats.record(event, rtt, pair);
    if (member.pairing) member.ofFlow = member.pairing.next(rtt, event.answer);
    if (member.track) member.track = this.#routes?.record(member.track, event, rtt);
    member.advance(event, group.stats.resent);
    return member;
  }

  /** Its next RTTs may belong to another group; those before stay where they are. */
  refresh(flowId: number): void {
    this.#perFlow.forget(flowId);
  }

  has(key: string): boolean {
    return this.#groups.get(key) !== undefined;
  }

  /** Which RTTs of a group tell the path best; of one that is not known all do. */
  kindOf(key: string): PathKind {
    return this.#groups.get(key)?.stats?.kind ?? 'all';
  }

  ranking(most: number): Ranking<What> {
    const totals = this.#groups.values().flatMap(totalsOf);
    totals.sort((a, b) => b.queueing - a.queueing || b.p99 - a.p99);
    const { size, forgotten } = this.#groups;
    const worst = totals
      .slice(0, most)
      .map(({ key, ...told }) => ({ ...this.#whatOf(key), ...told }));
    return { worst, size, forgotten };
  }

  /** Called seldom. Of more than 65,536 flows at a time some are counted again. */
  #meet(event: RttEvent, before: Member | undefined): Member {
    const key = this.#keyOf(event);
    if (before?.group.key === key) return before;
    const group = this.#groups.get(key) ?? new Group(key, this.#spare);
    group.flows++;
    const track = this.#routes?.trackOf(event, key);
    if (before) return before.moveTo(group, track);
    return new Member(group, track, this.#areFlowsPaired ? new Pairing() : undefined);
  }
}

/** None of one that nothing was recorded of. */
function totalsOf({ key, flows, stats }: Group): ({ readonly key: string } & GroupTotals)[] {
  if (!stats) return [];
  const { samples, least, median, p99, queueing, resent } = stats;
  const { bytes, share } = resent;
  return [{ key, flows, samples, least, median, p99, queueing, bytes, resent: share }];
}
