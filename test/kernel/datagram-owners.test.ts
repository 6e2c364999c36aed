/**
 * Flows of QUIC and pings, and DNS queries, whose packets have no socket that surely has sent them: what a test shows
 * has one that is none of UDP or pings. With real sockets: test/lab/datagram-owners.test.ts.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { dnsFrame } from '../../lab/kernel/dns-packets.js';
import type { HookName } from '../../lab/kernel/kernel.js';
import { echoFrame } from '../../lab/kernel/packets.js';
import {
  connectionId,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
} from '../../lab/kernel/quic-packets.js';
import { OWNERS_OBJECT } from '../../src/live/requirements.js';
import { OwnedKernel } from '../helpers/kernel/opened.js';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 443 };
const [FIRST, MINE, ITS] = [1, 2, 3].map((number) => connectionId(number)) as [
  Buffer,
  Buffer,
  Buffer,
];

let kernel: OwnedKernel;
afterEach(() => kernel.close());

function watch(isFiltered: boolean): void {
  const settings = { rate: 0n, includeLocal: true };
  kernel = new OwnedKernel(settings, isFiltered, {}, OWNERS_OBJECT, ['all']);
}

const initial = (dcid: Buffer, scid: Buffer) => padded(longPacket({ type: 'initial', dcid, scid }));
const client = (at: bigint, packet: Buffer) =>
  kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, [packet]));
const server = (at: bigint, packet: Buffer) =>
  kernel.at(at).show('ingress', quicFrame(SERVER, CLIENT, [packet]));

/** Both ways of a handshake, and a packet of each end after it. */
function connect(): void {
  client(0n, initial(FIRST, MINE));
  server(100n, initial(MINE, ITS));
  client(300n, initial(ITS, MINE));
  client(400n, shortPacket({ dcid: ITS }));
  server(500n, shortPacket({ dcid: MINE }));
}

function ping(hook: HookName, kind: 'request' | 'reply', sequence: number): void {
  const [from, to] = kind === 'request' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  kernel.show(hook, echoFrame(from.address, to.address, { kind, id: 7, sequence }));
}

/** And its response. */
function query(): void {
  const [from, to] = [CLIENT, { ...SERVER, port: 53 }];
  kernel.at(0n).show('egress', dnsFrame(from, to, { id: 7, name: ['a'] }));
  kernel.at(9n).show('ingress', dnsFrame(to, from, { id: 7, name: ['a'], response: true }));
}

describe('without a filter', () => {
  test('all is measured, and nobody is told', () => {
    watch(false);
    connect();
    kernel.at(1_000n);
    ping('egress', 'request', 1);
    kernel.at(1_500n);
    ping('ingress', 'reply', 1);
    const { owners, events } = kernel.told();
    expect(owners).toEqual([]);
    expect(events.map((event) => (event.type === 'rtt' ? event.rtt : event.type))).toEqual([
      ...['flow', 100, 200],
      ...['flow', 500],
    ]);
    expect(kernel.counters()).toMatchObject({ filtered: 0, handshake: 3, noSpin: 2 });
  });

  test('a query of DNS is measured, and without who has asked', () => {
    watch(false);
    query();
    expect(kernel.told().events).toMatchObject([
      { type: 'dns', responseTime: 9, asker: undefined },
    ]);
  });
});

describe('with a filter', () => {
  test('once both ends were asked they are left out, and nothing is told', () => {
    watch(true);
    connect();
    kernel.at(1_000n);
    for (const sequence of [1, 2]) {
      ping('egress', 'request', sequence);
      ping('ingress', 'reply', sequence);
    }
    expect(kernel.told()).toEqual({ owners: [], events: [] });
    // The first packet of each flow asked one end.
    expect(kernel.counters()).toMatchObject({
      filtered: 7,
      handshake: 1,
      spinBit: 0,
      remembered: 1,
    });
  });

  test('a query of DNS that nobody is known to have asked is left out, and so is its response', () => {
    watch(true);
    query();
    expect(kernel.told()).toEqual({ owners: [], events: [] });
    expect(kernel.counters()).toMatchObject({ filtered: 2, dnsQuery: 0, dnsNoMatch: 0 });
  });

  test('what only one end sends waits for the other', () => {
    watch(true);
    for (const at of [0n, 100n, 200n]) client(at, shortPacket({ dcid: ITS }));
    expect(kernel.told()).toEqual({ owners: [], events: [] });
    expect(kernel.counters()).toMatchObject({ filtered: 0, noSpin: 3 });
  });
});
