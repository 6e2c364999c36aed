import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import type { AggregateOwner } from '../../src/events/aggregate.js';
import { countedDivision } from '../../src/metrics/divisions.js';
import { EDGES } from '../../src/metrics/edges.js';
import { CountedRtts, EventRtts, RttHistogram } from '../../src/metrics/rtts.js';
import { type By, type Labels, OTHERS } from '../../src/metrics/series.js';
import { aggregateOf } from '../helpers/events/aggregates.js';
import { flowEvent, ipv6, overdueEvent, rttEvent } from '../helpers/events/events.js';
import { eventRtts, PREFIXES, termsOf } from '../helpers/output/metrics.js';

describe('the edges', () => {
  test('ascend from 50 us to 10 s, none more than 2.5 times the one before', () => {
    expect([EDGES[0], EDGES.at(-1)]).toEqual([50_000, 10_000_000_000]);
    const factors = EDGES.slice(1).map((edge, at) => edge / (EDGES[at] as number));
    expect(factors.every((factor) => factor > 1 && factor <= 2.5)).toBe(true);
    expect(EDGES.length).toBeLessThan(25);
  });
});

describe('a histogram', () => {
  const bucketOf = (rtt: number) => {
    const histogram = new RttHistogram();
    histogram.record(rtt, 1);
    return histogram.counts.indexOf(1);
  };

  test('an RTT that is an edge is at most that edge', () => {
    expect(EDGES.map(bucketOf)).toEqual(EDGES.map((_, at) => at));
    expect(EDGES.map((edge) => bucketOf(edge + 1))).toEqual(EDGES.map((_, at) => at + 1));
    expect(bucketOf(0)).toBe(0);
  });

  test('has the sum, and how many samples its RTTs stand for', () => {
    const histogram = new RttHistogram();
    histogram.record(5_000_000, 1);
    histogram.record(7_000_000, 4);
    expect([histogram.sum, histogram.samples]).toEqual([12_000_000, 5]);
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(2);
  });
});

describe('events', () => {
  test('RTTs are told apart by side and by what has answered', () => {
    const metrics = eventRtts();
    for (const matchOnEgress of [false, true]) {
      for (const answer of ['ack', 'data', 'handshake'] as const) {
        metrics.accept(rttEvent({ matchOnEgress, answer, samples: 2 }));
      }
    }
    metrics.accept(rttEvent());
    expect(Array.from(metrics.rtts.all(), ({ labels, value }) => [labels, value.samples])).toEqual([
      [{ interface: 'eth0', side: 'beyond', answer: 'ack' }, 3],
      [{ interface: 'eth0', side: 'beyond', answer: 'data' }, 2],
      [{ interface: 'eth0', side: 'beyond', answer: 'handshake' }, 2],
      [{ interface: 'eth0', side: 'behind', answer: 'ack' }, 2],
      [{ interface: 'eth0', side: 'behind', answer: 'data' }, 2],
      [{ interface: 'eth0', side: 'behind', answer: 'handshake' }, 2],
    ]);
  });

  test('and where there may be several, by protocol', () => {
    const metrics = new EventRtts({ ...termsOf('none', 9, []), areProtocolsTold: true });
    metrics.accept(rttEvent({ samples: 2 }));
    for (const srcPort of [1, 2])
      metrics.accept(rttEvent({ protocol: 'ICMP', answer: 'reply', srcPort }));
    metrics.accept(overdueEvent({ protocol: 'ICMPv6' }));
    expect(Array.from(metrics.rtts.all(), ({ labels, value }) => [labels, value.samples])).toEqual([
      [{ side: 'beyond', answer: 'ack', protocol: 'TCP' }, 2],
      [{ side: 'beyond', answer: 'reply', protocol: 'ICMP' }, 2],
    ]);
    expect(Array.from(metrics.overdue.all(), ({ labels }) => labels)).toEqual([
      { side: 'beyond', protocol: 'ICMPv6' },
    ]);
  });

  test('what is overdue is counted by itself: it has no RTT', () => {
    const metrics = eventRtts();
    metrics.accept(overdueEvent());
    metrics.accept(overdueEvent({ matchOnEgress: true }));
    metrics.accept(flowEvent());
    expect(Array.from(metrics.overdue.all(), ({ labels, value }) => [labels, value.count])).toEqual(
      [
        [{ interface: 'eth0', side: 'beyond' }, 1],
        [{ interface: 'eth0', side: 'behind' }, 1],
      ],
    );
    expect([...metrics.rtts.all()]).toEqual([]);
  });
});

