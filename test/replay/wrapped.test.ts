/** What Netfilter logged (NFLOG), and Apple's PKTAP. */
import { describe, expect, test } from '@jest/globals';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { BASE, conversation, RTT, replayBytes } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import {
  LLC,
  NFLOG_PAYLOAD,
  nflogField,
  nflogHeader,
  nflogHook,
  PKTAP_IN,
  PKTAP_OUT,
  pktapHeader,
  pktapV2Header,
  radiotapHeader,
  wifiHeader,
} from '../helpers/packets/wrappers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const [NFLOG, PKTAP, USER2, RADIOTAP] = [239, 258, 149, 127];
const [PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING] = [0, 1, 2, 3, 4];
const [BRIDGE, ARP] = [7, 3];
const NOTHING = Buffer.alloc(0);

const replay = (packets: readonly CapturedPacket[], linkType: number, ...local: string[]) =>
  replayBytes(
    pcap(packets, { linkType, nanoseconds: true }),
    inFolder('x.pcap'),
    local.map(parsePrefix),
  );
const one = (frame: Buffer, linkType: number) => replay([{ time: BASE, frame }], linkType);

/** A packet without data, cut off at each of its bytes. */
async function expectCut(frame: Buffer, linkType: number): Promise<void> {
  const cuts = Array.from({ length: frame.length }, (_, captured) => ({
    time: BASE,
    frame,
    captured,
  }));
  const { counters } = await replay(cuts, linkType);
  const { egress, ingress, captured, truncated } = counters;
  expect([egress + ingress + captured, truncated]).toEqual([frame.length, frame.length]);
}

/** @param wrap gets each packet, from IP on or with Ethernet, and whether the client has sent it */
function wrapped(
  wrap: (frame: Buffer, byClient: boolean) => Buffer,
  { ethernet = false, ipv6 = false } = {},
): CapturedPacket[] {
  const ends = ipv6 ? ([CLIENT6, SERVER6] as const) : undefined;
  return conversation(2, { ethernet }, ends).map(({ time, frame }, index) => ({
    time,
    frame: wrap(frame, index % 2 === 0),
  }));
}

