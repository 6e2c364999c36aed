/** Records as the kernel writes them, field by field. */
import { LITTLE } from '../../../src/core/endianness.js';
import {
  ADDRESS,
  EVENT_HEADER,
  EVENT_TYPE,
  FLOW_EVENT,
  LOSSES,
  ORIGINAL,
  ORIGINAL_EVENT,
  ORIGINAL_STATE,
  OVERDUE_EVENT,
  OWNER,
  OWNER_EVENT,
  PROTOCOL,
  RTT_EVENT,
  RTT_FLAG,
  VERSION_TYPE,
} from '../../../src/core/layouts.js';
import type { Traffic } from '../../../src/events/types.js';

/** Padding is not promised to be anything. */
const PADDING = 0xee;

export const SRC = Uint8Array.from({ length: 16 }, (_, index) => 0x10 + index);
export const DEST = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);

/** Bytes that a test may change before they are decoded. */
export class Record {
  readonly view: DataView;

  constructor(readonly size: number) {
    this.view = new DataView(new ArrayBuffer(size));
    this.bytes.fill(PADDING);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer);
  }

  versionType(ipVersion: number, type: number): this {
    return this.u8(EVENT_HEADER.versionType, (ipVersion << VERSION_TYPE.bits) | type);
  }

  u8(offset: number, value: number): this {
    this.view.setUint8(offset, value);
    return this;
  }

  u16(offset: number, value: number): this {
    this.view.setUint16(offset, value, LITTLE);
    return this;
  }

  u32(offset: number, value: number): this {
    this.view.setUint32(offset, value, LITTLE);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.view.setBigUint64(offset, value, LITTLE);
    return this;
  }

  /** Its first `length` bytes, and no byte more behind them. */
  cut(length: number): DataView {
    return new DataView(this.view.buffer.slice(0, length));
  }
}

export function ownerRecord(): Record {
  const at = OWNER_EVENT.owner;
  const record = withHeader(new Record(OWNER_EVENT.size), EVENT_TYPE.owner)
    .u64(at + OWNER.cgroup, 0x1_0000_0007n)
    .u64(at + OWNER.socketCookie, 0xffff_ffff_ffff_fff0n)
    .u32(at + OWNER.uid, 0xffff_fffe)
    .u32(at + OWNER.pid, 1_234);
  record.bytes.fill(0, at + OWNER.comm);
  record.bytes.set(Buffer.from('a b"c'), at + OWNER.comm);
  return record;
}

/** Its ends before NAT are its ends the other way round. */
export function originalRecord(): Record {
  const at = ORIGINAL_EVENT.original;
  const record = withHeader(new Record(ORIGINAL_EVENT.size), EVENT_TYPE.original)
    .u16(at + ORIGINAL.port, 41_822)
    .u16(at + ORIGINAL.port + 2, 8_080)
    .u32(at + ORIGINAL.state, ORIGINAL_STATE.known);
  record.bytes.set(DEST, at + ORIGINAL.address);
  record.bytes.set(SRC, at + ORIGINAL.address + ADDRESS.size);
  return record;
}

export function rttRecord(): Record {
  const record = withHeader(new Record(RTT_EVENT.size), EVENT_TYPE.rtt);
  return withTraffic(record, RTT_EVENT)
    .u64(RTT_EVENT.rtt, 5_000_000_001n)
    .u64(RTT_EVENT.intervalMinRtt, 4_200_000_007n)
    .u64(RTT_EVENT.minRtt, 4_000_000_002n)
    .u64(RTT_EVENT.srtt, 4_500_000_003n)
    .u32(RTT_EVENT.rttvar, 0xffff_fffe)
    .u32(RTT_EVENT.flags, RTT_FLAG.losses)
    .u32(RTT_EVENT.samples, 3);
}

export function overdueRecord(): Record {
  const record = withHeader(new Record(OVERDUE_EVENT.size), EVENT_TYPE.overdue);
  return record.u64(OVERDUE_EVENT.waited, 10_000_000_000n).u32(OVERDUE_EVENT.flags, 0);
}

export function flowRecord(): Record {
  const record = withHeader(new Record(FLOW_EVENT.size), EVENT_TYPE.flow);
  return withTraffic(record, FLOW_EVENT)
    .u8(FLOW_EVENT.change, 1)
    .u8(FLOW_EVENT.reason, 2)
    .u8(FLOW_EVENT.trigger, 2)
    .u8(FLOW_EVENT.unmeasuredSrc, 5)
    .u8(FLOW_EVENT.spin, 4)
    .u8(FLOW_EVENT.unmeasuredDest, 0);
}

/** As TRAFFIC has it. */
function withTraffic(record: Record, at: Readonly<{ [Each in keyof Traffic]: number }>): Record {
  return record
    .u64(at.sentPackets, 11n)
    .u64(at.sentBytes, 0x1_0000_0001n)
    .u64(at.recPackets, 13n)
    .u64(at.recBytes, 0x2_0000_0003n)
    .u64(at.sentLosses + LOSSES.retransmittedBytes, 0x3_0000_0001n)
    .u32(at.sentLosses + LOSSES.retransmittedPackets, 0xffff_ff01)
    .u32(at.sentLosses + LOSSES.reorderedPackets, 2)
    .u32(at.sentLosses + LOSSES.duplicateAcks, 3)
    .u32(at.sentLosses + LOSSES.zeroWindows, 4)
    .u64(at.recLosses + LOSSES.retransmittedBytes, 5n)
    .u32(at.recLosses + LOSSES.retransmittedPackets, 6)
    .u32(at.recLosses + LOSSES.reorderedPackets, 7)
    .u32(at.recLosses + LOSSES.duplicateAcks, 8)
    .u32(at.recLosses + LOSSES.zeroWindows, 0xffff_ff09);
}

/** What rttRecord() and flowRecord() have of it. */
export const TRAFFIC: Traffic = {
  sentPackets: 11,
  sentBytes: 0x1_0000_0001,
  recPackets: 13,
  recBytes: 0x2_0000_0003,
  sentLosses: {
    retransmittedPackets: 0xffff_ff01,
    retransmittedBytes: 0x3_0000_0001,
    reorderedPackets: 2,
    duplicateAcks: 3,
    zeroWindows: 4,
  },
  recLosses: {
    retransmittedPackets: 6,
    retransmittedBytes: 5,
    reorderedPackets: 7,
    duplicateAcks: 8,
    zeroWindows: 0xffff_ff09,
  },
};

function withHeader(record: Record, type: number): Record {
  record.bytes.set(SRC, EVENT_HEADER.src);
  record.bytes.set(DEST, EVENT_HEADER.dest);
  return record
    .u64(EVENT_HEADER.timestamp, 0x0123_4567_89ab_cdefn)
    .u64(EVENT_HEADER.flowId, 0x3_0000_0005n)
    .u16(EVENT_HEADER.srcPort, 0x1234)
    .u16(EVENT_HEADER.destPort, 0xfedc)
    .versionType(6, type)
    .u8(EVENT_HEADER.protocol, PROTOCOL.tcp)
    .u16(EVENT_HEADER.place, 0x9abc);
}
