/** The classic format, in every variant that is read, and damaged in every way. */
import { describe, expect, test } from '@jest/globals';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import { UsageError } from '../../src/faults.js';
import { BASE, conversation, epochOf, RTT, replayBytes } from '../helpers/core/replayed.js';
import { PCAP_HEADER, PCAP_RECORD, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const replay = (bytes: Buffer) => replayBytes(bytes, inFolder('capture.pcap'));

describe('every variant is read, to its last digit', () => {
  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('little-endian %s, nanoseconds %s', async (little, nanoseconds) => {
    const { rtts, counters, damage } = await replay(pcap(conversation(3), { little, nanoseconds }));
    const unit = nanoseconds ? 1n : 1_000n;
    const cut = (time: bigint) => time - (time % unit);
    const expected = [1n, 2n, 3n].map((request) => {
      const sent = BASE + request * 10_000_000n;
      return { at: cut(sent + RTT), rtt: Number(cut(sent + RTT) - cut(sent)) };
    });
    expect(rtts.map((event) => ({ at: epochOf(event), rtt: event.rtt }))).toEqual(expected);
    expect({ damage, captured: counters.captured }).toEqual({ damage: undefined, captured: 8 });
  });

  test('what the link type says of check sequences does not matter', async () => {
    const { rtts } = await replay(pcap(conversation(1), { linkType: 0x14000001 }));
    expect(rtts).toHaveLength(1);
  });

  test('a capture does not say where a reply went', async () => {
    const { rtts } = await replay(pcap(conversation(1)));
    expect(rtts[0]?.matchOnEgress).toBeUndefined();
  });

  test('a time of 0 is a time', async () => {
    const packets = conversation(2).map(({ time, frame }) => ({ time: time - BASE, frame }));
    const { rtts } = await replay(pcap(packets, { nanoseconds: true }));
    expect(rtts.map(epochOf)).toEqual([10_000_000n + RTT, 20_000_000n + RTT]);
  });
});

/** The link header that goes before an IP packet. */
const LINKS: [string, number, (ipv6: boolean) => Buffer][] = [
  ['raw IP (101)', 101, () => Buffer.alloc(0)],
  ['raw IP (12)', 12, () => Buffer.alloc(0)],
  ['raw IP (14)', 14, () => Buffer.alloc(0)],
  ['IPv4 (228)', 228, () => Buffer.alloc(0)],
  ['IPv6 (229)', 229, () => Buffer.alloc(0)],
  ['Linux cooked', 113, (ipv6) => cooked(ipv6, 14, 16)],
  ['Linux cooked, version 2', 276, (ipv6) => cooked(ipv6, 0, 20)],
  ['BSD null, little-endian', 0, (ipv6) => Buffer.from([ipv6 ? 30 : 2, 0, 0, 0])],
  ['BSD null, big-endian', 0, (ipv6) => Buffer.from([0, 0, 0, ipv6 ? 28 : 2])],
  ['BSD loop', 108, (ipv6) => Buffer.from([0, 0, 0, ipv6 ? 24 : 2])],
  ['PPP', 9, (ipv6) => Buffer.from([0, ipv6 ? 0x57 : 0x21])],
  ['PPP in framing', 9, (ipv6) => Buffer.from([0xff, 3, 0, ipv6 ? 0x57 : 0x21])],
  ['PPP in HDLC-like framing', 50, (ipv6) => Buffer.from([0xff, 3, 0, ipv6 ? 0x57 : 0x21])],
  ['PPPoE', 51, (ipv6) => Buffer.from([0x11, 0, 0, 1, 0, 90, 0, ipv6 ? 0x57 : 0x21])],
  ['Cisco HDLC', 104, (ipv6) => Buffer.from([0x0f, 0, ...(ipv6 ? [0x86, 0xdd] : [8, 0])])],
];

function cooked(ipv6: boolean, typeAt: number, length: number): Buffer {
  const header = Buffer.alloc(length, 7);
  header.writeUInt16BE(ipv6 ? 0x86dd : 0x0800, typeAt);
  return header;
}

describe('link types', () => {
  test.each(LINKS)('%s', async (_, linkType, header) => {
    const over = (ipv6: boolean, packets = conversation(2, { ethernet: false })) =>
      packets.map(({ time, frame }) => ({ time, frame: Buffer.concat([header(ipv6), frame]) }));
    const ipv6 = conversation(2, { ethernet: false }, [CLIENT6, SERVER6]);
    const { rtts, counters } = await replay(
      pcap([...over(false), ...over(true, ipv6)], { linkType }),
    );
    expect(rtts.map(({ ipVersion }) => ipVersion)).toEqual([4, 6, 4, 6]);
    expect(counters.malformed + counters.notIp).toBe(0);
  });

  test('a cooked packet with a VLAN tag', async () => {
    const tagged = conversation(1, { ethernet: false }).map(({ time, frame }) => {
      const header = cooked(false, 14, 16);
      header.writeUInt16BE(0x8100, 14);
      return { time, frame: Buffer.concat([header, Buffer.from([0, 5, 8, 0]), frame]) };
    });
    const { rtts } = await replay(pcap(tagged, { linkType: 113 }));
    expect(rtts).toHaveLength(1);
  });

  test.each([
    [0, Buffer.from([0, 0, 0, 7, 1, 2, 3, 4])],
    [113, cooked(false, 0, 16)],
    [101, Buffer.from([0x50, 0, 0, 0])],
  ])('of type %d, what is not IP is counted', async (linkType, frame) => {
    const { counters } = await replay(pcap([{ time: BASE, frame }], { linkType }));
    expect(counters).toMatchObject({ captured: 1, notIp: 1 });
  });

  test('one that cannot be read is named, with those that can', async () => {
    const refused = replay(pcap(conversation(1), { linkType: 189 }));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /capture\.pcap: link type 189 \(USB, Linux\) is not supported \(supported: Ethernet, .*802\.11/,
    );
  });
});

describe('snap lengths', () => {
  const frame = conversation(1)[2]?.frame ?? Buffer.alloc(0);
  const HEADERS = 14 + 20 + 32;

  test('that cut the payload change nothing', async () => {
    const cut = conversation(3).map((packet) => ({ ...packet, captured: HEADERS }));
    const whole = await replay(pcap(conversation(3)));
    expect(await replay(pcap(cut))).toEqual(whole);
    expect(whole.rtts).toHaveLength(3);
    expect(whole.rtts[0]?.sentBytes).toBe(100);
  });

  test.each(Array.from({ length: HEADERS }, (_, captured) => captured))(
    'that cut the headers, at %d bytes, are counted as such',
    async (captured) => {
      const { counters, rtts } = await replay(pcap([{ time: BASE, frame, captured }]));
      expect(counters).toMatchObject({ captured: 1, truncated: 1, malformed: 0 });
      expect(rtts).toEqual([]);
    },
  );

  test.each([
    ['what was kept', HEADERS],
    ['less than the packet had', HEADERS + 10],
  ])('lengths that were rewritten to %s: IP knows better', async (_, length) => {
    const packets = conversation(3).map((packet) => ({ ...packet, captured: HEADERS }));
    const bytes = pcap(packets);
    for (let at = PCAP_HEADER; at < bytes.length; at += PCAP_RECORD + HEADERS) {
      bytes.writeUInt32LE(length, at + 12);
    }
    const { rtts, counters } = await replay(bytes);
    expect(rtts).toHaveLength(3);
    expect(rtts[0]?.sentBytes).toBe(100);
    expect(counters).toMatchObject({ truncated: 0, malformed: 0 });
  });

  test('headers that were cut off count as such, whatever length is said', async () => {
    const short = frame.subarray(0, HEADERS - 1);
    const { counters } = await replay(pcap([{ time: BASE, frame: short }]));
    expect(counters).toMatchObject({ truncated: 1, malformed: 0 });
  });

  test('IPv6 extension headers that are cut off', async () => {
    const padOptions = Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]);
    const long = tcpFrame(CLIENT6, SERVER6, {}, { extensions: [[0, padOptions]] });
    const { counters } = await replay(pcap([{ time: BASE, frame: long, captured: 14 + 40 + 4 }]));
    expect(counters).toMatchObject({ truncated: 1, malformed: 0 });
  });

  test('a record that has more bytes than the packet had', async () => {
    const bytes = pcap([{ time: BASE, frame }]);
    bytes.writeUInt32LE(10, PCAP_HEADER + 12);
    const { counters } = await replay(bytes);
    expect(counters).toMatchObject({ captured: 1, malformed: 0, truncated: 0 });
  });
});

