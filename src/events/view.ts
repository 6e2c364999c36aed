/**
 * Events read where the kernel, or the replay, has put them: nothing is copied or allocated.
 * What at() gives is valid until its next call, and only as long as the record is.
 */
import * as machine from '../core/endianness.js';
import {
  ADDRESS,
  EVENT_HEADER,
  EVENT_TYPE,
  FLOW_CHANGE,
  FLOW_EVENT,
  FLOW_REASON,
  FLOW_TRIGGER,
  OVERDUE_EVENT,
  PROTOCOL,
  RTT_EVENT,
  RTT_FLAG,
  VERSION_TYPE,
} from '../core/layouts.js';
import {
  CHANGE_NAMES,
  type FlowChange,
  type FlowReason,
  type FlowTrigger,
  PROTOCOL_NAMES,
  type Protocol,
  REASON_NAMES,
  TRIGGER_NAMES,
} from './names.js';
import type { Common, FlowEvent, KernelEvent, OverdueEvent, RttEvent, RttMethod } from './types.js';

/** A record that is not one of ours: short, long, of an unknown kind or with impossible content. */
export class UndecodableRecord extends Error {}

const { LITTLE } = machine;
const TYPE_MASK = (1 << VERSION_TYPE.bits) - 1;
const [LOW, HIGH] = LITTLE ? [0, 4] : [4, 0];
const TWO_TO_32 = 0x1_0000_0000;
/** Of the upper half of a number that JavaScript has exactly: 2^53 ns are 104 days, 2^53 bytes 9 PB. */
const MOST_HIGH = 0x1f_ffff;

const CHANGES = namesByCode(FLOW_CHANGE, CHANGE_NAMES);
const REASONS = namesByCode(FLOW_REASON, REASON_NAMES);
const PROTOCOLS = namesByCode(PROTOCOL, PROTOCOL_NAMES);
const TRIGGERS = namesByCode(FLOW_TRIGGER, TRIGGER_NAMES);

/** Counts and durations of 64 bits. */
const RTT_NUMBERS = [
  RTT_EVENT.rtt,
  RTT_EVENT.intervalMinRtt,
  RTT_EVENT.minRtt,
  RTT_EVENT.srtt,
  RTT_EVENT.sentPackets,
  RTT_EVENT.sentBytes,
  RTT_EVENT.recPackets,
  RTT_EVENT.recBytes,
];

export class RecordView {
  readonly #rtt = new RttView();
  readonly #flow = new FlowView();
  readonly #overdue = new OverdueView();

  /** The event in the record of `length` bytes at `offset` of `bytes`. Throws UndecodableRecord. */
  at(bytes: DataView, offset: number, length: number): KernelEvent {
    if (length < EVENT_HEADER.size) {
      throw new UndecodableRecord(`a record of ${length} bytes is too short`);
    }
    const type = typeOf(bytes, offset);
    if (type === EVENT_TYPE.rtt && length === RTT_EVENT.size) return this.#rtt.on(bytes, offset);
    if (type === EVENT_TYPE.flow && length === FLOW_EVENT.size) return this.#flow.on(bytes, offset);
    if (type === EVENT_TYPE.overdue && length === OVERDUE_EVENT.size) {
      return this.#overdue.on(bytes, offset);
    }
    throw new UndecodableRecord(`no record of type ${type} has ${length} bytes`);
  }
}

/** An EVENT_TYPE, of the event whose record is at `offset`. */
export function typeOf(bytes: DataView, offset: number): number {
  return bytes.getUint8(offset + EVENT_HEADER.versionType) & TYPE_MASK;
}

/** 4 or 6, or what a broken record has there. */
function versionOf(bytes: DataView, offset: number): number {
  return bytes.getUint8(offset + EVENT_HEADER.versionType) >> VERSION_TYPE.bits;
}

/** What all events begin with. */
export abstract class HeaderView implements Common {
  protected bytes: DataView = new DataView(new ArrayBuffer(RTT_EVENT.size));
  protected offset = 0;
  protocol: Protocol = 'TCP';

  get timestamp(): bigint {
    return this.bytes.getBigUint64(this.offset + EVENT_HEADER.timestamp, LITTLE);
  }
  get timestampHigh(): number {
    return this.bytes.getUint32(this.offset + EVENT_HEADER.timestamp + HIGH, LITTLE);
  }
  get timestampLow(): number {
    return this.bytes.getUint32(this.offset + EVENT_HEADER.timestamp + LOW, LITTLE);
  }
  get flowId(): number {
    return this.number(EVENT_HEADER.flowId);
  }
  get place(): number {
    return this.bytes.getUint16(this.offset + EVENT_HEADER.place, LITTLE);
  }
  get ipVersion(): 4 | 6 {
    return versionOf(this.bytes, this.offset) === 4 ? 4 : 6;
  }
  /** A copy, each time. */
  get srcAddress(): Uint8Array {
    return this.address(EVENT_HEADER.src);
  }
  get destAddress(): Uint8Array {
    return this.address(EVENT_HEADER.dest);
  }
  get srcPort(): number {
    return this.bytes.getUint16(this.offset + EVENT_HEADER.srcPort, LITTLE);
  }
  get destPort(): number {
    return this.bytes.getUint16(this.offset + EVENT_HEADER.destPort, LITTLE);
  }

