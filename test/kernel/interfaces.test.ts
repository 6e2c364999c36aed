/** Of several interfaces each is a place of its own, with counts of its own. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { aggregateIn, CLIENT, MILLISECOND, SERVER } from '../../lab/kernel/kernel.js';
import { type Encapsulation, tcpFrame } from '../../lab/kernel/packets.js';
import { geneve, vxlan } from '../../lab/kernel/tunnels.js';
import { type Counters, since } from '../../src/core/counters.js';
import { CARRIED_SLOTS, PLACE } from '../../src/core/layouts.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { SeveralKernel, TestInterfaces } from '../helpers/kernel/interfaces.js';

const LO = 1;
const NEAR = 101;
const FAR = 102;
/** As a tun device: its packets begin with IP. */
const TUN = 103;
/** Those that have the same two slots for their counts as NEAR. */
const CROWD = [NEAR + CARRIED_SLOTS.slots, (NEAR ^ 1) + 7 * CARRIED_SLOTS.slots] as const;
/** The numbers that the table of places has for itself. */
const HIGH = [PLACE.crowded, PLACE.entries, PLACE.entries + 7, 2 ** 31 - 1] as const;
const ETHERNET_BYTES = 14;
const IP: Encapsulation = { ethernet: false };

const QUESTION = { tsval: 7, tsecr: 1, seq: 1000, payload: 10 };
const ANSWER = { tsval: 2, tsecr: 7, ack: 1010 };
const BEFORE = { tsval: 1, tsecr: 1 };

let interfaces: TestInterfaces;
/** Of all tests: to load its programs takes longer than all else. */
let kernel: SeveralKernel;
/** Of each test another, and later. */
let client = CLIENT;
let start = 0n;

beforeAll(async () => {
  const pairs = [[NEAR, FAR], [TUN, TUN + 1], CROWD, HIGH.slice(0, 2), HIGH.slice(2)];
  interfaces = await TestInterfaces.create(
    pairs.map(
      ([one, other]) =>
        `link add index ${one} name if${one} type veth peer name if${other} index ${other}`,
    ),
  );
  kernel = new SeveralKernel(interfaces, { rate: 0n });
});
beforeEach(() => {
  client = { ...client, port: client.port + 1 };
  start += MILLISECOND;
  at(0n);
});
afterEach(() => {
  for (const index of [LO, NEAR, FAR, TUN, ...CROWD]) kernel.maps.remove(index);
});
afterAll(async () => {
  kernel.close();
  await interfaces.close();
});

function at(sinceStart: bigint): SeveralKernel {
  return kernel.at(start + sinceStart);
}

/** Beyond the interface: a question that leaves and its answer that comes in, 500 ns later. */
function exchange(around: Encapsulation = {}): void {
  at(0n).egress(client, SERVER, BEFORE, around);
  kernel.ingress(SERVER, client, BEFORE, around);
  at(100n).egress(client, SERVER, QUESTION, around);
  at(600n).ingress(SERVER, client, ANSWER, around);
}

/** What has been counted in all meanwhile. */
function countedBy(work: () => void): Counters {
  const before = kernel.counters();
  work();
  return since(before, kernel.counters());
}

test('a connection through two interfaces is two flows, each with its own RTT', () => {
  kernel.on(NEAR).ingress(client, SERVER, BEFORE);
  kernel.on(FAR).egress(client, SERVER, BEFORE);
  kernel.on(FAR).ingress(SERVER, client, BEFORE);
  kernel.on(NEAR).egress(SERVER, client, BEFORE);
  at(100n).on(NEAR).ingress(client, SERVER, QUESTION);
  at(200n).on(FAR).egress(client, SERVER, QUESTION);
  at(600n).on(FAR).ingress(SERVER, client, ANSWER);
  at(700n).on(NEAR).egress(SERVER, client, ANSWER);
  const rtts = kernel.rtts();
  expect(rtts.map(({ rtt, matchOnEgress }) => ({ rtt, matchOnEgress }))).toEqual([
    { rtt: 400, matchOnEgress: false },
    { rtt: 600, matchOnEgress: true },
  ]);
  expect(rtts.map(({ place }) => kernel.interfaceOf(place))).toEqual([FAR, NEAR]);
  expect(new Set(rtts.map(({ flowId }) => flowId)).size).toBe(2);
});

