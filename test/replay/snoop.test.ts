/** Captures of Solaris (RFC 1761), and damaged ones. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { conversation, epochOf, RTT, replayBytes } from '../helpers/core/replayed.js';
import { pcap, SNOOP_HEADER, SNOOP_RECORD, snoop } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const replay = (bytes: Buffer) => replayBytes(bytes, inFolder('x.snoop'));
const damaged = (what: string) => `${inFolder('x.snoop')} is damaged: ${what}`;

test.each([4, 0])('datalink type %d: what a pcap with the same packets gives', async (type) => {
  const packets = conversation(3).map((packet) => ({ ...packet, captured: 66 }));
  const { rtts, damage, counters } = await replay(snoop(packets, type));
  const expected = await replayBytes(pcap(packets), inFolder('x.pcap'));
  expect(rtts.map((rtt) => [epochOf(rtt), rtt.rtt, rtt.sentBytes])).toEqual(
    expected.rtts.map((rtt) => [epochOf(rtt), rtt.rtt, rtt.sentBytes]),
  );
  expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(3).fill(Number(RTT / 1_000n) * 1_000));
  expect({ damage, counters }).toEqual({ damage: undefined, counters: expected.counters });
});

describe('what cannot be read is refused', () => {
  const header = (version: number, type: number) => {
    const bytes = snoop(conversation(1), type);
    bytes.writeUInt32BE(version, 8);
    return bytes;
  };
  test.each([
    [header(3, 4), 'snoop of version 3 is not supported'],
    [header(2, 8), 'datalink type 8 is not supported in snoop files (supported: Ethernet)'],
    [header(2, 0x80000005), 'datalink type 2147483653 is not supported in snoop files'],
  ])('%#', async (bytes, message) => {
    await expect(replay(bytes)).rejects.toThrow(UsageError);
    await expect(replay(bytes)).rejects.toThrow(message);
  });

  test.each([8, 15])('cut short within its header, at byte %d', async (length) => {
    const bytes = snoop([]).subarray(0, length);
    await expect(replay(bytes)).rejects.toThrow('cut short: it ends within its header');
  });
});

describe('damage', () => {
  const packets = conversation(3);
  const bytes = snoop(packets);
  const padded = (length: number) => length + ((4 - (length % 4)) % 4);
  const last = bytes.length - SNOOP_RECORD - padded(packets[7]?.frame.length ?? 0);

  test('cut anywhere in the last record: all before it is reported', async () => {
    for (let cut = last + 1; cut < bytes.length; cut++) {
      const { rtts, damage } = await replay(bytes.subarray(0, cut));
      expect({ cut, rtts: rtts.length, damage }).toEqual({
        cut,
        rtts: 2,
        damage: `${inFolder('x.snoop')} is cut short: it ends within a record`,
      });
    }
  });

  test.each([
    [4, 262_145, 'a record that claims to have 262145 bytes'],
    [4, 0xffff_ffff, 'a record that claims to have 4294967295 bytes'],
    [8, 0xffff_ffff, 'a record that claims to have 4294967295 bytes'],
    [8, 0, 'a record whose packet is longer than itself'],
    [8, 24, 'a record whose packet is longer than itself'],
  ])('at %d of a record, %d', async (at, value, what) => {
    const changed = Buffer.from(bytes);
    changed.writeUInt32BE(value, last + at);
    const { rtts, damage } = await replay(changed);
    expect([rtts.length, damage]).toEqual([2, damaged(`${what}, at byte ${last}`)]);
  });

  test('a header and nothing else is an empty capture', async () => {
    const { counters, damage } = await replay(bytes.subarray(0, SNOOP_HEADER));
    expect({ captured: counters.captured, damage }).toEqual({ captured: 0, damage: undefined });
  });
});
