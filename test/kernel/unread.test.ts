/** What packets are that are not measured: each is counted by its kind, on both targets. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Carrier,
  carried,
  ciscoHdlc,
  mpls,
  ppp,
  pppoe,
  pseudowire,
} from '../../lab/kernel/carriers.js';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { CLIENT, type Kernel, PASS_ON, SERVER, START } from '../../lab/kernel/kernel.js';
import { type Encapsulation, frame, tcpFrame } from '../../lab/kernel/packets.js';
import {
  type Counters,
  NOT_IP_KINDS,
  NOT_TCP_KINDS,
  type UnreadName,
} from '../../src/core/counters.js';
import { UNREADS } from '../../src/core/layouts.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { Replica } from '../helpers/core/replica.js';
import { Targets } from '../helpers/core/targets.js';
import { wifiHeader } from '../helpers/packets/wrappers.js';

const UDP = 17;
/** Where UDP begins in what ip() makes, and how long it is at least. */
const AT = 34;
/** What is over IPv6. */
const AT6 = 54;
const LEAST = 32;

let kernel: Kernel;

function useTargets(link: LinkLayer = 'ethernet'): void {
  beforeAll(() => {
    kernel = new Targets({}, link);
  });
  afterAll(() => kernel.close());
}

/** What a packet is counted as, besides its fate. */
function kindsOf(data: Buffer): UnreadName[] {
  const before = kernel.counters();
  expect(kernel.show('ingress', data).verdict).toBe(PASS_ON);
  return grown(before, kernel.counters());
}

function grown(before: Counters, after: Counters): UnreadName[] {
  const kinds = UNREADS.filter((kind) => after[kind] > before[kind]);
  const fate = kinds.some((kind) => NOT_IP_KINDS.includes(kind)) ? 'notIp' : 'notTcp';
  expect(after[fate] - before[fate]).toBe(kinds.length);
  return kinds;
}

const link = (type: number) => frame(type, Buffer.alloc(46));
const ip = (protocol: number, around: Encapsulation = {}) =>
  tcpFrame(CLIENT, SERVER, {}, { ...around, protocol });
const ip6 = (protocol: number, around: Encapsulation = {}) =>
  tcpFrame(CLIENT6, SERVER6, {}, { ...around, protocol });

/** A datagram whose payload is said to be of that length and begins with these bytes. */
function udp(from: number, to: number, start: readonly number[] = [], length = LEAST): Buffer {
  const payload = Math.max(0, length + 8 - LEAST);
  const data = tcpFrame(CLIENT, SERVER, { payload }, { protocol: UDP });
  data.fill(0, AT);
  [from, to, 8 + length, 0].forEach((word, index) => {
    data.writeUInt16BE(word, AT + 2 * index);
  });
  data.set(start, AT + 8);
  return data;
}

/** With another type and code of ICMP. */
function startingWith(data: Buffer, byte: number, at = AT, code = 0): Buffer {
  data.set([byte, code], at);
  return data;
}

const within = (...carriers: Carrier[]) => tcpFrame(CLIENT, SERVER, {}, { carriers });
const arpWithin = (...carriers: Carrier[]) =>
  carried({ type: 0x0806, bytes: Buffer.alloc(46) }, carriers).bytes;

const NOT_IP: [string, UnreadName, Buffer][] = [
  ['ARP', 'arp', link(0x0806)],
  [
    'ARP in a VLAN',
    'arp',
    frame(0x8100, Buffer.concat([Buffer.from([0, 7, 8, 6]), Buffer.alloc(46)])),
  ],
  ["PPPoE's discovery", 'pppoe', link(0x8863)],
  ['LCP in PPPoE', 'pppoe', within(pppoe({ protocol: 0xc021 }))],
  ['IPCP in PPPoE', 'pppoe', within(pppoe({ protocol: 0x8021 }))],
  ['nine MPLS labels', 'mpls', within(mpls(9))],
  ['ARP in a pseudowire', 'mpls', frame(0x8847, arpWithin(mpls(), pseudowire()))],
  ['MPLS multicast', 'mpls', frame(0x8848, arpWithin(mpls(), pseudowire()))],
  ['five VLAN tags', 'vlan', tcpFrame(CLIENT, SERVER, {}, { vlans: Array(5).fill(0x8100) })],
  ['LLDP', 'lldp', link(0x88cc)],
  ['IEEE 802.1X', 'eapol', link(0x888e)],
  ['MACsec', 'macsec', link(0x88e5)],
  ['LACP', 'slow', link(0x8809)],
  ['spanning tree: a length', 'llc', link(0x0026)],
  ['PTP', 'otherLink', link(0x88f7)],
  ['the least ethertype', 'otherLink', link(0x0600)],
];

