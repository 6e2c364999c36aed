/** Why is there no RTT? Counters -> one answer. */
import { type Counters, packetsIn, since } from '../events/counters.js';

export type Reason =
  | 'no packets'
  | 'no TCP'
  | 'cut off'
  | 'filtered'
  | 'no timestamps'
  | 'maps full'
  | 'one direction'
  | 'handshakes only'
  | 'local only'
  | 'unanswered'
  | 'rate-limited'
  | 'no data';

export interface Silence {
  readonly reason: Reason;
  /** What was counted during it. */
  readonly counters: Counters;
}

/** What a look at the kernel's state shows. */
export interface Look {
  readonly counters: Counters;
  /** Flows in the map, and those of them seen in one direction only. */
  readonly flows: number;
  readonly flowsWaiting: number;
}

/** So long without a sample is worth a word. */
const SILENCE_MS = 5_000;

/** Notices when no sample comes; says so once, and again when the reason has become another. */
export class SilenceWatch {
  #before: Counters;
  #since: number;
  #told: Reason | undefined;

  constructor(counters: Counters, nowMs: number) {
    this.#before = counters;
    this.#since = nowMs;
  }

  /** @returns what is to be told, if anything */
  look(look: Look, nowMs: number): Silence | undefined {
    const counters = since(this.#before, look.counters);
    const isSilent = counters.matched + counters.handshakeMatched === 0;
    if (isSilent && nowMs - this.#since < SILENCE_MS) return undefined;
    this.#before = look.counters;
    this.#since = nowMs;
    if (!isSilent) return undefined;
    const reason = reasonFor(counters, look);
    if (reason === this.#told) return undefined;
    this.#told = reason;
    return { reason, counters };
  }
}

/** Why there was none in all that was counted. */
export function explainSilence(look: Look): Silence {
  return { reason: reasonFor(look.counters, look), counters: look.counters };
}

/** From what keeps everything out to what keeps the last bit out. */
function reasonFor(counters: Counters, { flows, flowsWaiting }: Look): Reason {
  const packets = packetsIn(counters);
  const unread = counters.fragment + counters.malformed + counters.truncated;
  const tcp = packets - counters.notIp - counters.notTcp - unread;
  if (packets === 0) return 'no packets';
  if (tcp === 0) return counters.truncated > 0 ? 'cut off' : 'no TCP';
  if (tcp === counters.filtered) return 'filtered';
  const measurable = tcp - counters.filtered;
  if (measurable === counters.noTimestamp + counters.reset) return 'no timestamps';
  if (counters.remembered === 0 && counters.flowMapFull + counters.timestampMapFull > 0) {
    return 'maps full';
  }
  if (flows > 0 && flowsWaiting === flows) return 'one direction';
  if (measurable === counters.handshake + counters.reset + counters.noTimestamp)
    return 'handshakes only';
  if (counters.remembered > 0) return 'unanswered';
  if (counters.rateLimited > 0) return 'rate-limited';
  return counters.local > 0 ? 'local only' : 'no data';
}