describe('installation/versions', () => {
  const of = (major: number, minor: number, isSwapped: (index: number) => boolean) => {
    const bytes = pcap(conversation(3).map((packet) => ({ ...packet, captured: 66 })));
    bytes.writeUInt16LE(major, 4);
    bytes.writeUInt16LE(minor, 6);
    for (let at = PCAP_HEADER, index = 0; at < bytes.length; at += PCAP_RECORD + 66, index++) {
      const length = bytes.readUInt32LE(at + 12);
      if (!isSwapped(index)) continue;
      bytes.writeUInt32LE(length, at + 8);
      bytes.writeUInt32LE(66, at + 12);
    }
    return bytes;
  };

  test.each<[string, Buffer]>([
    ['2.2: the captured length comes last', of(2, 2, () => true)],
    ['2.3: either may come first', of(2, 3, (index) => index % 2 === 0)],
    ['543.0, of DG/UX: likewise', of(543, 0, (index) => index % 2 === 0)],
    ['2.4: it comes first', of(2, 4, () => false)],
  ])('%s', async (_, bytes) => {
    const { rtts, damage, counters } = await replay(bytes);
    expect(damage).toBeUndefined();
    expect(rtts).toHaveLength(3);
    expect(counters).toMatchObject({ captured: 8, bytes: 8 * 66 + 3 * 100 });
  });
});

