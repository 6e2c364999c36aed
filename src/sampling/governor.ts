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
/** The highest factor that the kernel multiplies without overflow (bpf/pping.h). */
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
    this.#flows = new Lever(
      levelsUntil((level) => flowTimeoutAt(asked, level), LEAST_FLOW_TIMEOUT),
    );
  }

  /** What is in force now. */
  get settings(): Settings {
    const { level } = this.#timestamps;
    return {
      ...this.#asked,
      rate: rateAt(this.#asked.rate, level),
      rttRate: least(this.#asked.rttRate << BigInt(level), HIGHEST_RTT_RATE),
      flowTimeout: flowTimeoutAt(this.#asked, this.#flows.level),
    };
  }

  /** To be called after each sweep, with what it left. @returns the steps taken, none most of the time */
  observe(occupancy: Occupancy): GovernorStep[] {
    return [
      ...this.#move('timestamps', this.#timestamps, occupancy),
      ...this.#move('flows', this.#flows, occupancy),
    ];
  }

  #move(map: keyof Capacity, lever: Lever, occupancy: Occupancy): GovernorStep[] {
    const entries = occupancy[map];
    const maxEntries = this.#capacity[map];
    const step = lever.observe(entries / maxEntries);
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
  #patience = PATIENCE;
  #share = 0;
  #last: GovernorStep['step'] | undefined;

  constructor(highest: number) {
    this.#highest = highest;
  }

  get level(): number {
    return this.#level;
  }

  /** @param share of the map that is in use */
  observe(share: number): GovernorStep['step'] | undefined {
    const isFalling = share < this.#share - FALLING;
    this.#share = share;
    this.#calm = share < LOW ? this.#calm + 1 : 0;
    if (share > HIGH && !isFalling && this.#level < this.#highest) return this.#up();
    if (this.#calm < this.#patience) return undefined;
    this.#calm = 0;
    return this.#down();
  }

  #up(): 'up' {
    if (this.#last === 'down') this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
    this.#level++;
    this.#last = 'up';
    return 'up';
  }

  #down(): 'down' | undefined {
    if (this.#level === 0) {
      this.#patience = PATIENCE;
      this.#last = undefined;
      return undefined;
    }
    this.#level--;
    this.#last = 'down';
    return 'down';
  }
}

function rateAt(asked: bigint, level: number): bigint {
  if (level === 0) return asked;
  const rate = asked === 0n ? FIRST_RATE << BigInt(level - 1) : asked << BigInt(level);
  return least(rate, asked > LONGEST_RATE ? asked : LONGEST_RATE);
}

/** A quarter a level, in whole milliseconds. */
function flowTimeoutAt({ flowTimeout }: Settings, level: number): bigint {
  if (level === 0 || flowTimeout <= LEAST_FLOW_TIMEOUT) return flowTimeout;
  const timeout = flowTimeout >> BigInt(2 * level);
  return timeout < LEAST_FLOW_TIMEOUT ? LEAST_FLOW_TIMEOUT : timeout - (timeout % MS);
}

function samplingLevels({ rate, rttRate }: Settings): number {
  const ofRate = levelsUntil(
    (level) => rateAt(rate, level),
    rate > LONGEST_RATE ? rate : LONGEST_RATE,
  );
  return rttRate > 0n ? Math.max(ofRate, RTT_RATE_LEVELS) : ofRate;
}

/** The first level at which nothing is left to change. */
function levelsUntil(valueAt: (level: number) => bigint, last: bigint): number {
  let level = 0;
  while (valueAt(level) !== last && valueAt(level + 1) !== valueAt(level)) level++;
  return level;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
