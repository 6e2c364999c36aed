/** What the core has counted and could not hand over, as events; and the counts that may end a run. */
import type { Counters } from '../core/counters.js';
import type { Sink } from '../sink/sink.js';
import type { Pump } from './pump.js';

export interface LossReporterParts {
  readonly pump: Pump;
  readonly sink: Sink;
  /** The time, in ns on the clock of the events. */
  readonly now: () => bigint;
}

export class LossReporter {
  readonly #parts: LossReporterParts;
  #lost = { rtts: 0, flowEvents: 0 };

  constructor(parts: LossReporterParts) {
    this.#parts = parts;
  }

  /** What has been lost since the last time, as an event of its own. */
  report(counters: Counters): void {
    const { rttEventsLost, flowEventsLost } = counters;
    const { pump, sink, now } = this.#parts;
    pump.ending.acceptCarried(now(), counters);
    pump.ending.acceptCount('events-lost', rttEventsLost + flowEventsLost + sink.dropped);
    const lostRtts = rttEventsLost - this.#lost.rtts;
    const lostFlowEvents = flowEventsLost - this.#lost.flowEvents;
    if (lostRtts === 0 && lostFlowEvents === 0) return;
    this.#lost = { rtts: rttEventsLost, flowEvents: flowEventsLost };
    pump.lose({ type: 'loss', timestamp: now(), lostRtts, lostFlowEvents });
  }
}
