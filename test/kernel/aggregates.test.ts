/** RTTs counted in the core (--aggregate): what is in which aggregate, and that none is missed. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import {
  aggregateIn,
  CLIENT,
  type Kernel,
  MILLISECOND,
  MINUTE,
  meetInMidStream,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { type End, echoFrame } from '../../lab/kernel/packets.js';
import { Random } from '../../lab/random.js';
import { PATIENCE } from '../../lab/until.js';
import type { Aggregate } from '../../src/events/aggregate.js';
import { type Aggregation, NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Aggregates } from '../../src/summary/aggregates.js';
import { addressText } from '../../src/text/address.js';
import { Targets } from '../helpers/core/targets.js';

jest.setTimeout(180_000 * PATIENCE);

const AGGREGATION: Aggregation = { ...NO_AGGREGATION, interval: SECOND };

let kernel: Kernel;
afterEach(() => kernel.close());

/** Both targets. */
function begin(
  aggregation: Partial<Aggregation> = {},
  settings: Partial<Settings> = {},
  filter: Filter = NO_FILTER,
): void {
  const wanted = { ...AGGREGATION, ...aggregation };
  kernel = new Targets({ rate: 0n, ...settings }, 'ethernet', {}, filter, wanted);
}

let tsval = 100;

/** From the client's data to the server's answer: an RTT beyond the interface. */
function rtt(at: bigint, nanoseconds: number, server: End = SERVER, client: End = CLIENT): void {
  const seq = 100 * ++tsval;
  const answer = { tsval: 1, tsecr: tsval, ack: seq + 100 };
  kernel.at(at).egress(client, server, { tsval, tsecr: 1, seq, payload: 100 });
  kernel.at(at + BigInt(nanoseconds)).ingress(server, client, answer);
}

/** From the server's data to the client's answer: one behind it. */
function rttBehind(at: bigint, nanoseconds: number): void {
  const answer = { tsval: 50_000, tsecr: ++tsval, ack: tsval * 10 + 10 };
  kernel.at(at).ingress(SERVER, CLIENT, { tsval, tsecr: 1, seq: tsval * 10, payload: 10 });
  kernel.at(at + BigInt(nanoseconds)).egress(CLIENT, SERVER, answer);
}

/** Side, network and RTTs of each, in order. */
async function counted(): Promise<unknown[][]> {
  const aggregates = await kernel.aggregates();
  return aggregates
    .map((each) => [each.side, networkText(each), each.reported])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

function networkText({ network, isOthers }: Aggregate): string {
  if (isOthers) return 'others';
  return network ? addressText(network.address, network.ipVersion) : 'all';
}

describe('protocols are told apart', () => {
  const ALL: Filter = { ...NO_FILTER, protocols: ['all'] };

  /** Pings of the client that are answered, from a time on. */
  function pings(
    start: bigint,
    count: number,
    here = CLIENT.address,
    there = SERVER.address,
  ): void {
    for (let sequence = 0; sequence < count; sequence++) {
      const both = { id: 4711, sequence };
      const at = start + BigInt(sequence) * MILLISECOND;
      kernel.at(at).show('egress', echoFrame(here, there, { kind: 'request', ...both }));
      kernel.at(at + 7_000n).show('ingress', echoFrame(there, here, { kind: 'reply', ...both }));
    }
  }

  const told = async () =>
    (await kernel.aggregates())
      .map(({ side, protocol, isOthers, reported, least, most, sent }) => [
        ...[side, protocol, isOthers ? 'others' : 'own', reported, least, most, sent.packets],
      ])
      .sort((a, b) => (String(a) < String(b) ? -1 : 1));

  test.each(['prefix', 'interface', 'none'] as const)('by %s', async (by) => {
    begin({ by }, {}, ALL);
    meetInMidStream(kernel);
    rtt(SECOND, 5_000);
    pings(2n * SECOND, 3);
    pings(3n * SECOND, 2, CLIENT6.address, SERVER6.address);
    expect(await told()).toEqual([
      ['beyond', 'ICMP', 'own', 3, 7_000, 7_000, 3],
      ['beyond', 'ICMPv6', 'own', 2, 7_000, 7_000, 2],
      ['beyond', 'TCP', 'own', 1, 5_000, 5_000, 2],
    ]);
  });

  test('in those of others, too', async () => {
    begin({ most: 1 }, {}, ALL);
    meetInMidStream(kernel);
    rtt(SECOND, 5_000);
    pings(2n * SECOND, 3);
    pings(3n * SECOND, 2, CLIENT6.address, SERVER6.address);
    const rows = await told();
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['beyond', 'ICMP', 'others', 3],
      ['beyond', 'ICMPv6', 'others', 2],
      ['beyond', 'TCP', 'own', 1],
    ]);
  });
});

