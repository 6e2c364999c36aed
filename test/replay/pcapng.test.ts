/** The newer format: sections, interfaces, blocks of all kinds, and damage. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { replayHere } from '../helpers/command/in-process.js';
import { BASE, conversation, epochOf, RTT, replayBytes } from '../helpers/core/replayed.js';
import { Pcapng } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const replay = (...blocks: Buffer[]) => replayBytes(Buffer.concat(blocks), inFolder('x.pcapng'));

const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;
const SECOND = 1_000_000_000n;
const ng = new Pcapng();

function packets(blocks: Pcapng, units: (time: bigint) => bigint, index = 0, requests = 2) {
  return conversation(requests).map(({ time, frame }) => blocks.packet(index, units(time), frame));
}
const resolution = (blocks: Pcapng, digits: number) =>
  blocks.option(TIME_RESOLUTION, Buffer.from([digits]));
const microseconds = (time: bigint) => time / 1_000n;
const nanoseconds = (time: bigint) => time;

/** When the answers were seen. */
const ANSWERED = [1n, 2n].map((request) => BASE + request * 10_000_000n + RTT);

describe('times', () => {
  test.each([
    ['without a resolution: microseconds', undefined, microseconds, 1_000n],
    ['10^-0 s', 0, (time: bigint) => time / SECOND, SECOND],
    ['10^-3 s', 3, (time: bigint) => time / 1_000_000n, 1_000_000n],
    ['10^-6 s', 6, microseconds, 1_000n],
    ['10^-7 s', 7, (time: bigint) => time / 100n, 100n],
    ['10^-9 s', 9, nanoseconds, 1n],
    ['10^-10 s', 10, (time: bigint) => time * 10n, 1n],
  ])('in units of %s', async (_, digits, units, unit) => {
    const options = digits === undefined ? Buffer.alloc(0) : resolution(ng, digits);
    const { rtts, counters } = await replay(
      ng.section(),
      ng.interface(1, options),
      ...packets(ng, units),
    );
    expect(counters.captured).toBe(6);
    // In whole seconds nothing takes time at all.
    const expected = unit === SECOND ? [] : ANSWERED.map((time) => time - (time % unit));
    expect(rtts.map(epochOf)).toEqual(expected);
  });

  test.each([10, 20, 30, 32])('in units of 2^-%d s', async (digits) => {
    const units = (time: bigint) =>
      ((time / SECOND) << BigInt(digits)) + ((time % SECOND) << BigInt(digits)) / SECOND;
    const { rtts } = await replay(
      ng.section(),
      ng.interface(1, resolution(ng, 0x80 | digits)),
      ...packets(ng, units),
    );
    const tolerance = Number(SECOND >> BigInt(digits)) + 1;
    rtts.map(epochOf).forEach((time, index) => {
      expect(Math.abs(Number(time - (ANSWERED[index] ?? 0n)))).toBeLessThanOrEqual(tolerance);
    });
    expect(rtts).toHaveLength(2);
  });

  test.each([3_600n, -3_600n, -1_700_000_000n])('shifted by %d s', async (seconds) => {
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(seconds);
    const { rtts } = await replay(
      ng.section(),
      ng.interface(1, Buffer.concat([resolution(ng, 9), ng.option(TIME_OFFSET, offset)])),
      ...packets(ng, nanoseconds),
    );
    expect(rtts.map(epochOf)).toEqual(ANSWERED.map((time) => time + seconds * SECOND));
  });

  test('of interfaces with different units are each in their own', async () => {
    const { rtts } = await replay(
      ng.section(),
      ng.interface(1),
      ng.interface(1, resolution(ng, 9)),
      ...conversation(2).flatMap(({ time, frame }) => [
        ng.packet(0, microseconds(time), frame),
        ng.packet(1, nanoseconds(time), frame),
      ]),
    );
    const each = ANSWERED.flatMap((time) => [time - (time % 1_000n), time]);
    expect(rtts.map(epochOf)).toEqual(each);
    expect(rtts.map(({ place }) => place)).toEqual([0, 1, 0, 1]);
  });

  test('packets without one are left out, and told of', async () => {
    const { counters, remarks } = await replay(
      ng.section(),
      ng.interface(),
      ...conversation(2).map(({ frame }) => ng.simplePacket(frame)),
    );
    expect(counters.captured).toBe(0);
    expect(remarks).toEqual(['6 packets left out: no timestamp (simple packet blocks)']);
  });
});

