/**
 * The counters add up (docs/sampling.md):
 *   egress + ingress = all that can become of a packet
 *   not IP, not TCP  = all kinds of packets that are one or the other
 *   remembered       = matched + forgotten unanswered + acknowledged without an RTT + still waiting
 *   samples reported = matched + handshake matched + spin matched
 *   DNS queries   = answered + answered without a time + unanswered + still waiting
 */
import { afterEach, expect, jest, test } from '@jest/globals';
import { dns, dnsFrame } from '../../lab/kernel/dns-packets.js';
import { type Kernel, MILLISECOND, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import {
  type Encapsulation,
  type End,
  echoFrame,
  frame,
  type Segment,
  type TcpFlag,
  tcpFrame,
} from '../../lab/kernel/packets.js';
import { newRandom, type Random } from '../../lab/random.js';
import { PATIENCE } from '../../lab/until.js';
import {
  FATES,
  NOT_IP_KINDS,
  NOT_TCP_KINDS,
  packetsIn,
  type UnreadName,
} from '../../src/core/counters.js';
import { COUNTERS } from '../../src/core/layouts.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import { Targets } from '../helpers/core/targets.js';
import { echo } from '../helpers/packets/echoes.js';
import { quicTalk } from '../helpers/packets/quic-talk.js';
import { ENOUGH_TO_PROVE, spinningFrame } from '../helpers/packets/spinning.js';

jest.setTimeout(600_000 * PATIENCE);

const ONE = { prefixes: [], portRanges: [{ first: 60, last: 60 }] };
const LEAVE_OUT_ONE: Filter = { ...NO_FILTER, protocols: ['all'], exclude: ONE };
const PACKETS = 20_000;
const EVERY = MILLISECOND / 4n;
const CLIENTS = 60;

let kernel: Kernel;
afterEach(() => kernel.close());

const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[random.below(values.length)] as Value;

interface Shown {
  readonly hook: 'egress' | 'ingress';
  readonly bytes: Buffer;
}

/** A packet of a connection that does everything in no particular order. */
function randomPacket(random: Random, tick: number): Shown {
  const client: End = { address: '10.0.1.1', port: 1 + random.below(CLIENTS) };
  const outward = random.below(2) === 0;
  const [from, to] = outward ? [client, SERVER] : [SERVER, client];
  const tsval = 10 + tick - random.below(2) + pick(random, FORGED);
  const tsecr = tsval - random.below(4);
  const seq = 1_000 * (10 + tick) + pick(random, FORGED);
  const segment: Segment = {
    flags: pick(random, [ACK, ACK, ACK, ACK, ACK, ...FLAGS]),
    tsval,
    tsecr,
    seq,
    ack: 1_000 * tsecr + 100 * random.below(3),
    payload: pick(random, [0, 100, 100]),
    ...(client.port % 4 === 0 || random.below(8) === 0 ? { options: Buffer.alloc(0) } : {}),
  };
  const around: Encapsulation = pick(random, [{}, {}, {}, {}, {}, {}, ...AROUND]);
  const whole = tcpFrame(from, to, segment, around);
  const cut = random.below(30) === 0 ? 40 + random.below(20) : whole.length;
  const arp = frame(0x0806, Buffer.alloc(28));
  const bytes = random.below(50) === 0 ? arp : whole.subarray(0, cut);
  const hook = outward ? 'egress' : 'ingress';
  if (random.below(20) === 0) return { hook, bytes: echo(random) };
  if (random.below(20) === 0) return { hook, bytes: dns(random, 20) };
  return { hook, bytes: random.below(20) === 0 ? quicTalk(random) : bytes };
}

/** Ahead of what is right. */
const FORGED = [...Array<number>(19).fill(0), 2 ** 28];
const ACK: readonly TcpFlag[] = ['ACK'];
const FLAGS: (readonly TcpFlag[])[] = [['SYN'], ['SYN', 'ACK'], ['FIN', 'ACK'], ['RST']];
const AROUND: Encapsulation[] = [{ protocol: 17 }, { fragment: 5 }, { vlans: [0x8100] }];

const HERE = '10.0.0.1';
const THERE = '10.0.0.2';
/** Data whose acknowledgement was seen before it. */
const OVERTAKEN_CLIENT: End = { address: HERE, port: 6_000 };
const OVERTAKEN: readonly Shown[] = [
  out({ tsval: 1, tsecr: 1 }),
  back({ tsval: 1, tsecr: 1 }),
  back({ tsval: 1, tsecr: 5, ack: 1_060 }),
  out({ tsval: 5, tsecr: 1, seq: 1_050, payload: 10 }),
];

function out(segment: Segment): Shown {
  return { hook: 'egress', bytes: tcpFrame(OVERTAKEN_CLIENT, SERVER, segment) };
}

function back(segment: Segment): Shown {
  return { hook: 'ingress', bytes: tcpFrame(SERVER, OVERTAKEN_CLIENT, segment) };
}

/** What may be rare comes first, as long as there is room for its flow ... */
const FIRST: readonly Shown[] = [
  ...OVERTAKEN,
  ...Array.from({ length: ENOUGH_TO_PROVE }, (_, n) => leaves(spinningFrame(n))),
  leaves(echoFrame(HERE, THERE, { kind: 'reply', id: 1, sequence: 1 })),
];
/** ... and last a query that nothing answers: its id is in no other. */
const LAST = leaves(
  dnsFrame(
    { address: HERE, port: 5_000 },
    { address: THERE, port: 53 },
    { id: 4_711, name: ['www', 'example'] },
  ),
);

function leaves(bytes: Buffer): Shown {
  return { hook: 'egress', bytes };
}

function sureOr(other: () => Shown, packet: number): Shown {
  return (packet === PACKETS - 1 ? LAST : FIRST[packet]) ?? other();
}

test('on a mix of everything, with maps that are too small and sweeps in between', async () => {
  const random = newRandom();
  const { seed } = random;
  const settings = { rate: 2n * MILLISECOND, reportInterval: 5n * MILLISECOND };
  kernel = new Targets(
    { ...settings, flowTimeout: SECOND, timestampTimeout: SECOND / 2n },
    'ethernet',
    { flows: 30, timestamps: 2 },
    LEAVE_OUT_ONE,
  );
  let [waiting, reported, egress, queries, responseTimes] = [0, 0, 0, 0, 0];
  let before = kernel.counters();
  const collect = async (flush: boolean) => {
    const swept = await kernel.sweep(flush);
    waiting = swept.timestamps - swept.timestampsDeleted;
    queries = swept.queries;
    for (const event of kernel.events()) {
      if (event.type === 'rtt') reported += event.samples;
      if (event.type === 'dns' && event.responseTime !== undefined) responseTimes++;
    }
    const counters = kernel.counters();
    for (const name of COUNTERS) {
      expect({ seed, name, grows: counters[name] >= before[name] }).toMatchObject({ grows: true });
    }
    before = counters;
  };
  for (let packet = 0; packet < PACKETS; packet++) {
    kernel.at(BigInt(packet) * EVERY);
    const { hook, bytes } = sureOr(() => randomPacket(random, packet >> 6), packet);
    kernel.show(hook, bytes);
    if (hook === 'egress') egress++;
    if (packet % 500 === 499) await collect(false);
  }
  kernel.at(BigInt(PACKETS) * EVERY + SECOND);
  await collect(true);

  const counters = kernel.counters();
  expect({ seed, egress: counters.egress, packets: packetsIn(counters) }).toEqual({
    seed,
    egress,
    packets: PACKETS,
  });
  expect({ seed, sum: FATES.reduce((sum, name) => sum + counters[name], 0) }).toEqual({
    seed,
    sum: PACKETS,
  });
  const sumOf = (kinds: readonly UnreadName[]) =>
    kinds.reduce((sum, kind) => sum + counters[kind], 0);
  expect({ seed, notIp: counters.notIp, notTcp: counters.notTcp }).toEqual({
    seed,
    notIp: sumOf(NOT_IP_KINDS),
    notTcp: sumOf(NOT_TCP_KINDS),
  });
  const dropped = counters.ambiguous + counters.superseded + counters.belowResolution;
  expect({ seed, remembered: counters.remembered }).toEqual({
    seed,
    remembered: counters.matched + counters.unanswered + dropped + waiting,
  });
  expect({ seed, reported }).toEqual({
    seed,
    reported: counters.matched + counters.handshakeMatched + counters.spinMatched,
  });
  // Those that were sent again, and answered, wait and are counted as well.
  const { dnsQuery, dnsAnswered, dnsAmbiguous, dnsUnanswered } = counters;
  const left = dnsQuery - dnsAnswered - dnsAmbiguous - dnsUnanswered;
  expect({ seed, responseTimes }).toEqual({ seed, responseTimes: dnsAnswered });
  expect({ seed, isNone: left < 0, areMore: left > queries }).toEqual({
    ...{ seed, isNone: false, areMore: false },
  });
  // Or nothing was put to the test.
  const wanted = (
    [
      ...FATES,
      'matched',
      'noMatch',
      'ambiguous',
      'superseded',
      'dnsAnswered',
      'dnsAmbiguous',
      'dnsNoMatch',
      'dnsUnanswered',
    ] as const
  ).filter((name) => name !== 'local' && name !== 'truncated');
  expect({ seed, unseen: wanted.filter((name) => counters[name] === 0) }).toEqual({
    seed,
    unseen: [],
  });
});
