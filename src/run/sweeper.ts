/** Sweeps, one after the other, and the governor's steps that follow from them. */
import { packetsIn } from '../core/counters.js';
import {
  demandAfter,
  isEmptyAfter,
  NOTHING_SWEPT,
  type SweepOptions,
  type SweepResult,
} from '../core/sweep.js';
import { governorText } from '../format/governor.js';
import type { LiveSource } from '../live/source.js';
import type { LiveOptions } from '../options/options.js';
import { Governor } from '../sampling/governor.js';
import type { Settings } from '../sampling/policy.js';
import type { Pump } from './pump.js';

export interface SweeperParts {
  readonly options: LiveOptions;
  readonly source: LiveSource;
  readonly pump: Pump;
  readonly notify: (text: string) => void;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #governor: Governor;
  /** How many had been seen at the last sweep. */
  #packets = 0;
  #swept: SweepResult = NOTHING_SWEPT;
  #sweeping: Promise<unknown> = Promise.resolve();

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#governor = new Governor(parts.options.settings, parts.options.capacity);
  }

  /** What the last sweep has found. */
  get swept(): SweepResult {
    return this.#swept;
  }

  /** In force. */
  get settings(): Settings {
    return this.#governor.settings;
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  /** Unless there is nothing to be swept. */
  async sweepAndGovern(): Promise<void> {
    const packets = packetsIn(this.#parts.source.counters());
    if (packets === this.#packets && isEmptyAfter(this.#swept) && this.#governor.isAtRest) return;
    this.#packets = packets;
    await this.sweep();
    this.#govern();
  }

  async sweep(options: SweepOptions = {}): Promise<void> {
    const sweep = this.#sweeping.then(async () => {
      this.#swept = await this.#parts.source.sweep(options);
    });
    this.#sweeping = sweep.catch(() => {}); // for whoever waits for this one
    await sweep;
  }

  #govern(): void {
    const { source, pump, notify } = this.#parts;
    const now = process.hrtime.bigint();
    for (const step of this.#governor.observe(demandAfter(this.#swept), now)) {
      source.set(step.settings);
      if (!pump.notice({ type: 'governor', timestamp: now, ...step })) notify(governorText(step));
    }
  }
}
