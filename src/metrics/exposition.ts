/** All metrics of a run as text, as Prometheus reads it. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Metric } from 'prom-client';
import Registry from 'prom-client/lib/registry.js';
import { EDGES } from './edges.js';
import { FAMILIES, type Reading } from './families.js';
import type { Count, RttHistogram } from './rtts.js';
import type { Labels, Series } from './series.js';

export const { contentType: CONTENT_TYPE } = new Registry();

/** Label sets of which text is made at once: events are read between two portions. */
const PORTION = 100;
const NS_PER_SECOND = 1e9;
const EDGE_LABELS = [...EDGES.map((edge) => edge / NS_PER_SECOND), '+Inf'];

/** Of DNS, by their labels. */
export interface DnsSeries {
  readonly times: { all(): Iterable<Series<RttHistogram>> };
  readonly responses: { all(): Iterable<Series<Count>> };
  readonly unanswered: { all(): Iterable<Series<Count>> };
  /** Undefined where queries are told one by one: of these there is no event. */
  readonly ambiguous?: { all(): Iterable<Series<Count>> };
}

/** By their labels. */
export interface RttSeries {
  readonly rtts: { all(): Iterable<Series<RttHistogram>> };
  readonly overdue: { all(): Iterable<Series<Count>> };
  /** Undefined where DNS is not asked for. */
  readonly dns?: DnsSeries | undefined;
}

/**
 * All of it is of one moment, though text is made while RTTs go on being counted.
 * @param reading what the run knew when it was asked
 */
export async function expositionOf(
  { rtts, overdue, dns }: RttSeries,
  reading: Reading,
): Promise<string> {
  const { labels } = reading;
  const families = FAMILIES.map(({ read, ...head }) => {
    return { head, values: read(reading).map(([labels, value]) => ({ labels, value })) };
  });
  const counted = copyOf(rtts);
  const late = countsOf(overdue);
  const ofDns = dns && dnsFamilies(dns);
  return [
    await textOf(families, labels),
    await inPortions(RTT, counted, histogramOf(RTT), labels),
    await inPortions(SAMPLES, counted, ({ samples }, own) => oneValue(samples, own), labels),
    await inPortions(OVERDUE, late, oneValue, labels),
    ...((await ofDns?.(labels)) ?? []),
  ].join('\n');
}

/** What they are now, and then their text. */
function dnsFamilies({ times, responses, unanswered, ambiguous }: DnsSeries) {
  const [histograms, codes, none] = [copyOf(times), countsOf(responses), countsOf(unanswered)];
  const again = ambiguous && countsOf(ambiguous);
  return async (labels: Labels): Promise<string[]> => [
    await inPortions(DNS, histograms, histogramOf(DNS), labels),
    await inPortions(DNS_RESPONSES, codes, oneValue, labels),
    await inPortions(DNS_UNANSWERED, none, oneValue, labels),
    ...(again ? [await inPortions(DNS_AMBIGUOUS, again, oneValue, labels)] : []),
  ];
}

function countsOf(series: RttSeries['overdue']): Series<number>[] {
  return Array.from(series.all(), ({ labels, value }) => ({ labels, value: value.count }));
}

function copyOf(series: RttSeries['rtts']): Series<RttHistogram>[] {
  return Array.from(series.all(), ({ labels, value }) => ({ labels, value: value.copy() }));
}

interface Head {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

interface MetricValue {
  /** Undefined: the metric's own name. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

type Values = readonly MetricValue[];

const RTT: Head = {
  name: 'pping_rtt_seconds',
  help: 'Round-trip times; beyond: to hosts reached through the interface, behind: to hosts on this side of it',
  type: 'histogram',
};
const SAMPLES: Head = {
  name: 'pping_samples_total',
  help: 'Samples represented by these RTTs: more than the RTTs with --report-interval',
  type: 'counter',
};
const DNS: Head = {
  name: 'pping_dns_response_time_seconds',
  help: 'DNS response times, from query to response, by response code; sides as for RTTs',
  type: 'histogram',
};
const DNS_RESPONSES: Head = {
  name: 'pping_dns_responses_total',
  help: 'DNS responses with a response time, by response code; sides as for RTTs',
  type: 'counter',
};
const DNS_UNANSWERED: Head = {
  name: 'pping_dns_unanswered_total',
  help: 'DNS queries without a response within --timestamp-timeout; sides as for RTTs',
  type: 'counter',
};
const DNS_AMBIGUOUS: Head = {
  name: 'pping_dns_ambiguous_total',
  help: 'DNS queries answered after a retransmission; sides as for RTTs',
  type: 'counter',
};
const OVERDUE: Head = {
  name: 'pping_overdue_total',
  help: 'Data not acknowledged within --timestamp-timeout: it has no RTT',
  type: 'counter',
};

function oneValue(value: number, labels: Labels): Values {
  return [{ labels, value }];
}

/** Of what there may be many thousands of. @param shared labels of all */
async function inPortions<Value>(
  head: Head,
  all: readonly Series<Value>[],
  valuesOf: (value: Value, labels: Labels) => Values,
  shared: Labels,
): Promise<string> {
  const texts = [await textOf([{ head, values: [] }], shared)];
  for (let at = 0; at < all.length; at += PORTION) {
    const portion = all.slice(at, at + PORTION);
    const values = portion.flatMap(({ value, labels }) => valuesOf(value, labels));
    texts.push(withoutHead(await textOf([{ head, values }], shared)));
    await immediate();
  }
  return texts.join('');
}

/** The library's own metrics count by themselves; its registry asks a metric for its values, and for nothing else. */
function textOf(
  metrics: readonly { head: Head; values: Values }[],
  shared: Labels,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels(shared);
  for (const { head, values } of metrics) {
    const metric = { ...head, get: async () => ({ ...head, values }) };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry.metrics();
}

/** As the library's own histogram has them. */
function histogramOf({ name }: Head) {
  return ({ counts, sum }: RttHistogram, labels: Labels): Values => {
    let count = 0;
    const buckets = EDGE_LABELS.map((le, at) => {
      count += counts[at] as number;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum / NS_PER_SECOND },
      { metricName: `${name}_count`, labels, value: count },
    ];
  };
}

/** The lines that say what it is come once. */
function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n');
}
