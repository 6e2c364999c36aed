/** Where in a capture a packet was seen: one connection seen at two places is two flows. */
import { expect, test } from '@jest/globals';
import { carried, pppoe } from '../../lab/kernel/carriers.js';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import type { KernelEvent } from '../../src/events/types.js';
import { BASE, replayBytes } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
/** The packet type of what is not for the machine that captures. */
const OF_OTHERS = 3;
const MICROSECOND = 1_000n;
const MILLISECOND = 1_000n * MICROSECOND;

interface Seen extends CapturedPacket {
  readonly place: number;
}

/** A connection on a path of 50 ms, captured at its client (place 0) and at its server (1). */
function bothEnds(): Seen[] {
  const there = 25n * MILLISECOND;
  const thinks = 50n * MICROSECOND;
  const packets: Seen[] = [];
  const pass = (time: bigint, frame: Buffer, from: number) => {
    packets.push({ time, frame, place: from }, { time: time + there, frame, place: 1 - from });
  };
  pass(BASE, tcpFrame(CLIENT, SERVER, { tsval: 1, tsecr: 1 }), 0);
  pass(BASE, tcpFrame(SERVER, CLIENT, { tsval: 1, tsecr: 1 }), 1);
  for (let request = 1; request <= 5; request++) {
    const time = BASE + 1_000n * MILLISECOND * BigInt(request);
    const [tsval, seq] = [100 + request, 1_000 * request];
    pass(time, tcpFrame(CLIENT, SERVER, { tsval, tsecr: 1, seq, payload: 100 }), 0);
    const answer = { tsval: 1, tsecr: tsval, ack: seq + 100 };
    pass(time + there + thinks, tcpFrame(SERVER, CLIENT, answer), 1);
  }
  return packets.sort((a, b) => Number(a.time - b.time));
}

const rttsByFlow = (events: readonly KernelEvent[]) => {
  const flows = new Map<number, number[]>();
  for (const event of events) {
    if (event.type !== 'rtt') continue;
    flows.set(event.flowId, [...(flows.get(event.flowId) ?? []), event.rtt]);
  }
  return [...flows.values()];
};

const AT_CLIENT = Array(5).fill(50_050_000);
const AT_SERVER = Array(5).fill(50_000);

test('both ends as two interfaces of one pcapng: each by itself', async () => {
  const ng = new Pcapng();
  const resolution = ng.option(9, Buffer.from([9]));
  const blocks = bothEnds().map(({ time, frame, place }) => ng.packet(place, time, frame));
  const { events } = await replayBytes(
    Buffer.concat([
      ng.section(),
      ng.interface(1, resolution),
      ng.interface(1, resolution),
      ...blocks,
    ]),
    inFolder('x.pcapng'),
  );
  expect(rttsByFlow(events).sort()).toEqual([AT_SERVER, AT_CLIENT]);
});

test('an interface of which nothing was captured does not matter', async () => {
  const ng = new Pcapng();
  const resolution = ng.option(9, Buffer.from([9]));
  const seen = bothEnds().filter(({ place }) => place === 0);
  const blocks = seen.map(({ time, frame }) => ng.packet(1, time, frame));
  const { events } = await replayBytes(
    Buffer.concat([
      ng.section(),
      ng.interface(1, resolution),
      ng.interface(1, resolution),
      ...blocks,
    ]),
    inFolder('x.pcapng'),
  );
  expect(rttsByFlow(events)).toEqual([AT_CLIENT]);
});

test.each([
  ['small', 2, 3],
  ['beyond 16 bits', 0x1_0002, 0x2_0002],
])('two interfaces of "any" (Linux cooked, version 2), their indices %s', async (_, ...indices) => {
  const packets = bothEnds().map(({ time, frame, place }) => {
    const header = Buffer.alloc(20);
    header.writeUInt16BE(0x0800, 0);
    header.writeUInt32BE(indices[place] ?? 0, 4);
    header.writeUInt8(OF_OTHERS, 10);
    return { time, frame: Buffer.concat([header, frame.subarray(14)]) };
  });
  const { events } = await replayBytes(
    pcap(packets, { linkType: 276, nanoseconds: true }),
    inFolder('x.pcap'),
  );
  expect(rttsByFlow(events).sort()).toEqual([AT_SERVER, AT_CLIENT]);
});

test('PPPoE in "any" (Linux cooked, version 1): once in its session, once at its own interface', async () => {
  const cooked = (type: number, bytes: Buffer) => {
    const header = Buffer.alloc(16);
    header.writeUInt16BE(OF_OTHERS, 0);
    header.writeUInt16BE(type, 14);
    return Buffer.concat([header, bytes]);
  };
  const packets = bothEnds()
    .filter(({ place }) => place === 0)
    .flatMap(({ time, frame }) => {
      const inner = { type: 0x0800, bytes: frame.subarray(14) };
      const session = carried(inner, [pppoe()]);
      return [
        { time, frame: cooked(inner.type, inner.bytes) },
        { time: time + MICROSECOND, frame: cooked(session.type, session.bytes) },
      ];
    });
  const { events } = await replayBytes(
    pcap(packets, { linkType: 113, nanoseconds: true }),
    inFolder('any.pcap'),
  );
  expect(rttsByFlow(events)).toEqual([AT_CLIENT, AT_CLIENT]);
});
