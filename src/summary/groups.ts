/** RTTs by what flows have in common. */
import { LEAST_DIRECTIONS } from '../core/map-memory.js';
import { copyOf, FlowTable } from '../events/flow-table.js';
import type { RttEvent } from '../events/types.js';
import type { KeyTable } from './key-table.js';
import { nextPair, type Pair, type PathKind } from './path-kind.js';
import { againIn, bytesIn, Resent } from './resent.js';
import type { Routes } from './routes.js';
import { RttStats } from './rtt-stats.js';

/** A busy server meets millions of hosts in a day. */
export const MOST_GROUPS = 4_096;

/** What is told of a group; durations in nanoseconds. */
export interface GroupTotals {
  /** Those with RTTs in it: one that has come from another group counts in both. */
  readonly flows: number;
  readonly samples: number;
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
  /** Which RTTs tell its path best. */
  readonly kind: PathKind;
  /** What answered these: of a kind by itself also where there is no other. */
  readonly answered: PathKind;
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

/** What tells groups apart. */
export interface GroupKeys<What> extends KeyTable {
  /** To which group a flow belongs in the event's direction; below 0: it is not there. */
  find(event: RttEvent): number;
  /** Of an event that was looked for last, and not found. */
  add(event: RttEvent): number;
  /** What is told of the group. */
  whatAt(at: number): What;
}

/** Of an RTT and the one before. */
export interface Pairs {
  /** As of their group, or as it was told. */
  readonly ofGroup: Pair;
  /** As of their flow, where that was asked for. */
  readonly ofFlow: Pair;
}

/** How groups are kept. */
export interface GroupTerms {
  readonly most?: number;
  /** Of flows. RTTs of more, once they come again, count as those of a new flow. */
  readonly mostDirections?: number;
  /** As of RttStats. */
  readonly window?: number;
  /** To be told of all RTTs. */
  readonly routes?: Routes | undefined;
  /** Whether the pairs of each flow by itself are asked for, too. */
  readonly areFlowsPaired?: boolean;
}

/** Of a flow four numbers, beside each other: payload both ways, of that sent again, its group, and that group's life. */
const ROW = 4;
const [BYTES, AGAIN, GROUP, LIFE] = [0, 1, 2, 3] as const;
/** Of a group, of which none is to be found out anew. */
const UNKNOWN = -1;

class Group {
  flows = 0;
  readonly resent = new Resent();
  readonly stats: RttStats;

  constructor(window: number | undefined) {
    this.stats = new RttStats(window);
  }

  /** It is another's from now on. */
  clear(): void {
    this.flows = 0;
    this.resent.clear();
    this.stats.clear();
  }
}

export class Groups<What extends object> {
  readonly #keys: GroupKeys<What>;
  /** By the numbers of their keys. */
  readonly #groups: Group[] = [];
  /** Not closed with its flows: RTTs that come after would count the flow, and all that it has sent, again. */
  readonly #flows: FlowTable;
  /** ROW numbers of each flow. */
  #rows: Float64Array;
  /** Of each flow, as nextPair() has them; of none where nobody asks for its pairs. */
  #lasts: Float64Array;
  readonly #pairs: { -readonly [Of in keyof Pairs]: Pairs[Of] } = {
    ofGroup: 'none',
    ofFlow: 'none',
  };
  readonly #window: number | undefined;
  readonly #routes: Routes | undefined;
  readonly #areFlowsPaired: boolean;

  constructor(
    keys: GroupKeys<What>,
    { mostDirections = LEAST_DIRECTIONS, window, routes, areFlowsPaired = false }: GroupTerms = {},
  ) {
    this.#keys = keys;
    this.#window = window;
    this.#routes = routes;
    this.#areFlowsPaired = areFlowsPaired;
    this.#flows = new FlowTable(mostDirections);
    this.#rows = new Float64Array(ROW * this.#flows.room);
    this.#lasts = new Float64Array(areFlowsPaired ? this.#flows.room : 0);
  }

