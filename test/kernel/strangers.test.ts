/**
 * What strangers can send to ports of QUIC and DNS, on both targets: no RTT that is none, no more state than there is
 * room for, and each packet counted once. What they can do nevertheless: docs/security.md.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { dnsFrame } from '../../lab/kernel/dns-packets.js';
import { Kernel, MILLISECOND, nanoseconds, SECOND } from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import {
  connectionId,
  type LongHeader,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
  VERSION,
  versionNegotiation,
} from '../../lab/kernel/quic-packets.js';
import { FATES, packetsIn } from '../../src/core/counters.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { Targets } from '../helpers/core/targets.js';

const CLIENT: End = { address: '10.0.0.1', port: 50_000 };
const SERVER: End = { address: '10.0.0.2', port: 443 };
const RESOLVER: End = { address: '10.0.0.2', port: 53 };
const [FIRST, MINE, ITS] = [connectionId(1), connectionId(2), connectionId(3)];
const NAME = ['www', 'example', 'org'];
const FLOWS = 64;
/** Of these, what anyone can make may be so many: assured.h. */
const MOST_UNASSURED = 40;

let kernel: Kernel;
afterEach(() => {
  const counters = kernel.counters();
  kernel.close();
  expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
});

function watch(protocols: readonly ['quic'] | readonly ['dns'], sizes = {}): void {
  const filter = { ...NO_FILTER, protocols };
  kernel = new Targets({ rate: 0n, includeLocal: true }, 'ethernet', sizes, filter);
}

function client(at: bigint, packet: Buffer, from = CLIENT): void {
  kernel.at(at).show('egress', quicFrame(from, SERVER, [packet]));
}

function server(at: bigint, packet: Buffer, to = CLIENT): void {
  kernel.at(at).show('ingress', quicFrame(SERVER, to, [packet]));
}

const initial = (dcid: Buffer, scid: Buffer, more: Partial<LongHeader> = {}) =>
  padded(longPacket({ type: 'initial', dcid, scid, ...more }));
const handshake = (dcid: Buffer, scid: Buffer) => longPacket({ type: 'handshake', dcid, scid });
const retry = (dcid: Buffer, scid: Buffer) =>
  longPacket({ type: 'retry', dcid, scid, token: Buffer.alloc(40, 1) });

function shakeHands(): void {
  client(0n, initial(FIRST, MINE));
  server(1_000n, initial(MINE, ITS));
  client(1_300n, handshake(ITS, MINE));
}

const rtts = () => nanoseconds(kernel.rtts());
const spoofed = (number: number): End => ({
  address: `10.9.${number >> 8}.${number & 255}`,
  port: 1_024 + number,
});

describe('a flood of Initials from forged addresses', () => {
  test.each([
    ['that nothing answers', false],
    ['that the server answers', true],
  ])('%s, takes no room of what is there, nor more than its share', async (_, isAnswered) => {
    watch(['quic'], { flows: FLOWS });
    shakeHands();
    expect(rtts()).toEqual([1_000n, 300n]);
    for (let number = 0; number < 2_000; number++) {
      const at = 2_000n + BigInt(number);
      client(at, initial(connectionId(10 + number), MINE), spoofed(number));
      if (isAnswered) server(at, initial(MINE, connectionId(20_000 + number)), spoofed(number));
    }
    kernel.events();
    const { flowMapFull } = kernel.counters();
    expect(flowMapFull).toBeGreaterThan((isAnswered ? 2 : 1) * 2_000 - 2 * MOST_UNASSURED - 1);
    expect(await kernel.sweep()).toMatchObject({ flows: 1 + MOST_UNASSURED });
    client(SECOND, initial(connectionId(4), connectionId(5)));
    server(SECOND + 10n, initial(connectionId(5), connectionId(6)));
    client(2n * SECOND, shortPacket({ dcid: ITS }));
    expect(kernel.events()).toEqual([]);
  });

  test('on the ports of a connection keeps no more than one of them', async () => {
    watch(['quic'], { flows: FLOWS });
    shakeHands();
    kernel.events();
    for (let number = 0; number < 500; number++) {
      const at = SECOND + BigInt(number) * MILLISECOND;
      client(at, initial(connectionId(10 + number), connectionId(1_000 + number)));
      server(at + 10n, initial(connectionId(1_000 + number), connectionId(20_000 + number)));
    }
    expect(kernel.events()).toEqual([]);
    expect(await kernel.sweep()).toMatchObject({ flows: 1 });
    expect(kernel.counters()).toMatchObject({ handshakeMatched: 2, handshake: 1_003 });
  });
});

