/**
 * Lines to a server, by HTTP: in batches, compressed, in order. What the server does not take now waits in memory,
 * and on disk if there is a spool; what does not fit is dropped and counted.
 */
import type { Sink } from '../sink/sink.js';
import { Waiting } from '../sink/waiting.js';
import { Backlog } from './backlog.js';
import { Backoff } from './backoff.js';
import { type Batch, Gathering, type Portion, toBatch } from './batch.js';
import type { HttpClient } from './client.js';
import type { Limits } from './limits.js';
import type { Failure, Rejection, Retry } from './outcome.js';
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
  /** From 0 up to 1. */
  readonly random?: () => number;
}

export class HttpSink implements Sink {
  readonly #parts: UploadParts;
  readonly #backlog: Backlog;
  readonly #sender: Sender;
  readonly #gathering = new Gathering();
  /** Of what is being compressed, before it is. */
  #compressing = { bytes: 0, lines: 0 };
  #compressed: Promise<void> = Promise.resolve();
  #ageing: NodeJS.Timeout | undefined;
  #dropped = 0;
  #closed: Promise<void> | undefined;
  /** Since a batch was last accepted. */
  #lastFailure: Failure | undefined;
  /** An attempt has failed since then, whether or not a batch was dropped after it. */
  #isRetrying = false;
  #failure: string | undefined;
  /** When a batch was last accepted, or there was nothing to send. */
  #progressed = performance.now();
  #isStuck = false;
  /** Until it ends. */
  #patience: NodeJS.Timeout | undefined;
  readonly #waiting = new Waiting();
  #onChange: () => void = () => {};

  constructor(parts: UploadParts) {
    const { client, spool, limits, events, random } = parts;
    this.#parts = parts;
    this.#backlog = new Backlog(spool, {
      onRoom: () => this.#makeRoom(),
      onLost: (lines) => this.#lose(lines),
      onSpoolFault: (error) => events.onSpoolFault(error),
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
    return this.#dropped + this.#gathering.lines + this.#compressing.lines + this.#backlog.lines;
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
    this.#gathering.add(bytes, lines, onWritten);
    if (this.#gathering.bytes >= this.#parts.limits.batchBytes) this.#seal();
    else this.#age();
  }

  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#closed || this.#hasRoom || signal.aborted) return undefined;
    const waited = this.#waiting.wait(signal);
    if (this.#parts.isPatient && this.#lastFailure?.kind === 'retry')
      this.#losePatience(this.#lastFailure);
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
    this.#seal();
    await this.#compressed;
    this.#sender.hurry();
    await this.#settled();
    clearTimeout(this.#patience);
    await this.#sender.stop();
    await this.#backlog.spool();
    this.#giveUp(this.#backlog.clear());
    if (this.#backlog.spooledLines > 0) this.#parts.events.onKept(this.#backlog.spooledLines);
    this.#backlog.close();
    this.#parts.client.close();
  }

  /** A server that has not answered yet has not failed before. */
  #giveUp(lines: number): void {
    const { limits, isPatient } = this.#parts;
    const waited = isPatient && !this.#isStuck ? limits.patience : limits.end;
    const reason = new Error(`the last lines were not accepted within ${waited / 1_000} s`);
    if (lines > 0) this.#lastFailure ??= { kind: 'retry', reason };
    this.#lose(lines);
  }

  /** In memory. */
  get #bytes(): number {
    return this.#gathering.bytes + this.#compressing.bytes + this.#backlog.bytes;
  }

  /** Below a quarter: who can wait, does from there on. */
  get #hasRoom(): boolean {
    return this.#bytes < this.#parts.limits.buffered / 4;
  }

  #age(): void {
    const { batchAge, waitingAge } = this.#parts.limits;
    this.#ageing ??= setTimeout(() => this.#seal(), this.#sender.hasFailed ? waitingAge : batchAge);
  }

  /** What was gathered is a batch. */
  #seal(): void {
    clearTimeout(this.#ageing);
    this.#ageing = undefined;
    if (this.#gathering.lines === 0) return;
    const portion = this.#gathering.take();
    this.#compressing = sum(this.#compressing, portion.bytes.length, portion.lines);
    this.#compressed = this.#compressed.then(() => this.#compress(portion));
  }

  async #compress(portion: Portion): Promise<void> {
    const batch = await toBatch(portion);
    this.#compressing = sum(this.#compressing, -portion.bytes.length, -portion.lines);
    if (this.#backlog.isEmpty) this.#progressed = performance.now();
    this.#backlog.add(batch);
    this.#sender.wake();
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#hasRoom) this.#waiting.letGo();
    this.#onChange();
  }

  #accepted(): void {
    this.#progressed = performance.now();
    if (this.#isRetrying) this.#parts.events.onRecovery();
    this.#isRetrying = false;
    this.#lastFailure = undefined;
    this.#onChange();
  }

  #rejected({ lines }: Batch, rejection: Rejection): void {
    this.#progressed = performance.now();
    this.#lastFailure = rejection;
    this.#lose(lines);
    this.#parts.events.onRejected(rejection, lines);
    this.#onChange();
  }

  #retried(retry: Retry): void {
    const { events, isPatient } = this.#parts;
    this.#lastFailure = retry;
    this.#isRetrying = true;
    events.onRetry(retry);
    if (isPatient) this.#losePatience(retry);
    this.#onChange();
  }

  /** At the latest when patience ends: the server may have asked for a longer wait. */
  #losePatience(retry: Retry): void {
    clearTimeout(this.#patience);
    const { limits, events } = this.#parts;
    const left = this.#progressed + limits.patience - performance.now();
    if (left > 0) this.#patience = setTimeout(() => this.#losePatience(retry), left);
    else if (!this.#isStuck && !this.#hasRoom && this.#lastFailure === retry) {
      this.#isStuck = true;
      events.onStuck(retry);
    }
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
        const left = this.#endAfter(began) - performance.now();
        if (left <= 0 || this.#isSettled) resolve();
        else timer = setTimeout(this.#onChange, left);
      };
      this.#onChange();
    });
    this.#onChange = () => {};
  }

  #endAfter(began: number): number {
    const { limits, isPatient } = this.#parts;
    if (!isPatient || this.#isStuck) return began + limits.end;
    return Math.max(began, this.#progressed) + limits.patience;
  }

  get #isSettled(): boolean {
    return this.#backlog.isEmpty || (this.#backlog.hasSpool && this.#sender.hasFailed);
  }
}

function sum(
  { bytes, lines }: { readonly bytes: number; readonly lines: number },
  moreBytes: number,
  moreLines: number,
) {
  return { bytes: bytes + moreBytes, lines: lines + moreLines };
}
