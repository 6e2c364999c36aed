/** Which connections are let through, by both targets. What is not leaves no trace but its counters. */
import { isIPv4 } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { dnsFrame } from '../../lab/kernel/dns-packets.js';
import { type End, echoFrame, frame, tcpFrame } from '../../lab/kernel/packets.js';
import { connectionId, longPacket, shortPacket } from '../../lab/kernel/quic-packets.js';
import { udpFrame } from '../../lab/kernel/udp-packets.js';
import { newRandom, type Random } from '../../lab/random.js';
import { measurableBytesIn } from '../../src/core/counters.js';
import { parsePorts } from '../../src/options/ports.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { type Filter, NO_FILTER, type Selection } from '../../src/sampling/filter.js';
import { Targets } from '../helpers/core/targets.js';

jest.setTimeout(240_000);

let kernel: Targets | undefined;
afterEach(() => {
  kernel?.close();
  kernel = undefined;
});

const selection = (prefixes: string[] = [], ports: string[] = []): Selection => ({
  prefixes: prefixes.map(parsePrefix),
  portRanges: ports.map(parsePorts),
});

interface Words {
  readonly prefixes?: string[];
  readonly ports?: string[];
  readonly notPrefixes?: string[];
  readonly notPorts?: string[];
}

const filterOf = ({ prefixes, ports, notPrefixes, notPorts }: Words): Filter => ({
  ...NO_FILTER,
  include: selection(prefixes, ports),
  exclude: selection(notPrefixes, notPorts),
});

const targets = (filter: Filter) => new Targets({}, 'ethernet', {}, filter);

/** Shown in both directions. @returns whether both were let through */
function isLetThrough(shown: Targets, from: End, to: End): boolean {
  const before = shown.counters().filtered;
  shown.egress(from, to, { tsval: 1, tsecr: 1 });
  shown.ingress(to, from, { tsval: 1, tsecr: 1 });
  const filtered = shown.counters().filtered - before;
  expect([0, 2]).toContain(filtered);
  return filtered === 0;
}

const A: End = { address: '10.0.1.1', port: 40_000 };
const B: End = { address: '192.0.2.7', port: 443 };
const C: End = { address: '2001:db8::1', port: 40_000 };
const D: End = { address: '2001:db8:1::2', port: 22 };

describe('a connection is let through', () => {
  const CASES: [Words, ab: boolean, cd: boolean][] = [
    [{}, true, true],
    [{ prefixes: ['10.0.1.1'] }, true, false],
    [{ prefixes: ['192.0.2.7'] }, true, false],
    [{ prefixes: ['10.0.1.2'] }, false, false],
    [{ prefixes: ['10.0.1.2', '2001:db8::1'] }, false, true],
    [{ prefixes: ['192.0.2.0/29'] }, true, false],
    [{ prefixes: ['192.0.2.0/30'] }, false, false],
    [{ prefixes: ['2001:db8:1::/48'] }, false, true],
    [{ prefixes: ['0.0.0.0/0'] }, true, false],
    [{ prefixes: ['::/0'] }, false, true],
    [{ prefixes: ['::ffff:10.0.1.1'] }, true, false],
    [{ ports: ['443'] }, true, false],
    [{ ports: ['1-100', '39000-41000'] }, true, true],
    [{ ports: ['444-39999'] }, false, false],
    [{ ports: ['1-65535'] }, true, true],
    [{ prefixes: ['10.0.1.1'], ports: ['443'] }, true, false],
    [{ prefixes: ['10.0.1.1'], ports: ['22'] }, false, false],
    [{ notPrefixes: ['192.0.2.7'] }, false, true],
    [{ notPorts: ['22', '23'] }, true, false],
    [{ prefixes: ['10.0.0.0/8'], notPrefixes: ['10.0.1.0/24'] }, false, false],
    [{ ports: ['40000'], notPorts: ['443'] }, false, true],
  ];

  test.each(CASES)('%j: %p and %p', (words, ab, cd) => {
    kernel = targets(filterOf(words));
    expect([isLetThrough(kernel, A, B), isLetThrough(kernel, C, D)]).toEqual([ab, cd]);
  });

  test('by the last of as many as there is room for', () => {
    const others = Array.from({ length: 63 }, (_, index) => `10.9.0.${index}`);
    const ports = Array.from({ length: 63 }, (_, index) => String(index + 1));
    kernel = targets(filterOf({ prefixes: [...others, '10.0.1.1'], ports: [...ports, '443'] }));
    expect([isLetThrough(kernel, A, B), isLetThrough(kernel, C, D)]).toEqual([true, false]);
  });
});

test('what is not let through is counted, with its bytes, and nothing is remembered of it', async () => {
  kernel = targets(filterOf({ ports: ['1'] }));
  const data = tcpFrame(A, B, { tsval: 5, payload: 300 });
  const syn = tcpFrame(A, B, { flags: ['SYN'], tsval: 4 });
  kernel.show('egress', syn);
  kernel.show('egress', data);
  kernel.show('ingress', frame(0x0806, Buffer.alloc(28)));
  expect(kernel.counters()).toMatchObject({
    filtered: 2,
    filteredBytes: data.length + syn.length,
    notIp: 1,
    unmeasurableBytes: 42,
    bytes: data.length + syn.length + 42,
    handshake: 0,
    remembered: 0,
  });
  expect(await kernel.sweep()).toMatchObject({ flows: 0, timestamps: 0 });
  expect(kernel.events()).toEqual([]);
});

