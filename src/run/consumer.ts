/** Who is told what a run measures: the output, totals, conditions, the live view. A new output is one more of these. */
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import type { KernelEvent, LossEvent } from '../events/types.js';
import type { Notice } from '../format/formatter.js';

export interface Consumer {
  /** Reads what it wants of the event before it returns: the next one takes its place. */
  accept(event: KernelEvent): void;
  /** RTTs of an interval, which the core has counted and tells by nothing else; all of it at once. */
  acceptAggregate?(aggregate: Aggregate): void;
  /** The same of response times of DNS. */
  acceptDnsAggregate?(aggregate: DnsAggregate): void;
  /** The attribution of this flow has become known, or has changed: what was made of it is no longer right. */
  refresh?(flowId: number): void;
  /** Interfaces go by other names: what was made of any flow is no longer right. */
  refreshAll?(): void;
  /** Events that the core could not hand over. */
  lose?(event: LossEvent): void;
  /** What pping says of the run. @returns whether it is among the data now, and people need not be notified */
  notice?(notice: Notice): boolean;
  /** Nothing more comes for now: hands on what has been kept. */
  flush?(): void;
}
