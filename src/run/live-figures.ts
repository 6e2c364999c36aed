/** What is known of a run while it goes on, without asking for much. */
import type { Counters } from '../core/counters.js';
import { occupancyAfter, waitingAfter } from '../core/sweep.js';
import type { LiveSource } from '../live/source.js';
import type { RunFigures } from '../metrics/figures.js';
import type { LiveOptions } from '../options/options.js';
import type { Sink } from '../sink/sink.js';
import type { Totals } from '../summary/totals.js';
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { Sweeper } from './sweeper.js';

export interface LiveFiguresParts {
  readonly options: LiveOptions;
  readonly source: LiveSource;
  readonly sink: Sink;
  readonly totals: Totals;
  readonly sweeper: Pick<Sweeper, 'swept' | 'settings'>;
}

export class LiveFigures {
  readonly #parts: LiveFiguresParts;

  constructor(parts: LiveFiguresParts) {
    this.#parts = parts;
  }

  /** For the live view. */
  state() {
    const { source, sink, totals, sweeper } = this.#parts;
    const { swept, settings } = sweeper;
    return {
      attachMethod: source.attachMethod ?? '',
      counters: source.counters(),
      droppedLines: sink.dropped,
      undecodable: source.undecodable,
      settings,
      occupancy: occupancyAfter(swept),
      sides: totals.distributions(),
      dns: totals.dnsFigures(),
    };
  }

  /** For metrics. */
  figures(): RunFigures {
    const { source, sink, totals, options, sweeper } = this.#parts;
    const { swept, settings } = sweeper;
    const counters = source.counters();
    return {
      counters,
      flows: totals.flows,
      waiting: waitingAfter(swept),
      occupancy: occupancyAfter(swept),
      capacity: options.capacity,
      quic: swept.quic,
      settings,
      droppedLines: sink.dropped,
      undecodable: source.undecodable,
      backlog: source.backlog,
      interfaces: this.#tallies(counters),
      watched: source.interfaceNames.length,
      selfCost: source.selfCost(),
    };
  }

  /** Also of one interface alone. */
  #tallies({ egress, ingress, bytes }: Counters): InterfaceTally[] {
    const { source } = this.#parts;
    if (source.areSeveral) return source.tallies();
    const [name = ''] = source.interfaceNames;
    return [{ name, egress, ingress, bytes, isWatched: true }];
  }
}