const NOT_TCP: [string, UnreadName, Buffer][] = [
  ['ICMP', 'icmp', ip(1)],
  ['a ping', 'icmpEcho', startingWith(ip(1), 8)],
  ['its answer', 'icmpEcho', startingWith(ip(1), 0)],
  ['a ping with a code', 'icmp', startingWith(ip(1), 8, AT, 1)],
  ['what is a ping in IPv6 alone', 'icmp', startingWith(ip(1), 128)],
  ['a ping in IPv6', 'icmpEcho', startingWith(ip6(58), 128, AT6)],
  ['its answer in IPv6', 'icmpEcho', startingWith(ip6(58), 129, AT6)],
  ['what is a ping in IPv4 alone', 'icmpv6', startingWith(ip6(58), 8, AT6)],
  ['IGMP', 'igmp', ip(2)],
  ['IPv4 in IPv4', 'ipInIp', ip(4)],
  ['IPv6 in IPv4', 'ipInIp', ip(41)],
  ['IPv6 in IPv6', 'ipInIp', ip6(41)],
  ['GRE', 'gre', ip(47)],
  ['ESP', 'ipsec', ip(50)],
  ['AH', 'ipsec', ip(51)],
  ['ESP behind an extension header', 'ipsec', ip6(50, { extensions: [[60, Buffer.alloc(8)]] })],
  ['ICMPv6', 'icmpv6', ip6(58)],
  ['MLD, behind a hop-by-hop header', 'icmpv6', ip6(58, { extensions: [[0, Buffer.alloc(8)]] })],
  ['OSPF', 'ospf', ip(89)],
  ['VRRP', 'vrrp', ip(112)],
  ['L2TP over IP', 'l2tp', ip(115)],
  ['SCTP', 'sctp', ip(132)],
  ['PIM', 'otherIp', ip(103)],
  ['UDP', 'udp', udp(40_000, 40_001)],
  ['UDP over IPv6', 'udp', ip6(UDP)],
  ['ICMP in MPLS', 'icmp', ip(1, { carriers: [mpls()] })],
  ['ICMP in PPPoE', 'icmp', ip(1, { carriers: [pppoe()] })],
  ['ICMP in two VLANs', 'icmp', ip(1, { vlans: [0x88a8, 0x8100] })],
  ['ICMP behind options of IPv4', 'icmp', ip(1, { ipOptions: Buffer.alloc(4, 1) })],
  ['DNS, asked', 'dns', udp(40_000, 53)],
  ['DNS, answered', 'dns', udp(53, 40_000)],
  ['multicast DNS', 'mdns', udp(5353, 5353)],
  ['DNS of a name server to itself', 'dns', udp(53, 53)],
  ['IKE', 'ipsec', udp(500, 500)],
  ['ESP in UDP', 'ipsec', udp(4500, 61_000)],
  ['VXLAN', 'vxlan', udp(50_000, 4789)],
  ["VXLAN on Linux's port", 'vxlan', udp(50_000, 8472)],
  ['a source port that happens to be that', 'udp', udp(4789, 50_000)],
  ['Geneve', 'geneve', udp(50_000, 6081)],
  ['GTP-U', 'gtpU', udp(2152, 2152)],
  ['L2TP', 'l2tp', udp(1701, 1701)],
  ['QUIC, its long header', 'quic', udp(40_000, 443, [0xc3, 0, 0, 0, 1])],
  ['QUIC, its short header', 'quic', udp(443, 40_000, [0x4f, 9, 9, 9])],
  ['a version of QUIC is negotiated', 'quic', udp(443, 40_000, [0x80, 0, 0, 0, 0])],
  ['QUIC, version 2', 'quic', udp(40_000, 443, [0xd3, 0x6b, 0x33, 0x43, 0xcf])],
  ['QUIC, a draft', 'quic', udp(40_000, 443, [0xc3, 0xff, 0, 0, 29])],
  ['a reserved version of QUIC', 'quic', udp(40_000, 443, [0xc3, 0x1a, 0x2a, 0xfa, 0x0a])],
  ['a version that there is not', 'udp', udp(40_000, 443, [0xc3, 0, 0, 0, 3])],
  ['QUIC on port 80', 'quic', udp(40_000, 80, [0x40, 9, 9, 9])],
  ['the same on another port', 'udp', udp(40_000, 8443, [0xc3, 0, 0, 0, 1])],
  ['DTLS on port 443', 'udp', udp(40_000, 443, [0x17, 0xfe, 0xfd, 0])],
  ['WireGuard, a handshake', 'wireguard', udp(40_000, 51_820, [1, 0, 0, 0], 148)],
  ['WireGuard, its answer', 'wireguard', udp(51_820, 40_000, [2, 0, 0, 0], 92)],
  ['WireGuard, a cookie', 'wireguard', udp(51_820, 40_000, [3, 0, 0, 0], 64)],
  ['WireGuard, keepalive', 'wireguard', udp(1, 2, [4, 0, 0, 0], 32)],
  ['WireGuard, data', 'wireguard', udp(1, 443, [4, 0, 0, 0], 1_424)],
  ['a length that WireGuard has not', 'udp', udp(1, 2, [4, 0, 0, 0], 1_425)],
  ['another length', 'udp', udp(1, 2, [1, 0, 0, 0], 149)],
  ['a type that it has not', 'udp', udp(1, 2, [5, 0, 0, 0], 64)],
  ['bytes that are not 0', 'udp', udp(1, 2, [4, 0, 1, 0], 64)],
  ['a datagram cut off before its ports', 'udp', ip(UDP).subarray(0, AT + 2)],
];

