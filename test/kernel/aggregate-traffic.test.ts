/** What the connections have carried whose RTTs are aggregated: in which aggregate, and that nothing counts twice. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import {
  aggregateIn,
  CLIENT,
  Kernel,
  MINUTE,
  meetInMidStream,
  OBJECT_PATH,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { echoFrame } from '../../lab/kernel/packets.js';
import {
  connectionId,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
} from '../../lab/kernel/quic-packets.js';
import { PATIENCE } from '../../lab/until.js';
import { SIZE, TRAFFIC } from '../../src/core/layouts.js';
import type { Aggregate, Traffic } from '../../src/events/aggregate.js';
import { takeElements } from '../../src/libbpf/elements.js';
import { check } from '../../src/libbpf/errors.js';
import { libbpf } from '../../src/libbpf/ffi.js';
import { type Aggregation, NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';

jest.setTimeout(240_000 * PATIENCE);

const AGGREGATION: Aggregation = { ...NO_AGGREGATION, interval: SECOND };

let kernel: Kernel;
afterEach(() => kernel.close());

/** Both targets, in the middle of a connection: a packet each way. */
function begin(aggregation: Partial<Aggregation> = {}, settings: Partial<Settings> = {}): void {
  const wanted = { ...AGGREGATION, ...aggregation };
  kernel = new Targets({ rate: 0n, ...settings }, 'ethernet', {}, NO_FILTER, wanted);
  meetInMidStream(kernel);
  [tsval, seq] = [100, 1_000];
}

let [tsval, seq] = [0, 0];

/** From the client's data to the server's answer: an RTT beyond the interface. */
function rtt(at: bigint, payload = 100): void {
  const data = { tsval: ++tsval, tsecr: 1, seq, payload };
  seq += payload;
  kernel.at(at).egress(CLIENT, SERVER, data);
  kernel.at(at + 5_000n).ingress(SERVER, CLIENT, { tsval: 1, tsecr: tsval, ack: seq });
}

/** From the server's data to the client's answer: one behind it. */
function rttBehind(at: bigint, payload: number): void {
  const data = { tsval: 50, tsecr: 1, seq: 5_000, payload };
  kernel.at(at).ingress(SERVER, CLIENT, data);
  const answer = { tsval, tsecr: 50, seq, ack: 5_000 + payload };
  kernel.at(at + 5_000n).egress(CLIENT, SERVER, answer);
}

const carried = ({ packets, bytes }: Traffic) => [packets, bytes];

