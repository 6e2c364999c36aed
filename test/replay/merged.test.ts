/** Several captures as one: by time, and each where it was taken. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { PLACE } from '../../src/core/layouts.js';
import type { KernelEvent } from '../../src/events/types.js';
import { Fault, UsageError } from '../../src/faults.js';
import { conversation, RTT, replayFiles } from '../helpers/core/replayed.js';
import { type CapturedPacket, PCAP_HEADER, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const MILLISECOND = 1_000_000n;
const SECOND = 1_000n * MILLISECOND;
const PADDED = 200_000;
/** The packet type of what is not for the machine that captures. */
const OF_OTHERS = 3;

type Packets = readonly CapturedPacket[];

function written(name: string, bytes: Buffer): string {
  writeFileSync(inFolder(name), bytes);
  return inFolder(name);
}

const file = (name: string, packets: Packets, linkType = 1) =>
  written(name, pcap(packets, { nanoseconds: true, linkType }));

const later = (packets: Packets, by: bigint): CapturedPacket[] =>
  packets.map((packet) => ({ ...packet, time: packet.time + by }));

/** In so many files, of about the same number of packets, each named by its number. */
function rotated(packets: Packets, files: number, name = 'ring'): string[] {
  const each = Math.ceil(packets.length / files);
  return Array.from({ length: files }, (_, n) =>
    file(`${name}${n}.pcap`, packets.slice(n * each, (n + 1) * each)),
  );
}

const flowsIn = (events: readonly KernelEvent[]) =>
  new Set(events.map(({ flowId }) => flowId)).size;

const ng = new Pcapng();
const resolution = (value: number) => ng.option(9, Buffer.from([value]));
const named = (name: string) => ng.option(2, Buffer.from(name));
const NANOSECONDS = resolution(9);

/** A pcapng of one interface. */
const section = (packets: Packets, options: Buffer = NANOSECONDS) =>
  Buffer.concat([
    ng.section(),
    ng.interface(1, options),
    ...packets.map(({ time, frame }) => ng.packet(0, time, frame)),
  ]);

