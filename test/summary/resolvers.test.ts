/** Which servers were asked, and in how much memory that is kept. */
import { describe, expect, test } from '@jest/globals';
import { failedIn, failuresIn } from '../../src/summary/dns.js';
import { Resolvers } from '../../src/summary/resolvers.js';
import { addressText } from '../../src/text/address.js';
import { dnsEvent, ipv4, ipv6 } from '../helpers/events/events.js';

const MS = 1_000_000;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000 * MS };
type Overrides = Parameters<typeof dnsEvent>[0];

function resolversOf(...events: readonly Overrides[]): Resolvers {
  const resolvers = new Resolvers();
  for (const event of events) resolvers.accept(dnsEvent(event));
  return resolvers;
}

const addressesIn = (resolvers: Resolvers, most = 10) =>
  resolvers.ranking(most).most.map(({ address, ipVersion }) => addressText(address, ipVersion));
const from = (address: string, event: Overrides = {}): Overrides => ({
  srcAddress: ipv4(address),
  ...event,
});

test('none where nothing was asked', () => {
  expect(new Resolvers().ranking(10)).toEqual({ most: [], size: 0, forgotten: 0 });
});

test('each has its queries, what it answered and how fast', () => {
  const times = [10, 30, 20].map((ms) => ({ responseTime: ms * MS }));
  const failed = { responseTime: 40 * MS, rcode: 'SERVFAIL' };
  const truncated = { responseTime: 50 * MS, rcode: 'NXDOMAIN', truncated: true };
  const { most } = resolversOf(...times, failed, truncated, UNANSWERED).ranking(10);
  expect(most).toMatchObject([
    {
      ...{ side: 'beyond', port: 53, ipVersion: 4, responses: 5, unanswered: 1, truncated: 1 },
      responseTime: { min: 10 * MS, p50: expect.any(Number), p99: 50 * MS, max: 50 * MS },
    },
  ]);
  const [{ rcodes = new Map(), responseTime = undefined } = {}] = most;
  expect(Math.abs((responseTime?.p50 ?? 0) / (30 * MS) - 1)).toBeLessThan(0.002);
  expect([...rcodes]).toEqual([
    ['NOERROR', 3],
    ['SERVFAIL', 1],
    ['NXDOMAIN', 1],
  ]);
  expect([failuresIn(rcodes), failedIn(rcodes)]).toEqual([[['SERVFAIL', 1]], 1]);
});

test('one that has never answered has no times', () => {
  expect(resolversOf(UNANSWERED).ranking(10).most).toMatchObject([
    { responses: 0, unanswered: 1, responseTime: undefined },
  ]);
});

test('address, port, side and version of IP tell them apart', () => {
  const mapped = ipv6(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201);
  const resolvers = resolversOf(
    ...[{}, { srcPort: 5_353 }, { matchOnEgress: true }, from('192.0.2.2'), {}],
    { srcAddress: mapped, ipVersion: 6 },
  );
  const { most, size } = resolvers.ranking(10);
  expect(size).toBe(5);
  expect(most[0]).toMatchObject({ side: 'beyond', port: 53, responses: 2 });
  expect(most.map(({ side, port }) => `${side} ${port}`).sort()).toEqual([
    ...['behind 53', 'beyond 53', 'beyond 53', 'beyond 53', 'beyond 5353'],
  ]);
});

test('the most used are told, in their order', () => {
  const events = [1, 2, 3, 4].flatMap((host) => Array(host).fill(from(`10.0.0.${host}`)));
  const resolvers = resolversOf(...events);
  expect(addressesIn(resolvers, 2)).toEqual(['10.0.0.4', '10.0.0.3']);
  expect(resolvers.ranking(2)).toMatchObject({ size: 4, forgotten: 0 });
});

test('what it keeps of an event outlives that', () => {
  const address = ipv4('10.0.0.1');
  const resolvers = resolversOf({ srcAddress: address });
  address.fill(0);
  expect(addressesIn(resolvers)).toEqual(['10.0.0.1']);
});

describe('in bounded memory', () => {
  function flooded(hosts: number, event: Overrides): Resolvers {
    const resolvers = new Resolvers({ answering: 8, silent: 4 });
    resolvers.accept(dnsEvent(from('192.0.2.53')));
    for (let host = 0; host < hosts; host++) {
      resolvers.accept(dnsEvent(from(`10.0.${host >> 8}.${host & 255}`, event)));
    }
    return resolvers;
  }

  test('whoever asks made-up addresses pushes out none that answers', () => {
    const resolvers = flooded(10_000, UNANSWERED);
    const { size, forgotten } = resolvers.ranking(10);
    expect(size).toBeLessThanOrEqual(5);
    expect(forgotten + size).toBe(10_001);
    expect(addressesIn(resolvers)).toContain('192.0.2.53');
  });

  test('of those that answer the ones that were not asked for the longest make room', () => {
    const resolvers = flooded(10_000, {});
    const { size, forgotten } = resolvers.ranking(10);
    expect(size).toBeLessThanOrEqual(8);
    expect(forgotten + size).toBe(10_001);
    expect(addressesIn(resolvers)).not.toContain('192.0.2.53');
  });

  test('with its first answer it is one of those that answer, with all that was before', () => {
    const resolvers = new Resolvers({ answering: 8, silent: 4 });
    for (const event of [UNANSWERED, {}, UNANSWERED]) {
      resolvers.accept(dnsEvent(from('192.0.2.53', event)));
    }
    for (let host = 0; host < 100; host++) {
      resolvers.accept(dnsEvent(from(`10.0.0.${host}`, UNANSWERED)));
    }
    expect(resolvers.ranking(1).most).toMatchObject([{ responses: 1, unanswered: 2 }]);
  });
});
