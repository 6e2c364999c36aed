/** TCP in tunnels: IP in IP, GRE, ERSPAN, VXLAN, Geneve, GTP-U; up to two of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Carrier, mpls, pppoe } from '../../lab/kernel/carriers.js';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { CLIENT, type HookName, type Kernel, SERVER } from '../../lab/kernel/kernel.js';
import { type Encapsulation, type End, tcpFrame } from '../../lab/kernel/packets.js';
import { erspan, geneve, gre, gretap, gtpU, ipInIp, vxlan } from '../../lab/kernel/tunnels.js';
import type { CounterName } from '../../src/core/counters.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import type { Tunnel } from '../../src/events/places.js';
import { Targets } from '../helpers/core/targets.js';
import { Exchanges, fatesOf as fatesOfPacket } from '../helpers/kernel/exchange.js';

const OUTER6 = { outer: 6 } as const;
const DESTINATION_OPTIONS: readonly [number, Buffer] = [60, Buffer.from([0, 0, 4, 1, 4, 1, 1, 0])];
const FRAGMENT_HEADER: readonly [number, Buffer] = [44, Buffer.from([0, 0, 0, 1, 0, 0, 0, 9])];
const MORE_FRAGMENTS = 0x2000;

let kernel: Kernel;
const exchanges = new Exchanges();
type Shown = [ends: readonly [End, End], request: Encapsulation, answer?: Encapsulation];

/** Loaded once for all tests beside it, which have connections of their own. */
function useTargets(linkLayer: LinkLayer = 'ethernet', tunnels = true): void {
  beforeAll(() => {
    kernel = new Targets({ rate: 0n }, { linkLayer, tunnels });
  });
  afterAll(() => kernel.close());
}

const exchange = (...shown: Shown) => exchanges.show(kernel, ...shown);

function measure(...shown: Shown): number[] {
  exchange(...shown);
  return kernel.rtts().map(({ rtt }) => rtt);
}

/** What the place says of one exchange. */
function surroundings(...shown: Shown) {
  exchange(...shown);
  const [rtt] = kernel.rtts();
  return rtt && kernel.surroundingsOf(rtt.place);
}

/** What a packet is counted as. */
function fatesOf(carriers: readonly Carrier[], around: Encapsulation = {}): CounterName[] {
  return fatesOfFrame('egress', tcpFrame(CLIENT, SERVER, {}, { ...around, carriers }));
}

const fatesOfFrame = (hook: HookName, data: Buffer) => fatesOfPacket(kernel, hook, data);

const ENDS: readonly [string, readonly [End, End]][] = [
  ['IPv4', [CLIENT, SERVER]],
  ['IPv6', [CLIENT6, SERVER6]],
];

/** What it is, what it is called, and its id. */
const TUNNELS: readonly [string, Carrier, Tunnel][] = [
  ['GRE', gre(), { name: 'gre', id: undefined }],
  ['GRE with a key', gre({ key: 0xffff_ffff }), { name: 'gre', id: 0xffff_ffff }],
  ['GRE with the key 0', gre({ key: 0 }), { name: 'gre', id: 0 }],
  ['GRE with all its fields', gre({ key: 5, sequence: 6, checksum: true }), { name: 'gre', id: 5 }],
  ['GRE with a sequence number', gre({ sequence: 6 }), { name: 'gre', id: undefined }],
  ['GRE over IPv6', gre({ key: 7, ...OUTER6 }), { name: 'gre', id: 7 }],
  ['Ethernet in GRE', gretap({ key: 8 }), { name: 'gre', id: 8 }],
  ['ERSPAN I', erspan(1), { name: 'erspan', id: undefined }],
  ['ERSPAN II', erspan(2, { session: 1023 }), { name: 'erspan', id: 1_023 }],
  ['ERSPAN III', erspan(3, { session: 0 }), { name: 'erspan', id: 0 }],
  [
    'ERSPAN III with a subheader',
    erspan(3, { session: 3, subheader: true }),
    { name: 'erspan', id: 3 },
  ],
  ['VXLAN', vxlan(0xff_ffff), { name: 'vxlan', id: 0xff_ffff }],
  ['VXLAN at the port of Linux', vxlan(0, { port: 8472 }), { name: 'vxlan', id: 0 }],
  ['VXLAN with a group policy', vxlan(2, { start: 0x88 }), { name: 'vxlan', id: 2 }],
  ['VXLAN over IPv6', vxlan(3, OUTER6), { name: 'vxlan', id: 3 }],
  ['Geneve', geneve(4), { name: 'geneve', id: 4 }],
  ['Geneve with options', geneve(5, { options: 252 }), { name: 'geneve', id: 5 }],
  ['Geneve without Ethernet', geneve(6, { isFrame: false }), { name: 'geneve', id: 6 }],
  ['Geneve over IPv6', geneve(7, OUTER6), { name: 'geneve', id: 7 }],
  ['GTP-U', gtpU(1), { name: 'gtp-u', id: undefined }],
  ['GTP-U with a sequence number', gtpU(1, { start: 0x32 }), { name: 'gtp-u', id: undefined }],
  ['GTP-U with extensions', gtpU(1, { words: [1, 2, 1] }), { name: 'gtp-u', id: undefined }],
  ['GTP-U over IPv6', gtpU(1, OUTER6), { name: 'gtp-u', id: undefined }],
];