describe('blocks', () => {
  test('big-endian ones', async () => {
    const big = new Pcapng(false);
    const { rtts } = await replay(
      big.section(),
      big.interface(1, resolution(big, 9)),
      ...packets(big, nanoseconds),
    );
    expect(rtts.map(epochOf)).toEqual(ANSWERED);
  });

  test('obsolete packet blocks', async () => {
    const { rtts } = await replay(
      ng.section(),
      ng.interface(),
      ...conversation(2).map(({ time, frame }) => ng.obsoletePacket(0, microseconds(time), frame)),
    );
    expect(rtts).toHaveLength(2);
  });

  test('of other kinds are skipped, however long they are', async () => {
    const [first, ...others] = packets(ng, microseconds);
    const { rtts, damage } = await replay(
      ng.section(ng.option(2, Buffer.alloc(3_000, 'x'))),
      ng.block(5, Buffer.alloc(2 << 20)),
      ng.interface(),
      ng.block(0x80000001, Buffer.alloc(8)),
      first as Buffer,
      ng.block(0x0bad, Buffer.alloc(5 << 20, 0x0a)),
      ...others,
      ng.block(4, Buffer.alloc(16)),
    );
    expect({ rtts: rtts.length, damage }).toEqual({ rtts: 2, damage: undefined });
  });

  test('sections: each has its own byte order and interfaces', async () => {
    const big = new Pcapng(false);
    const ipv6 = conversation(2, { ethernet: false }, [CLIENT6, SERVER6]);
    const { rtts, counters } = await replay(
      ...[ng.section(), ng.interface(), ...packets(ng, microseconds)],
      ...[big.section(), big.interface(101, resolution(big, 9))],
      ...ipv6.map(({ time, frame }) => big.packet(0, time, frame)),
    );
    expect(rtts.map(({ ipVersion }) => ipVersion)).toEqual([4, 4, 6, 6]);
    expect(counters.captured).toBe(12);
  });

  test('of an interface that cannot be read are left out, and told of', async () => {
    const { rtts, remarks } = await replay(
      ng.section(),
      ng.interface(189),
      ng.interface(1),
      ng.packet(0, 1n, Buffer.alloc(64)),
      ...packets(ng, microseconds, 1),
    );
    expect(rtts).toHaveLength(2);
    expect(remarks).toEqual([
      expect.stringMatching(
        /^1 packet left out: link type 189 \(USB, Linux\) is not supported \(supported: /,
      ),
    ]);
  });
});

describe('times that cannot be read', () => {
  const offset = Buffer.alloc(8, 0x7f);
  const kinds: [string, Buffer, string][] = [
    ['binary digits', resolution(ng, 0x80 | 35), 'times in units of 2^-35 s are not supported '],
    ['decimal digits', resolution(ng, 19), 'times in units of 10^-19 s are not supported '],
    ['a shift', ng.option(TIME_OFFSET, offset), 'times shifted by 9187201950435737471 s are not'],
  ];

  test.each(kinds)('%s: these packets are left out, and told; it is no damage', async (...kind) => {
    const [, options, message] = kind;
    const blocks = [ng.section(), ng.interface(1, options), ng.interface()];
    const others = packets(ng, microseconds, 1);
    const { rtts, remarks, damage } = await replay(
      ...blocks,
      ...packets(ng, microseconds),
      ...others,
    );
    expect([rtts.length, damage]).toEqual([2, undefined]);
    expect(remarks).toEqual([expect.stringContaining(`packets left out: ${message}`)]);
  });

  test('where there are no others: refused', async () => {
    const path = inFolder('x.pcapng');
    const blocks = [ng.section(), ng.interface(1, resolution(ng, 19)), ng.interface(189)];
    const usb = ng.packet(1, 1n, Buffer.alloc(64));
    writeFileSync(path, Buffer.concat([...blocks, usb, ...packets(ng, microseconds)]));
    const { code, stderr } = await replayHere(['-r', path]);
    expect(code).toBe(2);
    expect(stderr.split('\n').at(-2)).toMatch(
      /^pping: cannot read .*: link type 189 .*; times in units of 10\^-19 s are not supported \(supported: down to 10\^-18 and 2\^-34 s\)$/,
    );
  });
});

describe('damage', () => {
  const blocks = [ng.section(), ng.interface(), ...packets(ng, microseconds)];
  const whole = Buffer.concat(blocks);
  const behind = (...more: Buffer[]) => replay(whole, ...more);

  test('cut anywhere in the last block: all before it is reported', async () => {
    const last = blocks.at(-1)?.length ?? 0;
    for (let cut = whole.length - last + 1; cut < whole.length; cut++) {
      const { rtts, damage } = await replay(whole.subarray(0, cut));
      expect({ cut, rtts: rtts.length, damage }).toEqual({
        cut,
        rtts: 1,
        damage: `${inFolder('x.pcapng')} is cut short: it ends within a record`,
      });
    }
  });

  test('cut within a block that is skipped', async () => {
    const { rtts, damage } = await behind(ng.block(5, Buffer.alloc(2 << 20)).subarray(0, 1 << 20));
    expect(rtts).toHaveLength(2);
    expect(damage).toContain('is cut short');
  });

  const packet = ng.packet(0, 1n, Buffer.alloc(64));
  const changed = (at: number, value: number) => {
    const damaged = Buffer.from(packet);
    damaged.writeUInt32LE(value, at);
    return damaged;
  };
  test.each([
    ['a length that is none', changed(4, 7), 'a block that claims to have 7 bytes'],
    ['no multiple of 4', changed(4, 33), 'a block that claims to have 33 bytes'],
    ['absurd', changed(4, 0x7ffffffc), 'a block that claims to have 2147483644 bytes'],
    ['two lengths', changed(packet.length - 4, 64), 'a block whose two lengths differ'],
    ['more data than block', changed(20, 65), 'a packet that claims to have 65 bytes'],
    ['an unknown interface', changed(8, 1), 'a packet of interface 1, which has no description'],
    ['a packet too short', ng.block(6, Buffer.alloc(12)), 'a packet block too short'],
    ['an interface too short', ng.block(1, Buffer.alloc(4)), 'an interface description too short'],
    [
      'a section too short',
      ng.block(0x0a0d0d0a, Buffer.alloc(0)),
      'a section without a byte order',
    ],
    ['a section of version 2', sectionOf(2), 'a section of pcapng version 2'],
  ])('%s: all before it is reported', async (_, block, message) => {
    const { rtts, damage } = await behind(block, Buffer.alloc(64));
    expect(rtts).toHaveLength(2);
    expect(damage).toContain(`x.pcapng is damaged: ${message}`);
    expect(damage).toMatch(new RegExp(`, at byte ${whole.length}$`));
  });

  function sectionOf(version: number): Buffer {
    const section = Buffer.from(ng.section());
    section.writeUInt16LE(version, 12);
    return section;
  }
});
