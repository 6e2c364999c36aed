/** Events, from the source to all who want them, in order. */
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import { areOwnersSought, haveOwners } from '../events/names.js';
import { isClosing, isMetInMidStream, isOpening } from '../events/per-flow.js';
import type { AttributionEvent, KernelEvent, LossEvent } from '../events/types.js';
import type { Notice } from '../format/formatter.js';
import type { Attributions } from '../owners/attributions.js';
import type { EarlierConnections } from '../owners/earlier-connections.js';
import type { PendingOwners } from '../owners/pending-owners.js';
import type { PidFilter } from '../owners/pid-filter.js';
import type { Consumer } from './consumer.js';
import type { Ending } from './ending.js';

export interface PumpParts {
  /** In the order in which each event is told. */
  readonly consumers: readonly Consumer[];
  /** Told last of each event: it decides whether there is another. */
  readonly ending: Ending;
  /** Undefined where nothing is known of flows beyond their packets. */
  readonly attributions?: Attributions | undefined;
  /** Undefined where nobody looks for owners of what was met in mid-stream. */
  readonly earlier?: Pick<EarlierConnections, 'want'> | undefined;
  /** Undefined where no owner is told later than events. */
  readonly pending?: PendingOwners | undefined;
  /** Undefined where all are wanted. */
  readonly pidFilter?: PidFilter | undefined;
}

export class Pump {
  readonly ending: Ending;
  readonly #consumers: readonly Consumer[];
  readonly #attributions: Attributions | undefined;
  readonly #earlier: Pick<EarlierConnections, 'want'> | undefined;
  readonly #pending: PendingOwners | undefined;
  readonly #pidFilter: PidFilter | undefined;

  constructor({ consumers, ending, attributions, earlier, pending, pidFilter }: PumpParts) {
    this.ending = ending;
    this.#consumers = [...consumers, ending];
    this.#attributions = attributions;
    this.#earlier = earlier;
    this.#pending = pending;
    this.#pidFilter = pidFilter;
  }

  readonly accept = (event: KernelEvent): void => {
    if (this.ending.isOver) return;
    this.#attributions?.touch(event.flowId);
    if (this.#earlier && isMetInMidStream(event) && this.#isAwaited(event)) {
      this.#earlier.want();
    }
    if (this.#pending) this.#handOnAll(this.#pending.accept(event));
    else if (!this.#pidFilter) this.#handOn(event);
    else {
      this.#handOnAll(this.#pidFilter.accept(event));
      if (isClosing(event)) this.#attributions?.close(event.flowId);
    }
  };

  /** Of an interval that is over, where RTTs are told by nothing else. */
  acceptAggregates(aggregates: readonly Aggregate[]): void {
    for (const aggregate of aggregates) {
      for (const consumer of this.#consumers) consumer.acceptAggregate?.(aggregate);
    }
  }

  /** The same of response times of DNS. */
  acceptDnsAggregates(aggregates: readonly DnsAggregate[]): void {
    for (const aggregate of aggregates) {
      for (const consumer of this.#consumers) consumer.acceptDnsAggregate?.(aggregate);
    }
  }

  /** What is told of a flow, before the events that it is about. */
  readonly acceptAttribution = (event: AttributionEvent): void => {
    this.#attributions?.accept(event);
  };

  /** Names that were not to be had before may be there by now. */
  retryNames(): void {
    this.#attributions?.retry();
  }

  /** This flow's attribution has become known, or has changed: what comes from now on is to have it. */
  refresh(flowId: number): void {
    for (const consumer of this.#consumers) consumer.refresh?.(flowId);
    this.#handOnAll(this.#pending?.release(flowId) ?? this.#pidFilter?.release(flowId));
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    for (const consumer of this.#consumers) consumer.refreshAll?.();
  }

  lose(event: LossEvent): void {
    for (const consumer of this.#consumers) consumer.lose?.(event);
  }

  /** @returns false where notices have no place among the data */
  notice(notice: Notice): boolean {
    let isTold = false;
    for (const consumer of this.#consumers) isTold = consumer.notice?.(notice) || isTold;
    return isTold;
  }

  /** Nothing more will be told: what waits for an owner goes on without; for a process, if its listener was wanted. */
  settle(): void {
    this.#handOnAll(this.#pending?.all() ?? this.#pidFilter?.settle());
  }

  flush(): void {
    this.#handOnAll(this.#pending?.expired() ?? this.#pidFilter?.expired());
    for (const consumer of this.#consumers) consumer.flush?.();
  }

  #isAwaited({ flowId, protocol }: KernelEvent): boolean {
    return areOwnersSought(protocol) && this.#attributions?.isAwaited(flowId) === true;
  }

  #handOnAll(events: readonly KernelEvent[] = []): void {
    for (const event of events) if (!this.ending.isOver) this.#handOn(event);
  }

  #handOn(event: KernelEvent): void {
    if (isOpening(event) && haveOwners(event.protocol)) this.#attributions?.open(event.flowId);
    for (const consumer of this.#consumers) consumer.accept(event);
    if (isClosing(event)) this.#attributions?.close(event.flowId);
  }
}