describe('what is measured', () => {
  useTargets();
  const cases = TUNNELS.flatMap(([name, carrier, tunnel]) =>
    ENDS.map(([version, ends]) => [version, name, ends, carrier, tunnel] as const),
  );

  test.each(cases)('%s in %s', (_, __, ends, carrier, tunnel) => {
    exchange(ends, { carriers: [carrier] });
    const rtts = kernel.rtts();
    expect(rtts.map(({ rtt }) => rtt)).toEqual([500]);
    expect(rtts.map(({ place }) => kernel.surroundingsOf(place))).toEqual([
      { vlans: undefined, tunnels: [tunnel] },
    ]);
  });

  test.each<[string, readonly [End, End], Carrier]>([
    ['ipip', [CLIENT, SERVER], ipInIp()],
    ['6in4', [CLIENT6, SERVER6], ipInIp()],
    ['4in6', [CLIENT, SERVER], ipInIp(OUTER6)],
    ['6in6', [CLIENT6, SERVER6], ipInIp(OUTER6)],
    [
      '4in6',
      [CLIENT, SERVER],
      ipInIp({ ...OUTER6, extensions: [DESTINATION_OPTIONS, DESTINATION_OPTIONS] }),
    ],
  ])('IP in IP: %s', (name, ends, carrier) => {
    expect(surroundings(ends, { carriers: [carrier] })).toEqual({
      vlans: undefined,
      tunnels: [{ name, id: undefined }],
    });
  });

  test('a tunnel in a tunnel, with VLANs around and within', () => {
    const carriers = [vxlan(1, { vlanIds: [20] }), geneve(2, { vlanIds: [30, 40] })];
    const around = { carriers, vlans: [0x8100], vlanIds: [10] };
    expect(surroundings([CLIENT, SERVER], around)).toEqual({
      vlans: { outer: 10, inner: 40 },
      tunnels: [
        { name: 'vxlan', id: 1 },
        { name: 'geneve', id: 2 },
      ],
    });
  });

  test('VLANs within a tunnel', () => {
    const within = (...vlanIds: number[]) =>
      surroundings([CLIENT, SERVER], {
        carriers: [vxlan(1, { vlanIds })],
      });
    expect(within(5)?.vlans).toEqual({ outer: 5, inner: undefined });
    expect(within(5, 6, 7)?.vlans).toEqual({ outer: 5, inner: 7 });
    expect(within(0)?.vlans).toBeUndefined();
  });

  test.each<[string, readonly Carrier[]]>([
    ['GRE in GTP-U', [gtpU(), gre()]],
    ['IPv6 in IPv6 in IPv4', [ipInIp(), ipInIp(OUTER6)]],
    ['a tunnel in MPLS in PPPoE', [pppoe(), mpls(2), vxlan()]],
    ['MPLS in GRE', [gre(), mpls(3)]],
    ['PPPoE in VXLAN', [vxlan(), pppoe()]],
  ])('%s', (_, carriers) => {
    for (const [, ends] of ENDS) expect(measure(ends, { carriers })).toEqual([500]);
  });

  test('whatever the id of GTP-U, which each end has of its own', () => {
    const answer = { carriers: [gtpU(2)] };
    expect(measure([CLIENT, SERVER], { carriers: [gtpU(1)] }, answer)).toEqual([500]);
  });

  test.each<[string, Carrier]>([
    ['of IPv4', vxlan(1, { fragment: MORE_FRAGMENTS })],
    ['of IPv6', vxlan(1, { ...OUTER6, extensions: [FRAGMENT_HEADER] })],
    ['that a switch has cut', erspan(2, { isCut: true })],
  ])('the headers in the first fragment %s, whose segment goes on elsewhere', (_, carrier) => {
    const client = exchanges.fresh(CLIENT);
    const long = tcpFrame(client, SERVER, { payload: 100 }, { carriers: [carrier] });
    expect(fatesOfFrame('egress', shortened(long, 60))).toEqual(['identifierNotNew']);
  });
});

/** The outer header of IP says that the packet is shorter, and it is; what is in it says nothing of that. */
function shortened(frame: Buffer, by: number): Buffer {
  const cut = Buffer.from(frame.subarray(0, frame.length - by));
  const isIpv4 = cut.readUInt16BE(12) === 0x0800;
  const lengthAt = isIpv4 ? 16 : 18;
  cut.writeUInt16BE(cut.readUInt16BE(lengthAt) - by, lengthAt);
  return cut;
}