describe('what the core has counted', () => {
  const MOST = 11e9;
  /** In which bucket, of so many edges, it counts. */
  const placeOf = (from: number, most = MOST) => {
    const histogram = new RttHistogram();
    histogram.recordCounted(aggregateOf({ buckets: [[from, 3]], most }));
    return histogram.counts.indexOf(3);
  };
  const bucketOf = (rtt: number) => {
    const width = 2 ** Math.floor(Math.log2(rtt)) / 32;
    return Math.floor(rtt / width) * width;
  };

  test.each([
    ['all of it at most 50 us', 48_128, 0],
    ['the edge at 50 us cuts it', 49_152, 1],
    ['all of it beyond 50 us', 50_176, 1],
    ['all of it at most 1 ms', 983_040, 4],
    ['the edge at 1 ms cuts it', 999_424, 5],
    ['beyond the last edge', 10_200_547_328, 21],
  ])('a bucket counts by the longest RTT that may be in it: %s', (_, from, at) => {
    expect(bucketOf(from)).toBe(from);
    expect(placeOf(from)).toBe(at);
  });

  test('is of each protocol, where there may be several', () => {
    const metrics = new CountedRtts({
      ...{ most: 9, labelsOf: undefined, division: undefined, areProtocolsTold: true },
    });
    metrics.acceptAggregate(aggregateOf());
    metrics.acceptAggregate(aggregateOf({ protocol: 'ICMP', samples: 7 }));
    expect(Array.from(metrics.rtts.all(), ({ labels, value }) => [labels, value.samples])).toEqual([
      [{ side: 'beyond', protocol: 'TCP' }, 12],
      [{ side: 'beyond', protocol: 'ICMP' }, 7],
    ]);
  });

  test('an RTT that is below an edge by 2.2 % counts as within it, at each edge', () => {
    expect(EDGES.map((edge) => placeOf(bucketOf(edge * 0.978)))).toEqual(EDGES.map((_, at) => at));
  });

  test('and by the longest that there was, where that is in it', () => {
    expect([placeOf(49_152, 50_000), placeOf(49_152, 50_001)]).toEqual([0, 1]);
  });

  test('its sum and its samples are exact, and each is in one bucket', () => {
    const histogram = new RttHistogram();
    histogram.recordCounted(aggregateOf());
    histogram.recordCounted(aggregateOf());
    expect([histogram.sum, histogram.samples]).toEqual([50_000_000, 24]);
    // 2 x 8 from 1.05 ms, 1 from 2.1 ms, 1 from 12.1 ms.
    const counts = Object.fromEntries(EDGES.map((edge, at) => [edge / 1e6, histogram.counts[at]]));
    expect(counts).toMatchObject({ 1: 0, 2: 16, 5: 2, 10: 0, 20: 2, 30: 0 });
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(20);
  });

  test('no RTT counts as shorter than it was, and as longer only if it is within 1/32 of an edge', () => {
    const random = newRandom();
    const rtts = EDGES.flatMap((edge) =>
      Array.from({ length: 200 }, () => Math.floor(edge * (0.95 + random.below(1_000) / 10_000))),
    );
    const histogram = new RttHistogram();
    const buckets = rtts.map((rtt) => [bucketOf(rtt), 1] as const);
    histogram.recordCounted(aggregateOf({ buckets, most: Math.max(...rtts) }));
    let counted = 0;
    EDGES.forEach((edge, at) => {
      counted += histogram.counts[at] as number;
      const { seed } = random;
      const isSure = (rtt: number) => rtt <= edge * (1 - 1 / 32);
      expect({ seed, edge, least: rtts.filter(isSure).length <= counted }).toMatchObject({
        least: true,
      });
      expect({
        seed,
        edge,
        most: counted <= rtts.filter((rtt) => rtt <= edge).length,
      }).toMatchObject({ most: true });
    });
  });

  const ofSeveral = (place?: number) => ({
    interface: place === undefined ? OTHERS : `eth${place}`,
  });
  const ownerOf = (owner: AggregateOwner) =>
    typeof owner === 'string' ? owner : `cgroup ${owner.cgroup}`;
  const TERMS = { prefixes: PREFIXES, ownerOf };
  const metricsOf = (by: By, labelsOf: ((place?: number) => Labels) | undefined) =>
    new CountedRtts({ most: 9, labelsOf, division: countedDivision(by, TERMS) });
  const samplesIn = ({ rtts }: CountedRtts) =>
    Array.from(rtts.all(), ({ labels, value }) => ({ ...labels, samples: value.samples }));

  test('what has answered is not known; intervals add up', () => {
    const metrics = metricsOf('interface', ofSeveral);
    metrics.acceptAggregate(aggregateOf());
    metrics.acceptAggregate(aggregateOf({ side: 'behind', place: 1 }));
    metrics.acceptAggregate(aggregateOf({ samples: 30 }));
    expect(samplesIn(metrics)).toEqual([
      { interface: 'eth0', side: 'beyond', samples: 42 },
      { interface: 'eth1', side: 'behind', samples: 12 },
    ]);
  });

  test('owners of one text are one, whoever the users are', () => {
    const metrics = metricsOf('owner', undefined);
    for (const uid of [0, 33])
      metrics.acceptAggregate(aggregateOf({ owner: { cgroup: 7n, uid }, network: undefined }));
    metrics.acceptAggregate(aggregateOf({ owner: 'absent', network: undefined }));
    metrics.acceptAggregate(aggregateOf({ isOthers: true, network: undefined, samples: 5 }));
    expect(samplesIn(metrics)).toEqual([
      { side: 'beyond', owner: 'cgroup 7', samples: 24 },
      { side: 'beyond', owner: 'absent', samples: 12 },
      { side: 'beyond', owner: 'others', samples: 5 },
    ]);
  });

  test('prefixes are those that it has; the others are others here, too', () => {
    const metrics = metricsOf('prefix', ofSeveral);
    const others = { isOthers: true, network: undefined, place: 7 };
    metrics.acceptAggregate(aggregateOf());
    metrics.acceptAggregate(aggregateOf({ ...others, samples: 5 }));
    metrics.acceptAggregate(
      aggregateOf({ network: { address: ipv6(0xfd77, 0, 0, 0, 0, 0, 0, 0), ipVersion: 6 } }),
    );
    expect(samplesIn(metrics)).toEqual([
      { interface: 'eth0', side: 'beyond', prefix: '192.0.2.0/24', samples: 12 },
      { interface: 'eth0', side: 'beyond', prefix: 'fd77::/48', samples: 12 },
      { interface: 'others', side: 'beyond', prefix: 'others', samples: 5 },
    ]);
  });

  test('where there is but one interface, the others are of it', () => {
    const metrics = metricsOf('prefix', () => ({ interface: 'eth0' }));
    metrics.acceptAggregate(aggregateOf({ isOthers: true, network: undefined }));
    metrics.acceptAggregate(aggregateOf());
    expect(samplesIn(metrics).map(({ samples, ...labels }) => labels)).toEqual([
      { interface: 'eth0', side: 'beyond', prefix: '192.0.2.0/24' },
      { interface: 'eth0', side: 'beyond', prefix: 'others' },
    ]);
  });

  test('by none they are told by side alone', () => {
    const metrics = metricsOf('none', undefined);
    for (const place of [0, 1]) metrics.acceptAggregate(aggregateOf({ place }));
    expect(samplesIn(metrics)).toEqual([{ side: 'beyond', samples: 24 }]);
  });

  test('what is overdue is counted, also where there is no RTT', () => {
    const metrics = metricsOf('interface', ofSeveral);
    metrics.acceptAggregate(aggregateOf({ overdue: 2 }));
    metrics.acceptAggregate(
      aggregateOf({ overdue: 3, reported: 0, samples: 0, buckets: [], side: 'behind' }),
    );
    expect(
      Array.from(metrics.overdue.all(), ({ labels, value }) => [labels.side, value.count]),
    ).toEqual([
      ['beyond', 2],
      ['behind', 3],
    ]);
    expect(samplesIn(metrics)).toHaveLength(1);
  });
});
