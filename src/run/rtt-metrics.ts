/** RTTs for metrics: of events, or of what the core has counted. Each counts once. */
import { labelOf } from '../attribution/label.js';
import type { Attribution, AttributionOf } from '../attribution/owner.js';
import type { Aggregate, AggregateOwner, DnsAggregate } from '../events/aggregate.js';
import { PerFlow } from '../events/per-flow.js';
import type { InterfacePlace } from '../events/places.js';
import type { DnsEvent, KernelEvent } from '../events/types.js';
import { countedDivision, eventDivision, type OfAggregate } from '../metrics/divisions.js';
import { CountedDns, EventDns } from '../metrics/dns.js';
import type { RttSeries } from '../metrics/exposition.js';
import { Prefixes } from '../metrics/prefix.js';
import { CountedRtts, EventRtts, type RttTerms } from '../metrics/rtts.js';
import {
  isByInterface,
  type Labels,
  labelsOfInterface,
  OTHERS,
  type Placed,
} from '../metrics/series.js';
import type { MetricsOptions } from '../options/options.js';
import { type Aggregation, areOnlyAggregated } from '../sampling/aggregation.js';
import { type OwnerOf, ownedBy } from '../summary/aggregated-who.js';
import { asciiText } from '../text/ascii.js';
import type { Consumer } from './consumer.js';

export interface RttParts {
  readonly options: Pick<MetricsOptions, 'by' | 'series'>;
  /** Labels of what is of one interface, besides its name. */
  readonly where: Labels;
  /** The interface that a place is at; of none that is known, the only one that there is. */
  readonly interfaceOf: (place?: number) => InterfacePlace | undefined;
  /** It has the lengths of prefixes, and says what RTTs are told by. */
  readonly aggregation: Aggregation;
  /** Whether there may be others than TCP. */
  readonly areProtocolsTold?: boolean | undefined;
  /** Undefined where it is not found out whose connections are. */
  readonly attributionOf: AttributionOf | undefined;
  /** Likewise, of those that the core counts together. */
  readonly ownerOf?: OwnerOf | undefined;
}

export class RttConsumer implements Consumer {
  readonly #parts: RttParts;
  readonly #owners: PerFlow<string>;
  readonly #rtts: EventRtts | CountedRtts;
  readonly #dns: EventDns | CountedDns;

  constructor(parts: RttParts) {
    this.#parts = parts;
    this.#owners = new PerFlow((event) => ownerLabel(parts.attributionOf?.(event)));
    const { areProtocolsTold } = parts;
    if (areOnlyAggregated(parts.aggregation)) {
      this.#rtts = new CountedRtts({ ...this.#countedTerms(), areProtocolsTold });
      this.#dns = new CountedDns(this.#countedTerms());
    } else {
      this.#rtts = new EventRtts({ ...this.#eventTerms(), areProtocolsTold });
      this.#dns = new EventDns(this.#eventTerms());
    }
  }

  /** What has been counted until now. */
  get series(): RttSeries {
    const { rtts, overdue } = this.#rtts;
    return { rtts, overdue, dns: this.#dns };
  }

  accept(event: KernelEvent): void {
    if (event.type === 'dns') this.#acceptDns(event);
    else if (this.#rtts instanceof EventRtts) this.#rtts.accept(event);
  }

  acceptAggregate(aggregate: Aggregate): void {
    if (this.#rtts instanceof CountedRtts) this.#rtts.acceptAggregate(aggregate);
  }

  acceptDnsAggregate(aggregate: DnsAggregate): void {
    if (this.#dns instanceof CountedDns) this.#dns.acceptAggregate(aggregate);
  }

  /** Its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    this.#owners.forget(flowId);
  }

  refreshAll(): void {
    this.#rtts.refreshAll();
    this.#dns.refreshAll();
  }

  #acceptDns(event: DnsEvent): void {
    if (this.#dns instanceof EventDns) this.#dns.accept(event);
  }

  #countedTerms(): RttTerms<OfAggregate & Placed> {
    const { options, aggregation } = this.#parts;
    const prefixes = new Prefixes(aggregation);
    const ownerOf = (owner: AggregateOwner) =>
      ownerLabel(ownedBy(owner, this.#parts.ownerOf).attribution);
    return { ...this.#bounds(), division: countedDivision(options.by, { prefixes, ownerOf }) };
  }

  #eventTerms(): RttTerms<KernelEvent> {
    const { options, aggregation } = this.#parts;
    const prefixes = new Prefixes(aggregation);
    const ownerOf = (event: KernelEvent) => this.#owners.of(event);
    return { ...this.#bounds(), division: eventDivision(options.by, { prefixes, ownerOf }) };
  }

  #bounds(): Pick<RttTerms<KernelEvent>, 'most' | 'labelsOf'> {
    const { by, series: most } = this.#parts.options;
    const labelsOf = isByInterface(by) ? (place?: number) => this.#labelsOf(place) : undefined;
    return { most, labelsOf };
  }

  #labelsOf(place?: number): Labels {
    const { where, interfaceOf } = this.#parts;
    return { ...where, ...labelsOfInterface(interfaceOf(place) ?? { interface: OTHERS }) };
  }
}

/** As the summary has it. */
function ownerLabel(attribution: Attribution | undefined): string {
  return asciiText(labelOf(attribution));
}
