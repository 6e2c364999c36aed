/** Resolvers in the live view. */
import { describe, expect, test } from '@jest/globals';
import type { SeenAtOf } from '../../src/events/places.js';
import { ResolverRows } from '../../src/screen/resolver-rows.js';
import { MS } from '../helpers/command/screen.js';
import { dnsEvent, ipv4, rttEvent } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const SECOND = 1e9;
const START = 7_002 * SECOND;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10 * SECOND };
type Overrides = Parameters<typeof dnsEvent>[0];

const at = (second: number, overrides: Overrides = {}) =>
  dnsEvent({ timestamp: BigInt(START + second * SECOND), ...overrides });

function rowsOf(...events: readonly Parameters<ResolverRows['accept']>[0][]): ResolverRows {
  const rows = new ResolverRows();
  for (const event of events) rows.accept(event);
  return rows;
}

const lookAt = (rows: ResolverRows, second = 0) => rows.look(START + second * SECOND);

test('nothing asked, nothing to show; RTTs are no response times', () => {
  expect(lookAt(rowsOf(rttEvent()))).toEqual([]);
});

describe('a row', () => {
  test('has response times, and what it has not done', () => {
    const times = [10, 30, 30, 20].map((ms, second) => at(second, { responseTime: ms * MS }));
    const failed = at(4, { responseTime: 20 * MS, rcode: 'SERVFAIL' });
    const absent = at(5, { responseTime: 20 * MS, rcode: 'NXDOMAIN' });
    const [row, ...others] = lookAt(rowsOf(...times, failed, absent, at(6, UNANSWERED)), 8);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ name: '192.0.2.1', side: 'beyond', isClosed: false });
    expect(row).toMatchObject({ last: 20 * MS, least: 10 * MS, age: 2 * SECOND });
    expect(row).toMatchObject({ queries: 7, unanswered: 1, failed: 1 });
    expect(Math.abs((row?.median ?? 0) / MS - 20)).toBeLessThan(0.2);
    expect(Math.abs((row?.p99 ?? 0) / MS - 30)).toBeLessThan(0.2);
    expect(row?.lastMinute.trimEnd()).toMatch(/^ +█▆$/);
  });

  test('of one that has never answered has no times', () => {
    const [row] = lookAt(rowsOf(at(0, UNANSWERED), at(1, UNANSWERED)), 3);
    expect(row).toMatchObject({ queries: 2, unanswered: 2, failed: 0, age: 2 * SECOND });
    expect([row?.last, row?.least, row?.median, row?.p99]).toEqual(Array(4).fill(undefined));
  });

  test('has the least of the window that was asked for', () => {
    const rows = new ResolverRows({ window: 10 * SECOND });
    for (const [second, ms] of [[0, 1] as const, [900, 50] as const]) {
      rows.accept(at(second, { responseTime: ms * MS }));
    }
    expect(lookAt(rows, 900)).toMatchObject([{ least: 50 * MS, median: 50 * MS }]);
  });

  test('is called by its port, where that is another, and by its name', () => {
    const names = namesOf({});
    names.learn('192.0.2.1', 'ns1.example');
    const rows = new ResolverRows({ names });
    for (const overrides of [{}, { srcPort: 5_353 }]) rows.accept(at(0, overrides));
    expect(lookAt(rows).map(({ name, subject }) => [name, subject])).toEqual([
      ['ns1.example', '192.0.2.1'],
      ['ns1.example:5353', '192.0.2.1:5353'],
    ]);
  });

  test('there is one for each side of the interface; they are one resolver', () => {
    const rows = rowsOf(at(0), at(0, { matchOnEgress: true }));
    expect(lookAt(rows).map(({ side, subject }) => `${side} ${subject}`)).toEqual([
      ...['beyond 192.0.2.1', 'behind 192.0.2.1'],
    ]);
  });

  test('knows the interfaces where it was asked', () => {
    const seenAtOf: SeenAtOf = (place) =>
      place === 9 ? undefined : { capture: undefined, interface: `eth${place}` };
    const rows = new ResolverRows({ seenAtOf });
    for (const place of [0, 0, 1, 0, 9]) rows.accept(at(0, { place }));
    expect(lookAt(rows)).toMatchObject([{ interfaces: ['eth0', 'eth1', '(not known)'] }]);
  });
});

describe('in bounded memory', () => {
  const flood = (rows: ResolverRows, overrides: Overrides) => {
    for (let host = 0; host < 10_000; host++) {
      rows.accept(at(0, { srcAddress: ipv4(`10.0.${host >> 8}.${host & 255}`), ...overrides }));
    }
  };

  test('made-up addresses push out none that answers', () => {
    const rows = rowsOf(at(0));
    flood(rows, UNANSWERED);
    expect(lookAt(rows).length).toBeLessThanOrEqual(513);
    expect(lookAt(rows).some(({ name }) => name === '192.0.2.1')).toBe(true);
  });

  test('of those that answer the last ones are kept', () => {
    const rows = rowsOf(at(0));
    flood(rows, {});
    expect(lookAt(rows).length).toBeLessThanOrEqual(2_048);
    expect(lookAt(rows).some(({ name }) => name === '10.0.39.15')).toBe(true);
  });

  test('the first answer takes along what was not answered', () => {
    const rows = rowsOf(at(0, UNANSWERED), at(1), at(2, UNANSWERED));
    flood(rows, UNANSWERED);
    const row = lookAt(rows).find(({ name }) => name === '192.0.2.1');
    expect(row).toMatchObject({ queries: 3, unanswered: 2 });
  });
});
