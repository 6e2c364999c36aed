/** What a sink told. */
import { EventEmitter, once } from 'node:events';
import type { SinkEvents } from '../../src/sink/sink.js';

export class SinkLog implements SinkEvents {
  readonly #told = new EventEmitter();
  brokenPipes = 0;
  readonly errors: string[] = [];

  onBrokenPipe(): void {
    this.brokenPipes++;
    this.#told.emit('broken');
  }

  onError(message: string): void {
    this.errors.push(message);
    this.#told.emit('failed');
  }

  /** Resolves when the next is told; to be called before it can be. */
  next(what: 'broken' | 'failed'): Promise<unknown> {
    return once(this.#told, what);
  }
}