function reportedIn(aggregates: readonly Aggregate[]): number {
  return aggregates.reduce((sum, { reported }) => sum + reported, 0);
}

test('nothing is counted unless it is asked for', async () => {
  kernel = new Targets({ rate: 0n });
  meetInMidStream(kernel);
  rtt(SECOND, 5_000);
  expect(await kernel.aggregates()).toEqual([]);
  expect(kernel.rtts()).toHaveLength(1);
});

/** As docs/aggregates.md has it. */
function widthOf(from: number): number {
  if (from === 0) return 1_024;
  return from === 2 ** 36 ? Number.POSITIVE_INFINITY : 2 ** Math.floor(Math.log2(from)) / 32;
}

describe('of many RTTs', () => {
  /** From below the first bucket to beyond the last, and where buckets begin. */
  const edges = [1_023, 1_024, 1_055, 1_056, 2_047, 2_048, 2 ** 36 - 1, 2 ** 36];
  let rtts: number[];
  let aggregate: Aggregate;

  async function measure(): Promise<void> {
    const longest = 1_000n * SECOND;
    begin({ events: true }, { timestampTimeout: longest, flowTimeout: longest });
    meetInMidStream(kernel);
    const random = new Random(7);
    const values = Array.from({ length: 2_000 }, () => {
      const octave = 2 ** (9 + random.below(28));
      return octave + random.below(octave);
    });
    let at = SECOND;
    for (const value of [...values, ...edges]) {
      rtt(at, value);
      at += BigInt(value) + MILLISECOND;
    }
    rtts = kernel.rtts().map((event) => event.rtt);
    expect(rtts).toEqual([...values, ...edges]);
    const [first, ...more] = await kernel.aggregates();
    if (!first) throw new Error('nothing was counted');
    aggregate = first;
    expect(more).toEqual([]);
  }

  test('each is in its bucket, and sum, least and most are exact', async () => {
    await measure();
    const { reported, samples, overdue, sum, least, most, buckets } = aggregate;
    expect([reported, samples, overdue]).toEqual([rtts.length, rtts.length, 0]);
    expect(sum).toBe(rtts.reduce((all, each) => all + BigInt(each), 0n));
    expect([least, most]).toEqual([Math.min(...rtts), Math.max(...rtts)]);
    for (const [from, count] of buckets) {
      const end = from + widthOf(from);
      const within = rtts.filter((each) => each >= from && each < end).length;
      expect({ from, count }).toEqual({ from, count: within });
    }
    expect(buckets.reduce((all, [, count]) => all + count, 0)).toBe(rtts.length);
    const froms = buckets.map(([from]) => from);
    expect(froms).toEqual([...froms].sort((a, b) => a - b));
    expect(froms).toEqual(expect.arrayContaining([0, 1_024, 1_056, 2_048, 2 ** 36]));
    for (const from of froms.slice(1, -1)) expect(widthOf(from) / from).toBeLessThanOrEqual(1 / 32);
  });

  test('percentiles are within the bucket of those of all RTTs', async () => {
    await measure();
    const [side] = new Aggregates(AGGREGATION, 'beyond').take([aggregate]);
    const sorted = [...rtts].sort((a, b) => a - b);
    for (const percent of [50, 90, 95, 99] as const) {
      const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number;
      const { buckets } = aggregate;
      const [from] = buckets.findLast(([start]) => start <= exact) ?? [0];
      const found = side?.parts[0]?.rtt?.[`p${percent}`] ?? Number.NaN;
      expect(found).toBeGreaterThanOrEqual(from);
      expect(found).toBeLessThan(from + widthOf(from));
    }
  });
});

