/** Where lines go: to a file, or by HTTP. None ever blocks who writes. */

/** What fits is kept until it is written; what does not is dropped and counted. */
export interface Sink {
  /** Lines that did not reach the output, and will not. */
  readonly dropped: number;
  /** Those, and what still waits: at most what would be missing if the process ended now. */
  readonly unwritten: number;
  /** Why lines are missing, where it was for a fault; undefined where nothing has failed. */
  readonly failure: string | undefined;
  /** What the output begins with; to be called before any write(). Undefined where it has no beginning. */
  begin?(heading: Buffer): void;
  /** Queues `bytes`, which hold `lines` whole lines; once they are no longer used, `onWritten` is called. */
  write(bytes: Buffer, lines: number, onWritten?: () => void): void;
  /** Later lines go to `fd`, which is now the sink's. Undefined where SIGHUP means nothing. */
  reopen?(fd: number): void;
  /** Whether the file in use is no longer at `path`. Undefined likewise. */
  hasLeft?(path: string): boolean;
  /** For who can wait: undefined, or a promise that resolves when there is room, never will be, or at the signal. */
  room(signal: AbortSignal): Promise<void> | undefined;
  /** Once a second: looks after the output. Undefined where there is nothing to look after. */
  look?(): void;
  /** Writes what waits, for as long as it is taken, but not for ever; then closes. May be called again. */
  close(): Promise<void>;
}

/** What may befall the output; the measurement decides what follows. */
export interface SinkEvents {
  /** The reader has gone: nobody will see any more. */
  onBrokenPipe(): void;
  /** A write failed; the lines may still be written later. */
  onError(message: string): void;
  /** After that, all that was queued then has been written. */
  onRecovery(): void;
  /** The file is in no folder any more; so look() has found, once for each file. */
  onRemoved(): void;
}
