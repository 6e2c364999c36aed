/** Figures of what the core has counted. */
import { describe, expect, test } from '@jest/globals';
import type { SeenAtOf } from '../../src/events/places.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { Aggregates } from '../../src/summary/aggregates.js';
import { aggregateOf } from '../helpers/events/aggregates.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';

const BY_PREFIX = { ...NO_AGGREGATION, interval: 1n };

describe('figures', () => {
  test('have middles of buckets as percentiles, and the exact least and most', () => {
    const [side] = new Aggregates(BY_PREFIX, 'beyond').take([aggregateOf()]);
    expect(side?.parts).toMatchObject([
      {
        side: 'beyond',
        network: { ipVersion: 4, bits: 24 },
        samples: 12,
        reported: 10,
        overdue: 1,
        sum: 25_000_000n,
        rtt: { min: 1_050_000, p50: 1_064_960, p90: 2_129_920, p99: 12_100_000, max: 12_100_000 },
      },
    ]);
  });

  test('of the first and the last bucket are within what was measured', () => {
    const buckets = [[0, 3] as const, [2 ** 36, 2] as const];
    const aggregate = aggregateOf({ reported: 5, least: 700, most: 2 ** 37, buckets });
    const [side] = new Aggregates(BY_PREFIX, 'beyond').take([aggregate]);
    expect(side?.all.rtt).toMatchObject({ min: 700, p50: 700, p90: 2 ** 37, max: 2 ** 37 });
  });

  test('are there without an RTT, too', () => {
    const none = { reported: 0, samples: 0, sum: 0n, least: 0, most: 0, buckets: [] };
    const [side] = new Aggregates(BY_PREFIX, 'beyond').take([aggregateOf(none)]);
    expect(side?.all).toMatchObject({ samples: 0, overdue: 1, rtt: undefined });
  });

  test('of a side are of all that there is of it; the worst comes first', () => {
    const slow = aggregateOf({
      network: { address: ipv6(0xfd00, 0, 0, 0, 0, 0, 0, 0), ipVersion: 6 },
      reported: 1,
      samples: 1,
      sum: 90_000_000n,
      least: 90_000_000,
      most: 90_000_000,
      buckets: [[88_080_384, 1]],
    });
    const others = aggregateOf({ isOthers: true, network: undefined });
    const sides = new Aggregates(BY_PREFIX, 'beyond').take([
      aggregateOf(),
      others,
      slow,
      aggregateOf({ side: 'behind' }),
    ]);
    expect(sides.map(({ side }) => side)).toEqual(['beyond', 'behind']);
    const [beyond] = sides;
    expect(beyond?.parts.map(({ network, isOthers }) => network?.bits ?? isOthers)).toEqual([
      48,
      24,
      true,
    ]);
    expect(beyond?.all).toMatchObject({ reported: 21, samples: 25, sum: 140_000_000n });
    expect(beyond?.all.rtt).toMatchObject({ min: 1_050_000, max: 90_000_000 });
  });

  test('of a side that had RTTs come also when it has none; before any, of the expected one', () => {
    const aggregates = new Aggregates(BY_PREFIX, 'unknown');
    const sidesOf = (...all: Parameters<typeof aggregates.take>[0]) =>
      aggregates.take(all).map(({ side, parts }) => [side, parts.length]);
    expect(sidesOf()).toEqual([['unknown', 0]]);
    expect(sidesOf(aggregateOf({ side: 'behind' }))).toEqual([['behind', 1]]);
    expect(sidesOf(aggregateOf())).toEqual([
      ['beyond', 1],
      ['behind', 0],
    ]);
  });
});

test('where it was seen is told where that is counted, and known', () => {
  const seenAtOf: SeenAtOf = (place) => ({ capture: undefined, interface: `eth${place}` });
  const aggregate = aggregateOf({ place: 3 });
  const others = aggregateOf({ isOthers: true, network: undefined });
  const seenAt = (by: 'prefix' | 'interface' | 'none') =>
    new Aggregates({ ...BY_PREFIX, by }, 'beyond', { seenAtOf })
      .take([aggregate, others])
      .flatMap(({ parts }) => parts.map((part) => part.seenAt?.interface));
  expect(seenAt('prefix')).toEqual(['eth3', undefined]);
  expect(seenAt('interface')).toEqual(['eth3', undefined]);
  expect(seenAt('none')).toEqual([undefined, undefined]);
  const address = ipv4('192.0.2.0');
  const [side] = new Aggregates(BY_PREFIX, 'beyond').take([aggregateOf()]);
  expect(side?.parts[0]?.network?.address).toEqual(address);
});
