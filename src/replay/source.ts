/** A capture's packets as a source of events: the core, and what reads its events. */
import type { Counters } from '../core/counters.js';
import type { SweepOptions, SweepResult } from '../core/sweep.js';
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import { type Anonymizer, anonymizedNetworks } from '../events/anonymizer.js';
import type { KernelEvent } from '../events/types.js';
import { RecordView } from '../events/view.js';
import type { Settings } from '../sampling/policy.js';
import type { ReplayCore } from './core.js';

export class ReplaySource {
  readonly core: ReplayCore;
  readonly #view: RecordView;
  readonly #anonymizer: Anonymizer | undefined;

  /** @param anonymizer undefined: addresses are told as they are */
  constructor(core: ReplayCore, anonymizer?: Anonymizer) {
    this.core = core;
    this.#view = new RecordView(anonymizer);
    this.#anonymizer = anonymizer;
  }

  /** Hands over all events that there are, each to be read before it returns. @returns how many */
  drain({ onEvent }: { readonly onEvent: (event: KernelEvent) => void }): number {
    let events = 0;
    this.core.drain((bytes, offset, length) => {
      onEvent(this.#view.at(bytes, offset, length));
      events++;
    });
    return events;
  }

  /** Changes the settings. */
  set(settings: Settings): void {
    this.core.set(settings);
  }

  /** @param makeRoom drains: the core has room for some events only */
  sweep(
    { now = this.core.progress.latest, flush = false }: SweepOptions,
    makeRoom: () => void | Promise<void>,
  ): Promise<SweepResult> {
    return this.core.sweep({ now, flush }, makeRoom);
  }

  /** What has been counted of RTTs since the last time, where that was asked for. */
  takeAggregates(): (Aggregate | DnsAggregate)[] {
    return anonymizedNetworks(this.core.takeAggregates(), this.#anonymizer);
  }

  counters(): Counters {
    return this.core.counters();
  }

  /** Its memory is the process's own. */
  close(): void {}
}
