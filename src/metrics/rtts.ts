/** RTTs as Prometheus wants them: counted from the start of the run, in classic histograms. */
import { ANSWERS, type KernelEvent, type OverdueEvent, type RttEvent } from '../events/types.js';
import { SIDES, sideOf } from '../summary/sides.js';
import { EDGES } from './edges.js';
import { BoundedSeries, type Labels, type Placed, type SeriesParts } from './series.js';

/** Of one label set. */
export class RttHistogram {
  /** How many were at most each edge, and beyond the one before it; the last one has no edge. */
  readonly counts = new Float64Array(EDGES.length + 1);
  /** ns */
  sum = 0;
  /** Those held back by --report-interval included. */
  samples = 0;

  /** @param rtt in ns; it is one RTT, for however many samples it stands: the others were of other lengths */
  record(rtt: number, samples: number): void {
    let at = 0;
    while (at < EDGES.length && rtt > (EDGES[at] as number)) at++;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += rtt;
    this.samples += samples;
  }

  /** What it is now. */
  copy(): RttHistogram {
    const copy = new RttHistogram();
    copy.counts.set(this.counts);
    copy.sum = this.sum;
    copy.samples = this.samples;
    return copy;
  }
}

export class Count {
  count = 0;
}

export type RttTerms<Source> = Omit<SeriesParts<Source, unknown>, 'make'>;

/** What has been counted, by labels. */
export class RttMetrics<Source extends Placed> {
  readonly rtts: BoundedSeries<Source, RttHistogram>;
  readonly overdue: BoundedSeries<Source, Count>;

  constructor(terms: RttTerms<Source>) {
    this.rtts = new BoundedSeries({ ...terms, make: () => new RttHistogram() });
    this.overdue = new BoundedSeries({ ...terms, make: () => new Count() });
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.rtts.refreshAll();
    this.overdue.refreshAll();
  }
}

/** Of what is told event by event: a consumer of a run's events. */
export class EventRtts extends RttMetrics<KernelEvent> {
  accept(event: KernelEvent): void {
    if (event.type === 'rtt') this.#acceptRtt(event);
    else if (event.type === 'overdue') this.#acceptOverdue(event);
  }

  #acceptRtt(event: RttEvent): void {
    const kind = KINDS[sideOf(event)][event.answer];
    this.rtts.of(event, kind).record(event.rtt, event.samples);
  }

  #acceptOverdue(event: OverdueEvent): void {
    this.overdue.of(event, KINDS[sideOf(event)].any).count++;
  }
}

/** By side and by what has answered; `any` of what nothing has. */
const KINDS = table(SIDES, (side) => ({
  ...table(ANSWERS, (answer): Labels => ({ side, answer })),
  any: { side } as Labels,
}));

function table<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