describe('what is repeated without end', () => {
  test('Retries: one is believed', () => {
    watch(['quic']);
    client(0n, initial(FIRST, MINE));
    for (let number = 0; number < 100; number++) {
      const at = 1_000n + BigInt(number) * 100n;
      server(at, retry(MINE, connectionId(100 + number)));
      client(at + 30n, initial(connectionId(100 + number), MINE));
    }
    expect(rtts()).toEqual([1_000n, 30n]);
  });

  test('negotiations: each begins anew, and has its own RTT', () => {
    watch(['quic']);
    for (let number = 0; number < 100; number++) {
      const at = BigInt(number) * 1_000n;
      client(at, initial(connectionId(10 + number), MINE, { version: VERSION.v2 }));
      server(at + 70n, versionNegotiation({ dcid: MINE, scid: connectionId(10 + number) }));
      server(at + 80n, versionNegotiation({ dcid: MINE, scid: connectionId(10 + number) }));
    }
    expect(rtts()).toEqual(Array(100).fill(70n));
  });
});

describe('what is forged or mirrored while a handshake is under way', () => {
  const cases: [string, () => Buffer][] = [
    ["the client's own Initial", () => initial(FIRST, MINE)],
    ['for another client', () => initial(connectionId(99), ITS)],
    ['a Retry for another', () => retry(connectionId(99), connectionId(98))],
    [
      'a negotiation that does not repeat the id',
      () => versionNegotiation({ dcid: MINE, scid: ITS }),
    ],
    ['0-RTT, which no server sends', () => longPacket({ type: 'zeroRtt', dcid: MINE, scid: ITS })],
    ['a Handshake packet with the id that the client has made up', () => handshake(MINE, FIRST)],
  ];
  test.each(cases)('from the server: %s', (_, forged) => {
    watch(['quic']);
    client(0n, initial(FIRST, MINE));
    server(100n, forged());
    server(1_000n, initial(MINE, ITS));
    client(1_200n, forged());
    client(1_300n, handshake(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 300n]);
  });
});

const query = (at: bigint, id: number, from = CLIENT) =>
  kernel.at(at).show('egress', dnsFrame(from, RESOLVER, { id, name: NAME }));
const response = (at: bigint, id: number, from = RESOLVER, to = CLIENT) =>
  kernel.at(at).show('ingress', dnsFrame(from, to, { id, name: NAME, response: true, answers: 1 }));
const times = () => kernel.dns().map(({ responseTime }) => responseTime);

describe('forged responses', () => {
  test('with other ids, from other ports and addresses: the true one answers', () => {
    watch(['dns']);
    query(0n, 7);
    for (let id = 0; id < 0x10000; id += 53) if (id !== 7) response(10n, id);
    response(20n, 7, { ...RESOLVER, address: '10.0.0.3' });
    response(20n, 7, RESOLVER, { ...CLIENT, port: 50_001 });
    response(30n, 7);
    expect(times()).toEqual([30]);
    const { dnsNoMatch, dnsAnswered, dnsResponse } = kernel.counters();
    expect(dnsAnswered).toBe(1);
    expect(dnsNoMatch).toBe(dnsResponse - 1);
  });

  test('before there is a query answer none that comes', () => {
    watch(['dns']);
    for (let at = 0n; at < 100n; at++) response(at, 7);
    query(200n, 7);
    response(270n, 7);
    expect(times()).toEqual([70]);
  });
});

test('a flood of queries is bounded, and how many it has pushed out is what was not counted otherwise', async () => {
  const [most, queries] = [512, 2_000];
  const watched = { linkLayer: 'ethernet', protocols: ['dns'] } as const;
  kernel = new Kernel({ includeLocal: true }, watched, { queries: most });
  for (let number = 0; number < queries; number++) query(BigInt(number), number, spoofed(number));
  // The last ones are there, as are a few of those before.
  for (let number = queries - 100; number < queries; number++) {
    response(10_000n, number, RESOLVER, spoofed(number));
  }
  const { queries: waiting } = await kernel.sweep();
  const { dnsQuery, dnsAnswered, dnsUnanswered, dnsNoMatch } = kernel.counters();
  expect([dnsQuery, dnsAnswered + dnsNoMatch, dnsUnanswered]).toEqual([queries, 100, 0]);
  expect(dnsAnswered).toBeGreaterThan(0);
  expect(waiting).toBeLessThanOrEqual(most);
  expect(dnsQuery - dnsAnswered - waiting).toBeGreaterThanOrEqual(queries - most - 100);
});