describe('not IP', () => {
  useTargets();
  test.each(NOT_IP)('%s: %s', (_, kind, data) => expect(kindsOf(data)).toEqual([kind]));
});

describe('not TCP', () => {
  useTargets();
  test.each(NOT_TCP.slice(0, -1))('%s: %s', (_, kind, data) => {
    expect(kindsOf(data)).toEqual([kind]);
  });
});

describe('on ports that were named', () => {
  beforeAll(() => {
    const udpPorts = { quic: [8443], dns: [5300, 5301] };
    kernel = new Targets({}, 'ethernet', {}, { ...NO_FILTER, udpPorts });
  });
  afterAll(() => kernel.close());
  test.each<[string, UnreadName, Buffer]>([
    ['QUIC', 'quic', udp(40_000, 8443, [0xc3, 0, 0, 0, 1])],
    ['QUIC, on the standard one', 'quic', udp(443, 40_000, [0xc3, 0, 0, 0, 1])],
    ['DNS', 'dns', udp(5301, 40_000)],
    ['DNS, on the standard one', 'dns', udp(40_000, 53)],
    ['neither', 'udp', udp(40_000, 5302, [0xc3, 0, 0, 0, 1])],
  ])('%s', (_, kind, data) => expect(kindsOf(data)).toEqual([kind]));
});

test('no kind is left out', () => {
  const shown = new Set([...NOT_IP, ...NOT_TCP].map(([, kind]) => kind));
  expect(UNREADS.filter((kind) => !shown.has(kind))).toEqual(['ppp', 'wifi']);
  expect([...NOT_IP_KINDS, ...NOT_TCP_KINDS]).toEqual([...UNREADS]);
});

