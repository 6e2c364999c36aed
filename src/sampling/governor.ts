/**
 * Makes room when the maps fill up, and takes it back when they have emptied: occupancy
 * after a sweep -> settings. Nothing here knows of the kernel.
 */
import type { Capacity, Settings } from './policy.js';

/** Entries in use. */
export type Occupancy = Capacity;

/** One change of the settings, and what led to it. */
export interface GovernorStep {
  readonly map: keyof Capacity;
  /** up: away from what the user asked for; down: back. */
  readonly step: 'up' | 'down';
  readonly entries: number;
  readonly maxEntries: number;
  /** In force from now on. */
  readonly settings: Settings;
}

const MS = 1_000_000n;
const LONGEST_RATE = 60_000n * MS;
/** What "every identifier" becomes when it has to give way. */
const FIRST_RATE = MS;
/** The highest factor that the kernel multiplies without overflow (bpf/shared/settings.h). */
const HIGHEST_RTT_RATE = 100_000_000n;
const RTT_RATE_LEVELS = 17;
const LEAST_FLOW_TIMEOUT = 10n * MS;

export class Governor {
  readonly #asked: Settings;
  readonly #capacity: Capacity;
  readonly #timestamps: Lever;
  readonly #flows: Lever;

  constructor(asked: Settings, capacity: Capacity) {
    this.#asked = asked;
    this.#capacity = capacity;
    this.#timestamps = new Lever(samplingLevels(asked));
    this.#flows = new Lever(levelsOf((level) => flowTimeoutAt(asked, level)));
  }

  /** What is in force now. */
  get settings(): Settings {
    const { level } = this.#timestamps;
    const flowTimeout = flowTimeoutAt(this.#asked, this.#flows.level);
    if (level === 0) return { ...this.#asked, flowTimeout };
    return {
      ...this.#asked,
      rate: rateAt(this.#asked.rate, level),
      rttRate: least(this.#asked.rttRate << BigInt(level), HIGHEST_RTT_RATE),
      burst: undefined,
      spread: true,
      flowTimeout,
    };
  }

  /** Whether what was asked for is in force, and nothing is waited for. */
  get isAtRest(): boolean {
    return this.#timestamps.isAtRest && this.#flows.isAtRest;
  }

  /**
   * To be called after each sweep, with what it left.
   * @param now nanoseconds on any clock
   * @returns the steps taken, none most of the time
   */
  observe(occupancy: Occupancy, now: bigint): GovernorStep[] {
    // A longer interval shows when it is over, a shorter timeout in the next sweep.
    const settling = this.settings.rate;
    return [
      ...this.#stepsOf('timestamps', occupancy, this.#timestamps, now, settling),
      ...this.#stepsOf('flows', occupancy, this.#flows, now, 0n),
    ];
  }

  #stepsOf(
    map: keyof Capacity,
    occupancy: Occupancy,
    lever: Lever,
    now: bigint,
    settling: bigint,
  ): GovernorStep[] {
    const entries = occupancy[map];
    const maxEntries = this.#capacity[map];
    const step = lever.observe(entries / maxEntries, now, settling);
    return step ? [{ map, step, entries, maxEntries, settings: this.settings }] : [];
  }
}

const HIGH = 0.75;
const LOW = 0.5;
/** A fall by this much since the last sweep: the step before is still at work. */
const FALLING = 0.05;
/** Sweeps below LOW before a step back ... */
const PATIENCE = 5;
/** ... doubled up to this whenever a step back proves to be too early, so that it does not flap. */
const MOST_PATIENCE = 80;

/** One thing that can be stepped up and down. */
class Lever {
  readonly #highest: number;
  #level = 0;
  #calm = 0;
  /** Sweeps to wait for before the next step back. */
  #patience = PATIENCE;
  /** What that becomes with a step back that proves to be too early. */
  #raised = PATIENCE;
  #share = 0;
  #steppedUp: bigint | undefined;
  #last: GovernorStep['step'] | undefined;

  constructor(highest: number) {
    this.#highest = highest;
  }

  get level(): number {
    return this.#level;
  }

  get isAtRest(): boolean {
    return this.#level === 0 && this.#last === undefined;
  }

  /**
   * @param share of the map that is in use
   * @param settling time in which a step up cannot have shown its whole effect yet
   */
  observe(share: number, now: bigint, settling: bigint): GovernorStep['step'] | undefined {
    const isFalling = share < this.#share - FALLING;
    const isSettled = this.#steppedUp === undefined || now - this.#steppedUp >= settling;
    this.#share = share;
    this.#calm = share < LOW ? this.#calm + 1 : 0;
    if (share > HIGH) {
      return isSettled && !isFalling && this.#level < this.#highest ? this.#up(now) : undefined;
    }
    if (this.#calm < this.#patience) return undefined;
    this.#calm = 0;
    return this.#level > 0 ? this.#down() : this.#forgive();
  }

  #up(now: bigint): 'up' {
    if (this.#last === 'down') this.#raised = Math.min(2 * this.#raised, MOST_PATIENCE);
    this.#patience = this.#raised;
    this.#steppedUp = now;
    this.#level++;
    this.#last = 'up';
    return 'up';
  }

  /** Once one step back holds, the next need not wait for long. */
  #down(): 'down' {
    this.#level--;
    this.#patience = this.#level > 0 ? PATIENCE : this.#raised;
    this.#last = 'down';
    return 'down';
  }

  #forgive(): undefined {
    this.#patience = this.#raised = PATIENCE;
    this.#last = undefined;
  }
}

function rateAt(asked: bigint, level: number): bigint {
  let rate = asked;
  for (let step = 0; step < level; step++) {
    const next = rate === 0n ? FIRST_RATE : 2n * rate;
    if (next > LONGEST_RATE) break;
    rate = next;
  }
  return rate;
}

/** A quarter a level, in whole milliseconds. */
function flowTimeoutAt({ flowTimeout }: Settings, level: number): bigint {
  if (level === 0 || flowTimeout <= LEAST_FLOW_TIMEOUT) return flowTimeout;
  const timeout = flowTimeout >> BigInt(2 * level);
  return timeout < LEAST_FLOW_TIMEOUT ? LEAST_FLOW_TIMEOUT : timeout - (timeout % MS);
}

function samplingLevels({ rate, rttRate }: Settings): number {
  const ofRate = levelsOf((level) => rateAt(rate, level));
  return rttRate > 0n ? Math.max(ofRate, RTT_RATE_LEVELS) : ofRate;
}

/** How often a value can be stepped until it stays the same. */
function levelsOf(valueAt: (level: number) => bigint): number {
  let level = 0;
  while (valueAt(level + 1) !== valueAt(level)) level++;
  return level;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