test.each<[string, Encapsulation]>([
  ['alone', {}],
  ['in a VLAN', { vlans: [0x8100], vlanIds: [10] }],
  ['in a tunnel', { carriers: [vxlan(1)] }],
])('a question at one is not answered at another: %s', (_, around) => {
  for (const index of [NEAR, FAR]) {
    kernel.on(index).egress(client, SERVER, BEFORE, around);
    kernel.ingress(SERVER, client, BEFORE, around);
  }
  at(100n).on(NEAR).egress(client, SERVER, QUESTION, around);
  at(600n).on(FAR).ingress(SERVER, client, ANSWER, around);
  expect(kernel.rtts()).toEqual([]);
  at(900n).on(NEAR).ingress(SERVER, client, ANSWER, around);
  expect(kernel.rtts().map(({ rtt }) => rtt)).toEqual([800]);
});

const SURROUNDINGS: [string, Encapsulation, object | undefined][] = [
  ['alone', {}, undefined],
  ['a VLAN', { vlans: [0x8100], vlanIds: [10] }, { vlans: { outer: 10 }, tunnels: [] }],
  [
    'two VLANs of the highest ids',
    { vlans: [0x88a8, 0x8100], vlanIds: [4_094, 4_093] },
    { vlans: { outer: 4_094, inner: 4_093 }, tunnels: [] },
  ],
  ['a tunnel', { carriers: [vxlan(5)] }, { tunnels: [{ name: 'vxlan', id: 5 }] }],
  [
    'two tunnels with VLANs',
    { vlans: [0x8100], vlanIds: [10], carriers: [vxlan(5, { vlanIds: [20] }), geneve(6)] },
    {
      vlans: { outer: 10, inner: 20 },
      tunnels: [
        { name: 'vxlan', id: 5 },
        { name: 'geneve', id: 6 },
      ],
    },
  ],
];

test.each(SURROUNDINGS)('of all interfaces each is told: %s', (_, around, surroundings) => {
  const indices = [NEAR, FAR, ...HIGH];
  for (const index of indices) {
    kernel.on(index);
    exchange(around);
  }
  const rtts = kernel.rtts();
  expect(rtts.map(({ rtt }) => rtt)).toEqual(indices.map(() => 500));
  expect(rtts.map(({ place }) => kernel.interfaceOf(place))).toEqual(indices);
  const [one, ...others] = rtts.map(({ place }) => kernel.surroundingsOf(place));
  if (surroundings) expect(one).toMatchObject(surroundings);
  else expect(one).toBeUndefined();
  for (const other of others) expect(other).toEqual(one);
});

describe('counts', () => {
  const frame = tcpFrame(CLIENT, SERVER, BEFORE);
  const { length } = frame;

  test('are of each interface, and of all', () => {
    for (const index of [NEAR, FAR]) kernel.maps.add(index);
    const all = countedBy(() => {
      for (const _ of [1, 2, 3]) kernel.on(NEAR).show('egress', frame);
      for (const _ of [1, 2]) kernel.on(NEAR).show('ingress', frame);
      kernel.on(FAR).show('ingress', frame);
      // Not added, as one is that has just been left.
      kernel.on(TUN).show('egress', frame);
    });
    expect(kernel.maps.seen(NEAR)).toEqual({ egress: 3, ingress: 2, bytes: 5 * length });
    expect(kernel.maps.seen(FAR)).toEqual({ egress: 0, ingress: 1, bytes: length });
    expect(all).toMatchObject({ egress: 4, ingress: 3, bytes: 7 * length });
  });

  test('are right of two that have the same slot, and of none that finds no room', () => {
    const [second, third] = CROWD;
    const shown = [
      [NEAR, 1],
      [second, 2],
      [third, 3],
    ] as const;
    const egress = () => {
      for (const [index, times] of shown) {
        for (let time = 0; time < times; time++) kernel.on(index).show('egress', frame);
      }
      return shown.map(([index]) => kernel.maps.seen(index)?.egress);
    };
    for (const [index] of shown) kernel.maps.add(index);
    expect(egress()).toEqual([1, 2, undefined]);
    kernel.maps.remove(NEAR);
    expect(egress()).toEqual([undefined, 4, undefined]);
    kernel.maps.add(third);
    expect(egress()).toEqual([undefined, 6, 3]);
    kernel.maps.remove(second);
    kernel.maps.add(NEAR);
    expect(egress()).toEqual([1, undefined, 6]);
  });

  test('have what cannot be read, too', () => {
    kernel.maps.add(NEAR);
    const other = Buffer.alloc(60);
    kernel.on(NEAR).show('egress', other);
    expect(kernel.maps.seen(NEAR)).toEqual({ egress: 1, ingress: 0, bytes: 60 });
  });

  test('begin anew with each that is added', () => {
    kernel.maps.add(NEAR);
    kernel.on(NEAR).show('egress', frame);
    kernel.maps.remove(NEAR);
    expect(kernel.maps.seen(NEAR)).toBeUndefined();
    kernel.on(NEAR).show('egress', frame);
    kernel.maps.add(NEAR);
    expect(kernel.maps.seen(NEAR)).toEqual({ egress: 0, ingress: 0, bytes: 0 });
    kernel.maps.remove(NEAR);
    kernel.maps.remove(NEAR);
  });
});