describe("Kuznetsov's variant", () => {
  const packets = conversation(20);
  const record = PCAP_RECORD + 8 + (packets[0]?.frame.length ?? 0);

  test.each([true, false])('little-endian %s: what the usual one gives', async (little) => {
    const expected = await replay(pcap(packets, { little }));
    expect(await replay(pcap(packets, { little, patched: true }))).toEqual(expected);
    expect(expected.rtts).toHaveLength(20);
  });

  test('zeros instead of records', async () => {
    const whole = pcap(packets, { patched: true });
    const at = PCAP_HEADER + 2 * record;
    for (const zeros of [1, 23, 24, 4_096]) {
      const bytes = [whole.subarray(0, at), Buffer.alloc(zeros + 23), whole.subarray(at)];
      const { rtts, damage } = await replay(Buffer.concat(bytes));
      expect({ zeros, rtts: rtts.length, damage }).toEqual({
        zeros,
        rtts: 20,
        damage: `${inFolder('capture.pcap')} is damaged: zeros instead of a record, at byte ${at}`,
      });
    }
  });

  test('cut anywhere in a record', async () => {
    const whole = pcap(packets.slice(0, 2), { patched: true });
    for (let cut = PCAP_HEADER + record + 1; cut < whole.length; cut++) {
      const { counters, damage } = await replay(whole.subarray(0, cut));
      expect({ cut, captured: counters.captured }).toEqual({ cut, captured: 1 });
      expect(damage).toMatch('is cut short: it ends within a record');
    }
  });
});

describe('zeros instead of records', () => {
  const record = (index: number) => PCAP_HEADER + index * (PCAP_RECORD + 66);
  const whole = pcap(
    conversation(50).map((packet) => ({ ...packet, captured: 66 })),
    { nanoseconds: true },
  );
  const gap = (at: number) =>
    `${inFolder('capture.pcap')} is damaged: zeros instead of a record, at byte ${at}`;

  test.each([1, 15, 16, 4_096, 3 << 20])('%d more than there should be', async (zeros) => {
    const at = record(22);
    const bytes = [whole.subarray(0, at), Buffer.alloc(zeros + 15), whole.subarray(at)];
    const { rtts, damage } = await replay(Buffer.concat(bytes));
    expect(rtts).toHaveLength(50);
    expect(damage).toBe(gap(at));
  });

  test.each([-30, -1, 0, 1, 7, 40, 66])('written over some, to %d bytes beyond one', async (by) => {
    const bytes = Buffer.from(whole);
    bytes.fill(0, record(22) - 20, record(32) + by);
    const { rtts, counters, damage } = await replay(bytes);
    // The record in which they begin is not trusted, nor can it be read in whose midst they end. The
    // first byte of all times is 0 anyway.
    expect(counters.captured).toBe(102 - 1 - 10 - (by > 1 ? 1 : 0));
    expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(rtts.length).fill(Number(RTT)));
    expect(rtts.length).toBeGreaterThanOrEqual(43);
    expect(damage).toBe(gap(record(22)));
  });

  test('to the very end, and without a record before', async () => {
    const ended = await replay(Buffer.concat([whole, Buffer.alloc(5_000)]));
    expect([ended.rtts.length, ended.damage]).toEqual([50, gap(whole.length)]);
    const header = whole.subarray(0, PCAP_HEADER);
    const rest = [header, Buffer.alloc(5_000), whole.subarray(PCAP_HEADER)];
    const begun = await replay(Buffer.concat(rest));
    // The first is not trusted: its time begins with 0. It would have opened the flow.
    expect(begun.counters.captured).toBe(101);
    expect([begun.rtts.length, begun.damage]).toEqual([49, gap(PCAP_HEADER)]);
  });

  test('before something that is no record', async () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7_919) % 251));
    const { rtts, damage } = await replay(Buffer.concat([whole, Buffer.alloc(100), noise]));
    expect([rtts.length, damage]).toEqual([50, gap(whole.length)]);
  });
});

