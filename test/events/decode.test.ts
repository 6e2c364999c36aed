import { describe, expect, test } from '@jest/globals';
import {
  EVENT_HEADER,
  EVENT_TYPE,
  FLOW_CHANGE,
  FLOW_EVENT,
  FLOW_REASON,
  FLOW_TRIGGER,
  LOSSES,
  RTT_EVENT,
  RTT_FLAG,
  SPIN,
  UNMEASURED,
} from '../../src/core/layouts.js';
import { decode, UndecodableRecord } from '../../src/events/decode.js';
import type { KernelEvent } from '../../src/events/types.js';
import { DEST, flowRecord, type Record, rttRecord, SRC, TRAFFIC } from '../helpers/core/records.js';

const COMMON = {
  timestamp: 0x0123_4567_89ab_cdefn,
  flowId: 0x3_0000_0005,
  place: 0x9abc,
  ipVersion: 6,
  protocol: 'TCP',
  srcAddress: SRC,
  destAddress: DEST,
  srcPort: 0x1234,
  destPort: 0xfedc,
};

const ANY_RTT = {
  type: 'rtt',
  ...COMMON,
  rtt: 5_000_000_001,
  samples: 3,
  intervalMinRtt: 4_200_000_007,
  minRtt: 4_000_000_002,
  srtt: 4_500_000_003,
  rttvar: 0xffff_fffe,
  ...TRAFFIC,
  matchOnEgress: false,
  by: 'timestamp',
  handshake: false,
  answer: 'ack',
  keepAlive: false,
};

const ANY_FLOW = {
  type: 'flow',
  ...COMMON,
  change: 'opening',
  reason: 'SYN-ACK',
  triggeredBy: 'dest',
  unmeasuredSrc: 'unanswered',
  unmeasuredDest: undefined,
  spin: 'valid',
  ...TRAFFIC,
};

function decoded(record: Record): KernelEvent {
  return decodedAs(record.size, record);
}

/** Of its bytes only the first are there. */
function decodedAs(length: number, record: Record): KernelEvent {
  return decode(record.cut(length), 0, length);
}

const KINDS = [
  { kind: 'RTT', type: EVENT_TYPE.rtt, record: rttRecord, event: ANY_RTT },
  { kind: 'flow', type: EVENT_TYPE.flow, record: flowRecord, event: ANY_FLOW },
];

describe.each(KINDS)('of an $kind record', ({ type, record, event }) => {
  test('every field is decoded, and nothing of the padding', () => {
    expect(decoded(record())).toEqual(event);
  });

  test('IP version 4 is told', () => {
    expect(decoded(record().versionType(4, type))).toEqual({ ...event, ipVersion: 4 });
  });

  test('the timestamp keeps all 64 bits', () => {
    const latest = 0xffff_ffff_ffff_ffffn;
    expect(decoded(record().u64(EVENT_HEADER.timestamp, latest)).timestamp).toBe(latest);
  });

  test('it is found at an offset of a view that has an offset of its own', () => {
    const { bytes, size } = record();
    const around = new Uint8Array(8 + 24 + size + 8).fill(0x55);
    around.set(bytes, 8 + 24);
    expect(decode(new DataView(around.buffer, 8, 24 + size), 24, size)).toEqual(event);
  });

  test('nothing that is kept is a view into the record', () => {
    const reused = record();
    const kept = decoded(reused);
    reused.bytes.fill(0);
    expect(kept).toEqual(event);
  });

  test('no record that was cut short is decoded, wherever it was cut', () => {
    const whole = record();
    for (let length = 0; length < whole.size; length++) {
      const cut = () => decode(whole.cut(length), 0, length);
      expect({ length, error: thrownBy(cut) }).toEqual({
        length,
        error: expect.any(UndecodableRecord),
      });
    }
  });

  test.each([1, 8, 56])('a record that is %d bytes too long is not decoded', (surplus) => {
    const { bytes, size } = record();
    const longer = new Uint8Array(size + surplus);
    longer.set(bytes);
    expect(() => decode(new DataView(longer.buffer), 0, size + surplus)).toThrow(UndecodableRecord);
  });

  test.each([0, 3, 15])('a record of the unknown type %d is not decoded', (unknown) => {
    expect(() => decoded(record().versionType(6, unknown))).toThrow(UndecodableRecord);
  });

  test.each([0, 5, 7, 15])('IP version %d is refused', (version) => {
    expect(() => decoded(record().versionType(version, type))).toThrow(
      new UndecodableRecord(`IP version ${version}`),
    );
  });

  test.each([0, 17, 255])('protocol %d, which is not measured, is refused', (protocol) => {
    expect(() => decoded(record().u8(EVENT_HEADER.protocol, protocol))).toThrow(
      new UndecodableRecord(`unknown protocol ${protocol}`),
    );
  });
});

