import type { Event } from '../events/types.js';
import type { GovernorStep } from '../sampling/governor.js';
import type { AggregateFigures, SideAggregates } from '../summary/aggregates.js';
import type { DnsAggregateFigures, DnsSideAggregates } from '../summary/dns-aggregates.js';
import type { DnsIntervalFigures } from '../summary/dns-intervals.js';
import type { IntervalFigures } from '../summary/intervals.js';
import type { RouteChange } from '../summary/routes.js';
import type { RunTotals } from '../summary/run-totals.js';
import type { InterfaceChange } from '../visibility/interface-change.js';
import type { Sighting } from '../visibility/sightings.js';
import type { Chunk } from './chunk.js';

/** What pping has to say of itself; times as in events. */
export type Notice =
  | (GovernorStep & { readonly type: 'governor'; readonly timestamp: bigint })
  | { readonly type: 'interface'; readonly timestamp: bigint; readonly change: InterfaceChange }
  | { readonly type: 'visibility'; readonly timestamp: bigint; readonly sighting: Sighting }
  | { readonly type: 'route'; readonly timestamp: bigint; readonly change: RouteChange }
  | {
      readonly type: 'interval';
      /** When it ended. */
      readonly timestamp: bigint;
      /** How long it was, in nanoseconds. */
      readonly length: bigint;
      readonly figures: IntervalFigures;
    }
  | {
      /** The same of DNS, which has no RTTs. */
      readonly type: 'dns_interval';
      readonly timestamp: bigint;
      readonly length: bigint;
      readonly figures: DnsIntervalFigures;
    }
  | {
      readonly type: 'aggregates';
      /** When the interval ended. */
      readonly timestamp: bigint;
      /** How long it was, in nanoseconds. */
      readonly length: bigint;
      /** Of RTTs; none where DNS alone is measured. */
      readonly sides: readonly SideAggregates[];
      /** Of response times of DNS; none where that is not measured. */
      readonly dns?: readonly DnsSideAggregates[] | undefined;
    }
  | {
      /** One of them by itself, for programs. */
      readonly type: 'aggregate';
      readonly timestamp: bigint;
      readonly length: bigint;
      readonly figures: AggregateFigures;
    }
  | {
      /** Likewise, of response times of DNS. */
      readonly type: 'dns_aggregate';
      readonly timestamp: bigint;
      readonly length: bigint;
      readonly figures: DnsAggregateFigures;
    }
  | {
      readonly type: 'summary';
      readonly timestamp: bigint;
      /** False for those at intervals. */
      readonly final: boolean;
      readonly totals: RunTotals;
    };

/** Writes events, a line each. */
export interface Formatter {
  /** ASCII, ending included: what an output begins with, unless it goes on with a file that has something in it. */
  readonly heading?: string;
  format(event: Event, chunk: Chunk): void;
  /** The attribution of this flow has become known, or has changed: what was made of it is no longer right. */
  refresh?(flowId: number): void;
  /** Interfaces go by other names: likewise of any flow. */
  refreshAll?(): void;
  /** @returns whether it has a place among the data: if not, people are told on stderr */
  notice?(notice: Notice, chunk: Chunk): boolean;
}