test('programs for what begins with IP share the maps', () => {
  kernel.maps.add(NEAR);
  kernel.maps.add(TUN);
  const all = countedBy(() => {
    kernel.on(NEAR);
    exchange();
    kernel.on(TUN, 'ip');
    exchange(IP);
  });
  const rtts = kernel.rtts();
  expect(rtts.map(({ rtt }) => rtt)).toEqual([500, 500]);
  expect(rtts.map(({ place }) => kernel.interfaceOf(place))).toEqual([NEAR, TUN]);
  const near = kernel.maps.seen(NEAR);
  expect(kernel.maps.seen(TUN)).toEqual({
    ...near,
    bytes: (near?.bytes ?? 0) - 4 * ETHERNET_BYTES,
  });
  expect(all).toMatchObject({ egress: 4, ingress: 4, notIp: 0, matched: 2 });
});

test('a question at an interface of either kind is not answered at one of the other', () => {
  kernel.on(TUN, 'ip').egress(client, SERVER, BEFORE, IP);
  kernel.ingress(SERVER, client, BEFORE, IP);
  kernel.on(NEAR).egress(client, SERVER, BEFORE);
  kernel.ingress(SERVER, client, BEFORE);
  at(100n).on(TUN, 'ip').egress(client, SERVER, QUESTION, IP);
  at(600n).on(NEAR).ingress(SERVER, client, ANSWER);
  expect(kernel.rtts()).toEqual([]);
});

test('of loopback each packet is seen once, as it leaves, and both ends are beyond', () => {
  kernel.maps.add(LO);
  const both = (...shown: Parameters<SeveralKernel['egress']>) => {
    kernel.egress(...shown);
    kernel.ingress(...shown);
  };
  kernel.on(LO);
  const all = countedBy(() => {
    both(client, SERVER, BEFORE);
    both(SERVER, client, BEFORE);
    at(100n);
    both(client, SERVER, QUESTION);
    at(600n);
    both(SERVER, client, ANSWER);
  });
  const rtts = kernel.rtts();
  expect(rtts).toMatchObject([{ rtt: 500, matchOnEgress: false, place: LO }]);
  expect(kernel.maps.seen(LO)).toMatchObject({ egress: 4, ingress: 0 });
  expect(all).toMatchObject({ egress: 4, ingress: 0 });
});

test('RTTs are counted by interface, whatever VLAN or tunnel is there', async () => {
  const aggregation = { ...NO_AGGREGATION, interval: 1n, by: 'interface' as const };
  const counting = new SeveralKernel(interfaces, { rate: 0n }, (object) =>
    aggregateIn(object, aggregation),
  );
  const exchangeAt = (index: number, around: Encapsulation) => {
    counting.on(index).at(start).egress(CLIENT, SERVER, BEFORE, around);
    counting.ingress(SERVER, CLIENT, BEFORE, around);
    counting.egress(CLIENT, SERVER, QUESTION, around);
    counting.at(start + 500n).ingress(SERVER, CLIENT, ANSWER, around);
  };
  const vlans = { vlans: [0x8100, 0x8100], vlanIds: [5, 6] };
  const tunnel = { ...vlans, carriers: [vxlan(1), geneve(2)] };
  for (const around of [{}, vlans, tunnel]) exchangeAt(NEAR, around);
  exchangeAt(HIGH[3], {});
  exchangeAt(HIGH[3], vlans);
  const aggregates = await counting.aggregates();
  const found = aggregates.map((each) => [counting.interfaceOf(each.place), each.reported]);
  counting.close();
  expect(found.sort()).toEqual([
    [NEAR, 3],
    [HIGH[3], 2],
  ]);
});
