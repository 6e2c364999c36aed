/** Sends what waits, the oldest first, one batch at a time; again and again, until the server takes it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Backlog } from './backlog.js';
import type { Backoff } from './backoff.js';
import type { Batch } from './batch.js';
import type { HttpClient } from './client.js';
import { type Outcome, type Rejection, type Retry, retryOf } from './outcome.js';

export interface SenderEvents {
  onAccepted(): void;
  /** The batch has been given up. */
  onRejected(batch: Batch, rejection: Rejection): void;
  /** It will be tried again, unless it is stopped. */
  onRetry(retry: Retry): void;
}

export interface SenderParts {
  readonly client: Pick<HttpClient, 'post'>;
  readonly backlog: Backlog;
  readonly backoff: Backoff;
  /** Milliseconds: no server is waited for longer, whatever it asks for. */
  readonly mostRetryAfter: number;
  readonly events: SenderEvents;
}

export class Sender {
  readonly #parts: SenderParts;
  readonly #stop = new AbortController();
  /** Ends the wait after a failure. */
  #hurry = new AbortController();
  /** The server has asked for that wait. */
  #isAsked = false;
  #onWork: () => void = () => {};
  #hasFailed = false;
  #ended: Promise<void> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Whether the last attempt has failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** From now on what waits is sent, which keeps the process alive until stop(). May be called again. */
  start(): void {
    this.#ended ??= this.#sendAll();
  }

  /** There is something to send. */
  wake(): void {
    this.#onWork();
  }

  /** Tries now what would be tried later, if the server has not asked to wait. */
  hurry(): void {
    if (this.#isAsked) return;
    this.#hasFailed = false;
    this.#parts.backoff.reset();
    this.#hurry.abort();
  }

  /** Resolves when nothing is sent any more. What was on its way may have arrived. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#hurry.abort();
    this.wake();
    await this.#ended;
  }

  async #sendAll(): Promise<void> {
    while (!this.#isStopped) {
      const work = this.#nextWork();
      try {
        if (!(await this.#sendFirst())) await work;
      } catch (error) {
        await this.#tryLater({ kind: 'retry', reason: error as Error });
      }
    }
  }

  /** @returns whether there was any */
  async #sendFirst(): Promise<boolean> {
    const { backlog, client } = this.#parts;
    const batch = await backlog.first();
    if (!batch || this.#isStopped) return false;
    await this.#conclude(batch, await client.post(batch.body, this.#stop.signal));
    return true;
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Made before it is looked whether there is any, so that none is missed. */
  #nextWork(): Promise<void> {
    return new Promise((resolve) => {
      this.#onWork = resolve;
    });
  }

  async #conclude(batch: Batch, outcome: Outcome): Promise<void> {
    const { backlog, backoff, events } = this.#parts;
    const retry = this.#retryOf(outcome);
    if (retry) return this.#tryLater(retry);
    await backlog.removeFirst();
    backoff.reset();
    this.#hasFailed = false;
    if (outcome.kind === 'accepted') events.onAccepted();
    else if (outcome.kind === 'rejected') events.onRejected(batch, outcome);
  }

  /** Days of lines in a spool are not given up because a token has expired. */
  #retryOf(outcome: Outcome): Retry | undefined {
    if (outcome.kind === 'retry') return outcome;
    const canWait = outcome.kind === 'rejected' && this.#parts.backlog.hasSpool;
    return canWait ? retryOf(outcome) : undefined;
  }

  async #tryLater(retry: Retry): Promise<void> {
    if (this.#isStopped) return;
    const { backlog, backoff, events, mostRetryAfter } = this.#parts;
    this.#hasFailed = true;
    void backlog.spool();
    const { after = 0 } = retry;
    const wait = Math.max(backoff.next(), Math.min(after, mostRetryAfter));
    events.onRetry(retry);
    this.#isAsked = after > 0;
    this.#hurry = new AbortController();
    await delay(wait, undefined, { signal: this.#hurry.signal }).catch(() => {});
    this.#isAsked = false;
  }
}
