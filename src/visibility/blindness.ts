/**
 * Does pping see what the interface carries? Judged from two counts of the same packets that never
 * agree quite: a driver counts packets as they are on the wire, pping as the stack has them, merged
 * (GRO, TSO: up to some 400 in one); drivers may bring their figures up to date only now and then.
 */
import { type Carried, HOOKS, type Hook } from '../core/hooks.js';

export type Traffic = Readonly<Record<Hook, Carried>>;

/** What pping has counted: packets of each direction, bytes of both. */
export type Seen = Readonly<Record<Hook, number>> & { readonly bytes: number };

/** A direction of which pping sees too little, and what was counted meanwhile. */
export interface Blind {
  readonly hook: Hook;
  readonly seenPackets: number;
  readonly packets: number;
  readonly bytes: number;
  readonly seconds: number;
}

interface Look {
  readonly carried: Traffic;
  readonly seen: Seen;
  readonly nowMs: number;
}

/** So many intervals of a second have to agree. */
const INTERVALS = 4;
/** Without the busiest interval: less is no traffic to judge by. */
const LEAST_PACKETS = 30;
/** More than are ever merged into one (524,280 bytes of BIG TCP, in segments of 536). */
const MOST_MERGED = 1_000;
/** Headers of merged packets are counted once: the bytes of both counts agree less well than this. */
const MOST_BYTES = 2;

export class BlindnessWatch {
  readonly #looks: Look[] = [];

  /** Once a second. @returns the directions that are not seen */
  look(carried: Traffic, seen: Seen, nowMs: number): Blind[] {
    this.#looks.push({ carried, seen, nowMs });
    if (this.#looks.length > INTERVALS + 1) this.#looks.shift();
    if (this.#looks.length <= INTERVALS) return [];
    return HOOKS.map((hook) => this.#judge(hook)).filter((blind) => blind !== undefined);
  }

  /** Something has changed: what was counted until now tells nothing. */
  restart(): void {
    this.#looks.length = 0;
  }

  #judge(hook: Hook): Blind | undefined {
    const first = this.#looks[0] as Look;
    const last = this.#looks.at(-1) as Look;
    const packets = this.#carried(hook, 'packets');
    const bytes = this.#carried(hook, 'bytes');
    if (packets.least < 0 || packets.steady < LEAST_PACKETS) return undefined;
    const seenPackets = last.seen[hook] - first.seen[hook];
    const seenBytes = last.seen.bytes - first.seen.bytes;
    // The bytes of both directions together are at least those of this one.
    const isBlind =
      seenPackets * MOST_MERGED < packets.steady || seenBytes * MOST_BYTES < bytes.steady;
    if (!isBlind) return undefined;
    const seconds = Math.round((last.nowMs - first.nowMs) / 1000);
    return { hook, seenPackets, packets: packets.all, bytes: bytes.all, seconds };
  }

  /** `steady` is without the busiest interval: that may have been of what was carried before. */
  #carried(hook: Hook, what: keyof Carried) {
    const counts = this.#looks.map(({ carried }) => carried[hook][what]);
    const steps = counts.slice(1).map((number, place) => number - (counts[place] ?? 0));
    const all = steps.reduce((sum, step) => sum + step, 0);
    return { all, steady: all - Math.max(...steps), least: Math.min(...steps) };
  }
}
