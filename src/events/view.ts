/**
 * Events read where the kernel, or the replay, has put them: nothing is copied or allocated.
 * What at() gives is valid until its next call, and only as long as the record is.
 */
import * as machine from '../core/endianness.js';
import {
  DNS_EVENT,
  DNS_FLAG,
  EVENT_HEADER,
  EVENT_TYPE,
  FLOW_CHANGE,
  FLOW_EVENT,
  FLOW_REASON,
  FLOW_TRIGGER,
  LOSSES,
  OVERDUE_EVENT,
  OWNER,
  RTT_EVENT,
  RTT_FLAG,
  SIZE,
  SPIN,
  UNMEASURED,
} from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { commAt } from './attribution-view.js';
import { questionIn, rcodeName } from './dns-message.js';
import {
  HeaderView,
  highAt,
  named,
  namesByCode,
  typeOf,
  UndecodableRecord,
} from './header-view.js';
import {
  CHANGE_NAMES,
  type FlowChange,
  type FlowReason,
  type FlowTrigger,
  REASON_NAMES,
  SPIN_NAMES,
  type Spin,
  TRIGGER_NAMES,
  UNMEASURED_NAMES,
  type Unmeasured,
} from './names.js';
import { PerFlow } from './per-flow.js';
import { TrafficView } from './traffic-view.js';
import type {
  Answer,
  Asker,
  DnsEvent,
  DnsQuestion,
  FlowEvent,
  KernelEvent,
  Losses,
  OverdueEvent,
  RttEvent,
  RttMethod,
} from './types.js';

export { UndecodableRecord } from './header-view.js';

const { LITTLE } = machine;

/** Constants of this module's own: engines take none that is imported for one, and RTTs are many. */
const {
  rtt: RTT,
  intervalMinRtt: INTERVAL_MIN_RTT,
  minRtt: MIN_RTT,
  srtt: SRTT,
  rttvar: RTTVAR,
  samples: SAMPLES,
  sentPackets: SENT_PACKETS,
  sentBytes: SENT_BYTES,
  recPackets: REC_PACKETS,
  recBytes: REC_BYTES,
  sentLosses: SENT_LOSSES,
  flags: FLAGS,
  size: WITH_LOSSES,
} = RTT_EVENT;
const {
  losses: HAS_LOSSES,
  bySequence: BY_SEQUENCE,
  handshake: HANDSHAKE,
  answerData: ANSWER_DATA,
  byIdentifier: BY_IDENTIFIER,
  byConnectionId: BY_CONNECTION_ID,
  bySpinBit: BY_SPIN_BIT,
  keepAlive: KEEP_ALIVE,
  hookUnknown: HOOK_UNKNOWN,
  matchOnEgress: MATCH_ON_EGRESS,
} = RTT_FLAG;
const { rtt: IS_RTT, flow: IS_FLOW, overdue: IS_OVERDUE, dns: IS_DNS } = EVENT_TYPE;

const NO_LOSSES: Losses = Object.freeze({
  retransmittedPackets: 0,
  retransmittedBytes: 0,
  reorderedPackets: 0,
  duplicateAcks: 0,
  zeroWindows: 0,
});

const CHANGES = namesByCode(FLOW_CHANGE, CHANGE_NAMES);
const REASONS = namesByCode(FLOW_REASON, REASON_NAMES);
const TRIGGERS = namesByCode(FLOW_TRIGGER, TRIGGER_NAMES);
const { not: MEASURED, ...WHY } = UNMEASURED;
const { not: NO_QUIC, ...SPINS } = SPIN;
const SPIN_VERDICTS = namesByCode(SPINS, SPIN_NAMES);
const UNMEASURED_REASONS = namesByCode(WHY, UNMEASURED_NAMES);

const RTT_LOSSES = [
  SENT_LOSSES + LOSSES.retransmittedBytes,
  RTT_EVENT.recLosses + LOSSES.retransmittedBytes,
];

const FLOW_NUMBERS = [
  FLOW_EVENT.sentPackets,
  FLOW_EVENT.sentBytes,
  FLOW_EVENT.recPackets,
  FLOW_EVENT.recBytes,
  FLOW_EVENT.sentLosses + LOSSES.retransmittedBytes,
  FLOW_EVENT.recLosses + LOSSES.retransmittedBytes,
];

/** Their addresses. */
interface Ends {
  readonly src: Uint8Array;
  readonly dest: Uint8Array;
}

export class RecordView {
  readonly #rtt: RttView;
  readonly #flow: FlowView;
  readonly #overdue: OverdueView;
  readonly #dns: DnsView;

  /** @param anonymizer undefined: addresses are shown as they are */
  constructor(anonymizer?: Anonymizer) {
    this.#rtt = new RttView(anonymizer);
    this.#flow = new FlowView(anonymizer);
    this.#overdue = new OverdueView(anonymizer);
    this.#dns = new DnsView(anonymizer);
  }