test('a record of one type with the size of the other is not decoded', () => {
  const short = rttRecord().cut(FLOW_EVENT.size);
  expect(() => decode(short, 0, FLOW_EVENT.size)).toThrow(UndecodableRecord);
});

describe('the flags of an RTT', () => {
  const flagged = (flags: number) =>
    decoded(rttRecord().u32(RTT_EVENT.flags, flags | RTT_FLAG.losses));

  test.each([
    [0, false, false, 'ack'],
    [RTT_FLAG.matchOnEgress, true, false, 'ack'],
    [RTT_FLAG.handshake, false, true, 'handshake'],
    [RTT_FLAG.answerData, false, false, 'data'],
    [RTT_FLAG.answerData | RTT_FLAG.handshake, false, true, 'data'],
    [RTT_FLAG.matchOnEgress | RTT_FLAG.handshake, true, true, 'handshake'],
    [RTT_FLAG.hookUnknown, undefined, false, 'ack'],
    [RTT_FLAG.hookUnknown | RTT_FLAG.answerData, undefined, false, 'data'],
    [RTT_FLAG.hookUnknown | RTT_FLAG.handshake, undefined, true, 'handshake'],
  ] as const)('%d says matched on egress: %s, handshake: %s, answer: %s', (flags, ...said) => {
    const [matchOnEgress, handshake, answer] = said;
    expect(flagged(flags)).toEqual({ ...ANY_RTT, matchOnEgress, handshake, answer });
  });

  test('by what it was found', () => {
    expect(flagged(RTT_FLAG.bySequence)).toMatchObject({ by: 'sequence', handshake: false });
    expect(flagged(RTT_FLAG.keepAlive)).toMatchObject({ by: 'timestamp', keepAlive: true });
  });

  const withoutLosses = () => rttRecord().u32(RTT_EVENT.flags, 0);

  test('of a flow without losses the record ends before them', () => {
    const none = {
      retransmittedPackets: 0,
      retransmittedBytes: 0,
      reorderedPackets: 0,
      duplicateAcks: 0,
      zeroWindows: 0,
    };
    expect(decodedAs(RTT_EVENT.sentLosses, withoutLosses())).toEqual({
      ...ANY_RTT,
      sentLosses: none,
      recLosses: none,
    });
  });

  test('a record with losses that are not told, or without those that are, is refused', () => {
    expect(() => decoded(withoutLosses())).toThrow(UndecodableRecord);
    expect(() => decodedAs(RTT_EVENT.sentLosses, rttRecord())).toThrow(UndecodableRecord);
    expect(() => decodedAs(RTT_EVENT.flags, withoutLosses())).toThrow(UndecodableRecord);
  });

  test('flags that are not known yet change nothing', () => {
    const others =
      (~Object.values(RTT_FLAG).reduce((all, flag) => all | flag, 0) & 0xffff_ffff) >>> 0;
    expect(flagged(others)).toEqual(ANY_RTT);
  });
});

