/**
 * Lines to a server, by HTTP: in batches, compressed, in order. What the server does not take now waits in memory,
 * and on disk if there is a spool; what does not fit is dropped and counted.
 */
import type { Sink } from '../sink/sink.js';
import { Waiting } from '../sink/waiting.js';
import { Backlog } from './backlog.js';
import { Backoff } from './backoff.js';
import type { Batch } from './batch.js';
import { Batches } from './batches.js';
import type { HttpClient } from './client.js';
import type { Limits } from './limits.js';
import type { Failure, Rejection, Retry } from './outcome.js';
import { Patience } from './patience.js';
import { Sender } from './sender.js';
import type { Spool } from './spool.js';

/** What may befall it; the measurement decides what follows. */
export interface UploadEvents {
  /** An attempt has failed, and is made again. */
  onRetry(retry: Retry): void;
  /** After that, a batch was accepted. */
  onRecovery(): void;
  /** So many lines were dropped, since the server will never take them. */
  onRejected(rejection: Rejection, lines: number): void;
  /** Who waits for room has waited for too long. */
  onStuck(retry: Retry): void;
  onSpoolFault(error: Error): void;
  /** At the end, so many lines are in the spool. */
  onKept(lines: number): void;
}

export interface UploadParts {
  readonly client: HttpClient;
  readonly spool: Spool | undefined;
  readonly limits: Limits;
  readonly events: UploadEvents;
  /** Whether who writes waits for room: then the end is patient, too, while batches are accepted. */
  readonly isPatient: boolean;
  /** What a message says of a failure. */
  readonly faultOf: (failure: Failure) => string;
  /** The same of what cannot be read from the spool. */
  readonly spoolFaultOf: (error: Error) => string;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

export class HttpSink implements Sink {
  readonly #parts: UploadParts;
  readonly #backlog: Backlog;
  readonly #sender: Sender;
  readonly #batches: Batches;
  #dropped = 0;
  #closed: Promise<void> | undefined;
  /** Since a batch was last accepted. */
  #lastFailure: Failure | undefined;
  /** An attempt has failed since then, whether or not a batch was dropped after it. */
  #isRetrying = false;
  #failure: string | undefined;
  readonly #patience: Patience;
  readonly #waiting = new Waiting();
  #onChange: () => void = () => {};

  constructor(parts: UploadParts) {
    const { client, spool, limits, isPatient, events, random } = parts;
    this.#parts = parts;
    this.#patience = new Patience({
      ...{ limits, isPatient },
      isInVain: (retry) => !this.#hasRoom && this.#lastFailure === retry,
      onStuck: (retry) => events.onStuck(retry),
    });
    this.#backlog = new Backlog(spool, {
      onRoom: () => this.#makeRoom(),
      onLost: (lines, error) => this.#loseSpooled(lines, error),
      onSpoolFault: (error) => events.onSpoolFault(error),
    });
    this.#batches = new Batches({
      batchBytes: limits.batchBytes,
      age: () => (this.#sender.hasFailed ? limits.waitingAge : limits.batchAge),
      onBatch: (batch) => this.#queue(batch),
    });
    this.#sender = new Sender({
      client,
      backlog: this.#backlog,
      backoff: new Backoff(limits, random),
      mostRetryAfter: limits.mostRetryAfter,
      events: {
        onAccepted: () => this.#accepted(),
        onRejected: (batch, rejection) => this.#rejected(batch, rejection),
        onRetry: (retry) => this.#retried(retry),
      },
    });
  }

  /** Lines that the server will not get; of those that an earlier run has left in the spool, too. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What is in the spool is not among them: the next run sends it. */
  get unwritten(): number {
    return this.#dropped + this.#batches.lines + this.#backlog.lines;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  write(bytes: Buffer, lines: number, onWritten: () => void = () => {}): void {
    if (this.#closed || this.#bytes + bytes.length > this.#parts.limits.buffered) {
      this.#lose(lines);
      return;
    }
    this.#sender.start();
    this.#batches.add(bytes, lines, onWritten);
  }

  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#closed || this.#hasRoom || signal.aborted) return undefined;
    const waited = this.#waiting.wait(signal);
    if (this.#lastFailure?.kind === 'retry') this.#patience.lose(this.#lastFailure);
    return waited;
  }

  /** What an earlier run has left in the spool does not wait for the first line of this one. */
  look(): void {
    if (!this.#closed && this.#backlog.spooledLines > 0) this.#sender.start();
  }

  /** Sends what is left, for a time; the rest goes to the spool, or is lost. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#sender.start();
    await this.#batches.finish();
    this.#sender.hurry();
    await this.#settled();
    this.#patience.stop();
    await this.#sender.stop();
    await this.#backlog.spool();
    this.#giveUp(this.#backlog.clear());
    if (this.#backlog.spooledLines > 0) this.#parts.events.onKept(this.#backlog.spooledLines);
    this.#backlog.close();
    this.#parts.client.close();
  }

  /** A server that has not answered yet has not failed before. */
  #giveUp(lines: number): void {
    const seconds = this.#patience.endMs / 1_000;
    const reason = new Error(`the last lines were not accepted within ${seconds} s`);
    if (lines > 0) this.#lastFailure ??= { kind: 'retry', reason };
    this.#lose(lines);
  }

  /** In memory. */
  get #bytes(): number {
    return this.#batches.bytes + this.#backlog.bytes;
  }

  /** Below a quarter: who can wait, does from there on. */
  get #hasRoom(): boolean {
    return this.#bytes < this.#parts.limits.buffered / 4;
  }

  #queue(batch: Batch): void {
    if (this.#backlog.isEmpty) this.#patience.renew();
    this.#backlog.add(batch);
    this.#sender.wake();
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#hasRoom) this.#waiting.letGo();
    this.#onChange();
  }

  #accepted(): void {
    this.#patience.renew();
    if (this.#isRetrying) this.#parts.events.onRecovery();
    this.#isRetrying = false;
    this.#lastFailure = undefined;
    this.#onChange();
  }

  #rejected({ lines }: Batch, rejection: Rejection): void {
    this.#patience.renew();
    this.#lastFailure = rejection;
    this.#lose(lines);
    this.#parts.events.onRejected(rejection, lines);
    this.#onChange();
  }

  #retried(retry: Retry): void {
    this.#lastFailure = retry;
    this.#isRetrying = true;
    this.#parts.events.onRetry(retry);
    this.#patience.lose(retry);
    this.#onChange();
  }

  /** Nor does the next run send them. */
  #loseSpooled(lines: number, error: Error): void {
    if (lines > 0) this.#failure ??= this.#parts.spoolFaultOf(error);
    this.#lose(lines);
  }

  #lose(lines: number): void {
    if (lines === 0) return;
    this.#dropped += lines;
    if (this.#lastFailure) this.#failure ??= this.#parts.faultOf(this.#lastFailure);
  }

  /** Resolves when all is sent, or it is time to stop: with a spool once the server does not take it. */
  async #settled(): Promise<void> {
    const began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onChange = () => {
        clearTimeout(timer);
        const left = this.#patience.endAfter(began) - performance.now();
        if (left <= 0 || this.#isSettled) resolve();
        else timer = setTimeout(this.#onChange, left);
      };
      this.#onChange();
    });
    this.#onChange = () => {};
  }

  get #isSettled(): boolean {
    return this.#backlog.isEmpty || (this.#backlog.hasSpool && this.#sender.hasFailed);
  }
}
