/** --metrics: what a run measures and knows, for whoever asks for it over HTTP. */
import { labelOf } from '../attribution/label.js';
import type { Attribution, AttributionOf } from '../attribution/owner.js';
import { HOOKS } from '../core/hooks.js';
import type { Aggregate } from '../events/aggregate.js';
import { PerFlow } from '../events/per-flow.js';
import type { InterfacePlace } from '../events/places.js';
import type { KernelEvent } from '../events/types.js';
import { Fault, messageOf } from '../faults.js';
import type { Notice } from '../format/formatter.js';
import { countedDivision, eventDivision } from '../metrics/divisions.js';
import { CONTENT_TYPE, expositionOf } from '../metrics/exposition.js';
import type { Reading } from '../metrics/families.js';
import type { ProcessFigures } from '../metrics/figures.js';
import { NoticeCounts } from '../metrics/notices.js';
import { Prefixes } from '../metrics/prefix.js';
import { CountedRtts, EventRtts } from '../metrics/rtts.js';
import { isByInterface, type Labels, labelsOfInterface, OTHERS } from '../metrics/series.js';
import { MetricsServer } from '../metrics/server.js';
import { BoundedTallies } from '../metrics/tallies.js';
import type { MetricsOptions } from '../options/options.js';
import { type Aggregation, areOnlyAggregated } from '../sampling/aggregation.js';
import { asciiText } from '../text/ascii.js';
import type { Consumer } from './consumer.js';
import type { LiveRun } from './live-run.js';

const US_PER_SECOND = 1e6;
const MS_PER_SECOND = 1e3;

export interface EndpointParts {
  readonly options: MetricsOptions;
  /** Labels of what is of one interface, besides its name. */
  readonly where: Labels;
  /** The interface that a place is at; of none that is known, the only one that there is. */
  readonly interfaceOf: (place?: number) => InterfacePlace | undefined;
  /** It has the lengths of prefixes, and says what RTTs are told by. */
  readonly aggregation: Aggregation;
  /** Undefined where it is not found out whose connections are. */
  readonly attributionOf: AttributionOf | undefined;
  /** Which pping this is. */
  readonly version: string;
}

export class MetricsEndpoint implements Consumer {
  readonly #parts: EndpointParts;
  readonly #rtts: EventRtts | CountedRtts;
  readonly #notices = new NoticeCounts();
  readonly #tallies: BoundedTallies;
  readonly #owners: PerFlow<string>;
  readonly #startSeconds = Date.now() / MS_PER_SECOND - process.uptime();
  #server: MetricsServer | undefined;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.#owners = new PerFlow((event) => ownerText(parts.attributionOf?.(event)));
    // Each has a label set for either hook.
    this.#tallies = new BoundedTallies(Math.ceil(parts.options.series / HOOKS.length));
    this.#rtts = this.#createRtts();
  }

  /** Answers from now on. @param fd of the socket that listens; the endpoint's from now on */
  async open(run: LiveRun, fd: number): Promise<void> {
    this.#server = new MetricsServer({
      text: () => expositionOf(this.#rtts, this.#read(run)),
      contentType: CONTENT_TYPE,
      isHealthy: () => run.isDraining,
      isOver: () => run.isOver,
    });
    try {
      await this.#server.listen(fd);
    } catch (error) {
      throw new Fault(`metrics cannot be served: ${messageOf(error)}`, { cause: error });
    }
  }

  accept(event: KernelEvent): void {
    if (this.#rtts instanceof EventRtts) this.#rtts.accept(event);
  }

  acceptAggregate(aggregate: Aggregate): void {
    if (this.#rtts instanceof CountedRtts) this.#rtts.acceptAggregate(aggregate);
  }

  notice(notice: Notice): boolean {
    return this.#notices.notice(notice);
  }

  /** Its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    this.#owners.forget(flowId);
  }

  refreshAll(): void {
    this.#rtts.refreshAll();
  }

  /** Answers nobody any more. */
  close(): void {
    this.#server?.close();
  }

  /** Each RTT counts once. */
  #createRtts(): EventRtts | CountedRtts {
    const { options, aggregation } = this.#parts;
    const { by, series: most } = options;
    const prefixes = new Prefixes(aggregation);
    const labelsOf = isByInterface(by) ? (place?: number) => this.#labelsOf(place) : undefined;
    const terms = { most, labelsOf };
    if (areOnlyAggregated(aggregation))
      return new CountedRtts({ ...terms, division: countedDivision(by, prefixes) });
    const ownerOf = (event: KernelEvent) => this.#owners.of(event);
    return new EventRtts({ ...terms, division: eventDivision(by, { prefixes, ownerOf }) });
  }

  #labelsOf(place?: number): Labels {
    const { where, interfaceOf } = this.#parts;
    return { ...where, ...labelsOfInterface(interfaceOf(place) ?? { interface: OTHERS }) };
  }

  #read(run: LiveRun): Reading {
    const { where, version } = this.#parts;
    const figures = run.figures();
    return {
      run: { ...figures, interfaces: this.#tallies.bounded(figures.interfaces) },
      process: this.#process(),
      notices: this.#notices,
      versions: { version, node: process.version },
      where,
    };
  }

  #process(): ProcessFigures {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / US_PER_SECOND,
      residentBytes: process.memoryUsage.rss(),
      startSeconds: this.#startSeconds,
    };
  }
}

/** As the summary has it. */
function ownerText(attribution: Attribution | undefined): string {
  return asciiText(labelOf(attribution));
}