/** Side, what was sent towards the responder, and what it has sent: packets and bytes. */
async function traffic(): Promise<unknown[][]> {
  const aggregates = await kernel.aggregates();
  return aggregates
    .map(({ side, sent, rec }) => [side, ...carried(sent), ...carried(rec)])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

describe('what a connection has carried', () => {
  test('is in the aggregate of its RTT, from its beginning', async () => {
    begin();
    rtt(SECOND);
    expect(await traffic()).toEqual([['beyond', 2, 100, 2, 0]]);
  });

  test('is of the interval from then on, with or without an RTT', async () => {
    begin();
    rtt(SECOND);
    await traffic();
    rtt(2n * SECOND, 50);
    expect(await traffic()).toEqual([['beyond', 1, 50, 1, 0]]);
    kernel.at(3n * SECOND).ingress(SERVER, CLIENT, { tsval: 1, tsecr: tsval, ack: seq });
    expect(await kernel.aggregates()).toMatchObject([
      { reported: 0, sent: { packets: 0 }, rec: { packets: 1 }, buckets: [] },
    ]);
    expect(await traffic()).toEqual([]);
  });

  test('is in the aggregates of both ends, as each has it', async () => {
    begin();
    rtt(SECOND);
    rttBehind(2n * SECOND, 30);
    expect(await traffic()).toEqual([
      ['behind', 3, 30, 3, 100],
      ['beyond', 3, 100, 3, 30],
    ]);
  });

  test('is in none as long as there is no RTT, and none is overdue', async () => {
    begin({}, { timestampTimeout: SECOND });
    kernel.egress(CLIENT, SERVER, { tsval: 7, tsecr: 1, seq: 70_000, payload: 9 });
    expect(await traffic()).toEqual([]);
    await kernel.at(MINUTE).sweep();
    expect(await traffic()).toEqual([['beyond', 2, 9, 1, 0]]);
  });

  test('is in that of the others, where there is no room', async () => {
    begin({ most: 1 });
    const far = { address: '10.9.9.9', port: 443 };
    rtt(SECOND);
    kernel.egress(CLIENT, far, { tsval: 1, tsecr: 1 });
    kernel.ingress(far, CLIENT, { tsval: 1, tsecr: 1 });
    kernel.at(2n * SECOND).egress(CLIENT, far, { tsval: 9, tsecr: 1, seq: 1_000, payload: 20 });
    kernel.at(3n * SECOND).ingress(far, CLIENT, { tsval: 2, tsecr: 9, ack: 1_020 });
    const others = (await kernel.aggregates()).find(({ isOthers }) => isOthers);
    expect(others).toMatchObject({ isOthers: true, reported: 1, sent: { packets: 2, bytes: 20 } });
  });

  test('has what was sent again by itself, too', async () => {
    begin();
    rtt(SECOND);
    rtt(2n * SECOND);
    const again = { tsval: tsval + 1, tsecr: 1, seq: seq - 100, payload: 100 };
    kernel.at(3n * SECOND).egress(CLIENT, SERVER, again);
    const [aggregate] = await kernel.aggregates();
    expect(aggregate?.sent).toEqual({
      packets: 4,
      bytes: 300,
      retransmittedPackets: 1,
      retransmittedBytes: 100,
    });
    expect(aggregate?.rec).toMatchObject({ retransmittedPackets: 0, retransmittedBytes: 0 });
    rtt(4n * SECOND);
    expect(await kernel.aggregates()).toMatchObject([
      { sent: { packets: 1, bytes: 100, retransmittedPackets: 0, retransmittedBytes: 0 } },
    ]);
  });

  test('is there to the last packet when it is forgotten', async () => {
    begin();
    rtt(SECOND);
    await traffic();
    kernel.at(2n * SECOND).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq, payload: 3 });
    await kernel.at(30n * MINUTE).sweep();
    expect(await traffic()).toEqual([['beyond', 1, 3, 0, 0]]);
    expect(await traffic()).toEqual([]);
  });

  test('and when another takes its ports, which begins with nothing', async () => {
    begin();
    rtt(SECOND);
    await traffic();
    kernel.at(2n * SECOND).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq, payload: 3 });
    const syn = { flags: ['SYN'], tsval: 9_000, tsecr: 0, seq: 1_000_000 } as const;
    const synAck = {
      flags: ['SYN', 'ACK'],
      tsval: 9,
      tsecr: 9_000,
      seq: 5,
      ack: 1_000_001,
    } as const;
    kernel.at(3n * SECOND).egress(CLIENT, SERVER, syn);
    kernel.at(4n * SECOND).ingress(SERVER, CLIENT, synAck);
    const ack = { tsval: 9_001, tsecr: 9, seq: 1_000_001, ack: 6 };
    kernel.at(5n * SECOND).egress(CLIENT, SERVER, ack);
    expect(await traffic()).toEqual([
      ['behind', 1, 0, 2, 0],
      ['beyond', 3, 3, 1, 0],
    ]);
    const data = { tsval: 9_002, tsecr: 9, seq: 1_000_001, payload: 10 };
    kernel.at(6n * SECOND).egress(CLIENT, SERVER, data);
    expect(await traffic()).toEqual([
      ['behind', 0, 0, 1, 10],
      ['beyond', 1, 10, 0, 0],
    ]);
  });
});

