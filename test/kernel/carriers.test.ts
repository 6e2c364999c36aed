/** What carries IP at the link layer: PPPoE, PPP and Cisco HDLC, MPLS and its pseudowires. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  backbone,
  type Carrier,
  carried,
  ciscoHdlc,
  mpls,
  ppp,
  pppoe,
  pseudowire,
  snap,
} from '../../lab/kernel/carriers.js';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { CLIENT, type HookName, type Kernel, PASS_ON, SERVER } from '../../lab/kernel/kernel.js';
import { type Encapsulation, type End, frame, tcpFrame } from '../../lab/kernel/packets.js';
import type { CounterName } from '../../src/core/counters.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import { Targets } from '../helpers/core/targets.js';
import { Exchanges, fatesOf as fatesOfPacket } from '../helpers/kernel/exchange.js';

const MULTICAST = 0x8848;
const BARE = { controlWord: Buffer.alloc(0) };

let kernel: Kernel;
const exchanges = new Exchanges();
type Shown = [ends: readonly [End, End], request: Encapsulation, answer?: Encapsulation];

/** Loaded once for all tests beside it, which have connections of their own. */
function useTargets(link: LinkLayer = 'ethernet'): void {
  beforeAll(() => {
    kernel = new Targets({ rate: 0n }, link);
  });
  afterAll(() => kernel.close());
}

const exchange = (...shown: Shown) => exchanges.show(kernel, ...shown);

function measure(...shown: Shown): number[] {
  exchange(...shown);
  return kernel.rtts().map(({ rtt }) => rtt);
}

const fatesOf = (hook: HookName, data: Buffer) => fatesOfPacket(kernel, hook, data);

const ENDS: readonly [string, readonly [End, End]][] = [
  ['IPv4', [CLIENT, SERVER]],
  ['IPv6', [CLIENT6, SERVER6]],
];
const CARRIERS: readonly [string, readonly Carrier[]][] = [
  ['a session of PPPoE', [pppoe()]],
  ['PPPoE, with its protocol field compressed', [pppoe({ isCompressed: true })]],
  ['an MPLS label', [mpls()]],
  ['eight MPLS labels', [mpls(8)]],
  ['MPLS multicast', [mpls(3, MULTICAST)]],
  ['a pseudowire with a control word', [mpls(2), pseudowire()]],
  ['a pseudowire without one', [mpls(2), pseudowire(BARE)]],
  ['four tags in a pseudowire', [mpls(), pseudowire({ vlanIds: [1, 2, 3, 4] })]],
  ['PPPoE in a pseudowire', [mpls(2), pseudowire(), pppoe()]],
  ['PPPoE in a bare pseudowire', [mpls(), pseudowire(BARE), pppoe()]],
  ['MPLS in PPPoE', [pppoe(), mpls(2)]],
  ['PPP without framing, by its ethertype', [ppp()]],
  ['SNAP', [snap()]],
  ["a provider's backbone", [backbone()]],
  ['PPPoE in a backbone', [backbone([7]), pppoe()]],
];

describe('what is measured', () => {
  useTargets();
  const cases = CARRIERS.flatMap(([name, carriers]) =>
    ENDS.map(([version, ends]) => [version, name, ends, carriers] as const),
  );

  test.each(cases)('%s in %s', (_, __, ends, carriers) => {
    expect(measure(ends, { carriers })).toEqual([500]);
  });

  test.each(cases)('%s in %s, behind tags', (_, __, ends, carriers) => {
    expect(measure(ends, { carriers, vlans: [0x88a8, 0x8100, 0x8100, 0x8100] })).toEqual([500]);
  });

  test('whatever the labels of each direction, and where the last router has taken them off', () => {
    const carriers = [mpls(3, 0x8847, 7_000)];
    expect(measure([CLIENT, SERVER], { carriers }, { carriers: [mpls(1)] })).toEqual([500]);
    expect(measure([CLIENT6, SERVER6], { carriers }, {})).toEqual([500]);
  });

  test('the tags around a pseudowire and within it are its VLANs', () => {
    const within = (...vlanIds: number[]) => ({ carriers: [mpls(), pseudowire({ vlanIds })] });
    exchange([CLIENT, SERVER], { ...within(30, 20), vlans: [0x8100], vlanIds: [10] });
    exchange([CLIENT, SERVER], within(40));
    exchange([CLIENT, SERVER], within(0xe000, 50, 0));
    exchange([CLIENT, SERVER], within(60, 70, 80));
    expect(kernel.rtts().map(({ place }) => kernel.surroundingsOf(place)?.vlans)).toEqual([
      { outer: 10, inner: 20 },
      { outer: 40 },
      { outer: 50 },
      { outer: 60, inner: 80 },
    ]);
  });

  test.each(CARRIERS)('%s, with padding behind it', (_, carriers) => {
    expect(measure([CLIENT, SERVER], { carriers, padding: 6 })).toEqual([500]);
  });
});

