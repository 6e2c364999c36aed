/**
 * Events read where the kernel, or the replay, has put them: nothing is copied or allocated.
 * What at() gives is valid until its next call, and only as long as the record is.
 */
import { LITTLE } from '../core/endianness.js';
import {
  EVENT_TYPE,
  FLOW,
  FLOW_CHANGE,
  FLOW_REASON,
  FLOW_TRIGGER,
  HEADER,
  OVERDUE,
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
  OverdueEvent,
  RttEvent,
} from './types.js';

/** A record that is not one of ours: short, long, of an unknown kind or with impossible content. */
export class UndecodableRecord extends Error {}

const [LOW, HIGH] = LITTLE ? [0, 4] : [4, 0];
const TWO_TO_32 = 0x1_0000_0000;
/** Of the upper half of a number that JavaScript has exactly: 2^53 ns are 104 days, 2^53 bytes 9 PB. */
const MOST_HIGH = 0x1f_ffff;
const ADDRESS_BYTES = 16;

const CHANGES = namesByCode<FlowChange>(FLOW_CHANGE);
const REASONS = namesByCode<FlowReason>(FLOW_REASON);
const TRIGGERS = namesByCode<FlowTrigger>(FLOW_TRIGGER);

/** Counts and durations of 64 bits. */
const RTT_NUMBERS = [
  RTT.rtt,
  RTT.intervalMinRtt,
  RTT.minRtt,
  RTT.srtt,
  RTT.sentPackets,
  RTT.sentBytes,
  RTT.recPackets,
  RTT.recBytes,
];

export class RecordView {
  readonly #rtt = new RttView();
  readonly #flow = new FlowView();
  readonly #overdue = new OverdueView();

  /** The event in the record of `length` bytes at `offset` of `bytes`. Throws UndecodableRecord. */
  at(bytes: DataView, offset: number, length: number): KernelEvent {
    if (length < HEADER.size) {
      throw new UndecodableRecord(`a record of ${length} bytes is too short`);
    }
    const type = bytes.getUint8(offset + HEADER.type);
    if (type === EVENT_TYPE.rtt && length === RTT.size) return this.#rtt.on(bytes, offset);
    if (type === EVENT_TYPE.flow && length === FLOW.size) return this.#flow.on(bytes, offset);
    if (type === EVENT_TYPE.overdue && length === OVERDUE.size) {
      return this.#overdue.on(bytes, offset);
    }
    throw new UndecodableRecord(`no record of type ${type} has ${length} bytes`);
  }
}

/** What all events begin with. */
export abstract class HeaderView implements Common {
  protected bytes: DataView = new DataView(new ArrayBuffer(RTT.size));
  protected offset = 0;

  get timestamp(): bigint {
    return this.bytes.getBigUint64(this.offset + HEADER.timestamp, LITTLE);
  }
  get timestampHigh(): number {
    return this.bytes.getUint32(this.offset + HEADER.timestamp + HIGH, LITTLE);
  }
  get timestampLow(): number {
    return this.bytes.getUint32(this.offset + HEADER.timestamp + LOW, LITTLE);
  }
  get flowId(): number {
    return this.number(HEADER.flowId);
  }
  get place(): number {
    return this.bytes.getUint16(this.offset + HEADER.place, LITTLE);
  }
  get ipVersion(): 4 | 6 {
    return this.bytes.getUint8(this.offset + HEADER.ipVersion) === 4 ? 4 : 6;
  }
  /** A copy, each time. */
  get srcAddress(): Uint8Array {
    return this.address(HEADER.src);
  }
  get destAddress(): Uint8Array {
    return this.address(HEADER.dest);
  }
  get srcPort(): number {
    return this.bytes.getUint16(this.offset + HEADER.srcPort, LITTLE);
  }
  get destPort(): number {
    return this.bytes.getUint16(this.offset + HEADER.destPort, LITTLE);
  }

  /** Moves it to the record at `offset`. Throws UndecodableRecord. */
  on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    return this;
  }

  protected move(bytes: DataView, offset: number): void {
    this.bytes = bytes;
    this.offset = offset;
    const version = bytes.getUint8(offset + HEADER.ipVersion);
    if (version !== 4 && version !== 6) throw new UndecodableRecord(`IP version ${version}`);
    this.check(HEADER.flowId);
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
    return new Uint8Array(this.bytes.buffer.slice(start, start + ADDRESS_BYTES));
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
    return this.number(RTT.rtt);
  }
  get samples(): number {
    return this.bytes.getUint32(this.offset + RTT.samples, LITTLE);
  }
  get intervalMinRtt(): number {
    return this.number(RTT.intervalMinRtt);
  }
  get minRtt(): number {
    return this.number(RTT.minRtt);
  }
  get srtt(): number {
    return this.number(RTT.srtt);
  }
  get sentPackets(): number {
    return this.number(RTT.sentPackets);
  }
  get sentBytes(): number {
    return this.number(RTT.sentBytes);
  }
  get recPackets(): number {
    return this.number(RTT.recPackets);
  }
  get recBytes(): number {
    return this.number(RTT.recBytes);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.#flags);
  }
  get handshake(): boolean {
    return (this.#flags & RTT_FLAG.handshake) !== 0;
  }

  get #flags(): number {
    return this.bytes.getUint32(this.offset + RTT.flags, LITTLE);
  }
}

class OverdueView extends HeaderView implements OverdueEvent {
  readonly type = 'overdue';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.check(OVERDUE.waited);
    return this;
  }

  get waited(): number {
    return this.number(OVERDUE.waited);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.bytes.getUint32(this.offset + OVERDUE.flags, LITTLE));
  }
}

class FlowView extends HeaderView implements FlowEvent {
  readonly type = 'flow';
  change: FlowChange = 'opening';
  reason: FlowReason = 'SYN';
  triggeredBy: FlowTrigger = 'src';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.change = named('flow change', CHANGES, bytes.getUint8(offset + FLOW.change));
    this.reason = named('reason', REASONS, bytes.getUint8(offset + FLOW.reason));
    this.triggeredBy = named('trigger', TRIGGERS, bytes.getUint8(offset + FLOW.trigger));
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
function namesByCode<Name extends string>(codes: Record<Name, number>): Name[] {
  const names: Name[] = [];
  for (const [name, code] of Object.entries(codes) as [Name, number][]) names[code] = name;
  return names;
}