describe('the codes of a flow event', () => {
  test.each([
    ['opening', FLOW_CHANGE.opening],
    ['closing', FLOW_CHANGE.closing],
  ])('the change %s has the code %d', (change, code) => {
    expect(decoded(flowRecord().u8(FLOW_EVENT.change, code))).toEqual({ ...ANY_FLOW, change });
  });

  test.each([
    ['SYN', FLOW_REASON.syn],
    ['SYN-ACK', FLOW_REASON.synAck],
    ['first observed packet', FLOW_REASON.firstPacket],
    ['FIN', FLOW_REASON.fin],
    ['RST', FLOW_REASON.rst],
    ['flow timeout', FLOW_REASON.timeout],
  ])('the reason %s has the code %d', (reason, code) => {
    expect(decoded(flowRecord().u8(FLOW_EVENT.reason, code))).toEqual({ ...ANY_FLOW, reason });
  });

  test.each([
    ['src', FLOW_TRIGGER.src],
    ['dest', FLOW_TRIGGER.dest],
    ['garbage collection', FLOW_TRIGGER.cleanup],
  ])('the trigger %s has the code %d', (triggeredBy, code) => {
    expect(decoded(flowRecord().u8(FLOW_EVENT.trigger, code))).toEqual({
      ...ANY_FLOW,
      triggeredBy,
    });
  });

  test.each([
    ['flow change', FLOW_EVENT.change, FLOW_CHANGE],
    ['reason', FLOW_EVENT.reason, FLOW_REASON],
    ['trigger', FLOW_EVENT.trigger, FLOW_TRIGGER],
    ['reason', FLOW_EVENT.unmeasuredSrc, UNMEASURED],
    ['reason', FLOW_EVENT.unmeasuredDest, UNMEASURED],
    ['spin', FLOW_EVENT.spin, SPIN],
  ])('any other %s is refused', (what, offset, codes) => {
    const known: number[] = Object.values(codes);
    for (let code = 0; code < 256; code++) {
      if (known.includes(code)) continue;
      const error = thrownBy(() => decoded(flowRecord().u8(offset, code)));
      expect(error).toEqual(new UndecodableRecord(`unknown ${what} ${code}`));
    }
  });
});

describe('numbers of 64 bits', () => {
  const FIELDS = [
    ['flowId', EVENT_HEADER.flowId],
    ['rtt', RTT_EVENT.rtt],
    ['intervalMinRtt', RTT_EVENT.intervalMinRtt],
    ['minRtt', RTT_EVENT.minRtt],
    ['srtt', RTT_EVENT.srtt],
    ['sentPackets', RTT_EVENT.sentPackets],
    ['sentBytes', RTT_EVENT.sentBytes],
    ['recPackets', RTT_EVENT.recPackets],
    ['recBytes', RTT_EVENT.recBytes],
  ] as const;

  test.each(FIELDS)('%s is exact up to 2^53 - 1', (field, offset) => {
    for (const value of [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n]) {
      const event = decoded(rttRecord().u64(offset, value));
      expect(event).toEqual({ ...ANY_RTT, [field]: Number(value) });
    }
  });

  test.each(FIELDS)('%s is refused from 2^53 up', (_, offset) => {
    for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(() => decoded(rttRecord().u64(offset, value))).toThrow(UndecodableRecord);
    }
  });

  test.each(['sentLosses', 'recLosses'] as const)(
    'bytes sent again of %s are exact up to 2^53 - 1, and refused beyond',
    (field) => {
      const at = RTT_EVENT[field] + LOSSES.retransmittedBytes;
      const most = 2n ** 53n - 1n;
      expect(decoded(rttRecord().u64(at, most))).toMatchObject({
        [field]: { retransmittedBytes: Number(most) },
      });
      expect(() => decoded(rttRecord().u64(at, most + 1n))).toThrow(UndecodableRecord);
      const ofFlow = FLOW_EVENT[field] + LOSSES.retransmittedBytes;
      expect(() => decoded(flowRecord().u64(ofFlow, most + 1n))).toThrow(UndecodableRecord);
    },
  );

  test('the flow identifier of a flow event is refused from 2^53 up, too', () => {
    expect(() => decoded(flowRecord().u64(EVENT_HEADER.flowId, 2n ** 53n))).toThrow(
      UndecodableRecord,
    );
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return 'nothing was thrown';
}
