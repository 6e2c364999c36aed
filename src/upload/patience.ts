/** How long who can wait does: a replay waits for a server as long as that accepts a batch now and then. */
import type { Limits } from './limits.js';
import type { Retry } from './outcome.js';

export interface PatienceParts {
  readonly limits: Pick<Limits, 'end' | 'patience'>;
  /** Whether who writes waits for room. */
  readonly isPatient: boolean;
  /** Whether somebody waits in vain, and this is why. */
  readonly isInVain: (retry: Retry) => boolean;
  /** It was too long; called once. */
  readonly onStuck: (retry: Retry) => void;
}

export class Patience {
  readonly #parts: PatienceParts;
  /** When a batch was last accepted or given up, or there was nothing to send. */
  #progressed = performance.now();
  #isStuck = false;
  /** Until it ends. */
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: PatienceParts) {
    this.#parts = parts;
  }

  /** A batch was accepted or given up, or there was nothing to send. */
  renew(): void {
    this.#progressed = performance.now();
  }

  /** At the latest when it ends: the server may have asked for a longer wait. */
  lose(retry: Retry): void {
    const { limits, isPatient, isInVain, onStuck } = this.#parts;
    if (!isPatient) return;
    this.stop();
    const left = this.#progressed + limits.patience - performance.now();
    if (left > 0) this.#timer = setTimeout(() => this.lose(retry), left);
    else if (!this.#isStuck && isInVain(retry)) {
      this.#isStuck = true;
      onStuck(retry);
    }
  }

  /** How long the end of a run goes on without a batch that is accepted, in ms. */
  get endMs(): number {
    const { limits, isPatient } = this.#parts;
    return isPatient && !this.#isStuck ? limits.patience : limits.end;
  }

  /** When the end of a run is over that has begun then; both as of performance.now(). */
  endAfter(began: number): number {
    const isRenewed = this.#parts.isPatient && !this.#isStuck;
    return (isRenewed ? Math.max(began, this.#progressed) : began) + this.endMs;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