describe('taken at the same time', () => {
  test('one connection in two captures: each measures it by itself, in order of time', async () => {
    const [a, b] = [conversation(2_001), later(conversation(2_001), 3n * MILLISECOND)];
    const paths = [file('a.pcap', a), file('b.pcap', b)];
    const { rtts, counters, events, backwards, moved, captures } = await replayFiles(paths);
    expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(4_002).fill(Number(RTT)));
    expect(flowsIn(events)).toBe(2);
    expect(counters.captured).toBe(8_008);
    expect({ backwards, moved }).toEqual({ backwards: 0, moved: 0 });
    expect(captures).toEqual(Array.from({ length: 4_002 }, (_, n) => paths[n % 2]));
  });

  test('the directions of a connection in two captures are not put together', async () => {
    const all = conversation(5);
    const paths = [0, 1].map((side) =>
      file(
        `${side}.pcap`,
        all.filter((_, at) => at % 2 === side),
      ),
    );
    expect((await replayFiles(paths)).rtts).toEqual([]);
  });

  test('whatever their formats and the units of their times', async () => {
    const at = (n: bigint) => later(conversation(50), n * 1_000n);
    const microseconds = (packets: Packets) =>
      packets.map(({ time, frame }) => ng.packet(0, time / 1_000n, frame));
    const binary = (packets: Packets) =>
      packets.map(({ time, frame }) => ng.packet(0, (time << 30n) / SECOND, frame));
    const seconds = Buffer.alloc(8);
    seconds.writeBigInt64LE(1_600_000_000n);
    const since = later(at(4n), -1_600_000_000n * SECOND);
    const paths = [
      file('a.pcap', at(1n)),
      written('b.pcap', pcap(at(2n))),
      written('c.pcapng', Buffer.concat([ng.section(), ng.interface(), ...microseconds(at(3n))])),
      written('d.pcapng', section(since, Buffer.concat([NANOSECONDS, ng.option(14, seconds)]))),
      written(
        'e.pcapng',
        Buffer.concat([ng.section(), ng.interface(1, resolution(0x80 | 30)), ...binary(at(5n))]),
      ),
    ];
    const { rtts, backwards, moved, events } = await replayFiles(paths);
    expect({ backwards, moved, rtts: rtts.length }).toEqual({ backwards: 0, moved: 0, rtts: 250 });
    expect(flowsIn(events)).toBe(5);
  });

  test('the longest packets there can be', async () => {
    const long = (packets: Packets) =>
      packets.map(({ time, frame }) => ({
        time,
        frame: Buffer.concat([frame, Buffer.alloc(PADDED)]),
      }));
    const paths = [file('a.pcap', long(conversation(21))), file('b.pcap', long(conversation(21)))];
    const { rtts, backwards } = await replayFiles(paths);
    expect({ rtts: rtts.length, backwards }).toEqual({ rtts: 42, backwards: 0 });
  });

  test('packets that are late in their capture are put right', async () => {
    const swapped = conversation(301).map(
      (_, at, all) => all[at < 2 ? at : at ^ 1] as CapturedPacket,
    );
    const paths = [file('a.pcap', swapped), file('b.pcap', later(swapped, MILLISECOND))];
    const { rtts, backwards } = await replayFiles(paths);
    expect({ rtts: rtts.length, backwards }).toEqual({ rtts: 602, backwards: 0 });
    expect((await replayFiles(paths, { reorder: 0n })).backwards).toBeGreaterThan(600);
  });

  test('a packet without a time holds up nobody', async () => {
    const [first, ...others] = conversation(5) as [CapturedPacket, ...CapturedPacket[]];
    const bytes = pcap([first, first, ...others], { nanoseconds: true });
    bytes.writeUInt32LE(0xffff_ffff, PCAP_HEADER); // before 1970
    const paths = [written('a.pcap', bytes), file('b.pcap', conversation(5))];
    const { rtts, backwards } = await replayFiles(paths);
    expect({ rtts: rtts.length, backwards }).toEqual({ rtts: 10, backwards: 0 });
  });

  test('indices in Linux cooked captures are no interfaces of other captures', async () => {
    const cooked = (packets: Packets, index: number) =>
      packets.map(({ time, frame }) => {
        const header = Buffer.alloc(20);
        header.writeUInt16BE(0x0800, 0);
        header.writeUInt32BE(index, 4);
        header.writeUInt8(OF_OTHERS, 10);
        return { time, frame: Buffer.concat([header, frame.subarray(14)]) };
      });
    const paths = [
      file('any.pcap', cooked(conversation(5), 2), 276),
      file('eth.pcap', later(conversation(5), MILLISECOND)),
      file('any2.pcap', cooked(later(conversation(5), 2n * MILLISECOND), 2), 276),
    ];
    const { rtts, captures, events } = await replayFiles(paths);
    expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(15).fill(Number(RTT)));
    expect(flowsIn(events)).toBe(3);
    expect(captures.slice(0, 3)).toEqual(paths);
  });
});

test('captures of one moment are not one after the other, however short they are', async () => {
  const short = conversation(1);
  const paths = [file('a.pcap', short), file('b.pcap', later(short, 1_000n))];
  expect((await replayFiles(paths)).captures).toEqual(paths);
});

