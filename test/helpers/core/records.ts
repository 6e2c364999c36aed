/** Records as the kernel writes them, field by field. */
import { LITTLE } from '../../../src/core/endianness.js';
import {
  EVENT_TYPE,
  FLOW,
  HEADER,
  ORIGINAL,
  ORIGINAL_STATE,
  OWNER,
  RTT,
} from '../../../src/events/layout.js';

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
  const record = withHeader(new Record(OWNER.size), EVENT_TYPE.owner)
    .u64(OWNER.cgroup, 0x1_0000_0007n)
    .u64(OWNER.socketCookie, 0xffff_ffff_ffff_fff0n)
    .u32(OWNER.uid, 0xffff_fffe)
    .u32(OWNER.pid, 1_234);
  record.bytes.fill(0, OWNER.comm);
  record.bytes.set(Buffer.from('a b"c'), OWNER.comm);
  return record;
}

/** Its ends before NAT are its ends the other way round. */
export function originalRecord(): Record {
  const record = withHeader(new Record(ORIGINAL.size), EVENT_TYPE.original)
    .u16(ORIGINAL.port, 41_822)
    .u16(ORIGINAL.port + 2, 8_080)
    .u32(ORIGINAL.state, ORIGINAL_STATE.known);
  record.bytes.set(DEST, ORIGINAL.address);
  record.bytes.set(SRC, ORIGINAL.address + 16);
  return record;
}

export function rttRecord(): Record {
  return withHeader(new Record(RTT.size), EVENT_TYPE.rtt)
    .u64(RTT.rtt, 5_000_000_001n)
    .u64(RTT.intervalMinRtt, 4_200_000_007n)
    .u64(RTT.minRtt, 4_000_000_002n)
    .u64(RTT.srtt, 4_500_000_003n)
    .u64(RTT.sentPackets, 11n)
    .u64(RTT.sentBytes, 0x1_0000_0001n)
    .u64(RTT.recPackets, 13n)
    .u64(RTT.recBytes, 0x2_0000_0003n)
    .u32(RTT.flags, 0)
    .u32(RTT.samples, 3);
}

export function flowRecord(): Record {
  return withHeader(new Record(FLOW.size), EVENT_TYPE.flow)
    .u8(FLOW.change, 1)
    .u8(FLOW.reason, 2)
    .u8(FLOW.trigger, 2);
}

function withHeader(record: Record, type: number): Record {
  record.bytes.set(SRC, HEADER.src);
  record.bytes.set(DEST, HEADER.dest);
  return record
    .u64(HEADER.timestamp, 0x0123_4567_89ab_cdefn)
    .u64(HEADER.flowId, 0x3_0000_0005n)
    .u16(HEADER.srcPort, 0x1234)
    .u16(HEADER.destPort, 0xfedc)
    .u8(HEADER.type, type)
    .u8(HEADER.ipVersion, 6)
    .u16(HEADER.place, 0x9abc);
}