describe.each<[LinkLayer, readonly (readonly [string, Carrier])[]]>([
  [
    'ppp',
    [
      ['PPP without framing', ppp()],
      ['PPP in HDLC-like framing', ppp({ framing: [0xff, 3] })],
      ['Cisco HDLC', ciscoHdlc()],
      ['Cisco HDLC, multicast', ciscoHdlc(0x8f)],
    ],
  ],
  ['pppoe', [['PPPoE', pppoe()]]],
])('lines, %s', (link, lines) => {
  useTargets(link);
  const inner: readonly [string, readonly Carrier[]][] = [
    ['IP', []],
    ['MPLS', [mpls(2)]],
    ['MPLS multicast with a pseudowire', [mpls(1, MULTICAST), pseudowire({ vlanIds: [5] })]],
  ];
  const cases = lines.flatMap(([name, line]) =>
    inner.map(([what, more]) => [what, name, [line, ...more]] as const),
  );
  test.each(cases)('%s over %s', (_, __, carriers) => {
    for (const [, ends] of ENDS) {
      expect(measure(ends, { carriers, ethernet: false })).toEqual([500]);
    }
  });

  test.each(
    link === 'ppp'
      ? [ppp({ isCompressed: true }), ppp({ framing: [0xff, 3], isCompressed: true })]
      : [pppoe({ isCompressed: true })],
  )('its protocol field compressed, %#', (line) => {
    for (const [, ends] of ENDS) {
      expect(measure(ends, { carriers: [line], ethernet: false })).toEqual([500]);
    }
  });
});

describe('a pseudowire without a control word, to any address', () => {
  useTargets();
  const destinations = [
    ...[[0x00], [0x00, 0x00, 0x5e], [0x00, 0x1b, 0x21], [0x10, 0x7b, 0x44], [0x45], [0x33, 0x33]],
    // As IPv4 and IPv6 would begin, with a length that fits.
    ...[
      [0x45, 0, 0, 0x30],
      [0x4f, 0, 0, 0],
      [0x60, 0, 0, 0, 0, 0x2a],
    ],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ];
  test.each(
    destinations.flatMap((destination) =>
      ENDS.map(([version, ends]) => ({ destination, version, ends })),
    ),
  )('$destination, $version', ({ destination, ends }) => {
    const there = { carriers: [mpls(), pseudowire({ ...BARE, destination })] };
    const back = { carriers: [mpls(), pseudowire(BARE)] };
    expect(measure(ends, there, back)).toEqual([500]);
  });

  test('IP whose source has an ethertype in it is not taken for one', () => {
    const client = { address: '8.0.69.0', port: 40000 };
    const client6 = { address: 'fd00:0:86dd:6000::1', port: 40000 };
    for (const ends of [[client, SERVER] as const, [client6, SERVER6] as const]) {
      expect(measure(ends, { carriers: [mpls()] })).toEqual([500]);
    }
  });

  test('IPv4 whose checksum is wrong is IPv4', () => {
    const data = tcpFrame(CLIENT, SERVER, { tsval: 1 }, { carriers: [mpls()] });
    data.writeUInt16BE(7, 14 + 4 + 10);
    expect(fatesOf('egress', data)).toEqual(['pureAck']);
  });
});