describe('one after the other', () => {
  const whole = conversation(501);

  test.each([
    ['as they follow', (paths: string[]) => paths],
    ['in any order', (paths: string[]) => [...paths].reverse()],
  ])('files of a ring are one capture that goes on, given %s', async (_, order) => {
    const paths = rotated(whole, 7);
    const one = await replayFiles([file('whole.pcap', whole)]);
    const { rtts, counters, captures } = await replayFiles(order(paths));
    const plain = (all: typeof rtts) => all.map((event) => ({ ...event, place: 0 }));
    expect(plain(rtts)).toEqual(plain(one.rtts));
    expect(rtts).toHaveLength(501);
    expect(counters).toEqual(one.counters);
    expect(new Set(captures)).toEqual(new Set([paths[0]]));
  });

  /** The last packet of the first file is later than the first one of the second. */
  const overlapping = (by: bigint): string[] => {
    const packets = whole.slice(0, 200);
    const last = packets.at(-1) as CapturedPacket;
    return [
      file('a.pcap', [...packets, { ...last, time: (whole[200]?.time ?? 0n) + by }]),
      file('b.pcap', whole.slice(200)),
    ];
  };

  test.each([
    [50n * MILLISECOND, 1],
    [50n * MILLISECOND + 1n, 2],
  ])('packets that are out of order where one ends: %d ns', async (by, flows) => {
    expect(flowsIn((await replayFiles(overlapping(by))).events)).toBe(flows);
  });

  test('two rings: each goes on by itself, by the names of its files', async () => {
    const beside = later(whole, MILLISECOND);
    const paths = [...rotated(whole, 3, 'east-'), ...rotated(beside, 3, 'west-')];
    const { rtts, events, captures } = await replayFiles(paths);
    expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(1_002).fill(Number(RTT)));
    expect(flowsIn(events)).toBe(2);
    expect(new Set(captures)).toEqual(new Set([paths[0], paths[3]]));
  });

  const halves = [whole.slice(0, 500), whole.slice(500)] as const;
  const [first, second] = halves;

  test.each<[string, number, Buffer, Buffer]>([
    ['pcapng', 1, section(first), section(second)],
    [
      'pcapng of one interface',
      1,
      section(first, Buffer.concat([named('eth0'), NANOSECONDS])),
      section(second, Buffer.concat([named('eth0'), NANOSECONDS])),
    ],
    [
      'pcapng of two interfaces',
      2,
      section(first, Buffer.concat([named('eth0'), NANOSECONDS])),
      section(second, Buffer.concat([named('eth1'), NANOSECONDS])),
    ],
    [
      'two link types',
      2,
      pcap(first, { nanoseconds: true }),
      pcap(
        second.map(({ time, frame }) => ({ time, frame: frame.subarray(14) })),
        { nanoseconds: true, linkType: 101 },
      ),
    ],
    ['two units of time', 2, pcap(first, { nanoseconds: true }), section(second)],
  ])('%s: %d', async (_, places, a, b) => {
    const { events } = await replayFiles([written('a', a), written('b', b)]);
    expect(flowsIn(events)).toBe(places);
  });

  test('sections of a pcapng are as in one alone', async () => {
    const bytes = Buffer.concat([section(first), section(second)]);
    const beside = file('b.pcap', conversation(501));
    const { rtts, events, backwards } = await replayFiles([written('a.pcapng', bytes), beside]);
    expect({ rtts: rtts.length, backwards }).toEqual({ rtts: 1_002, backwards: 0 });
    expect(flowsIn(events)).toBe(2);
  });
});

describe('an interface that is described otherwise in a later section', () => {
  const whole = conversation(900);
  const thirds = [whole.slice(0, 600), whole.slice(600, 1_200), whole.slice(1_200)] as const;
  const microseconds = (packets: Packets) =>
    packets.map(({ time, frame }) => ({ time: time / 1_000n, frame }));
  const withoutEthernet = (packets: Packets) =>
    packets.map(({ time, frame }) => ({ time, frame: frame.subarray(14) }));
  const [first, second, third] = thirds;

  const ofRawIp = (packets: Packets) =>
    Buffer.concat([
      ng.section(),
      ng.interface(101, NANOSECONDS),
      ...withoutEthernet(packets).map(({ time, frame }) => ng.packet(0, time, frame)),
    ]);

  test.each<[string, Buffer]>([
    ['units of time', section(microseconds(second), resolution(6))],
    ['link type', ofRawIp(second)],
    ['name', section(second, Buffer.concat([named('eth1'), NANOSECONDS]))],
  ])('%s: it is the same place, as in one capture alone', async (_, other) => {
    const path = written('a.pcapng', Buffer.concat([section(first), other, section(third)]));
    const alone = await replayFiles([path]);
    expect(flowsIn(alone.events)).toBe(1);
    const beside = conversation(900);
    const both = await replayFiles([path, file('b.pcap', beside)]);
    const ofFirst = both.rtts.filter((_rtt, at) => both.captures[at] === path);
    expect(ofFirst.map(({ rtt }) => rtt)).toEqual(alone.rtts.map(({ rtt }) => rtt));
    expect({ flows: flowsIn(both.events), backwards: both.backwards }).toEqual({
      ...{ flows: 2, backwards: 0 },
    });
  });

  test('a ring goes on with it, in either description', async () => {
    const paths = [
      written(
        'ring0',
        Buffer.concat([section(first), section(microseconds(second), resolution(6))]),
      ),
      written('ring1', section(third)),
    ];
    const { events, backwards } = await replayFiles(paths);
    expect({ flows: flowsIn(events), backwards }).toEqual({ flows: 1, backwards: 0 });
  });
});

