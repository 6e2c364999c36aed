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

/** Of one flow, whose events say how much it was until then. */
export class FlowProgress {
  #bytes = 0;
  #again = 0;

  /** Adds what has come since the last event. Those of a handshake may come late, with less. */
  advance(event: Traffic & { readonly protocol: Protocol }, to: Resent): void {
    const { sentBytes, recBytes, sentLosses, recLosses } = event;
    const bytes = sentBytes + recBytes;
    const again = sentLosses.retransmittedBytes + recLosses.retransmittedBytes;
    if (bytes < this.#bytes) return;
    to.bytes += bytes - this.#bytes;
    if (areResendsSeen(event.protocol)) {
      to.watched += bytes - this.#bytes;
      to.again += Math.max(0, again - this.#again);
    }
    this.#bytes = bytes;
    this.#again = again;
  }
}
