/** Bytes -> event, and nothing else. */
import { endianness } from 'node:os';
import {
  EVENT_TYPE,
  FLOW,
  FLOW_CHANGE,
  FLOW_REASON,
  FLOW_TRIGGER,
  HEADER,
  RTT,
  RTT_FLAG,
} from './layout.js';
import type {
  Common,
  FlowChange,
  FlowEvent,
  FlowReason,
  FlowTrigger,
  KernelEvent,
  RttEvent,
} from './types.js';

/** A record that is not one of ours: short, long, of an unknown kind or with impossible content. */
export class UndecodableRecord extends Error {}

const LITTLE = endianness() === 'LE';
const TWO_TO_32 = 0x1_0000_0000;
const ADDRESS_BYTES = 16;

const CHANGES = namesByCode<FlowChange>(FLOW_CHANGE);
const REASONS = namesByCode<FlowReason>(FLOW_REASON);
const TRIGGERS = namesByCode<FlowTrigger>(FLOW_TRIGGER);

/**
 * Decodes the record of `length` bytes at `offset` of `bytes`. All that is kept
 * is copied: the record may be overwritten afterwards.
 * Throws UndecodableRecord.
 */
export function decode(bytes: DataView, offset: number, length: number): KernelEvent {
  if (length < HEADER.size) throw new UndecodableRecord(`a record of ${length} bytes is too short`);
  const type = bytes.getUint8(offset + HEADER.type);
  if (type === EVENT_TYPE.rtt && length === RTT.size) return decodeRtt(bytes, offset);
  if (type === EVENT_TYPE.flow && length === FLOW.size) return decodeFlow(bytes, offset);
  throw new UndecodableRecord(`no record of type ${type} has ${length} bytes`);
}

function decodeRtt(bytes: DataView, offset: number): RttEvent {
  const flags = bytes.getUint32(offset + RTT.flags, LITTLE);
  return {
    type: 'rtt',
    ...decodeHeader(bytes, offset),
    rtt: exact(bytes, offset + RTT.rtt),
    samples: bytes.getUint32(offset + RTT.samples, LITTLE),
    intervalMinRtt: exact(bytes, offset + RTT.intervalMinRtt),
    minRtt: exact(bytes, offset + RTT.minRtt),
    srtt: exact(bytes, offset + RTT.srtt),
    sentPackets: exact(bytes, offset + RTT.sentPackets),
    sentBytes: exact(bytes, offset + RTT.sentBytes),
    recPackets: exact(bytes, offset + RTT.recPackets),
    recBytes: exact(bytes, offset + RTT.recBytes),
    matchOnEgress:
      flags & RTT_FLAG.hookUnknown ? undefined : (flags & RTT_FLAG.matchOnEgress) !== 0,
    handshake: (flags & RTT_FLAG.handshake) !== 0,
  };
}

function decodeFlow(bytes: DataView, offset: number): FlowEvent {
  return {
    type: 'flow',
    ...decodeHeader(bytes, offset),
    change: named('flow change', CHANGES, bytes.getUint8(offset + FLOW.change)),
    reason: named('reason', REASONS, bytes.getUint8(offset + FLOW.reason)),
    triggeredBy: named('trigger', TRIGGERS, bytes.getUint8(offset + FLOW.trigger)),
  };
}

function decodeHeader(bytes: DataView, offset: number): Common {
  return {
    timestamp: bytes.getBigUint64(offset + HEADER.timestamp, LITTLE),
    flowId: exact(bytes, offset + HEADER.flowId),
    ipVersion: ipVersion(bytes, offset),
    srcAddress: address(bytes, offset + HEADER.src),
    destAddress: address(bytes, offset + HEADER.dest),
    srcPort: bytes.getUint16(offset + HEADER.srcPort, LITTLE),
    destPort: bytes.getUint16(offset + HEADER.destPort, LITTLE),
  };
}

/**
 * A 64-bit count or duration as a number. 2^53 ns are 104 days and 2^53 bytes
 * are 9 PB: beyond that it would lose digits, so it is refused.
 */
function exact(bytes: DataView, offset: number): number {
  const low = bytes.getUint32(offset + (LITTLE ? 0 : 4), LITTLE);
  const high = bytes.getUint32(offset + (LITTLE ? 4 : 0), LITTLE);
  const value = high * TWO_TO_32 + low;
  if (value > Number.MAX_SAFE_INTEGER) throw new UndecodableRecord('a value above 2^53');
  return value;
}

function address(bytes: DataView, offset: number): Uint8Array {
  const start = bytes.byteOffset + offset;
  return new Uint8Array(bytes.buffer.slice(start, start + ADDRESS_BYTES));
}

function ipVersion(bytes: DataView, offset: number): 4 | 6 {
  const version = bytes.getUint8(offset + HEADER.ipVersion);
  if (version !== 4 && version !== 6) throw new UndecodableRecord(`IP version ${version}`);
  return version;
}

function named<Name extends string>(what: string, names: readonly Name[], code: number): Name {
  const name = names[code];
  if (name === undefined) throw new UndecodableRecord(`unknown ${what} ${code}`);
  return name;
}

/** The names at the index of their codes. */
function namesByCode<Name extends string>(codes: Record<Name, number>): Name[] {
  const names: Name[] = [];
  for (const [name, code] of Object.entries(codes) as [Name, number][]) names[code] = name;
  return names;
}
