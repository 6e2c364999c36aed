/** RTTs for metrics: of events, or of what the core has counted. Each counts once. */
import { labelOf } from '../attribution/label.js';
import type { Attribution, AttributionOf } from '../attribution/owner.js';
import type { Aggregate, AggregateOwner } from '../events/aggregate.js';
import { PerFlow } from '../events/per-flow.js';
import type { InterfacePlace } from '../events/places.js';
import type { KernelEvent } from '../events/types.js';
import { countedDivision, eventDivision } from '../metrics/divisions.js';
import type { RttSeries } from '../metrics/exposition.js';
import { Prefixes } from '../metrics/prefix.js';
import { CountedRtts, EventRtts } from '../metrics/rtts.js';
import { isByInterface, type Labels, labelsOfInterface, OTHERS } from '../metrics/series.js';
import type { MetricsOptions } from '../options/options.js';
import { type Aggregation, areOnlyAggregated } from '../sampling/aggregation.js';
import { type OwnerOf, ownedBy } from '../summary/aggregates.js';
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

  constructor(parts: RttParts) {
    this.#parts = parts;
    this.#owners = new PerFlow((event) => ownerLabel(parts.attributionOf?.(event)));
    this.#rtts = this.#create();
  }

  /** What has been counted until now. */
  get series(): RttSeries {
    return this.#rtts;
  }

  accept(event: KernelEvent): void {
    if (this.#rtts instanceof EventRtts) this.#rtts.accept(event);
  }

  acceptAggregate(aggregate: Aggregate): void {
    if (this.#rtts instanceof CountedRtts) this.#rtts.acceptAggregate(aggregate);
  }

  /** Its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    this.#owners.forget(flowId);
  }

  refreshAll(): void {
    this.#rtts.refreshAll();
  }

  #create(): EventRtts | CountedRtts {
    const { options, aggregation, areProtocolsTold } = this.#parts;
    const { by, series: most } = options;
    const prefixes = new Prefixes(aggregation);
    const labelsOf = isByInterface(by) ? (place?: number) => this.#labelsOf(place) : undefined;
    const terms = { most, labelsOf, areProtocolsTold };
    if (areOnlyAggregated(aggregation)) {
      const ownerOf = (owner: AggregateOwner) =>
        ownerLabel(ownedBy(owner, this.#parts.ownerOf).attribution);
      return new CountedRtts({ ...terms, division: countedDivision(by, { prefixes, ownerOf }) });
    }
    const ownerOf = (event: KernelEvent) => this.#owners.of(event);
    return new EventRtts({ ...terms, division: eventDivision(by, { prefixes, ownerOf }) });
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