  /**
   * @param pair where hosts are not the groups, that of its host
   * @returns what is valid until the next RTT
   */
  record(event: RttEvent, rtt: number = event.rtt, pair?: Pair): Pairs {
    const found = this.#flows.find(event);
    const flow = found >= 0 ? found : this.#meet(event);
    const group = this.#groups[this.#groupOf(flow, event)] as Group;
    this.#pairs.ofGroup = group.stats.record(event, rtt, pair);
    if (this.#areFlowsPaired) this.#pairs.ofFlow = nextPair(this.#lasts, flow, rtt, event.answer);
    this.#routes?.record(flow, event, rtt);
    this.#advance(ROW * flow, event, group.resent);
    return this.#pairs;
  }

  /** Its next RTTs may belong to another group; those before stay where they are. */
  refresh(flowId: number): void {
    for (const flow of this.#flows.numbersOf(flowId)) {
      const group = this.#rows[ROW * flow + GROUP] as number;
      if (group >= 0) this.#rows[ROW * flow + GROUP] = -1 - group;
    }
  }

  ranking(most: number): Ranking<What> {
    const totals = this.#groups.map((group, at) => totalsOf(at, group));
    totals.sort((a, b) => b.queueing - a.queueing || b.p99 - a.p99);
    const { size, forgotten } = this.#keys;
    const worst = totals
      .slice(0, most)
      .map(({ at, ...told }) => ({ ...this.#keys.whatAt(at), ...told }));
    return { worst, size, forgotten };
  }

  /** Which RTTs of a group tell the path best; of one that is not there all do. */
  protected kindAt(at: number): PathKind {
    return at < 0 ? 'all' : (this.#groups[at] as Group).stats.kind;
  }

  /** A flow that is not known, or not any more. */
  #meet(event: RttEvent): number {
    const flow = this.#flows.add(event);
    const { room } = this.#flows;
    if (ROW * room > this.#rows.length) this.#makeRoom(room);
    this.#clearRow(ROW * flow);
    this.#routes?.meet(flow, room);
    if (this.#areFlowsPaired) this.#lasts[flow] = 0;
    return flow;
  }

  #makeRoom(room: number): void {
    this.#rows = copyOf(this.#rows, new Float64Array(ROW * room));
    if (this.#areFlowsPaired) this.#lasts = copyOf(this.#lasts, new Float64Array(room));
  }

  #clearRow(row: number): void {
    this.#rows[row + BYTES] = this.#rows[row + AGAIN] = 0;
    this.#rows[row + GROUP] = this.#rows[row + LIFE] = UNKNOWN;
  }

  /** As a rule it is known, and still the same. */
  #groupOf(flow: number, event: RttEvent): number {
    const row = ROW * flow;
    const at = this.#rows[row + GROUP] as number;
    const isKnown = at >= 0 && this.#keys.lifeOf(at) === this.#rows[row + LIFE];
    if (!isKnown) return this.#findGroup(row, event);
    this.#keys.touch(at);
    return at;
  }

  #findGroup(row: number, event: RttEvent): number {
    const before = -1 - (this.#rows[row + GROUP] as number);
    const life = this.#rows[row + LIFE];
    const found = this.#keys.find(event);
    if (found >= 0) this.#keys.touch(found);
    const at = found >= 0 ? found : this.#addGroup(event);
    // It was looked for again, and is in it already.
    if (at !== before || this.#keys.lifeOf(at) !== life) (this.#groups[at] as Group).flows++;
    this.#rows[row + GROUP] = at;
    this.#rows[row + LIFE] = this.#keys.lifeOf(at);
    return at;
  }

  #addGroup(event: RttEvent): number {
    const at = this.#keys.add(event);
    const group = this.#groups[at];
    if (group) group.clear();
    else this.#groups[at] = new Group(this.#window);
    return at;
  }

  /** Adds what has come since the flow's last event. Those of a handshake may come late, with less. */
  #advance(row: number, event: RttEvent, to: Resent): void {
    const bytes = bytesIn(event);
    const before = this.#rows[row + BYTES] as number;
    if (bytes < before) return;
    const again = againIn(event);
    to.addSent(event.protocol, bytes - before, again - (this.#rows[row + AGAIN] as number));
    this.#rows[row + BYTES] = bytes;
    this.#rows[row + AGAIN] = again;
  }
}

function totalsOf(
  at: number,
  { flows, stats, resent }: Group,
): { readonly at: number } & GroupTotals {
  const { samples, least, median, p99, queueing, kind, answered } = stats;
  const { bytes, share } = resent;
  const times = { samples, least, median, p99, queueing, kind, answered };
  return { at, flows, ...times, bytes, resent: share };
}
