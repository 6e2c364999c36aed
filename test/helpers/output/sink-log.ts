/** What a sink told. */
import { EventEmitter, once } from 'node:events';
import type { SinkEvents } from '../../../src/sink/sink.js';

/** `{ ...log }` of a run without any trouble. */
export const NOTHING_TOLD = { brokenPipes: 0, errors: [], recoveries: 0, removals: 0 };

export class SinkLog implements SinkEvents {
  readonly #told = new EventEmitter();
  brokenPipes = 0;
  readonly errors: string[] = [];
  recoveries = 0;
  removals = 0;

  onBrokenPipe(): void {
    this.brokenPipes++;
    this.#told.emit('broken');
  }

  onError(message: string): void {
    this.errors.push(message);
    this.#told.emit('failed');
  }

  onRecovery(): void {
    this.recoveries++;
    this.#told.emit('recovered');
  }

  onRemoved(): void {
    this.removals++;
  }

  /** Resolves when the next is told; to be called before it can be. */
  next(what: 'broken' | 'failed' | 'recovered'): Promise<unknown> {
    return once(this.#told, what);
  }
}
