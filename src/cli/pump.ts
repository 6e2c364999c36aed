/** Events -> format -> sink, and the totals on the way. */
import type { Event, KernelEvent } from '../events/types.js';
import { Chunk } from '../format/chunk.js';
import type { Formatter, Notice } from '../format/formatter.js';
import type { Sink } from '../sink/sink.js';
import type { Totals } from '../summary/totals.js';

/** More than this is handed on before the drain is over. */
const CHUNK_BYTES = 192 * 1024;

export class Pump {
  readonly #formatter: Formatter;
  readonly #sink: Sink;
  readonly #totals: Totals;
  readonly #chunk = new Chunk();
  readonly #wanted: number;
  readonly #onCount: () => void;

  /** @param onCount called when `wanted` samples have been written; later events are left out */
  constructor(
    formatter: Formatter,
    sink: Sink,
    totals: Totals,
    wanted: number,
    onCount: () => void,
  ) {
    this.#formatter = formatter;
    this.#sink = sink;
    this.#totals = totals;
    this.#wanted = wanted;
    this.#onCount = onCount;
  }

  readonly take = (event: KernelEvent): void => {
    if (this.#totals.reported >= this.#wanted) return;
    this.#totals.record(event);
    this.write(event);
    if (this.#totals.reported >= this.#wanted) this.#onCount();
  };

  write(event: Event): void {
    this.#formatter.format(event, this.#chunk);
    if (this.#chunk.length >= CHUNK_BYTES) this.flush();
  }

  /** @returns false where notices have no place among the data */
  notice(notice: Notice): boolean {
    if (!this.#formatter.notice) return false;
    this.#formatter.notice(notice, this.#chunk);
    return true;
  }

  /** Hands what was formatted to the sink. */
  flush(): void {
    if (this.#chunk.length === 0) return;
    const { bytes, lines, release } = this.#chunk.take();
    this.#sink.write(bytes, lines, release);
  }
}