describe('places of their own', () => {
  useTargets();
  const tunnels: readonly (readonly Carrier[])[] = [
    [],
    [vxlan(1)],
    [vxlan(2)],
    [geneve(1)],
    [gre()],
    [gre({ key: 0 })],
    [gre({ key: 1 })],
    [erspan(2, { session: 1 })],
    [ipInIp()],
    [ipInIp(OUTER6)],
    [vxlan(1), gre({ key: 1 })],
    [gre({ key: 1 }), vxlan(1)],
    [vxlan(1, { vlanIds: [1] })],
    [vxlan(1, { vlanIds: [2] })],
  ];

  test('one tuple in different tunnels, with an RTT each', () => {
    const show = (hook: HookName, index: number, ...segment: Parameters<typeof tcpFrame>) => {
      const [from, to, what] = segment;
      kernel.show(hook, tcpFrame(from, to, what, { carriers: tunnels[index] ?? [] }));
    };
    const each = (act: (index: number) => void) => {
      for (let index = 0; index < tunnels.length; index++) act(index);
    };
    kernel.at(0n);
    each((index) => show('egress', index, CLIENT, SERVER, { tsval: 1, tsecr: 1 }));
    each((index) => show('ingress', index, SERVER, CLIENT, { tsval: 1, tsecr: 1 }));
    const request = { tsval: 7, tsecr: 1, seq: 1000, payload: 10 };
    each((index) => show('egress', index, CLIENT, SERVER, request));
    each((index) => {
      kernel.at(100n * BigInt(index + 1));
      show('ingress', index, SERVER, CLIENT, { tsval: 2, tsecr: 7, ack: 1010 });
    });
    const rtts = kernel.rtts();
    expect(rtts.map(({ rtt }) => rtt)).toEqual(tunnels.map((_, index) => 100 * (index + 1)));
    expect(new Set(rtts.map(({ flowId }) => flowId)).size).toBe(tunnels.length);
  });
});

describe('lines without a link header', () => {
  useTargets('ip');

  test.each(TUNNELS)('%s', (_, carrier) => {
    expect(measure([CLIENT, SERVER], { carriers: [carrier], ethernet: false })).toEqual([500]);
  });
});

describe('what is no tunnel, or none that is read', () => {
  useTargets();

  test.each<[string, readonly Carrier[]]>([
    ['three tunnels', [vxlan(), gre(), ipInIp()]],
    ['PPTP', [gre({ flags: 1 })]],
    ['GRE with a route', [gre({ flags: 0x4000 })]],
    ['GRE of something else', [gre({ type: 0x1234 })]],
    ['VXLAN without a VNI', [vxlan(1, { start: 0 })]],
    ['another port', [vxlan(1, { port: 4788 })]],
    ['Geneve of another version', [geneve(1, { start: 0x40 })]],
    ['Geneve for its own ends', [geneve(1, { isControl: true })]],
    ['GTP-U of another version', [gtpU(1, { start: 0x50 })]],
    ['an echo of GTP-U', [gtpU(1, { type: 1 })]],
    ['an extension of GTP-U without a length', [gtpU(1, { words: [0] })]],
    ['too many extensions of GTP-U', [gtpU(1, { words: [1, 1, 1, 1, 1] })]],
    ['ERSPAN of another version', [gre({ sequence: 1, type: 0x88be }), mpls()]],
  ])('%s', (_, carriers) => {
    expect(fatesOf(carriers)).toEqual(['notTcp']);
  });

  test('what only has the port of a tunnel', () => {
    const answer: Carrier = ({ bytes }) => vxlan()({ type: 0x1234, bytes: bytes.subarray(0, 5) });
    expect(fatesOf([answer])).toEqual(['notTcp']);
    for (let length = 0; length < 40; length++) {
      const short: Carrier = ({ bytes }) => gtpU()({ type: 0, bytes: bytes.subarray(0, length) });
      expect(['notTcp', 'malformed']).toContain(fatesOf([short])[0]);
    }
  });

  test('later fragments of a tunnel', () => {
    expect(fatesOf([vxlan(1, { fragment: 1 })])).toEqual(['fragment']);
  });

  test('fragments in a tunnel', () => {
    expect(fatesOf([vxlan()], { fragment: 1 })).toEqual(['fragment']);
  });

  test('UDP in a tunnel', () => {
    expect(fatesOf([vxlan()], { protocol: 17 })).toEqual(['notTcp']);
  });

  test('headers beyond what is looked at', () => {
    const extensions = Array.from({ length: 5 }, (): readonly [number, Buffer] => {
      const bytes = Buffer.alloc(248);
      bytes[1] = 30;
      return [60, bytes];
    });
    expect(fatesOf([ipInIp({ ...OUTER6, extensions })])).toEqual(['notTcp']);
  });
});

describe('without --tunnels', () => {
  useTargets('ethernet', false);

  test.each(TUNNELS)('%s is left alone', (_, carrier) => {
    expect(fatesOf([carrier])).toEqual(['notTcp']);
  });
});
