/** Sweeps, one after the other, and the governor's steps that follow from them. */
import {
  demandAfter,
  isEmptyAfter,
  NOTHING_SWEPT,
  type SweepOptions,
  type SweepResult,
} from '../core/sweep.js';
import { Governor, type GovernorStep } from '../sampling/governor.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { Source } from './source.js';

export interface SweeperParts {
  readonly options: { readonly settings: Settings; readonly capacity: Capacity };
  readonly source: Source;
  /** Drains. */
  readonly makeRoom: () => void | Promise<void>;
  /** A step that is in force now. */
  readonly onStep: (step: GovernorStep, at: bigint) => void;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #governor: Governor;
  #swept: SweepResult = NOTHING_SWEPT;
  #sweeping: Promise<unknown> = Promise.resolve();

  constructor(parts: SweeperParts) {
    const { settings, capacity } = parts.options;
    this.#parts = parts;
    this.#governor = new Governor(settings, capacity);
  }

  /** What the last sweep has found. */
  get swept(): SweepResult {
    return this.#swept;
  }

  /** In force. */
  get settings(): Settings {
    return this.#governor.settings;
  }

  /** Whether nothing is left, and nothing will change until there is something again. */
  get isAtRest(): boolean {
    return isEmptyAfter(this.#swept) && this.#governor.isAtRest;
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  /** @param at the time, in ns on the clock of the events */
  async sweepAndGovern(at: bigint, options: SweepOptions = {}): Promise<void> {
    await this.sweep(options);
    const { source, onStep } = this.#parts;
    for (const step of this.#governor.observe(demandAfter(this.#swept), at)) {
      source.set(step.settings);
      onStep(step, at);
    }
  }

  async sweep(options: SweepOptions = {}): Promise<void> {
    const { source, makeRoom } = this.#parts;
    const sweep = this.#sweeping.then(async () => {
      this.#swept = await source.sweep(options, makeRoom);
    });
    this.#sweeping = sweep.catch(() => {}); // for whoever waits for this one
    await sweep;
  }

  /** The source has forgotten everything by itself. */
  restart(): void {
    this.#swept = NOTHING_SWEPT;
  }
}
