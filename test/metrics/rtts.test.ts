import { describe, expect, test } from '@jest/globals';
import { EDGES } from '../../src/metrics/edges.js';
import { RttHistogram } from '../../src/metrics/rtts.js';
import { flowEvent, overdueEvent, rttEvent } from '../helpers/events/events.js';
import { eventRtts } from '../helpers/output/metrics.js';

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