describe('NFLOG', () => {
  const packet =
    (fields: readonly Buffer[], version: 4 | 6 = 4, little = true) =>
    (frame: Buffer) =>
      Buffer.concat([nflogHeader(version), ...fields, nflogField(NFLOG_PAYLOAD, frame, little)]);
  /** As the kernel puts them there: prefix, interface, address, time, and such that are nested. */
  const fields = (little = true) => [
    nflogHook(FORWARD, little),
    nflogField(10, Buffer.from('log\0'), little),
    nflogField(4, Buffer.alloc(4, 1), little),
    nflogField(8, Buffer.alloc(12, 1), little),
    nflogField(15, Buffer.from([0, 1]), little),
    nflogField(3, Buffer.alloc(16, 1), little),
    nflogField(0x8012, Buffer.alloc(20, 9), little),
  ];

  test.each<[string, boolean, boolean, Buffer[]]>([
    ['only the packet', true, false, []],
    ['all fields, IPv4', true, false, fields()],
    ['all fields, IPv6', true, true, fields()],
    ['of a big-endian machine', false, false, fields(false)],
    ['of one, only the packet', false, true, []],
  ])('%s', async (_, little, ipv6, before) => {
    const { rtts, counters } = await replay(
      wrapped(packet(before, ipv6 ? 6 : 4, little), { ipv6 }),
      NFLOG,
    );
    expect(rtts.map(({ ipVersion, rtt }) => [ipVersion, rtt])).toEqual(
      Array(2).fill([ipv6 ? 6 : 4, Number(RTT)]),
    );
    expect(counters).toMatchObject({ captured: 6, malformed: 0, notIp: 0 });
  });

  test('what comes after the packet is not of it', async () => {
    const behind = (frame: Buffer) =>
      Buffer.concat([packet([])(frame), nflogField(2, Buffer.alloc(200))]);
    const { rtts } = await replay(wrapped(behind), NFLOG);
    expect(rtts[1]?.sentBytes).toBe(200);
  });

  test('a bridge', async () => {
    const bridge = (frame: Buffer) => {
      const bytes = packet([nflogHook(INPUT)])(frame);
      bytes[0] = BRIDGE;
      return bytes;
    };
    const { counters } = await replay(wrapped(bridge), NFLOG);
    expect(counters).toMatchObject({ ingress: 6, notIp: 0, malformed: 0 });
  });

  test('a payload that was logged in part: its length is what IP says', async () => {
    const cut = (frame: Buffer) => packet([])(frame.subarray(0, 52));
    const { rtts } = await replay(wrapped(cut), NFLOG);
    expect(rtts[1]?.sentBytes).toBe(200);
  });

  const hooks = (out: number, inbound: number, ...more: Buffer[]) =>
    wrapped((frame, byClient) => packet([nflogHook(byClient ? out : inbound), ...more])(frame));
  const loopback = nflogField(15, Buffer.from([3, 4]));

  test.each<[string, CapturedPacket[], object]>([
    ['sent and received here', hooks(OUTPUT, INPUT), { egress: 3, ingress: 3, captured: 0 }],
    ['passing', hooks(POSTROUTING, PREROUTING), { egress: 3, ingress: 3, captured: 0 }],
    ['forwarded', hooks(FORWARD, FORWARD), { egress: 0, ingress: 0, captured: 6 }],
    ['by no hook that there is', hooks(5, 255), { egress: 0, ingress: 0, captured: 6 }],
    ['by the loopback device', hooks(INPUT, INPUT, loopback), { ingress: 0, captured: 6 }],
  ])('%s: which side', async (_, packets, counters) => {
    const replayed = await replay(packets, NFLOG);
    expect(replayed.counters).toMatchObject(counters);
    expect(replayed.rtts).toHaveLength(2);
  });

  test('what came in for this machine is not measured, as live', async () => {
    const { rtts, counters } = await replay(hooks(INPUT, OUTPUT), NFLOG);
    expect(rtts).toEqual([]);
    expect(counters).toMatchObject({ local: 2 });
  });

  test('--local overrides it', async () => {
    const { rtts } = await replay(hooks(INPUT, OUTPUT), NFLOG, '10.0.0.1');
    expect(rtts.map(({ matchOnEgress }) => matchOnEgress)).toEqual([false, false]);
  });

  const ip = conversation(1, { ethernet: false })[2]?.frame ?? NOTHING;
  const field = (length: number, type = 5) => nflogField(type, Buffer.alloc(8), true, length);
  const behindHeader = (...parts: Buffer[]) => Buffer.concat([nflogHeader(4), ...parts]);

  test.each<[string, string, Buffer]>([
    ['another family', 'notIp', Buffer.concat([Buffer.from([ARP, 0, 0, 0]), nflogField(9, ip)])],
    ['another version', 'notIp', Buffer.concat([Buffer.from([2, 1, 0, 0]), nflogField(9, ip)])],
    ['IPv4 as IPv6', 'malformed', Buffer.concat([nflogHeader(6), nflogField(9, ip)])],
    ['neither IPv4 nor IPv6', 'malformed', behindHeader(nflogField(9, Buffer.alloc(60)))],
    ['a field without a length', 'malformed', behindHeader(field(0), nflogField(9, ip))],
    ['a field shorter than itself', 'malformed', behindHeader(field(3), nflogField(9, ip))],
    ['a field longer than the record', 'truncated', behindHeader(field(0xffff), nflogField(9, ip))],
    ['fields without end', 'malformed', behindHeader(...Array(100).fill(nflogField(5, NOTHING)))],
    ['no packet', 'truncated', behindHeader(nflogHook(OUTPUT))],
    ['a packet without bytes', 'truncated', behindHeader(nflogField(9, NOTHING))],
    ['a packet shorter than a field', 'malformed', behindHeader(field(1, 9))],
    ['nothing at all', 'truncated', NOTHING],
  ])('%s', async (_, counter, frame) => {
    expect((await one(frame, NFLOG)).counters).toMatchObject({ [counter]: 1 });
  });

  test('cut off anywhere', async () => {
    const [{ frame } = { frame: NOTHING }] = wrapped(packet(fields()));
    await expectCut(frame, NFLOG);
  });
});