describe('what is counted and left alone', () => {
  useTargets();
  const within = (...carriers: Carrier[]) => tcpFrame(CLIENT, SERVER, {}, { carriers });
  const arp = { type: 0x0806, bytes: Buffer.alloc(46) };
  const around = (...carriers: Carrier[]) => carried(arp, carriers).bytes;
  const changed = (at: number, value: number, data: Buffer) => {
    const copy = Buffer.from(data);
    copy.writeUInt8(value, at);
    return copy;
  };
  const cases: [string, CounterName, Buffer][] = [
    ["PPPoE's discovery", 'notIp', frame(0x8863, Buffer.alloc(46))],
    ['a code of PPPoE that is not of sessions', 'notIp', within(pppoe({}, 0xa7))],
    ['a version of PPPoE that there is not', 'notIp', changed(14, 0x21, within(pppoe()))],
    ['LCP', 'notIp', within(pppoe({ protocol: 0xc021 }))],
    ['IPv4 with compressed headers', 'notIp', within(pppoe({ protocol: 0x002d }))],
    ['nine MPLS labels', 'notIp', within(mpls(9))],
    ['more labels in PPPoE', 'notIp', within(mpls(5), pseudowire(), pppoe(), mpls(4))],
    [
      'five tags in a pseudowire',
      'notIp',
      within(mpls(), pseudowire({ vlanIds: [1, 2, 3, 4, 5] })),
    ],
    ['ARP in a pseudowire', 'notIp', frame(0x8847, around(mpls(), pseudowire()))],
    ['ARP in a bare pseudowire', 'notIp', frame(0x8847, around(mpls(), pseudowire(BARE)))],
    ['MPLS in a pseudowire', 'notIp', within(mpls(), pseudowire(), mpls())],
    [
      'a channel associated with a pseudowire (RFC 4385, 5)',
      'notIp',
      frame(0x8847, Buffer.concat([around(mpls()).subarray(0, 4), Buffer.alloc(60, 0x10)])),
    ],
    ['an IPv4 header too short to be one', 'notIp', changed(18, 0x44, within(mpls()))],
    ['UDP', 'notTcp', tcpFrame(CLIENT, SERVER, {}, { carriers: [mpls()], protocol: 17 })],
    ['IP that PPP says is of the other version', 'malformed', within(pppoe({ protocol: 0x57 }))],
    ['a length beyond the frame', 'malformed', changed(14 + 8 + 2, 0xff, within(pppoe()))],
  ];
  test.each(cases)('%s: %s', (_, counter, data) => {
    expect(fatesOf('ingress', data)).toEqual([counter]);
    expect(kernel.events()).toEqual([]);
  });
});

describe.each<[LinkLayer, readonly (readonly [string, readonly Carrier[]])[]]>([
  [
    'ethernet',
    [
      ...CARRIERS,
      ['all of them', [pppoe(), mpls(7), pseudowire({ vlanIds: [1, 2, 3, 4] }), pppoe()]],
    ],
  ],
  [
    'ppp',
    [
      ['PPP in framing', [ppp({ framing: [0xff, 3] })]],
      ['Cisco HDLC with MPLS', [ciscoHdlc(), mpls(2), pseudowire()]],
    ],
  ],
  ['pppoe', [['PPPoE', [pppoe()]]]],
])('cut at any byte, %s', (link, cases) => {
  useTargets(link);

  test.each(cases)('%s: passed on, counted once, nothing reported', (_, carriers) => {
    const around = { carriers, ethernet: link === 'ethernet' };
    const whole = tcpFrame(CLIENT6, SERVER6, { tsval: 9, tsecr: 1, payload: 4 }, around);
    // The kernel itself refuses to run a program on less than an Ethernet header.
    for (let length = 14; length < whole.length; length++) {
      expect([length, fatesOf('egress', whole.subarray(0, length))]).toEqual([
        length,
        ['malformed'],
      ]);
    }
    expect(kernel.events()).toEqual([]);
  });
});

describe('the packet is passed on unchanged', () => {
  useTargets();

  kernel = new Targets({ rate: 0n });
  test.each(CARRIERS)('%s', (_, carriers) => {
    const data = tcpFrame(CLIENT, SERVER, { tsval: 5, tsecr: 1, payload: 300 }, { carriers });
    const shown = kernel.show('egress', data);
    expect(shown.verdict).toBe(PASS_ON);
    expect(shown.data.equals(data)).toBe(true);
  });
});
