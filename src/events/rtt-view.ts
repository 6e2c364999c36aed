/** A record of an RTT, read where it lies. */
import * as machine from '../core/endianness.js';
import { LOSSES, RTT_EVENT, RTT_FLAG } from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { highAt } from './header-view.js';
import { sideIn } from './hook-flags.js';
import { PerFlow } from './per-flow.js';
import { TrafficView } from './traffic-view.js';
import type { Answer, Losses, RttEvent, RttMethod } from './types.js';

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
} = RTT_FLAG;

const NO_LOSSES: Losses = Object.freeze({
  retransmittedPackets: 0,
  retransmittedBytes: 0,
  reorderedPackets: 0,
  duplicateAcks: 0,
  zeroWindows: 0,
});

const RTT_LOSSES = [
  SENT_LOSSES + LOSSES.retransmittedBytes,
  RTT_EVENT.recLosses + LOSSES.retransmittedBytes,
];

/** Their addresses. */
interface Ends {
  readonly src: Uint8Array;
  readonly dest: Uint8Array;
}

/** Of a flow that has had none, the record ends before them. */
export function rttLength(bytes: DataView, offset: number, most: number): number {
  if (most < SENT_LOSSES) return WITH_LOSSES;
  const flags = bytes.getUint32(offset + FLAGS, LITTLE);
  return flags & HAS_LOSSES ? WITH_LOSSES : SENT_LOSSES;
}

export class RttView extends TrafficView implements RttEvent {
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