describe('PKTAP', () => {
  const ETHERNET = { ethernet: true };
  const behind = (header: Buffer) => (frame: Buffer) => Buffer.concat([header, frame]);

  test.each<[string, number, Buffer, boolean]>([
    ['around Ethernet', PKTAP, pktapHeader(), true],
    ['under a private number', USER2, pktapHeader(), true],
    ['with a longer header', PKTAP, pktapHeader({ length: 156 }), true],
    ['its second version', PKTAP, pktapV2Header(), true],
    ['around raw IP', PKTAP, pktapHeader({ linkType: 12 }), false],
    [
      'around BSD loopback',
      PKTAP,
      Buffer.concat([pktapHeader({ linkType: 0 }), Buffer.from([2, 0, 0, 0])]),
      false,
    ],
    [
      'around radiotap',
      PKTAP,
      Buffer.concat([
        pktapHeader({ linkType: RADIOTAP }),
        ...[radiotapHeader([0], []), wifiHeader(), LLC, Buffer.from([8, 0])],
      ]),
      false,
    ],
  ])('%s', async (_, linkType, header, ethernet) => {
    const { rtts, counters } = await replay(wrapped(behind(header), { ethernet }), linkType);
    expect(rtts.map(({ rtt }) => rtt)).toEqual([Number(RTT), Number(RTT)]);
    expect(counters).toMatchObject({ captured: 6, notIp: 0, malformed: 0 });
  });

  test.each([pktapHeader, pktapV2Header])('%p: which side', async (header) => {
    const packets = wrapped(
      (frame, byClient) =>
        Buffer.concat([header({ flags: byClient ? PKTAP_OUT : PKTAP_IN }), frame]),
      ETHERNET,
    );
    const { rtts, counters } = await replay(packets, PKTAP);
    expect(counters).toMatchObject({ egress: 3, ingress: 3, captured: 0 });
    expect(rtts.map(({ matchOnEgress }) => matchOnEgress)).toEqual([false, false]);
  });

  test('the flags of pcapng go before', async () => {
    const ng = new Pcapng();
    const inbound = Buffer.from(ng.option(2, ng.words(1)));
    const frame = Buffer.concat([pktapHeader({ flags: PKTAP_OUT }), Buffer.alloc(60)]);
    const bytes = [
      ng.section(),
      ng.interface(PKTAP),
      ng.packet(0, BASE / 1_000n, frame, frame.length, inbound),
    ];
    const { counters } = await replayBytes(Buffer.concat(bytes), inFolder('x.pcapng'));
    expect(counters).toMatchObject({ ingress: 1, egress: 0 });
  });

  test.each([pktapHeader, pktapV2Header])('%p: each interface is a place', async (header) => {
    const at = (name: string, by: bigint) =>
      wrapped((frame) => Buffer.concat([header({ name }), frame]), ETHERNET).map(
        ({ time, frame }, index) => ({ time: time + (index % 2 === 0 ? by : -by), frame }),
      );
    const both = [...at('en0', 0n), ...at('bridge0', 1_000n)];
    both.sort((a, b) => Number(a.time - b.time));
    const { rtts } = await replay(both, PKTAP);
    expect(rtts.map(({ rtt }) => rtt).sort()).toEqual([
      ...Array(2).fill(Number(RTT) - 2_000),
      ...Array(2).fill(Number(RTT)),
    ]);
  });

  const frame = conversation(1)[0]?.frame ?? NOTHING;
  test.each<[string, string, Buffer]>([
    ['of nothing that follows', 'notIp', pktapHeader({ next: 0 })],
    ['around USB', 'notIp', pktapHeader({ linkType: 189 })],
    ['around what has no number', 'notIp', pktapHeader({ linkType: 0xffff_ffff })],
    [
      'around PKTAP around PKTAP',
      'notIp',
      Buffer.concat(Array(3).fill(pktapHeader({ linkType: PKTAP }))),
    ],
    ['shorter than itself', 'malformed', Buffer.concat([pktapHeader().fill(0, 0, 4)])],
    ['longer than the record', 'truncated', pktapHeader().fill(0xff, 0, 4)],
  ])('%s', async (_, counter, header) => {
    const { counters } = await one(Buffer.concat([header, frame]), PKTAP);
    expect(counters).toMatchObject({ [counter]: 1 });
  });

  test('cut off anywhere', async () => {
    const whole = Buffer.concat([pktapHeader({ flags: PKTAP_IN }), frame]);
    await expectCut(whole, PKTAP);
  });
});
