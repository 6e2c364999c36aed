/** How much of what flows have sent they have sent again: the share of bytes. */
import type { Traffic } from '../events/types.js';

/** Of less, a share says nothing: one packet of ten is no alarm. */
export const LEAST_SHARED_BYTES = 100_000;

/** Of several flows, both directions together. */
export class Resent {
  bytes = 0;
  again = 0;

  clear(): void {
    this.bytes = this.again = 0;
  }

  add({ bytes, again }: Resent): void {
    this.bytes += bytes;
    this.again += again;
  }

  /** Undefined where it would say nothing. */
  get share(): number | undefined {
    return shareOf(this.again, this.bytes);
  }
}

export function shareOf(again: number, bytes: number): number | undefined {
  return bytes < LEAST_SHARED_BYTES ? undefined : again / bytes;
}

/** Of one flow, whose events say how much it was until then. */
export class FlowProgress {
  #bytes = 0;
  #again = 0;

  /** Adds what has come since the last event. Those of a handshake may come late, with less. */
  advance(event: Traffic, to: Resent): void {
    const { sentBytes, recBytes, sentLosses, recLosses } = event;
    const bytes = sentBytes + recBytes;
    const again = sentLosses.retransmittedBytes + recLosses.retransmittedBytes;
    if (bytes < this.#bytes) return;
    to.bytes += bytes - this.#bytes;
    to.again += Math.max(0, again - this.#again);
    this.#bytes = bytes;
    this.#again = again;
  }
}
