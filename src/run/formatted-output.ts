/** Events and notices -> lines -> the sink. */
import type { Event } from '../events/types.js';
import { Chunk } from '../format/chunk.js';
import type { Formatter, Notice } from '../format/formatter.js';
import type { Sink } from '../sink/sink.js';
import type { Consumer } from './consumer.js';

/** More than this is handed on before the drain is over. */
const CHUNK_BYTES = 192 * 1024;

export class FormattedOutput implements Consumer {
  readonly #formatter: Formatter;
  readonly #sink: Sink;
  readonly #quiet: boolean;
  readonly #chunk = new Chunk();

  /** @param quiet whether only notices are printed */
  constructor(formatter: Formatter, sink: Sink, quiet: boolean) {
    this.#formatter = formatter;
    this.#sink = sink;
    this.#quiet = quiet;
    if (formatter.heading !== undefined) sink.begin?.(Buffer.from(formatter.heading));
  }

  accept(event: Event): void {
    if (!this.#quiet) this.#formatter.format(event, this.#chunk);
    if (this.#chunk.length >= CHUNK_BYTES) this.flush();
  }

  lose(event: Event): void {
    this.accept(event);
  }

  refresh(flowId: number): void {
    this.#formatter.refresh?.(flowId);
  }

  refreshAll(): void {
    this.#formatter.refreshAll?.();
  }

  notice(notice: Notice): boolean {
    return this.#formatter.notice?.(notice, this.#chunk) ?? false;
  }

  flush(): void {
    if (this.#chunk.length === 0) return;
    const { bytes, lines, release } = this.#chunk.take();
    this.#sink.write(bytes, lines, release);
  }
}
