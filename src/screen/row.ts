/** A row of the live view: what was measured of a host, say, or of a flow, and how it looks at a time. */

import type { Protocol } from '../events/names.js';
import type { RttEvent } from '../events/types.js';
import type { Leasts } from '../summary/by-answer.js';
import type { Coverage } from '../summary/coverage.js';
import type { Peer } from '../summary/host-table.js';
import type { Memorable } from '../summary/recently-used.js';
import { Resent } from '../summary/resent.js';
import type { Side } from '../summary/sides.js';
import { WindowedLeast } from '../summary/windowed-least.js';
import { addTo } from './bounded.js';
import { FlowCount } from './flow-count.js';
import { Recent } from './recent.js';
import type { Sort } from './sorts.js';
import { Sparkline } from './sparkline.js';

/** A row as it was at a time, whatever it is of; durations in nanoseconds. What it has no figure of is undefined. */
export interface Look extends Figures {
  readonly name: string;
  /** As it is shown, where that may be another. */
  readonly shownName?: string;
  /** Of which there may be a row for each side or direction: the flow, the host, and so on. Undefined: none that counts. */
  readonly subject: string | undefined;
  readonly side: Side;
  readonly isClosed: boolean;
  /** Names of those where it was seen; empty where they are not known. */
  readonly interfaces: readonly string[];
  /** A bar for each slice of time. */
  readonly lastMinute: string;
}

type Figures = { readonly [name in Figure]?: number | undefined };
export type Figure = Sort | 'measured' | 'flows';

/** Of what is measured event by event. */
export interface RowLook extends Look {
  readonly last: number;
  /** Of the last window: what queueing is beyond. */
  readonly least: number;
  /** Of the last seconds it was heard of, as are the next two. */
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
  readonly samples: number;
  /** So many it has had; undefined where they are not counted. */
  readonly flows: number | undefined;
  /** The share of bytes that were sent again, ever; undefined where there were few. */
  readonly resent: number | undefined;
  /** Of a host, the share of bytes in flows with RTTs to it; undefined where that is all of them. */
  readonly measured: number | undefined;
  /** Since the last RTT. */
  readonly age: number;
}

/** What a row is of. */
export interface RowTerms {
  readonly key: string;
  readonly name: string;
  readonly side: Side;
  readonly protocol: Protocol;
  /** How far back the least looks, in ns. */
  readonly window: number;
  /** As of RowLook; without it the name. */
  readonly subject?: string;
  /** Where it is a host. */
  readonly peer?: Peer;
  /** What it is called by now, where that may change. */
  readonly called?: (() => string) | undefined;
  readonly areFlowsCounted?: boolean;
}

/** Of a row; containers come and go, and each may bring its own. */
const MOST_INTERFACES = 64;

export class Row implements Memorable {
  readonly terms: RowTerms;
  recent = new Recent();
  readonly lastMinute = new Sparkline();
  readonly resent = new Resent();
  samples = 0;
  /** Undefined where they are not counted. */
  flows: FlowCount | undefined;
  readonly interfaces = new Set<string>();
  readonly path: WindowedLeast;
  /** Of RTTs answered with data. */
  readonly dataPath: WindowedLeast;
  last = 0;
  /** Nanoseconds on the events' clock, as is `now` everywhere here. */
  lastSeen = 0;
  /** A flow that has come to its end. */
  isClosed = false;
  touched = 0;
  isForgotten = true;

  constructor(terms: RowTerms) {
    this.terms = terms;
    this.flows = terms.areFlowsCounted ? new FlowCount() : undefined;
    this.path = new WindowedLeast(terms.window);
    this.dataPath = new WindowedLeast(terms.window);
  }

  get key(): string {
    return this.terms.key;
  }

  get leasts(): Leasts {
    return { ofAll: this.path.value, ofData: this.dataPath.value };
  }

  release(): void {
    this.recent = new Recent();
    this.resent.clear();
    this.samples = 0;
    if (this.flows) this.flows = new FlowCount();
    this.interfaces.clear();
    this.path.clear();
    this.dataPath.clear();
  }

  /** RTTs of this flow are recorded here from now on. @param at its interface, where that is known */
  meet(flowId: number, at: string | undefined): void {
    this.flows?.meet(flowId);
    if (at !== undefined) addTo(this.interfaces, at, MOST_INTERFACES);
  }

  accept(event: RttEvent, now: number): void {
    const { rtt, intervalMinRtt } = event;
    this.samples += event.samples;
    const least = Math.min(rtt, intervalMinRtt);
    this.path.record(least, now);
    if (event.answer === 'data') this.dataPath.record(least, now);
    this.last = rtt;
    this.lastSeen = now;
    this.recent.record(rtt, event.answer, now);
    this.lastMinute.record(rtt, now);
  }
}

/** What is measured by another protocol than TCP has rows of its own, which say so. */
export function markedName(protocol: Protocol, name: string): string {
  return protocol === 'TCP' ? name : `${name} ${protocol}`;
}

export function lookOf(row: Row, now: number, coverage: Coverage): RowLook {
  const { isClosed, last, samples } = row;
  const { name, side, subject = name, called } = row.terms;
  const times = { last, least: row.path.value, ...row.recent.usual(row.leasts) };
  return {
    name: called?.() ?? name,
    subject,
    side,
    isClosed,
    ...times,
    samples,
    flows: row.flows?.total,
    interfaces: [...row.interfaces],
    resent: row.resent.share,
    measured: measuredShare(row, coverage),
    age: Math.max(0, now - row.lastSeen),
    lastMinute: row.lastMinute.text(now),
  };
}

/** Until the last RTT, and of what was without. */
function measuredShare({ terms, resent }: Row, coverage: Coverage): number | undefined {
  const uncovered = terms.peer && coverage.of(terms.peer, terms.protocol);
  if (!uncovered || uncovered.bytes === 0) return undefined;
  return resent.bytes / (resent.bytes + uncovered.bytes);
}
