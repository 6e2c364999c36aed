/** A look at how captures begin, before they are replayed. */
import { statSync } from 'node:fs';
import { REPLAY_STOP } from '../core/layouts.js';
import type { KernelEvent } from '../events/types.js';
import { Fault, UsageError } from '../faults.js';
import { openInput } from '../input/input.js';
import { Limited } from '../input/limited.js';
import { Capture } from './capture.js';
import { NEVER, type ReplayCore } from './core.js';
import { ReplaySource } from './source.js';

/** Of all captures together, and decompressed: 20 ms or so. */
const MOST: Extent = { packets: 20_000, bytes: 1 << 23 };
/** Of many captures the others look much the same. */
const MOST_CAPTURES = 16;

interface Extent {
  readonly packets: number;
  readonly bytes: number;
}

/** Gets each event, to be read before it returns. @returns whether there is to be another */
export type Onlooker = (event: KernelEvent) => boolean;

/**
 * Hands over the events of the first part of each capture, one capture after the other. Standard input and
 * other streams can be read but once, and are left out. What cannot be read is left to the replay to report.
 * @param core of its own, to which nothing has been shown yet
 * @param reorder as of the replay, in nanoseconds
 */
export async function lookAtFirst(
  captures: readonly string[],
  core: ReplayCore,
  reorder: bigint,
  onEvent: Onlooker,
): Promise<void> {
  const files = captures.filter(isFile).slice(0, MOST_CAPTURES);
  const look = new Look(core, reorder, onEvent);
  const share = (of: number) => Math.floor(of / files.length);
  const extent = { packets: share(MOST.packets), bytes: share(MOST.bytes) };
  for (const file of files) await look.at(file, extent);
}

class Look {
  readonly #core: ReplayCore;
  readonly #source: ReplaySource;
  readonly #reorder: bigint;
  readonly #onEvent: Onlooker;
  #isOver = false;

  constructor(core: ReplayCore, reorder: bigint, onEvent: Onlooker) {
    this.#core = core;
    this.#source = new ReplaySource(core);
    this.#reorder = reorder;
    this.#onEvent = onEvent;
  }

  async at(file: string, { packets, bytes }: Extent): Promise<void> {
    if (this.#isOver) return;
    const capture = await this.#open(file, bytes);
    let left = packets;
    try {
      while (left > 0 && !this.#isOver && (await capture?.next())) left -= this.#processBatch(left);
    } finally {
      capture?.close();
      this.#core.batch.clear();
      this.#core.forget();
    }
  }

  /** Undefined where it cannot be read. */
  async #open(file: string, bytes: number): Promise<Capture | undefined> {
    const first = async () => new Limited(await openInput(file), bytes);
    try {
      return await Capture.open(file, this.#core, this.#reorder, first);
    } catch (error) {
      if (error instanceof Fault || error instanceof UsageError) return undefined;
      throw error;
    }
  }

  /** @returns how many packets there were, at most `most` */
  #processBatch(most: number): number {
    const { batch } = this.#core;
    batch.held += Math.max(0, batch.ready - most);
    for (let at = 0; at < batch.ready && !this.#isOver; ) {
      at = this.#core.process(at, NEVER, NEVER);
      this.#source.drain({ onEvent: (event) => this.#accept(event) });
      if (this.#core.stop === REPLAY_STOP.back) this.#core.forget();
    }
    return batch.ready;
  }

  #accept(event: KernelEvent): void {
    if (!this.#isOver) this.#isOver = !this.#onEvent(event);
  }
}

function isFile(path: string): boolean {
  return path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}
