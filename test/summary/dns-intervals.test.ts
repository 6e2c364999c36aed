/** Figures of DNS of one interval after another. */
import { describe, expect, test } from '@jest/globals';
import type { SeenAtOf } from '../../src/events/places.js';
import { DnsIntervals } from '../../src/summary/dns-intervals.js';
import { dnsEvent, ipv4, rttEvent } from '../helpers/events/events.js';

const MS = 1_000_000;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000 * MS };
type Overrides = Parameters<typeof dnsEvent>[0];

function accept(intervals: DnsIntervals, ...events: readonly Overrides[]): void {
  for (const event of events) intervals.accept(dnsEvent(event));
}

const from = (host: number, event: Overrides = {}): Overrides => ({
  srcAddress: ipv4(`10.0.${host >> 8}.${host & 255}`),
  ...event,
});

test('an interval has its own queries, and none of those before', () => {
  const intervals = new DnsIntervals();
  accept(intervals, { responseTime: 10 }, { responseTime: 30, rcode: 'SERVFAIL' }, UNANSWERED);
  expect(intervals.isEmpty).toBe(false);
  expect(intervals.take()).toMatchObject([
    {
      ...{ side: 'beyond', responses: 2, unanswered: 1 },
      rcodes: new Map([
        ['NOERROR', 1],
        ['SERVFAIL', 1],
      ]),
      responseTime: { min: 10, max: 30 },
    },
  ]);
  expect(intervals.isEmpty).toBe(true);
  accept(intervals, { responseTime: 7 });
  expect(intervals.take()).toMatchObject([{ responses: 1, responseTime: { min: 7, max: 7 } }]);
});

test('RTTs are in none of them', () => {
  const intervals = new DnsIntervals();
  intervals.accept(rttEvent());
  expect([intervals.isEmpty, intervals.take()]).toEqual([true, []]);
});

test('a side is told from its first query on, also when nothing comes', () => {
  const intervals = new DnsIntervals();
  expect(intervals.take()).toEqual([]);
  accept(intervals, { matchOnEgress: true });
  expect(intervals.take()).toMatchObject([{ side: 'behind', responses: 1 }]);
  expect(intervals.take()).toMatchObject([
    { side: 'behind', responses: 0, unanswered: 0, responseTime: undefined },
  ]);
});

test('one that is expected is told until there is another', () => {
  const intervals = new DnsIntervals({ expected: 'beyond' });
  expect(intervals.take()).toMatchObject([{ side: 'beyond', responses: 0 }]);
  accept(intervals, { matchOnEgress: true });
  expect(intervals.take().map(({ side }) => side)).toEqual(['behind']);
});

describe('by resolver', () => {
  test('the slowest follow, then those that have answered nothing', () => {
    const intervals = new DnsIntervals({ by: 'peer' });
    accept(intervals, ...[from(1, UNANSWERED), from(2, UNANSWERED), from(2, UNANSWERED)]);
    accept(intervals, from(3, { responseTime: 10 * MS }), from(4, { responseTime: 20 * MS }));
    const [all, ...each] = intervals.take();
    expect(all).toMatchObject({ resolvers: { size: 4, told: 4 }, responses: 2, unanswered: 3 });
    expect(all?.resolver).toBeUndefined();
    expect(each.map(({ resolver }) => resolver?.address)).toEqual(
      [4, 3, 2, 1].map((host) => ipv4(`10.0.0.${host}`)),
    );
    expect(each[1]).toMatchObject({ responses: 1, responseTime: { max: 10 * MS } });
  });

  test.each([
    [1_023, false],
    [1_024, true],
  ])('of %d that answer nothing it is told whether there may have been more', (silent, isFull) => {
    const intervals = new DnsIntervals({ by: 'peer' });
    for (let host = 0; host < silent; host++) accept(intervals, from(host, UNANSWERED));
    accept(intervals, from(2_000));
    expect(intervals.take()[0]?.resolvers).toEqual({ size: silent + 1, told: 10, isFull });
  });

  test('of many ten are told, and what has no room counts for all', () => {
    const intervals = new DnsIntervals({ by: 'peer' });
    for (let host = 0; host < 5_000; host++) accept(intervals, from(host, UNANSWERED));
    for (let host = 0; host < 5_000; host++) accept(intervals, from(host + 5_000));
    const [all, ...each] = intervals.take();
    expect(all).toMatchObject({ responses: 5_000, unanswered: 5_000 });
    expect(all?.resolvers).toEqual({ size: 4_096 + 1_024, told: 10, isFull: true });
    expect(each).toHaveLength(10);
    expect(each.every(({ responses }) => responses === 1)).toBe(true);
  });

  test('an answer takes along what was not answered before', () => {
    const intervals = new DnsIntervals({ by: 'peer' });
    accept(intervals, from(1, UNANSWERED), from(1), from(1, UNANSWERED));
    expect(intervals.take()).toMatchObject([
      { resolvers: { size: 1, told: 1 } },
      { responses: 1, unanswered: 2 },
    ]);
  });
});

describe('by interface', () => {
  const seenAtOf: SeenAtOf = (place) => ({ capture: undefined, interface: `eth${place}` });

  test('each where there was a query follows', () => {
    const intervals = new DnsIntervals({ by: 'interface', seenAtOf });
    accept(intervals, { place: 0, responseTime: 10 }, { place: 1, responseTime: 20 });
    const [all, ...each] = intervals.take();
    expect(all).toMatchObject({ places: { size: 2, told: 2 }, responses: 2 });
    expect(each.map(({ place }) => place?.seenAt?.interface)).toEqual(['eth1', 'eth0']);
  });

  test('where there is but one without a name it is not told twice', () => {
    const intervals = new DnsIntervals({ by: 'interface' });
    accept(intervals, {}, {});
    expect(intervals.take()).toMatchObject([{ responses: 2, places: { size: 1, told: 1 } }]);
    expect(intervals.take()).toMatchObject([{ responses: 0, places: { size: 0, told: 0 } }]);
  });
});