describe('an aggregate is of', () => {
  const [OTHER, FAR] = [
    { address: '10.0.0.9', port: 443 },
    { address: '10.0.1.2', port: 443 },
  ];

  function measure(): void {
    for (const server of [SERVER, OTHER, FAR]) {
      kernel.egress(CLIENT, server, { tsval: 1, tsecr: 1 });
      kernel.ingress(server, CLIENT, { tsval: 1, tsecr: 1 });
      rtt(SECOND, 5_000, server);
    }
    kernel.egress(CLIENT6, SERVER6, { tsval: 1, tsecr: 1 });
    kernel.ingress(SERVER6, CLIENT6, { tsval: 1, tsecr: 1 });
    rtt(SECOND, 5_000, SERVER6, CLIENT6);
    rttBehind(2n * SECOND, 7_000);
  }

  test('the network of who has answered, on a side of the interface', async () => {
    begin();
    measure();
    expect(await counted()).toEqual([
      ['behind', '10.0.0.0', 1],
      ['beyond', '10.0.0.0', 2],
      ['beyond', '10.0.1.0', 1],
      ['beyond', 'fd00::', 1],
    ]);
  });

  test('a host, where networks are as long as addresses', async () => {
    begin({ bitsV4: 32, bitsV6: 128 });
    measure();
    expect(await counted()).toEqual([
      ['behind', '10.0.0.1', 1],
      ['beyond', '10.0.0.2', 1],
      ['beyond', '10.0.0.9', 1],
      ['beyond', '10.0.1.2', 1],
      ['beyond', 'fd00::2', 1],
    ]);
  });

  test('all of an IP version, where networks have no length', async () => {
    begin({ bitsV4: 0, bitsV6: 0 });
    measure();
    expect(await counted()).toEqual([
      ['behind', '0.0.0.0', 1],
      ['beyond', '0.0.0.0', 3],
      ['beyond', '::', 1],
    ]);
  });

  test.each(['interface', 'none'] as const)('a side, by %s', async (by) => {
    begin({ by });
    measure();
    expect(await counted()).toEqual([
      ['behind', 'all', 1],
      ['beyond', 'all', 4],
    ]);
  });
});

describe('what is counted is', () => {
  test('told of no more, but for what flows do', () => {
    begin();
    meetInMidStream(kernel);
    rtt(SECOND, 5_000);
    expect(kernel.events().map(({ type }) => type)).toEqual(['flow']);
  });

  test('told of, too, where that is asked for', () => {
    begin({ events: true });
    meetInMidStream(kernel);
    rtt(SECOND, 5_000);
    expect(kernel.rtts()).toHaveLength(1);
  });

  test('of its interval alone', async () => {
    begin();
    meetInMidStream(kernel);
    rtt(SECOND, 5_000);
    expect(await counted()).toEqual([['beyond', '10.0.0.0', 1]]);
    expect(await counted()).toEqual([]);
    rtt(2n * SECOND, 6_000);
    rtt(3n * SECOND, 7_000);
    expect(await counted()).toEqual([['beyond', '10.0.0.0', 2]]);
  });

  test('the report, which stands for what --report-interval has held back', async () => {
    begin({}, { reportInterval: SECOND });
    meetInMidStream(kernel);
    for (const ms of [1n, 2n, 3n]) rtt(SECOND + ms * MILLISECOND, 5_000);
    rtt(3n * SECOND, 6_000);
    await kernel.sweep(true);
    const [aggregate] = await kernel.aggregates();
    expect([aggregate?.reported, aggregate?.samples]).toEqual([2, 4]);
  });

  test('also a handshake, and what was held back when its flow is forgotten', async () => {
    begin({}, { reportInterval: 10n * MINUTE });
    kernel.at(SECOND).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 1, tsecr: 0, seq: 1 });
    const synAck = { flags: ['SYN', 'ACK'], tsval: 9, tsecr: 1, seq: 5, ack: 2 } as const;
    kernel.at(SECOND + 7_000n).ingress(SERVER, CLIENT, synAck);
    kernel.at(SECOND + 8_000n).egress(CLIENT, SERVER, { tsval: 2, tsecr: 9, seq: 2, ack: 6 });
    tsval = 100;
    kernel.at(2n * SECOND).egress(CLIENT, SERVER, { tsval: 101, tsecr: 9, seq: 2, payload: 100 });
    kernel.at(3n * SECOND).ingress(SERVER, CLIENT, { tsval: 10, tsecr: 101, seq: 6, ack: 102 });
    await kernel.at(7n * MINUTE).sweep();
    const [aggregate] = (await kernel.aggregates()).filter(({ side }) => side === 'beyond');
    expect([aggregate?.reported, aggregate?.samples]).toEqual([2, 2]);
    expect(aggregate?.least).toBe(7_000);
  });

  test('data without an answer, by itself', async () => {
    begin();
    meetInMidStream(kernel);
    kernel.at(SECOND).egress(CLIENT, SERVER, { tsval: 7, tsecr: 1, seq: 70_000, payload: 9 });
    await kernel.at(MINUTE).sweep();
    expect(await kernel.aggregates()).toMatchObject([
      { side: 'beyond', reported: 0, samples: 0, overdue: 1, sum: 0n, least: 0, buckets: [] },
    ]);
  });

  test('with the others of its side, where there is no room', async () => {
    begin({ most: 2, bitsV4: 32 });
    for (const last of [11, 12, 13, 14, 11, 13]) {
      const server = { address: `10.0.0.${last}`, port: 443 };
      kernel.egress(CLIENT, server, { tsval: 1, tsecr: 1 });
      kernel.ingress(server, CLIENT, { tsval: 1, tsecr: 1 });
      rtt(SECOND, 5_000, server);
    }
    for (const _ of [1, 2]) {
      expect(await counted()).toEqual([
        ['beyond', '10.0.0.11', 2],
        ['beyond', '10.0.0.12', 1],
        ['beyond', 'others', 3],
      ]);
      for (const last of [11, 12, 13, 14, 11, 13])
        rtt(2n * SECOND, 5_000, { address: `10.0.0.${last}`, port: 443 });
    }
  });
});

