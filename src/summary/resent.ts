/** How much of what flows have sent they have sent again: the share of bytes. */
import type { Aggregate } from '../events/aggregate.js';
import type { Protocol } from '../events/names.js';
import type { Traffic } from '../events/types.js';

/** In the core, of one protocol. */
interface CountedTraffic {
  readonly protocol?: Protocol | undefined;
  readonly sent: Counted;
  readonly rec: Counted;
}

type Counted = Pick<Aggregate['sent'], 'bytes' | 'retransmittedBytes'>;

/** Of less, a share says nothing: one packet of ten is no alarm. */
export const LEAST_SHARED_BYTES = 100_000;

/** Of several flows, both directions together. */
export class Resent {
  bytes = 0;
  /** Of those, what could be seen to be sent again. */
  watched = 0;
  again = 0;

  clear(): void {
    this.bytes = this.watched = this.again = 0;
  }

  /** What flows of a protocol have sent, and of that what they have sent again. */
  addSent(protocol: Protocol, bytes: number, again: number): void {
    this.bytes += bytes;
    if (!areResendsSeen(protocol)) return;
    this.watched += bytes;
    this.again += Math.max(0, again);
  }

  add({ bytes, watched, again }: Resent): void {
    this.bytes += bytes;
    this.watched += watched;
    this.again += again;
  }

  /** Undefined where it would say nothing. */
  get share(): number | undefined {
    return shareOf(this.again, this.watched);
  }
}

/** Whether it is seen what is sent again: only TCP's sequence numbers tell. @param protocol undefined: TCP alone */
export function areResendsSeen(protocol: Protocol | undefined): boolean {
  return protocol === undefined || protocol === 'TCP';
}

/** Of what was counted in the core, both directions together; undefined where it would say nothing. */
export function resentIn({ protocol, sent, rec }: CountedTraffic): number | undefined {
  if (!areResendsSeen(protocol)) return undefined;
  const again = sent.retransmittedBytes + rec.retransmittedBytes;
  return shareOf(again, sent.bytes + rec.bytes);
}

export function shareOf(again: number, bytes: number): number | undefined {
  return bytes < LEAST_SHARED_BYTES ? undefined : again / bytes;
}

/** What its flow had sent when the event happened, both directions together. */
export function bytesIn({ sentBytes, recBytes }: Traffic): number {
  return sentBytes + recBytes;
}

/** Of that, what was sent again. */
export function againIn({ sentLosses, recLosses }: Traffic): number {
  return sentLosses.retransmittedBytes + recLosses.retransmittedBytes;
}

/** Of one flow, whose events say how much it was until then. */
export class FlowProgress {
  #bytes = 0;
  #again = 0;

  /** Adds what has come since the last event. Those of a handshake may come late, with less. */
  advance(event: Traffic & { readonly protocol: Protocol }, to: Resent): void {
    const bytes = bytesIn(event);
    if (bytes < this.#bytes) return;
    const again = againIn(event);
    to.addSent(event.protocol, bytes - this.#bytes, again - this.#again);
    this.#bytes = bytes;
    this.#again = again;
  }
}
