/** Response times of DNS as Prometheus wants them: apart from RTTs. */
import type { DnsAggregate } from '../events/aggregate.js';
import type { DnsEvent, KernelEvent } from '../events/types.js';
import { SIDES, type Side, sideOf } from '../summary/sides.js';
import { Count, RttHistogram, type RttTerms } from './rtts.js';
import { BoundedSeries, type Labels, type Placed } from './series.js';

/** Of what the core has counted itself. */
export interface CountedQueries extends Placed {
  readonly aggregate: DnsAggregate;
}

/** What has been counted, by labels. */
class DnsSeries<Source extends Placed> {
  readonly times: BoundedSeries<Source, RttHistogram>;
  /** Responses, by their code. */
  readonly responses: BoundedSeries<Source, Count>;
  /** Queries that nothing has answered. */
  readonly unanswered: BoundedSeries<Source, Count>;
  /** Always the same object for the same labels. */
  readonly #kinds: Record<Side, Map<string | undefined, Labels>>;

  constructor(terms: RttTerms<Source>) {
    this.times = new BoundedSeries({ ...terms, make: () => new RttHistogram() });
    this.responses = new BoundedSeries({ ...terms, make: () => new Count() });
    this.unanswered = new BoundedSeries({ ...terms, make: () => new Count() });
    const none = SIDES.map((side) => [side, new Map()]);
    this.#kinds = Object.fromEntries(none) as Record<Side, Map<string | undefined, Labels>>;
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.times.refreshAll();
    this.responses.refreshAll();
    this.unanswered.refreshAll();
  }

  /** @param rcode undefined where it is told by no label */
  protected kindOf(side: Side, rcode?: string): Labels {
    const kinds = this.#kinds[side];
    let kind = kinds.get(rcode);
    if (!kind) {
      kind = rcode === undefined ? { side } : { side, rcode };
      kinds.set(rcode, kind);
    }
    return kind;
  }
}

/** Of what is told event by event: response times have the label rcode, too. */
export class EventDns extends DnsSeries<KernelEvent> {
  accept(event: DnsEvent): void {
    const { responseTime, rcode } = event;
    const side = sideOf(event);
    if (responseTime === undefined || rcode === undefined) {
      this.unanswered.of(event, this.kindOf(side)).count++;
      return;
    }
    const kind = this.kindOf(side, rcode);
    this.times.of(event, kind).record(responseTime, 1);
    this.responses.of(event, kind).count++;
  }
}

/** Of what the core has counted, which does not know how long those of each code took. */
export class CountedDns extends DnsSeries<CountedQueries> {
  /** Queries that were answered, but sent again: there is no event of them. */
  readonly ambiguous: BoundedSeries<CountedQueries, Count>;

  constructor(terms: RttTerms<CountedQueries>) {
    super(terms);
    this.ambiguous = new BoundedSeries({ ...terms, make: () => new Count() });
  }

  override refreshAll(): void {
    super.refreshAll();
    this.ambiguous.refreshAll();
  }

  acceptAggregate(aggregate: DnsAggregate): void {
    const { side, isOthers, reported, unanswered, ambiguous, rcodes } = aggregate;
    const counted = { place: isOthers ? undefined : aggregate.place, aggregate };
    const kind = this.kindOf(side);
    if (reported > 0)
      this.times.of(counted, kind).recordCounted({ ...aggregate, samples: reported });
    if (unanswered > 0) this.unanswered.of(counted, kind).count += unanswered;
    if (ambiguous > 0) this.ambiguous.of(counted, kind).count += ambiguous;
    for (const [rcode, number] of rcodes) {
      this.responses.of(counted, this.kindOf(side, rcode)).count += number;
    }
  }
}