describe('without a link header', () => {
  useTargets('ip');
  test.each<[string, UnreadName, Buffer]>([
    ['neither IPv4 nor IPv6', 'otherLink', Buffer.alloc(60, 0x70)],
    ['ICMP', 'icmp', ip(1, { ethernet: false })],
    ['ICMPv6', 'icmpv6', ip6(58, { ethernet: false })],
  ])('%s', (_, kind, data) => expect(kindsOf(data)).toEqual([kind]));
});

test('what is measured, filtered, malformed or a fragment has no kind', () => {
  kernel = new Targets();
  try {
    kernel.show('egress', tcpFrame(CLIENT, SERVER));
    kernel.show('egress', tcpFrame(CLIENT, SERVER).subarray(0, 40));
    kernel.show('egress', ip(UDP, { fragment: 185 }));
    const counters = kernel.counters();
    expect(counters).toMatchObject({ malformed: 1, fragment: 1 });
    expect(UNREADS.filter((kind) => counters[kind] > 0)).toEqual([]);
  } finally {
    kernel.close();
  }
});

/** Link layers that only captures have. */
describe('in captures', () => {
  const cooked = (length: number, at: number, inner: Buffer, type = 0x0800) => {
    const header = Buffer.alloc(length);
    header.writeUInt16BE(type, at);
    return Buffer.concat([header, inner]);
  };
  const bare = (around: Encapsulation = {}) => ip(1, { ...around, ethernet: false });
  const quic = udp(40_000, 443, [0xc3, 0, 0, 0, 1]);
  const family = (number: number) => Buffer.from([number, 0, 0, 0]);
  const line = (...carriers: Carrier[]) =>
    tcpFrame(CLIENT, SERVER, {}, { carriers, ethernet: false });

  test.each<[string, LinkLayer, UnreadName, Buffer]>([
    ['ICMP', 'cooked', 'icmp', cooked(16, 14, bare())],
    ['ARP', 'cooked', 'arp', cooked(16, 14, Buffer.alloc(46), 0x0806)],
    ['IEEE 802.2', 'cooked', 'llc', cooked(16, 14, Buffer.alloc(46), 4)],
    ['ICMP', 'cookedV2', 'icmp', cooked(20, 0, bare())],
    ['ARP', 'cookedV2', 'arp', cooked(20, 0, Buffer.alloc(46), 0x0806)],
    ['ICMP', 'family', 'icmp', Buffer.concat([family(2), bare()])],
    ['AppleTalk', 'family', 'otherLink', Buffer.concat([family(16), bare()])],
    ['ICMP', 'ppp', 'icmp', bare({ carriers: [ppp()] })],
    ['LCP', 'ppp', 'ppp', line(ppp({ protocol: 0xc021 }))],
    [
      'ARP in Cisco HDLC',
      'ppp',
      'arp',
      carried({ type: 0x0806, bytes: Buffer.alloc(46) }, [ciscoHdlc()]).bytes,
    ],
    ['LCP', 'pppoe', 'pppoe', line(pppoe({ protocol: 0xc021 }))],
    ['a beacon', 'wifi', 'wifi', Buffer.concat([wifiHeader({ control: 0x80 }), Buffer.alloc(60)])],
    ['encrypted', 'wifi', 'wifi', Buffer.concat([wifiHeader({ flags: 0x41 }), Buffer.alloc(60)])],
    ['a datagram cut off before its ports', 'ethernet', 'udp', ip(UDP).subarray(0, AT + 2)],
    ['QUIC cut off behind its ports', 'ethernet', 'udp', quic.subarray(0, AT + 8)],
    ['QUIC cut off behind its first bytes', 'ethernet', 'quic', quic.subarray(0, AT + 13)],
  ])('%s: %s', (_, link, kind, data) => {
    const replica = new Replica(DEFAULT_SETTINGS, link, DEFAULT_CAPACITY);
    const before = replica.counters();
    const whole = Buffer.concat([data, Buffer.alloc(200)]);
    replica.show('unknown', whole, START, { captured: data.length });
    expect(grown(before, replica.counters())).toEqual([kind]);
  });
});
