/**
 * Batches that wait for the server, in order: what is on disk is older than what is in memory. In memory they are
 * as long as the server takes them; else they go to the spool, if there is one.
 */
import type { Batch } from './batch.js';
import type { Spool } from './spool.js';

/** Of the process or the machine, not of the file: it can be read later. */
const TRANSIENT = ['EMFILE', 'ENFILE', 'ENOMEM'];

export interface BacklogEvents {
  /** Some of what was in memory no longer is. */
  onRoom(): void;
  /** So many lines cannot be read from the spool. */
  onLost(lines: number, error: Error): void;
  /** The spool cannot be written, read or emptied. */
  onSpoolFault(error: Error): void;
}

export class Backlog {
  readonly #spool: Spool | undefined;
  readonly #events: BacklogEvents;
  readonly #batches: Batch[] = [];
  #bytes = 0;
  #lines = 0;
  /** Whether batches go to the spool as they come. */
  #isSpooling: boolean;
  /** While batches are written to the spool. */
  #spooling: Promise<void> | undefined;
  /** While the first of them is: then it is in both. */
  #moving: Promise<boolean> | undefined;

  constructor(spool: Spool | undefined, events: BacklogEvents) {
    this.#spool = spool;
    this.#events = events;
    this.#isSpooling = spool?.isEmpty === false;
  }

  /** In memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** In memory. */
  get lines(): number {
    return this.#lines;
  }

  get spooledLines(): number {
    return this.#spool?.lines ?? 0;
  }

  get hasSpool(): boolean {
    return this.#spool !== undefined;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0 && this.#spool?.isEmpty !== false;
  }

  add(batch: Batch): void {
    this.#batches.push(batch);
    this.#count(batch.body.length, batch.lines);
    if (this.#isSpooling) void this.spool();
  }

  /** The oldest, which stays; undefined where there is none. Rejects where it cannot be read now. */
  async first(): Promise<Batch | undefined> {
    for (;;) {
      const spool = this.#spool;
      if (!spool || (spool.isEmpty && !this.#moving)) return this.#batches[0];
      if (spool.isEmpty) await this.#moving;
      else {
        const batch = await this.#readFirst(spool);
        if (batch) return batch;
      }
    }
  }

  /** It need not be sent any more. */
  async removeFirst(): Promise<void> {
    await this.#moving; // it may be the one that is on its way to the disk
    const spool = this.#spool;
    if (!spool || spool.isEmpty) this.#shift();
    else await this.#removeSpooled(spool);
    if (spool?.isEmpty && !this.#spooling) this.#isSpooling = false;
    // There may be room on disk for what waits.
    if (this.#isSpooling) void this.spool();
  }

  /** All that is in memory goes to the spool, as far as there is one and it has room; and what comes from now on. */
  spool(): Promise<void> {
    if (!this.#spool) return Promise.resolve();
    this.#isSpooling = true;
    this.#spooling ??= this.#spoolAll(this.#spool).finally(() => {
      this.#spooling = undefined;
    });
    return this.#spooling;
  }

  /** Gives up what is in memory. @returns how many lines that were */
  clear(): number {
    const lines = this.#lines;
    this.#batches.length = 0;
    this.#bytes = 0;
    this.#lines = 0;
    return lines;
  }

  close(): void {
    this.#spool?.close();
  }

  async #spoolAll(spool: Spool): Promise<void> {
    for (let first = this.#batches[0]; first; first = this.#batches[0]) {
      if (!spool.fits(first.body.length)) return;
      this.#moving = this.#move(spool, first);
      const isMoved = await this.#moving;
      this.#moving = undefined;
      if (!isMoved) return;
    }
  }

  /** @returns whether it is on disk now, and no longer in memory */
  async #move(spool: Spool, batch: Batch): Promise<boolean> {
    try {
      await spool.add(batch);
      this.#shift();
      return true;
    } catch (error) {
      this.#events.onSpoolFault(error as Error);
      return false;
    }
  }

  async #readFirst(spool: Spool): Promise<Batch | undefined> {
    try {
      return await spool.first();
    } catch (error) {
      if (TRANSIENT.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      this.#events.onSpoolFault(error as Error);
      this.#events.onLost(await this.#removeSpooled(spool), error as Error);
      return undefined;
    }
  }

  async #removeSpooled(spool: Spool): Promise<number> {
    const before = spool.lines;
    await spool.removeFirst().catch((error) => this.#events.onSpoolFault(error));
    return before - spool.lines;
  }

  #shift(): void {
    const batch = this.#batches.shift();
    if (!batch) return;
    this.#count(-batch.body.length, -batch.lines);
    this.#events.onRoom();
  }

  #count(bytes: number, lines: number): void {
    this.#bytes += bytes;
    this.#lines += lines;
  }
}
