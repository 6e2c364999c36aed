/** Response times of DNS over UDP, on both targets. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type DnsMessage, dnsFrame } from '../../lab/kernel/dns-packets.js';
import {
  exchange,
  type HookName,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  SECOND,
  CLIENT as TCP_CLIENT,
  SERVER as TCP_SERVER,
} from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import { vxlan } from '../../lab/kernel/tunnels.js';
import { udpFrame } from '../../lab/kernel/udp-packets.js';
import type { DnsEvent } from '../../src/events/types.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';

const CLIENT: End = { address: '10.0.0.1', port: 40_000 };
const RESOLVER: End = { address: '10.0.0.2', port: 53 };
const CLIENT6: End = { address: 'fd00::1', port: 40_000 };
const RESOLVER6: End = { address: 'fd00::2', port: 53 };
const NAME = ['www', 'example', 'org'];
const FILTER = { ...NO_FILTER, protocols: ['dns'] as const };

let kernel: Kernel;
afterEach(() => kernel.close());

function watch(settings: Partial<Settings> = {}, filter: Partial<typeof NO_FILTER> = {}): void {
  kernel = new Targets(settings, 'ethernet', {}, { ...FILTER, ...filter });
}

function query(at: bigint, id: number, from = CLIENT, to = RESOLVER, how = {}): void {
  const message: DnsMessage = { id, name: NAME, ...how };
  kernel.at(at).show(hookOf(from), dnsFrame(from, to, message));
}

function response(
  at: bigint,
  id: number,
  how: Partial<DnsMessage> = {},
  from = RESOLVER,
  to = CLIENT,
): void {
  const message: DnsMessage = { id, response: true, name: NAME, answers: 1, ...how };
  kernel.at(at).show(hookOf(from), dnsFrame(from, to, message));
}

function hookOf({ address }: End): HookName {
  return [CLIENT, CLIENT6].some((end) => end.address === address) ? 'egress' : 'ingress';
}

function times(events: readonly DnsEvent[] = kernel.dns()): (number | undefined)[] {
  return events.map(({ responseTime }) => responseTime);
}

describe('the response with the id of the query answers it, to the nanosecond', () => {
  test.each([
    [CLIENT, RESOLVER, 4],
    [CLIENT6, RESOLVER6, 6],
  ] as const)('%j to %j', (client, resolver, ipVersion) => {
    watch();
    query(0n, 7, client, resolver);
    response(777n, 7, {}, resolver, client);
    expect(kernel.events()).toMatchObject([
      {
        ...{ type: 'dns', protocol: 'DNS', ipVersion, flowId: 0, queryId: 7, responseTime: 777 },
        ...{ srcPort: 53, destPort: 40_000, rcode: 'NOERROR', truncated: false },
        ...{ waited: undefined, matchOnEgress: false, question: undefined },
      },
    ]);
    expect(kernel.counters()).toMatchObject({
      ...{ dnsQuery: 1, dnsResponse: 1, dnsAnswered: 1, matched: 0, remembered: 0 },
    });
  });
});

test('only once: a response that comes twice matches nothing', () => {
  watch();
  query(0n, 1);
  for (const at of [500n, 600n]) response(at, 1);
  expect(times()).toEqual([500]);
  expect(kernel.counters()).toMatchObject({ dnsResponse: 2, dnsAnswered: 1, dnsNoMatch: 1 });
});

test('from one socket, A and AAAA in the same instant, and answered in any order', () => {
  watch();
  query(0n, 1);
  query(0n, 2, CLIENT, RESOLVER, { type: 28 });
  for (let id = 10; id < 100; id++) query(BigInt(id), id);
  response(1000n, 2);
  response(1001n, 1);
  for (let id = 99; id >= 10; id--) response(2000n, id);
  const ids = Array.from({ length: 90 }, (_, index) => 99 - index);
  expect(times()).toEqual([1000, 1001, ...ids.map((id) => 2000 - id)]);
});

test('each from a port of its own, as stub resolvers ask: there are no flows, and no events of any', async () => {
  watch();
  for (let port = 1000; port < 1200; port++) query(0n, port, { ...CLIENT, port });
  for (let port = 1000; port < 1200; port++) {
    response(BigInt(port), port, {}, RESOLVER, { ...CLIENT, port });
  }
  const events = kernel.events();
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['dns']));
  expect(events).toHaveLength(200);
  expect(await kernel.sweep()).toMatchObject({ flows: 0, timestamps: 0, queries: 0 });
});

test('whatever the rate: each query is one', () => {
  watch({ rate: SECOND, reportInterval: SECOND });
  for (let id = 1; id <= 5; id++) {
    query(BigInt(id) * MILLISECOND, id);
    response(BigInt(id) * MILLISECOND + 100n, id);
  }
  expect(times()).toEqual([100, 100, 100, 100, 100]);
});

describe('sent again while it waits: what is answered cannot be told', () => {
  test('by either response, and until the last can have been answered the id is not new', () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    query(100n, 1);
    response(600n, 1);
    response(700n, 1);
    query(1000n, 1);
    response(1250n, 1);
    query(2n * SECOND, 1);
    response(2n * SECOND + 250n, 1);
    expect(times()).toEqual([250]);
    expect(kernel.counters()).toMatchObject({
      ...{ dnsQuery: 2, dnsRepeated: 2, dnsAmbiguous: 1, dnsAnswered: 1, dnsNoMatch: 0 },
    });
  });

  test.each([
    ['', false],
    [', and was swept meanwhile', true],
  ])('nor once it was given up: its response may be late%s', async (_, isSwept) => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    if (isSwept) await kernel.at(SECOND + 1n).sweep();
    query(SECOND + 2n, 1);
    response(SECOND + 5n, 1);
    response(SECOND + 6n, 1);
    expect(times()).toEqual([undefined]);
    expect(await kernel.at(4n * SECOND).sweep()).toMatchObject({ queries: 0 });
    query(5n * SECOND, 1);
    response(5n * SECOND + 250n, 1);
    expect(times()).toEqual([250]);
    expect(kernel.counters()).toMatchObject({
      ...{ dnsQuery: 3, dnsUnanswered: 1, dnsAmbiguous: 1, dnsAnswered: 1, dnsNoMatch: 0 },
    });
  });

  test('a response that a capture has a little late is none of what was given up before', async () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    await kernel.at(SECOND + 1n).sweep();
    response(SECOND, 1);
    query(SECOND, 1);
    response(SECOND + 5n, 1);
    expect(times()).toEqual([undefined]);
    expect(kernel.counters()).toMatchObject({
      ...{ dnsQuery: 2, dnsUnanswered: 1, dnsAnswered: 0, dnsAmbiguous: 1, dnsNoMatch: 1 },
    });
  });

  test('given up again and again it is told as unanswered each time, and new after a silence', async () => {
    watch({ timestampTimeout: SECOND });
    for (let at = 0n; at < 9n; at += 3n) {
      query(at * SECOND, 1);
      await kernel.at(at * SECOND + SECOND + 1n).sweep();
      expect(times()).toEqual([undefined]);
      response(at * SECOND + SECOND + 2n, 1);
      expect(await kernel.sweep()).toMatchObject({ queries: 0 });
    }
    query(9n * SECOND, 1);
    response(9n * SECOND + 250n, 1);
    expect(times()).toEqual([250]);
    expect(kernel.counters()).toMatchObject({ dnsQuery: 4, dnsUnanswered: 3, dnsNoMatch: 3 });
  });

  test('nor by as many responses as were sent, where one of them has come twice', () => {
    watch();
    query(0n, 1);
    query(1000n, 1);
    for (const at of [1500n, 1501n]) response(at, 1);
    query(2000n, 1);
    response(2500n, 1);
    expect(times()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ dnsAmbiguous: 1, dnsRepeated: 2, dnsNoMatch: 0 });
  });

  test('nor on a router with one interface, where each response passes twice', () => {
    watch({ includeLocal: true });
    const show = (at: bigint, from: End, response: boolean) => {
      const frame = dnsFrame(from, response ? CLIENT : RESOLVER, { id: 9, name: NAME, response });
      kernel.at(at).show('ingress', frame);
      kernel.at(at + 1n).show('egress', frame);
    };
    for (const at of [0n, 1000n]) show(at, CLIENT, false);
    show(1500n, RESOLVER, true);
    show(2000n, CLIENT, false);
    show(2500n, RESOLVER, true);
    expect(times()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ dnsQuery: 1, dnsAmbiguous: 1, dnsAnswered: 0 });
  });

  test('where one response is lost, the id is new only once that cannot come any more', () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    query(100n, 1);
    response(600n, 1);
    query(1000n, 1);
    response(1250n, 1);
    query(2n * SECOND, 1);
    response(2n * SECOND + 300n, 1);
    expect(times()).toEqual([300]);
    expect(kernel.counters()).toMatchObject({ dnsAmbiguous: 1, dnsUnanswered: 0 });
  });

  test('twice', () => {
    watch();
    for (const at of [0n, 100n, 200n]) query(at, 1);
    response(600n, 1);
    query(700n, 2);
    response(750n, 2);
    response(800n, 1);
    response(900n, 1);
    response(950n, 1);
    expect(times()).toEqual([50]);
    expect(kernel.counters()).toMatchObject({ dnsAmbiguous: 1, dnsRepeated: 2, dnsNoMatch: 0 });
  });
});

test('an id that was answered comes again: it is another query', () => {
  watch();
  for (const at of [0n, 1000n, 2000n]) {
    query(at, 1);
    response(at + 100n + at / 100n, 1);
  }
  expect(times()).toEqual([100, 110, 120]);
});

describe('not answered', () => {
  test('it is told by the sweep after the timeout, once', async () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    query(MILLISECOND, 2);
    kernel.at(SECOND);
    expect(await kernel.sweep()).toMatchObject({ queries: 2 });
    kernel.at(SECOND + 1n);
    await kernel.sweep();
    response(SECOND + 2n, 1);
    expect(kernel.events()).toMatchObject([
      {
        ...{ type: 'dns', queryId: 1, srcPort: 53, responseTime: undefined, rcode: undefined },
        ...{ waited: Number(SECOND) + 1, matchOnEgress: false },
      },
    ]);
    expect(kernel.counters()).toMatchObject({ dnsUnanswered: 1, dnsNoMatch: 1, dnsAnswered: 0 });
  });

  test('and not before: sent again, it waits for what is answered last', async () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    query(SECOND - 1n, 1);
    kernel.at(SECOND + MILLISECOND);
    await kernel.sweep();
    expect(kernel.counters()).toMatchObject({ dnsUnanswered: 0 });
    kernel.at(3n * SECOND);
    expect(await kernel.sweep()).toMatchObject({ queries: 0 });
    expect(kernel.dns().map(({ waited }) => waited)).toEqual([3e9]);
    expect(kernel.counters()).toMatchObject({ dnsUnanswered: 1, dnsAmbiguous: 0 });
  });

  test('also by a response that comes too late, and by a query with its id', () => {
    watch({ timestampTimeout: SECOND });
    query(0n, 1);
    query(0n, 2);
    response(2n * SECOND, 1);
    query(3n * SECOND, 2);
    response(3n * SECOND + 50n, 2);
    expect(kernel.dns().map(({ responseTime, waited }) => [responseTime, waited])).toEqual([
      [undefined, 2e9],
      [undefined, 3e9],
      [50, undefined],
    ]);
    expect(kernel.counters()).toMatchObject({ dnsUnanswered: 2, dnsAnswered: 1 });
  });
});

describe('no response to it', () => {
  test.each([
    ['with another id', { id: 2 }, RESOLVER, CLIENT],
    ['from another address', { id: 1 }, { ...RESOLVER, address: '10.0.0.3' }, CLIENT],
    ['to another port', { id: 1 }, RESOLVER, { ...CLIENT, port: 40_001 }],
    ['to another address', { id: 1 }, RESOLVER, { ...CLIENT, address: '10.0.0.9' }],
  ])('%s', (_, { id }, from, to) => {
    watch();
    query(0n, 1);
    response(100n, id, {}, from, to);
    response(300n, 1);
    expect(times()).toEqual([300]);
    expect(kernel.counters()).toMatchObject({ dnsNoMatch: 1, dnsAnswered: 1 });
  });

  test('at the same instant, or before: no time has passed', () => {
    watch();
    query(100n, 1);
    response(100n, 1);
    query(200n, 2);
    response(150n, 2);
    expect(times()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ dnsAmbiguous: 2, dnsAnswered: 0 });
  });
});

test.each([
  [0, 'NOERROR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [5, 'REFUSED'],
  [12, '12'],
])('the response code %d', (rcode, name) => {
  watch();
  query(0n, 1);
  response(5n, 1, { rcode, truncated: rcode === 5, answers: 0 });
  expect(kernel.dns()).toMatchObject([{ rcode: name, truncated: rcode === 5, responseTime: 5 }]);
});

describe('what is asked for', () => {
  const LONG = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)];
  const cases: [string, Partial<DnsMessage>, DnsEvent['question']][] = [
    ['a name', {}, { name: 'www.example.org', type: 'A' }],
    ['in any case', { name: ['WwW', 'eXample'], type: 28 }, { name: 'www.example', type: 'AAAA' }],
    ['the root', { name: [], type: 2 }, { name: '.', type: 'NS' }],
    ['the longest', { name: LONG, type: 16 }, { name: LONG.join('.'), type: 'TXT' }],
    ['beyond', { name: [...LONG.slice(0, 3), 'd'.repeat(62)] }, undefined],
    ['a type without a name', { type: 65280 }, { name: 'www.example.org', type: 'TYPE65280' }],
    [
      'other bytes',
      { name: ['a.b\\', '\x01\xff '] },
      { name: 'a\\.b\\\\.\\001\\255\\032', type: 'A' },
    ],
    ['no question', { name: undefined }, undefined],
    [
      'none that is whole',
      { name: undefined, questions: 1, rest: Buffer.from('\x05exam') },
      undefined,
    ],
    [
      'a pointer',
      { name: undefined, questions: 1, rest: Buffer.from([0xc0, 12, 0, 1, 0, 1]) },
      undefined,
    ],
  ];
  test.each(cases)('%s', (_, how, question) => {
    watch({}, { dnsNames: true });
    query(0n, 1);
    response(50n, 1, how);
    expect(kernel.dns()).toMatchObject([{ responseTime: 50, question }]);
  });

  test('of what was not answered it is not told', async () => {
    watch({ timestampTimeout: SECOND }, { dnsNames: true });
    query(0n, 1);
    kernel.at(2n * SECOND);
    await kernel.sweep();
    expect(kernel.dns()).toMatchObject([{ waited: 2e9, question: undefined }]);
  });
});

describe('not measured, and counted by its kind', () => {
  const MULTICAST: End = { address: '224.0.0.251', port: 5353 };
  const frames: [string, Buffer][] = [
    ['a notification', dnsFrame(CLIENT, RESOLVER, { id: 1, name: NAME, opcode: 4 })],
    ['an update', dnsFrame(CLIENT, RESOLVER, { id: 1, name: NAME, opcode: 5 })],
    ['mDNS', dnsFrame({ ...CLIENT, port: 5353 }, MULTICAST, { id: 0, name: NAME })],
    ['several questions', dnsFrame(CLIENT, RESOLVER, { id: 1, name: NAME, questions: 2 })],
    ['a query without one', dnsFrame(CLIENT, RESOLVER, { id: 1 })],
    ['a query with answers', dnsFrame(CLIENT, RESOLVER, { id: 1, name: NAME, answers: 1 })],
    ['a query by a resolver', dnsFrame(RESOLVER, CLIENT, { id: 1, name: NAME })],
    ['a response to a resolver', dnsFrame(CLIENT, RESOLVER, { id: 1, response: true })],
    ['less than a header', udpFrame(CLIENT, RESOLVER, Buffer.alloc(11))],
  ];
  test.each(frames)('%s', (_, frame) => {
    watch({}, { protocols: ['tcp', 'dns'] });
    kernel.show('egress', frame);
    expect(kernel.events()).toEqual([]);
    const { notTcp, dns, mdns, dnsQuery, dnsResponse } = kernel.counters();
    expect([notTcp, dns + mdns, dnsQuery, dnsResponse]).toEqual([1, 1, 0, 0]);
  });

  test('what follows the first fragment of a response', () => {
    watch();
    query(0n, 1);
    for (const [at, fragment] of [0x2000, 0x20b9, 185].entries()) {
      const message = { id: 1, response: true, name: NAME };
      const frame = dnsFrame(RESOLVER, CLIENT, message, { fragment });
      kernel.at(100n + BigInt(at)).show('ingress', frame);
    }
    expect(times()).toEqual([100]);
    expect(kernel.counters()).toMatchObject({ fragment: 2, dnsResponse: 1, dnsNoMatch: 0 });
  });
});

test('at other ports where these are named', () => {
  watch({}, { udpPorts: { quic: [], dns: [5300] } });
  const other = { ...RESOLVER, port: 5300 };
  query(0n, 1, CLIENT, other);
  response(40n, 1, {}, other);
  query(100n, 1);
  response(150n, 1);
  expect(times()).toEqual([40, 50]);
});

test('from port 53, as some resolvers ask', () => {
  watch();
  const asking = { ...CLIENT, port: 53 };
  query(0n, 1, asking);
  response(40n, 1, {}, RESOLVER, asking);
  expect(times()).toEqual([40]);
});

test('both ends may ask with the same id', () => {
  watch({ includeLocal: true });
  const [one, two] = [
    { ...CLIENT, port: 53 },
    { ...RESOLVER, port: 53 },
  ];
  query(0n, 1, one, two);
  query(10n, 1, two, one);
  response(300n, 1, {}, two, one);
  response(450n, 1, {}, one, two);
  expect(kernel.dns().map((event) => [event.responseTime, event.matchOnEgress])).toEqual([
    [300, false],
    [440, true],
  ]);
});

test('on its way through a router with one interface it is seen twice, and measured once', () => {
  watch({ includeLocal: true });
  const show = (at: bigint, hook: HookName, from: End, to: End, response: boolean) =>
    kernel.at(at).show(hook, dnsFrame(from, to, { id: 9, name: NAME, response }));
  show(0n, 'ingress', CLIENT, RESOLVER, false);
  show(10n, 'egress', CLIENT, RESOLVER, false);
  show(100n, 'ingress', RESOLVER, CLIENT, true);
  show(110n, 'egress', RESOLVER, CLIENT, true);
  expect(times()).toEqual([100]);
  expect(kernel.counters()).toMatchObject({ dnsAmbiguous: 0, dnsNoMatch: 1 });
});

test('a flood of queries pushes out queries, and no flow', () => {
  const sizes = { flows: 64, queries: 128 };
  kernel = new Targets({ rate: 0n }, 'ethernet', sizes, { ...FILTER, protocols: ['tcp', 'dns'] });
  for (let id = 0; id < 500; id++) query(BigInt(id), id, { ...CLIENT, port: 1000 + id });
  meetInMidStream(kernel);
  exchange(kernel, { sent: SECOND, answered: SECOND + 100n }, { tsval: 7, seq: 1000 });
  query(2n * SECOND, 3);
  response(2n * SECOND + 70n, 3);
  const events = kernel.events();
  expect(events.flatMap((event) => (event.type === 'rtt' ? [event.rtt] : []))).toEqual([100]);
  expect(events.flatMap((event) => (event.type === 'dns' ? [event.responseTime] : []))).toEqual([
    70,
  ]);
  expect(kernel.counters()).toMatchObject({ flowMapFull: 0, dnsQuery: 501 });
});

test('within a tunnel', () => {
  const tunnels = { linkLayer: 'ethernet', tunnels: true } as const;
  kernel = new Targets({}, tunnels, {}, { ...FILTER, dnsNames: true });
  const around = { carriers: [vxlan()] };
  const show = (at: bigint, hook: HookName, from: End, to: End, response: boolean) =>
    kernel.at(at).show(hook, dnsFrame(from, to, { id: 1, name: NAME, response }, around));
  show(0n, 'egress', CLIENT, RESOLVER, false);
  show(300n, 'ingress', RESOLVER, CLIENT, true);
  const question = { name: 'www.example.org', type: 'A' };
  expect(kernel.dns()).toMatchObject([{ responseTime: 300, question }]);
});

test('without being asked for it is counted, and that is all', () => {
  kernel = new Targets();
  query(0n, 1);
  response(100n, 1);
  expect(kernel.events()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ notTcp: 2, dns: 2, dnsQuery: 0 });
});

test('beside TCP', () => {
  watch({ rate: 0n }, { protocols: ['tcp', 'dns'] });
  meetInMidStream(kernel);
  kernel.at(0n).egress(TCP_CLIENT, TCP_SERVER, { tsval: 100, seq: 1000, payload: 100 });
  query(10n, 1);
  response(200n, 1);
  kernel.at(500n).ingress(TCP_SERVER, TCP_CLIENT, { tsval: 2, tsecr: 100, ack: 1100 });
  const told = kernel.events().map((event) => [event.type, event.protocol]);
  expect(told.filter(([type]) => type !== 'flow')).toEqual([
    ['dns', 'DNS'],
    ['rtt', 'TCP'],
  ]);
});

test('a filter by port leaves out what is not of it', () => {
  const ports = { prefixes: [], portRanges: [{ first: 40_000, last: 40_000 }] };
  watch({}, { include: ports });
  query(0n, 1);
  response(100n, 1);
  query(0n, 1, { ...CLIENT, port: 40_001 });
  expect(times()).toEqual([100]);
  expect(kernel.counters()).toMatchObject({ filtered: 1, dnsQuery: 1 });
});
