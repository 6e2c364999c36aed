/** What a sink told. */
import { EventEmitter, once } from 'node:events';
import type { SinkEvents } from '../../src/sink/sink.js';

export class SinkLog implements SinkEvents {
  readonly #told = new EventEmitter();
  brokenPipes = 0;
  readonly errors: string[] = [];
  #recoveries = 0;
  #removals = 0;

  get recoveries(): number {
    return this.#recoveries;
  }

  get removals(): number {
    return this.#removals;
  }

  onBrokenPipe(): void {
    this.brokenPipes++;
    this.#told.emit('broken');
  }

  onError(message: string): void {
    this.errors.push(message);
    this.#told.emit('failed');
  }

  onRecovery(): void {
    this.#recoveries++;
  }

  onRemoved(): void {
    this.#removals++;
  }

  /** Resolves when the next is told; to be called before it can be. */
  next(what: 'broken' | 'failed'): Promise<unknown> {
    return once(this.#told, what);
  }
}