  /** Moves it to the record at `offset`. Throws UndecodableRecord. */
  on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    return this;
  }

  protected move(bytes: DataView, offset: number): void {
    this.bytes = bytes;
    this.offset = offset;
    const version = versionOf(bytes, offset);
    if (version !== 4 && version !== 6) throw new UndecodableRecord(`IP version ${version}`);
    this.protocol = named('protocol', PROTOCOLS, bytes.getUint8(offset + EVENT_HEADER.protocol));
    this.check(EVENT_HEADER.flowId);
  }

  /** That number() is exact. */
  protected check(field: number): void {
    if (this.bytes.getUint32(this.offset + field + HIGH, LITTLE) > MOST_HIGH) {
      throw new UndecodableRecord('a value above 2^53');
    }
  }

  protected number(field: number): number {
    const { bytes, offset } = this;
    const low = bytes.getUint32(offset + field + LOW, LITTLE);
    return bytes.getUint32(offset + field + HIGH, LITTLE) * TWO_TO_32 + low;
  }

  protected address(field: number): Uint8Array {
    const start = this.bytes.byteOffset + this.offset + field;
    return new Uint8Array(this.bytes.buffer.slice(start, start + ADDRESS.size));
  }
}

class RttView extends HeaderView implements RttEvent {
  readonly type = 'rtt';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    for (let field = 0; field < RTT_NUMBERS.length; field++) {
      this.check(RTT_NUMBERS[field] as number);
    }
    return this;
  }

  get rtt(): number {
    return this.number(RTT_EVENT.rtt);
  }
  get samples(): number {
    return this.bytes.getUint32(this.offset + RTT_EVENT.samples, LITTLE);
  }
  get intervalMinRtt(): number {
    return this.number(RTT_EVENT.intervalMinRtt);
  }
  get minRtt(): number {
    return this.number(RTT_EVENT.minRtt);
  }
  get srtt(): number {
    return this.number(RTT_EVENT.srtt);
  }
  get sentPackets(): number {
    return this.number(RTT_EVENT.sentPackets);
  }
  get sentBytes(): number {
    return this.number(RTT_EVENT.sentBytes);
  }
  get recPackets(): number {
    return this.number(RTT_EVENT.recPackets);
  }
  get recBytes(): number {
    return this.number(RTT_EVENT.recBytes);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.#flags);
  }
  get by(): RttMethod {
    return this.#flags & RTT_FLAG.bySequence ? 'sequence' : 'timestamp';
  }
  get handshake(): boolean {
    return (this.#flags & RTT_FLAG.handshake) !== 0;
  }

  get #flags(): number {
    return this.bytes.getUint32(this.offset + RTT_EVENT.flags, LITTLE);
  }
}

class OverdueView extends HeaderView implements OverdueEvent {
  readonly type = 'overdue';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.check(OVERDUE_EVENT.waited);
    return this;
  }

  get waited(): number {
    return this.number(OVERDUE_EVENT.waited);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.bytes.getUint32(this.offset + OVERDUE_EVENT.flags, LITTLE));
  }
}

class FlowView extends HeaderView implements FlowEvent {
  readonly type = 'flow';
  change: FlowChange = 'opening';
  reason: FlowReason = 'SYN';
  triggeredBy: FlowTrigger = 'src';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.change = named('flow change', CHANGES, bytes.getUint8(offset + FLOW_EVENT.change));
    this.reason = named('reason', REASONS, bytes.getUint8(offset + FLOW_EVENT.reason));
    this.triggeredBy = named('trigger', TRIGGERS, bytes.getUint8(offset + FLOW_EVENT.trigger));
    return this;
  }
}

function sideIn(flags: number): boolean | undefined {
  if (flags & RTT_FLAG.hookUnknown) return undefined;
  return (flags & RTT_FLAG.matchOnEgress) !== 0;
}

function named<Name extends string>(what: string, names: readonly Name[], code: number): Name {
  const name = names[code];
  if (name === undefined) throw new UndecodableRecord(`unknown ${what} ${code}`);
  return name;
}

/** The names at the index of their codes. */
function namesByCode<Key extends string, Name extends string>(
  codes: Readonly<Record<Key, number>>,
  names: Readonly<Record<Key, Name>>,
): Name[] {
  const byCode: Name[] = [];
  for (const [key, code] of Object.entries(codes) as [Key, number][]) byCode[code] = names[key];
  return byCode;
}