describe('is there from the first packet on, though intervals end before the first RTT', () => {
  const protocols = (words: Filter['protocols']): Filter => ({ ...NO_FILTER, protocols: words });

  test('of pings', async () => {
    kernel = new Targets({ rate: 0n }, 'ethernet', {}, protocols(['icmp']), AGGREGATION);
    const [here, there] = [CLIENT.address, SERVER.address];
    const ping = (kind: 'request' | 'reply', sequence: number) => {
      const ends = kind === 'request' ? ([here, there] as const) : ([there, here] as const);
      const hook = kind === 'request' ? 'egress' : 'ingress';
      kernel.show(hook, echoFrame(...ends, { kind, id: 1, sequence, payload: 48 }));
    };
    for (let second = 1; second < 10; second++) {
      kernel.at(BigInt(second) * SECOND);
      ping('request', second);
      expect(await traffic()).toEqual([]);
    }
    // Until a reply was seen the first one waits, and no other.
    kernel.at(9n * SECOND + 50n);
    ping('reply', 1);
    expect(await traffic()).toEqual([['beyond', 9, 432, 1, 48]]);
  });

  test('of QUIC', async () => {
    const settings = { rate: 0n, includeLocal: true };
    kernel = new Targets(settings, 'ethernet', {}, protocols(['quic']), AGGREGATION);
    const server = { ...SERVER, port: 443 };
    const [first, mine, its] = [1, 2, 3].map((number) => connectionId(number)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const client = (at: bigint, packet: Buffer) =>
      kernel.at(at).show('egress', quicFrame(CLIENT, server, [packet]));
    const initial = (dcid: Buffer, scid: Buffer) =>
      padded(longPacket({ type: 'initial', dcid, scid }));
    client(SECOND, initial(first, mine));
    for (let more = 2n; more < 5n; more++) {
      client(more * SECOND, shortPacket({ dcid: first }));
      expect(await traffic()).toEqual([]);
    }
    kernel.at(6n * SECOND).show('ingress', quicFrame(server, CLIENT, [initial(mine, its)]));
    const all = await traffic();
    expect(all.map(([side, sent, , rec]) => [side, sent, rec])).toEqual([['beyond', 4, 1]]);
  });
});

const COOKIE_BYTES = 8;
/** uapi/linux/bpf.h */
const BPF_EXIST = 2;
const LARGER_THAN_A_CELL = 1_024;

/** A kernel whose flows may be put in the midst of being deleted. */
class Interrupted extends Kernel {
  constructor() {
    super({ rate: 0n }, 'ethernet', {}, OBJECT_PATH, (object) => aggregateIn(object, AGGREGATION));
  }

  /** The only flow is FLOW_DELETED from now on, by a CPU that has not got any further. */
  beginToDelete(): void {
    const { fd } = this.object.map('flows');
    const [number, cell] = [Buffer.alloc(4), Buffer.alloc(LARGER_THAN_A_CELL)];
    check('read the first cell', libbpf().bpf_map_lookup_elem(fd, number, cell));
    const life = cell.readBigUint64LE(SIZE.flowKey);
    cell.writeBigUint64LE((life & ~7n) | 5n, SIZE.flowKey);
    check('write the first cell', libbpf().bpf_map_update_elem(fd, number, cell, BPF_EXIST));
  }

  /** Of how many flows it is kept what was counted. */
  async kept(): Promise<number> {
    const { fd } = this.object.map('counted');
    let kept = 0;
    for await (const { count } of takeElements(fd, COOKIE_BYTES, 4 * TRAFFIC.size, 16))
      kept += count;
    return kept;
  }
}

describe('what a connection has carried that is deleted while an interval ends', () => {
  test('counts once, whoever comes first, and nothing is kept of it', async () => {
    const interrupted = new Interrupted();
    kernel = interrupted;
    meetInMidStream(kernel);
    [tsval, seq] = [100, 1_000];
    rtt(SECOND);
    interrupted.beginToDelete();
    expect(await traffic()).toEqual([['beyond', 2, 100, 2, 0]]);
    expect(await traffic()).toEqual([]);
    expect(await interrupted.kept()).toBe(0);
  });
});

describe('each packet is counted once', () => {
  const DRIVEN = { rate: 0n, includeLocal: true, flowTimeout: 60n * MINUTE };
  const FLOWS = 20_000;
  let driven: DrivenKernel;

  const packetsIn = (aggregates: readonly Aggregate[]) =>
    aggregates.reduce((sum, { sent, rec }) => sum + sent.packets + rec.packets, 0);

  test('while connections come and go, and intervals change', async () => {
    driven = new DrivenKernel(DRIVEN, { flows: 1 << 16, timestamps: 1 << 16 }, (object) =>
      aggregateIn(object, { ...AGGREGATION, bitsV4: 32, most: 500 }),
    );
    kernel = driven;
    let counted = 0;
    let isOver = false;
    const drive = async () => {
      for (let round = 1; round <= 4; round++) {
        const what = WHAT.request + WHAT.data + (round === 4 ? WHAT.fins : 0);
        const flows = { first: 0, count: FLOWS, servers: true };
        const at = driven.at(BigInt(round) * SECOND);
        await at.driveAsync({ ...flows, what, identifier: round, rtt: 1_000n });
      }
      isOver = true;
    };
    const driving = drive();
    while (!isOver) counted += packetsIn(await driven.aggregates());
    await driving;
    await driven.at(120n * MINUTE).sweep();
    counted += packetsIn(await driven.aggregates());
    const { egress, ingress } = driven.counters();
    expect(counted).toBe(egress + ingress);
    expect(counted).toBeGreaterThan(8 * FLOWS);
  });
});