test('without a filter bytes are told by whether they could be measured', () => {
  kernel = targets(NO_FILTER);
  kernel.set({ sequence: false });
  const frames = [
    tcpFrame(A, B, { tsval: 5, payload: 300 }),
    tcpFrame(A, B, { options: Buffer.alloc(0) }),
    tcpFrame(A, B, { flags: ['SYN'], options: Buffer.alloc(0) }),
    tcpFrame(A, B, { flags: ['RST'] }),
    tcpFrame(A, B, {}, { protocol: 17 }),
  ];
  for (const each of frames) kernel.show('egress', each);
  const sizes = frames.map(({ length }) => length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(kernel.counters()).toMatchObject({ bytes, unmeasurableBytes: bytes - (sizes[0] ?? 0) });
});

test('bytes of protocols beside TCP are told by which they are of', () => {
  kernel = targets({ ...NO_FILTER, protocols: ['all'] });
  const resolver = { ...B, port: 53 };
  const echo = { kind: 'request', id: 7, sequence: 1 } as const;
  const frames = {
    icmp: echoFrame(A.address, B.address, echo),
    icmpv6: echoFrame(C.address, D.address, echo),
    quic: udpFrame(A, B, longPacket({ type: 'handshake', dcid: connectionId(1) })),
    // Nobody knows whether it spins: it is not measurable.
    spinless: udpFrame(A, B, shortPacket({ spin: 0 })),
    dns: dnsFrame(A, resolver, { id: 1, name: ['a'] }),
    tcp: tcpFrame(A, B, { tsval: 5, payload: 300 }),
    unread: udpFrame(A, { ...B, port: 9 }, Buffer.alloc(30)),
  };
  for (const each of Object.values(frames)) kernel.show('egress', each);
  const { icmp, icmpv6, quic, dns, tcp } = frames;
  expect(measurableBytesIn(kernel.counters())).toEqual({
    TCP: tcp.length,
    ICMP: icmp.length,
    ICMPv6: icmpv6.length,
    QUIC: quic.length,
    DNS: dns.length,
  });
});

/** The same in a few words of arithmetic. */
function isSelected({ include, exclude }: Filter, ends: readonly End[]): boolean {
  const anyPrefix = ({ prefixes }: Selection) =>
    prefixes.some((prefix) => ends.some(({ address }) => isWithin(address, prefix)));
  const anyPort = ({ portRanges }: Selection) =>
    portRanges.some(({ first, last }) => ends.some(({ port }) => port >= first && port <= last));
  return (
    (include.prefixes.length === 0 || anyPrefix(include)) &&
    (include.portRanges.length === 0 || anyPort(include)) &&
    !anyPrefix(exclude) &&
    !anyPort(exclude)
  );
}

function isWithin(text: string, { ipVersion, address, bits }: Selection['prefixes'][number]) {
  const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const shift = BigInt(128 - bits);
  const same = number(parsePrefix(text).address) >> shift === number(address) >> shift;
  return same && isIPv4(text) === (ipVersion === 4);
}

test('random filters agree with arithmetic about random connections', () => {
  const random = newRandom();
  for (let round = 0; round < 40; round++) {
    const filter = randomFilter(random);
    const shown = targets(filter);
    kernel = shown;
    for (let connection = 0; connection < 40; connection++) {
      const ends = randomEnds(random);
      const is = isLetThrough(shown, ...ends);
      expect({ seed: random.seed, filter, ends, is }).toEqual({
        seed: random.seed,
        filter,
        ends,
        is: isSelected(filter, ends),
      });
    }
    shown.close();
  }
});

const few = <Value>(random: Random, most: number, make: () => Value): Value[] =>
  Array.from({ length: random.below(most + 1) }, make);

function randomAddress(random: Random, version: 4 | 6): string {
  return version === 4
    ? `10.${random.below(2)}.${128 * random.below(2)}.${random.below(4)}`
    : `2001:db8:${random.below(2)}::${random.below(4)}`;
}

function randomEnds(random: Random): [End, End] {
  const version = random.below(2) === 0 ? 4 : 6;
  const end = () => ({ address: randomAddress(random, version), port: 1 + random.below(12) });
  return [end(), end()];
}

function randomFilter(random: Random): Filter {
  const prefix = () =>
    random.below(2) === 0
      ? `${randomAddress(random, 4)}/${random.below(33)}`
      : `${randomAddress(random, 6)}/${random.below(129)}`;
  const ports = () => {
    const first = 1 + random.below(12);
    return `${first}-${first + random.below(4)}`;
  };
  return filterOf({
    prefixes: few(random, 3, prefix),
    ports: few(random, 2, ports),
    notPrefixes: few(random, 1, prefix),
    notPorts: few(random, 1, ports),
  });
}
