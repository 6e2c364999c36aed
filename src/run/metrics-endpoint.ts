/** --metrics: what a run measures and knows, for whoever asks for it over HTTP. */
import { HOOKS } from '../core/hooks.js';
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import type { KernelEvent } from '../events/types.js';
import { Fault, messageOf } from '../faults.js';
import type { Notice } from '../format/formatter.js';
import { CONTENT_TYPE, expositionOf } from '../metrics/exposition.js';
import type { Reading } from '../metrics/families.js';
import type { ProcessFigures } from '../metrics/figures.js';
import { MeasurableBytes } from '../metrics/measurable-bytes.js';
import { NoticeCounts } from '../metrics/notices.js';
import { MetricsServer } from '../metrics/server.js';
import { BoundedTallies } from '../metrics/tallies.js';
import type { MetricsOptions } from '../options/options.js';
import type { Label } from '../text/label.js';
import type { Consumer } from './consumer.js';
import type { LiveRun } from './live-run.js';
import { RttConsumer, type RttParts } from './rtt-metrics.js';

const US_PER_SECOND = 1e6;
const MS_PER_SECOND = 1e3;

export interface EndpointParts extends RttParts {
  readonly options: MetricsOptions;
  /** Labels of all metrics. */
  readonly labels: readonly Label[];
  /** Which pping this is. */
  readonly version: string;
}

export class MetricsEndpoint implements Consumer {
  readonly #parts: EndpointParts;
  readonly #rtts: RttConsumer;
  readonly #notices = new NoticeCounts();
  readonly #measurableBytes = new MeasurableBytes();
  readonly #tallies: BoundedTallies;
  readonly #startSeconds = Date.now() / MS_PER_SECOND - process.uptime();
  #server: MetricsServer | undefined;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    // Each has a label set for either hook.
    this.#tallies = new BoundedTallies(Math.ceil(parts.options.series / HOOKS.length));
    this.#rtts = new RttConsumer(parts);
  }

  /** Answers from now on. @param fd of the socket that listens; the endpoint's from now on */
  async open(run: LiveRun, fd: number): Promise<void> {
    this.#server = new MetricsServer({
      text: () => expositionOf(this.#rtts.series, this.#read(run)),
      contentType: CONTENT_TYPE,
      isHealthy: () => run.isDraining,
      isOver: () => run.isOver,
    });
    try {
      await this.#server.listen(fd);
    } catch (error) {
      throw new Fault(`cannot serve metrics: ${messageOf(error)}`, { cause: error });
    }
  }

  accept(event: KernelEvent): void {
    this.#rtts.accept(event);
  }

  acceptAggregate(aggregate: Aggregate): void {
    this.#rtts.acceptAggregate(aggregate);
  }

  acceptDnsAggregate(aggregate: DnsAggregate): void {
    this.#rtts.acceptDnsAggregate(aggregate);
  }

  notice(notice: Notice): boolean {
    return this.#notices.notice(notice);
  }

  refresh(flowId: number): void {
    this.#rtts.refresh(flowId);
  }

  refreshAll(): void {
    this.#rtts.refreshAll();
  }

  /** Answers nobody any more. */
  close(): void {
    this.#server?.close();
  }

  #read(run: LiveRun): Reading {
    const { where, labels, version } = this.#parts;
    const figures = run.figures();
    return {
      run: { ...figures, interfaces: this.#tallies.bounded(figures.interfaces) },
      measurableBytes: this.#measurableBytes.read(figures.counters),
      process: this.#process(),
      notices: this.#notices,
      versions: { version, node: process.version },
      where,
      labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
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
