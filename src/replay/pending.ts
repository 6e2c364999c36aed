/** A capture of several whose packets are not due yet. */
import { Fault, messageOf } from '../faults.js';
import { asciiText } from '../text/ascii.js';
import { EmptyCapture } from './capture.js';
import { QueuedCapture } from './queued.js';

/** What is to be said of a capture once it has been read. */
export interface Ended {
  readonly damage: string | undefined;
  readonly refusal: string | undefined;
  readonly remarks: readonly string[];
}

const NOT_READ: Ended = { damage: undefined, refusal: undefined, remarks: [] };

export class PendingCapture {
  readonly name: string;
  /** Of its first packet; undefined where there is none to be read. */
  readonly firstTime: bigint | undefined;
  /** In bytes; undefined for a stream. */
  readonly size: number | undefined;
  readonly #path: string;
  /** Where it cannot be opened again. */
  #queue: QueuedCapture | undefined;
  /** Of one that will not begin. */
  #ended: Ended | undefined;

  private constructor(path: string, found: QueuedCapture | Ended) {
    this.#path = path;
    this.name = path === '-' ? 'standard input' : asciiText(path);
    if (!(found instanceof QueuedCapture)) {
      this.#ended = found;
      return;
    }
    this.size = found.capture.size;
    this.firstTime = found.firstTime;
    if (this.firstTime === undefined) this.#ended = endOf(found);
    else if (this.size === undefined || path === '-') this.#queue = found;
    // Of many only a few are open at a time.
    if (!this.#queue) found.capture.close();
  }

  /** Finds out when it begins. Throws a UsageError where it is no capture. */
  static async open(path: string): Promise<PendingCapture> {
    try {
      const queue = await QueuedCapture.open(path);
      while ((queue.firstTime ?? 0n) === 0n && (await queue.read()));
      return new PendingCapture(path, queue);
    } catch (error) {
      if (!(error instanceof Fault || error instanceof EmptyCapture)) throw error;
      return new PendingCapture(path, faulty(error.message));
    }
  }

  /** With its first packets; undefined where it is not there any more. */
  async begin(): Promise<QueuedCapture | undefined> {
    try {
      this.#queue ??= await QueuedCapture.open(this.#path);
      if (this.#queue.waiting === 0) await this.#queue.read();
      return this.#queue;
    } catch (error) {
      this.#ended = faulty(messageOf(error));
      return undefined;
    }
  }

  get ended(): Ended {
    return this.#ended ?? NOT_READ;
  }

  interrupt(): void {
    this.#queue?.capture.interrupt();
  }

  close(): void {
    this.#queue?.capture.close();
  }
}

/** Without the memory of its packets. */
export function endOf(queue: QueuedCapture | undefined): Ended {
  const { damage, refusal, remarks = [] } = queue?.capture ?? {};
  return { damage, refusal, remarks };
}

function faulty(damage: string): Ended {
  return { ...NOT_READ, damage };
}