  /** The event in the record of `length` bytes at `offset` of `bytes`. Throws UndecodableRecord. */
  at(bytes: DataView, offset: number, length: number): KernelEvent {
    if (length < EVENT_HEADER.size) {
      throw new UndecodableRecord(`a record of ${length} bytes is too short`);
    }
    const type = typeOf(bytes, offset);
    if (type === IS_RTT && length === rttLength(bytes, offset, length)) {
      return this.#rtt.on(bytes, offset);
    }
    if (type === IS_FLOW && length === FLOW_EVENT.size) return this.#flow.on(bytes, offset);
    if (type === IS_OVERDUE && length === OVERDUE_EVENT.size) {
      return this.#overdue.on(bytes, offset);
    }
    if (type === IS_DNS && length === dnsLength(bytes, offset, length)) {
      return this.#dns.on(bytes, offset);
    }
    throw new UndecodableRecord(`no record of type ${type} has ${length} bytes`);
  }
}

/** Of a flow that has had none, the record ends before them. */
function rttLength(bytes: DataView, offset: number, most: number): number {
  if (most < SENT_LOSSES) return WITH_LOSSES;
  const flags = bytes.getUint32(offset + FLAGS, LITTLE);
  return flags & HAS_LOSSES ? WITH_LOSSES : SENT_LOSSES;
}

/** Where what is asked for is not told, the record ends before it. */
function dnsLength(bytes: DataView, offset: number, most: number): number {
  if (most < DNS_EVENT.questionBytes) return DNS_EVENT.size;
  const flags = bytes.getUint32(offset + DNS_EVENT.flags, LITTLE);
  return flags & DNS_FLAG.question ? DNS_EVENT.size : DNS_EVENT.questionBytes;
}

/** The upper halves of all counts and durations of 64 bits, one over the other: too large if any is. */
function highOfNumbers(bytes: DataView, offset: number): number {
  return (
    highAt(bytes, offset + RTT) |
    highAt(bytes, offset + INTERVAL_MIN_RTT) |
    highAt(bytes, offset + MIN_RTT) |
    highAt(bytes, offset + SRTT) |
    highAt(bytes, offset + SENT_PACKETS) |
    highAt(bytes, offset + SENT_BYTES) |
    highAt(bytes, offset + REC_PACKETS) |
    highAt(bytes, offset + REC_BYTES)
  );
}

class RttView extends TrafficView implements RttEvent {
  readonly type = 'rtt';
  /** To anonymize an address takes longer than all else that a line takes. */
  readonly #anonymized: PerFlow<Ends, RttView> | undefined;

