/** Which side a packet was seen on, where the capture says so. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { BASE, replayBytes, replayFiles } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const replay = (bytes: Buffer, ...local: string[]) =>
  replayBytes(bytes, inFolder('capture'), local.map(parsePrefix));

const [HOST, OUTGOING] = [0, 4];
const LOOPBACK = 772;

interface Said extends CapturedPacket {
  readonly byClient: boolean;
}

/** Each end asks and is answered: the client by the server 30 us later, the server by the client after 20 us. */
const SAID: Said[] = [
  [0, true, { tsval: 1, tsecr: 1 }],
  [1, false, { tsval: 1, tsecr: 1 }],
  [10, true, { tsval: 2, tsecr: 1, seq: 1000, ack: 1000, payload: 10 }],
  [40, false, { tsval: 2, tsecr: 2, seq: 1000, ack: 1010, payload: 10 }],
  [60, true, { tsval: 3, tsecr: 2, seq: 1010, ack: 1010 }],
].map(([us, byClient, segment]) => ({
  time: BASE + BigInt(us as number) * 1_000n,
  byClient: byClient as boolean,
  frame: byClient
    ? tcpFrame(CLIENT, SERVER, segment as object)
    : tcpFrame(SERVER, CLIENT, segment as object),
}));

/** As the client's machine captures it. */
function cooked(version: 1 | 2, types = { out: OUTGOING, in: HOST }, hardware = 1): Buffer {
  const packets = SAID.map(({ time, frame, byClient }) => {
    const header = Buffer.alloc(version === 1 ? 16 : 20);
    const type = byClient ? types.out : types.in;
    if (version === 1) {
      header.writeUInt16BE(type, 0);
      header.writeUInt16BE(hardware, 2);
    } else {
      header.writeUInt16BE(hardware, 8);
      header.writeUInt8(type, 10);
    }
    header.writeUInt16BE(0x0800, version === 1 ? 14 : 0);
    return { time, frame: Buffer.concat([header, frame.subarray(14)]) };
  });
  return pcap(packets, { linkType: version === 1 ? 113 : 276, nanoseconds: true });
}

/** The same where nobody has named them. */
function replayGuessing(bytes: Buffer, ...guess: string[]) {
  writeFileSync(inFolder('capture'), bytes);
  return replayFiles([inFolder('capture')], { guess: guess.map(parsePrefix) });
}

/** Of each RTT, how long and whether its answer left. */
const sides = ({ rtts }: Awaited<ReturnType<typeof replay>>) =>
  rtts.map(({ rtt, matchOnEgress }) => [rtt, matchOnEgress]);

describe.each([1, 2] as const)('Linux cooked, version %d', (version) => {
  test('what came in for this machine is not measured, as live', async () => {
    const replayed = await replay(cooked(version));
    expect(sides(replayed)).toEqual([[30_000, false]]);
    expect(replayed.counters).toMatchObject({ egress: 3, ingress: 2, captured: 0, local: 1 });
  });

  test.each([1, 2, 3])('what came in for others (type %d) is', async (type) => {
    const replayed = await replay(cooked(version, { out: OUTGOING, in: type }));
    expect(sides(replayed)).toEqual([
      [30_000, false],
      [20_000, true],
    ]);
  });

  test('of a type that is neither, and of the loopback device, no side is known', async () => {
    for (const bytes of [
      cooked(version, { out: 5, in: 5 }),
      cooked(version, undefined, LOOPBACK),
    ]) {
      expect(sides(await replay(bytes))).toEqual([
        [30_000, undefined],
        [20_000, undefined],
      ]);
    }
  });

  test('--local overrides it', async () => {
    expect(sides(await replay(cooked(version), `${SERVER.address}/32`))).toEqual([[20_000, false]]);
    expect(sides(await replay(cooked(version), '10.0.0.0/30', '192.0.2.1'))).toEqual([
      [30_000, false],
      [20_000, true],
    ]);
  });
});

describe('pcapng', () => {
  const ng = new Pcapng();
  const [INBOUND, OUTBOUND] = [1, 2];
  const flags = (value: number) => ng.option(2, ng.words(value));
  const capture = (before: Buffer, inbound: number, outbound: number) =>
    Buffer.concat([
      ng.section(),
      ng.interface(1, ng.option(9, Buffer.from([9]))),
      ...SAID.map(({ time, frame, byClient }) => {
        const options = Buffer.concat([before, flags(byClient ? outbound : inbound)]);
        return ng.packet(0, time, frame, frame.length, options);
      }),
    ]);

  test.each([
    ['alone', Buffer.alloc(0)],
    ['behind a comment', ng.option(1, Buffer.from('hello'))],
  ])('flags %s', async (_, before) => {
    const replayed = await replay(capture(before, INBOUND, OUTBOUND));
    expect(sides(replayed)).toEqual([
      [30_000, false],
      [20_000, true],
    ]);
    expect(replayed.counters).toMatchObject({ egress: 3, ingress: 2, captured: 0 });
  });

  test('flags that do not say it, and those behind the end of the options', async () => {
    for (const bytes of [
      capture(Buffer.alloc(0), 0x1c, 0x1c),
      capture(ng.option(0, Buffer.alloc(0)), INBOUND, OUTBOUND),
    ]) {
      expect((await replay(bytes)).counters).toMatchObject({ captured: 5 });
    }
  });
});

describe('a guess', () => {
  test.each([CLIENT.address, '10.0.0.0/31'])(
    'tells the sides apart, and leaves nothing out: %s',
    async (guess) => {
      const replayed = await replayGuessing(pcap(SAID, { nanoseconds: true }), guess);
      expect(sides(replayed)).toEqual([
        [30_000, false],
        [20_000, true],
      ]);
      expect(replayed.counters).toMatchObject({ egress: 3, ingress: 2, captured: 0, local: 0 });
    },
  );

  test('does not override what the capture says, nor what that leaves out', async () => {
    for (const guess of [CLIENT.address, SERVER.address]) {
      const replayed = await replayGuessing(cooked(1), guess);
      expect(sides(replayed)).toEqual([[30_000, false]]);
      expect(replayed.counters).toMatchObject({ egress: 3, ingress: 2, local: 1 });
    }
  });

  test('of neither end, and of both, says nothing', async () => {
    for (const guess of ['192.0.2.1', '10.0.0.0/24']) {
      expect(sides(await replayGuessing(pcap(SAID, { nanoseconds: true }), guess))).toEqual([
        [30_000, undefined],
        [20_000, undefined],
      ]);
    }
  });
});