describe('damage', () => {
  const whole = file;
  const cut = (name: string) => {
    const bytes = pcap(conversation(5), { nanoseconds: true });
    return written(name, bytes.subarray(0, bytes.length - 1));
  };

  test('of one: all else is measured, and it is told whose', async () => {
    const paths = [cut('a.pcap'), whole('b.pcap', conversation(5)), cut('c.pcap')];
    const { rtts, damage } = await replayFiles(paths);
    expect(rtts).toHaveLength(13);
    expect(damage).toBe(
      `${paths[0]} is cut short: it ends within a record; ${paths[2]} is cut short: it ends within a record`,
    );
  });

  test('of many: some are told, and how many more', async () => {
    const paths = ['a', 'b', 'c', 'd', 'e'].map(cut);
    const what = (path = '') => `${path} is cut short: it ends within a record`;
    expect((await replayFiles(paths)).damage).toBe(
      `${what(paths[0])}; ${what(paths[1])}; ${what(paths[2])}; and 2 more captures`,
    );
  });

  test.each([
    ['without a header', Buffer.alloc(0), ' is empty'],
    ['with half a header', pcap([]).subarray(0, 20), ' is cut short: it ends within its header'],
  ])('%s: likewise', async (_, bytes, what) => {
    const paths = [whole('a.pcap', conversation(5)), written('b.pcap', bytes)];
    const { rtts, damage } = await replayFiles(paths);
    expect(rtts).toHaveLength(5);
    expect(damage).toBe(`${paths[1]}${what}`);
    await expect(replayFiles([paths[1] ?? '', paths[1] ?? ''])).rejects.toThrow(Fault);
  });

  test('what is left out is told with its name', async () => {
    const simple = Buffer.concat([ng.section(), ng.interface(), ng.simplePacket(Buffer.alloc(60))]);
    const paths = [whole('a.pcap', conversation(5)), written('b.pcapng', simple)];
    expect((await replayFiles(paths)).remarks).toEqual([
      `${paths[1]}: 1 packet left out: no timestamp (simple packet blocks)`,
    ]);
  });

  test('what is no capture is refused', async () => {
    const paths = [whole('a.pcap', conversation(5)), written('b', Buffer.from('not a capture'))];
    await expect(replayFiles(paths)).rejects.toThrow(UsageError);
  });

  test('a capture without packets is nothing', async () => {
    const paths = [file('a.pcap', []), whole('b.pcap', conversation(5)), file('c.pcap', [])];
    const { rtts, damage } = await replayFiles(paths);
    expect({ rtts: rtts.length, damage }).toEqual({ rtts: 5, damage: undefined });
  });
});

test('one VLAN in two captures is a place in each', async () => {
  const tagged = conversation(3, { vlans: [0x8100] });
  const paths = [file('a.pcap', tagged), file('b.pcap', later(tagged, MILLISECOND))];
  const { captures, rtts } = await replayFiles(paths);
  expect(captures).toEqual([0, 1, 0, 1, 0, 1].map((n) => paths[n]));
  expect(rtts.every(({ place }) => place >= PLACE.entries)).toBe(true);
});