describe('damage', () => {
  const capture = pcap(conversation(3));
  const record = PCAP_RECORD + (conversation(1)[2]?.frame.length ?? 0);

  test('cut anywhere in the last record: all before it is reported', async () => {
    const last = capture.length - PCAP_RECORD - (conversation(1)[3]?.frame.length ?? 0);
    for (let cut = last + 1; cut < capture.length; cut++) {
      const { rtts, damage } = await replay(capture.subarray(0, cut));
      expect({ cut, rtts: rtts.length, damage }).toEqual({
        cut,
        rtts: 2,
        damage: `${inFolder('capture.pcap')} is cut short: it ends within a record`,
      });
    }
  });

  test.each([262_145, 0x7fffffff, 0xffffffff])('a record of %d bytes', async (length) => {
    const damaged = Buffer.from(capture);
    damaged.writeUInt32LE(length, capture.length - record);
    const at = PCAP_HEADER + 2 * (PCAP_RECORD + 66) + 2 * (record + PCAP_RECORD + 66);
    damaged.writeUInt32LE(length, at + 8);
    const { rtts, damage } = await replay(damaged);
    expect(rtts).toHaveLength(2);
    expect(damage).toBe(
      `${inFolder('capture.pcap')} is damaged: a record that claims to have ${length} bytes, at byte ${at}`,
    );
  });

  test.each([true, false])('another capture behind it, little-endian %s', async (little) => {
    const { rtts, counters, damage } = await replay(
      Buffer.concat([capture, pcap(conversation(2), { little })]),
    );
    expect([rtts.length, counters.captured]).toEqual([3, 8]);
    expect(damage).toBe(
      `${inFolder('capture.pcap')} is damaged: another capture begins (give -r each of them instead of joining them), at byte ${capture.length}`,
    );
  });

  test('one record after the other that is as long as can be', async () => {
    const frame = Buffer.alloc(262_144, 1);
    const { counters, damage } = await replay(
      pcap(Array.from({ length: 20 }, () => ({ time: BASE, frame }))),
    );
    expect({ captured: counters.captured, damage }).toEqual({ captured: 20, damage: undefined });
  });

  test('a header and nothing else is an empty capture', async () => {
    const { counters, damage } = await replay(pcap([]));
    expect({ captured: counters.captured, damage }).toEqual({ captured: 0, damage: undefined });
  });

  test.each([
    [Buffer.alloc(0), 'is empty'],
    [Buffer.from('hi'), 'not a pcap, pcapng or snoop file'],
    [Buffer.from('#!/bin/sh\necho not a capture at all\n'), 'not a pcap, pcapng or snoop file'],
    [capture.subarray(0, 4), 'cut short: it ends within its header'],
    [capture.subarray(0, 23), 'cut short: it ends within its header'],
    [Buffer.concat([Buffer.from([0xd4, 0xc3, 0xb2, 0xa1, 9, 0]), Buffer.alloc(18)]), 'version 9'],
  ])('%#: no capture', async (bytes, message) => {
    await expect(replay(bytes)).rejects.toThrow(message);
  });
});