describe('each RTT is counted once', () => {
  const DRIVEN = { rate: 0n, includeLocal: true, flowTimeout: 60n * MINUTE };
  let driven: DrivenKernel;

  function drive(aggregation: Partial<Aggregation> = {}): void {
    driven = new DrivenKernel(DRIVEN, { flows: 1 << 18, timestamps: 1 << 18 }, (object) =>
      aggregateIn(object, { ...AGGREGATION, ...aggregation }),
    );
    kernel = driven;
  }

  /** One interval after the other, until `work` is over; and the last one. */
  async function taken(work: Promise<unknown>): Promise<Aggregate[][]> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    const intervals: Aggregate[][] = [];
    while (!isOver) intervals.push(await driven.aggregates());
    await work;
    intervals.push(await driven.aggregates());
    return intervals;
  }

  function samples(): number {
    const { matched, handshakeMatched } = driven.counters();
    return matched + handshakeMatched;
  }

  test('on two CPUs at once, while intervals change', async () => {
    drive({ bitsV4: 32 });
    let all = 0;
    let [changes, alternations] = [0, 0];
    // Until it was put to the test: on a busy machine one may come after the other.
    for (let flow = 0; flow < 20 || changes < 6 || alternations < 1_000; flow++) {
      const race = driven.at(0n).race(flow, 100_000);
      const intervals = await taken(race);
      changes += intervals.filter((each) => each.length > 0).length - 1;
      all += intervals.reduce((sum, each) => sum + reportedIn(each), 0);
      alternations += (await race).alternations;
      for (const { buckets, reported } of intervals.flat())
        expect(buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(reported);
    }
    expect(all).toBe(samples());
    expect(all).toBeGreaterThan(100_000);
  });

  test.each([
    ['with room for all', 1 << 16],
    ['with room for some', 500],
  ])('while 50,000 flows come and go, %s', async (_, most) => {
    drive({ bitsV4: 32, most });
    const flows = 50_000;
    const work = async () => {
      for (let round = 1; round <= 4; round++) {
        const what = WHAT.request + WHAT.data + (round === 4 ? WHAT.fins : 0);
        const flow = { first: 0, count: flows, servers: true };
        const drive = { ...flow, what, identifier: round, rtt: 1_000n };
        const at = driven.at(BigInt(round) * SECOND);
        await Promise.all([at.driveAsync(drive), at.sweep()]);
      }
    };
    const intervals = await taken(work());
    const others = intervals.flat().filter(({ isOthers }) => isOthers);
    const all = intervals.reduce((sum, each) => sum + reportedIn(each), 0);
    expect([all, samples()]).toEqual([3 * flows, 3 * flows]);
    expect(all).toBe(samples());
    expect(others.length > 0).toBe(most < flows);
  });
});
