/** Queries of DNS counted in the core (--aggregate), on both targets: what is in which aggregate, and that none is missed. */
import { afterEach, expect, test } from '@jest/globals';
import { type DnsMessage, dnsFrame } from '../../lab/kernel/dns-packets.js';
import {
  exchange,
  type HookName,
  type Kernel,
  meetInMidStream,
  SECOND,
} from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import { type DnsAggregate, isOfDns } from '../../src/events/aggregate.js';
import {
  type AggregatedBy,
  type Aggregation,
  NO_AGGREGATION,
} from '../../src/sampling/aggregation.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { addressText } from '../../src/text/address.js';
import { Targets } from '../helpers/core/targets.js';

const CLIENT: End = { address: '10.0.0.1', port: 40_000 };
const RESOLVER: End = { address: '192.0.2.53', port: 53 };
const OTHER: End = { address: '198.51.100.53', port: 53 };
const NAME = ['www', 'example', 'org'];
const AGGREGATION: Aggregation = { ...NO_AGGREGATION, interval: SECOND };

let kernel: Kernel;
afterEach(() => kernel.close());

function begin(aggregation: Partial<Aggregation> = {}, settings: Partial<Settings> = {}): void {
  const filter = { ...NO_FILTER, protocols: ['tcp', 'dns'] as const };
  const wanted = { ...AGGREGATION, ...aggregation };
  kernel = new Targets(settings, 'ethernet', {}, filter, wanted);
}

function show(at: bigint, hook: HookName, from: End, to: End, message: Partial<DnsMessage>): void {
  kernel.at(at).show(hook, dnsFrame(from, to, { id: 1, name: NAME, ...message }));
}

function query(at: bigint, id: number, resolver = RESOLVER): void {
  show(at, 'egress', CLIENT, resolver, { id });
}

function response(at: bigint, id: number, how: Partial<DnsMessage> = {}, resolver = RESOLVER) {
  show(at, 'ingress', resolver, CLIENT, { id, response: true, answers: 1, ...how });
}

async function counted(): Promise<DnsAggregate[]> {
  return (await kernel.counted()).filter(isOfDns);
}

function networkText({ network, isOthers }: DnsAggregate): string {
  if (isOthers) return 'others';
  return network ? addressText(network.address, network.ipVersion) : 'all';
}

/** What there is of each, in the order of networks. */
async function told(): Promise<unknown[][]> {
  const rows = (await counted()).map((each) => [
    ...[each.side, networkText(each), each.reported, each.unanswered, each.ambiguous],
  ]);
  return rows.sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

test('each response is counted once, with its time, and told by nothing else', async () => {
  begin();
  for (const [id, time] of [700n, 1_100n, 40_000n].entries()) {
    query(BigInt(id) * SECOND, id);
    response(BigInt(id) * SECOND + time, id);
    response(BigInt(id) * SECOND + time + 1n, id);
  }
  expect(kernel.events()).toEqual([]);
  const [aggregate, ...others] = await counted();
  expect(others).toEqual([]);
  expect(aggregate).toMatchObject({
    ...{ side: 'beyond', protocol: 'DNS', isOthers: false, owner: undefined },
    ...{ reported: 3, sum: 41_800n, least: 700, most: 40_000 },
    ...{ unanswered: 0, ambiguous: 0, truncated: 0, rcodes: new Map([['NOERROR', 3]]) },
    buckets: [
      [0, 1],
      [1_088, 1],
      [39_936, 1],
    ],
  });
  expect(kernel.counters()).toMatchObject({ dnsAnswered: 3, dnsNoMatch: 3 });
  expect(await counted()).toEqual([]);
});

test('with events each is told as well', async () => {
  begin({ events: true });
  query(0n, 1);
  response(900n, 1);
  expect(kernel.dns()).toMatchObject([{ responseTime: 900 }]);
  expect(await told()).toEqual([['beyond', '192.0.2.0', 1, 0, 0]]);
});

test('by the code of the response, and whether it was truncated', async () => {
  begin();
  const codes = [0, 1, 2, 3, 3, 4, 5, 6, 11, 15, 0];
  for (const [id, rcode] of codes.entries()) {
    query(BigInt(id) * SECOND, id);
    response(BigInt(id) * SECOND + 500n, id, { rcode, truncated: rcode === 3 });
  }
  const [aggregate] = await counted();
  expect(aggregate?.truncated).toBe(2);
  expect(Object.fromEntries(aggregate?.rcodes ?? [])).toEqual({
    ...{ NOERROR: 2, FORMERR: 1, SERVFAIL: 1, NXDOMAIN: 2, NOTIMP: 1, REFUSED: 1, other: 3 },
  });
});

test('without a response time: not answered, and answered after it was sent again', async () => {
  begin({}, { timestampTimeout: SECOND });
  query(0n, 1);
  query(1n, 2);
  query(2n, 2);
  response(900n, 2);
  response(901n, 2);
  query(1_000n, 3);
  response(1_000n, 3);
  query(1_001n, 4);
  kernel.at(3n * SECOND);
  await kernel.sweep();
  query(4n * SECOND, 5);
  response(6n * SECOND, 5);
  expect(kernel.events()).toEqual([]);
  expect(await told()).toEqual([['beyond', '192.0.2.0', 0, 3, 2]]);
  expect(kernel.counters()).toMatchObject({ dnsUnanswered: 3, dnsAmbiguous: 2, dnsAnswered: 0 });
});

test.each<[AggregatedBy, unknown[][]]>([
  [
    'prefix',
    [
      ['beyond', '192.0.2.0', 1, 0, 0],
      ['beyond', '198.51.100.0', 1, 0, 0],
    ],
  ],
  ['interface', [['beyond', 'all', 2, 0, 0]]],
  ['none', [['beyond', 'all', 2, 0, 0]]],
])('by %s', async (by, expected) => {
  begin({ by });
  for (const [id, resolver] of [RESOLVER, OTHER].entries()) {
    query(0n, id, resolver);
    response(700n, id, {}, resolver);
  }
  expect(await told()).toEqual(expected);
});

test('the side is that of the resolver', async () => {
  begin({}, { includeLocal: true });
  const own: End = { ...CLIENT, port: 53 };
  show(0n, 'ingress', OTHER, own, {});
  show(800n, 'egress', own, OTHER, { response: true });
  expect(await told()).toEqual([['behind', '10.0.0.0', 1, 0, 0]]);
});

test('those that find no room are together, and apart from RTTs that do', async () => {
  begin({ most: 1 });
  meetInMidStream(kernel);
  exchange(kernel, { sent: SECOND, answered: SECOND + 5_000n }, { tsval: 100, seq: 1_000 });
  for (const [id, resolver] of [RESOLVER, OTHER].entries()) {
    query(2n * SECOND, id, resolver);
    response(2n * SECOND + 700n, id, {}, resolver);
  }
  const all = await kernel.counted();
  const rows = all.map(({ protocol, isOthers, reported }) => [protocol, isOthers, reported]);
  expect(rows.sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ['DNS', true, 2],
    ['TCP', false, expect.any(Number)],
  ]);
  expect(kernel.counters()).toMatchObject({ flowEventsLost: 0, rttEventsLost: 0 });
});

test('where nothing is aggregated, nothing is counted', async () => {
  kernel = new Targets({}, 'ethernet', {}, { ...NO_FILTER, protocols: ['dns'] });
  query(0n, 1);
  response(900n, 1);
  expect(kernel.dns()).toHaveLength(1);
  expect(await kernel.counted()).toEqual([]);
});