  constructor(anonymizer: Anonymizer | undefined) {
    super(RTT_EVENT, anonymizer);
    this.#anonymized =
      anonymizer && new PerFlow(({ srcAddress: src, destAddress: dest }) => ({ src, dest }));
  }

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.checkHigh(highOfNumbers(bytes, offset));
    if ((this.flags & HAS_LOSSES) !== 0) this.checkAll(RTT_LOSSES);
    return this;
  }

  override get srcAddressInPlace(): Uint8Array {
    return this.#anonymized ? this.#anonymized.of(this).src : super.srcAddressInPlace;
  }
  override get destAddressInPlace(): Uint8Array {
    return this.#anonymized ? this.#anonymized.of(this).dest : super.destAddressInPlace;
  }

  // As TrafficView has them, at offsets that the compiler knows: RTTs are many.
  override get sentPackets(): number {
    return this.number(SENT_PACKETS);
  }
  override get sentBytes(): number {
    return this.number(SENT_BYTES);
  }
  override get recPackets(): number {
    return this.number(REC_PACKETS);
  }
  override get recBytes(): number {
    return this.number(REC_BYTES);
  }

  /** Most flows have none: then nothing is there to be read. */
  override get sentLosses(): Losses {
    return (this.flags & HAS_LOSSES) !== 0 ? super.sentLosses : NO_LOSSES;
  }
  override get recLosses(): Losses {
    return (this.flags & HAS_LOSSES) !== 0 ? super.recLosses : NO_LOSSES;
  }

  get rtt(): number {
    return this.number(RTT);
  }
  get samples(): number {
    return this.bytes.getUint32(this.offset + SAMPLES, LITTLE);
  }
  get intervalMinRtt(): number {
    return this.number(INTERVAL_MIN_RTT);
  }
  get minRtt(): number {
    return this.number(MIN_RTT);
  }
  get srtt(): number {
    return this.number(SRTT);
  }
  get rttvar(): number {
    return this.bytes.getUint32(this.offset + RTTVAR, LITTLE);
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.flags);
  }
  get by(): RttMethod {
    const flags = this.flags;
    if (flags & BY_IDENTIFIER) return 'identifier';
    if (flags & BY_CONNECTION_ID) return 'connection_id';
    if (flags & BY_SPIN_BIT) return 'spin_bit';
    return flags & BY_SEQUENCE ? 'sequence' : 'timestamp';
  }
  get handshake(): boolean {
    return (this.flags & HANDSHAKE) !== 0;
  }
  get answer(): Answer {
    const flags = this.flags;
    if (flags & ANSWER_DATA) return 'data';
    if (flags & BY_IDENTIFIER) return 'reply';
    return flags & HANDSHAKE ? 'handshake' : 'ack';
  }
  get keepAlive(): boolean {
    return (this.flags & KEEP_ALIVE) !== 0;
  }

  // Not private: engines call a function of their own for each use of a private getter.
  protected get flags(): number {
    return this.bytes.getUint32(this.offset + FLAGS, LITTLE);
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

class DnsView extends HeaderView implements DnsEvent {
  readonly type = 'dns';

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.check(DNS_EVENT.time);
    return this;
  }

  get queryId(): number {
    return this.bytes.getUint16(this.offset + DNS_EVENT.id, LITTLE);
  }
  get responseTime(): number | undefined {
    return this.#isAnswered ? this.number(DNS_EVENT.time) : undefined;
  }
  get waited(): number | undefined {
    return this.#isAnswered ? undefined : this.number(DNS_EVENT.time);
  }
  get rcode(): string | undefined {
    if (!this.#isAnswered) return undefined;
    return rcodeName(this.bytes.getUint8(this.offset + DNS_EVENT.rcode));
  }
  get truncated(): boolean {
    return (this.#flags & DNS_FLAG.truncated) !== 0;
  }
  get matchOnEgress(): boolean | undefined {
    return sideIn(this.#flags);
  }
  get question(): DnsQuestion | undefined {
    if ((this.#flags & DNS_FLAG.question) === 0) return undefined;
    const length = this.bytes.getUint32(this.offset + DNS_EVENT.questionBytes, LITTLE);
    const { buffer, byteOffset } = this.bytes;
    const start = byteOffset + this.offset + DNS_EVENT.question;
    return questionIn(new Uint8Array(buffer, start, Math.min(length, SIZE.dnsQuestion)));
  }
  get asker(): Asker | undefined {
    const at = this.offset + DNS_EVENT.owner;
    if (this.bytes.getBigUint64(at + OWNER.socketCookie, LITTLE) === 0n) return undefined;
    const pid = this.bytes.getUint32(at + OWNER.pid, LITTLE) || undefined;
    return {
      cgroup: this.bytes.getBigUint64(at + OWNER.cgroup, LITTLE),
      uid: this.bytes.getUint32(at + OWNER.uid, LITTLE),
      pid,
      comm: pid === undefined ? undefined : commAt(this.bytes, at),
    };
  }

  get #isAnswered(): boolean {
    return (this.#flags & DNS_FLAG.unanswered) === 0;
  }
  get #flags(): number {
    return this.bytes.getUint32(this.offset + DNS_EVENT.flags, LITTLE);
  }
}

class FlowView extends TrafficView implements FlowEvent {
  readonly type = 'flow';
  change: FlowChange = 'opening';
  reason: FlowReason = 'SYN';
  triggeredBy: FlowTrigger = 'src';
  unmeasuredSrc: Unmeasured | undefined;
  unmeasuredDest: Unmeasured | undefined;
  spin: Spin | undefined;

  constructor(anonymizer: Anonymizer | undefined) {
    super(FLOW_EVENT, anonymizer);
  }

  override on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    this.checkAll(FLOW_NUMBERS);
    this.change = named('flow change', CHANGES, bytes.getUint8(offset + FLOW_EVENT.change));
    this.reason = named('reason', REASONS, bytes.getUint8(offset + FLOW_EVENT.reason));
    this.triggeredBy = named('trigger', TRIGGERS, bytes.getUint8(offset + FLOW_EVENT.trigger));
    this.unmeasuredSrc = whyUnmeasured(bytes.getUint8(offset + FLOW_EVENT.unmeasuredSrc));
    this.unmeasuredDest = whyUnmeasured(bytes.getUint8(offset + FLOW_EVENT.unmeasuredDest));
    this.spin = spinIn(bytes.getUint8(offset + FLOW_EVENT.spin));
    return this;
  }
}

function whyUnmeasured(code: number): Unmeasured | undefined {
  return code === MEASURED ? undefined : named('reason', UNMEASURED_REASONS, code);
}

function spinIn(code: number): Spin | undefined {
  return code === NO_QUIC ? undefined : named('spin', SPIN_VERDICTS, code);
}

function sideIn(flags: number): boolean | undefined {
  if (flags & HOOK_UNKNOWN) return undefined;
  return (flags & MATCH_ON_EGRESS) !== 0;
}
