/** What a Channel writes to. One class per kind of descriptor; none ever blocks the caller. */
export interface Output {
  /** Until it is closed. */
  readonly fd: number;
  /** Queues `bytes`; `onWritten` is called when all of them have been written, and never if they cannot be. */
  write(bytes: Buffer, onWritten: () => void): void;
  /** After an error: tries to write what is queued. */
  retry(): void;
  /**
   * Gives up what is still queued and closes; once this resolves nothing is written, and nothing told, any more.
   * @returns how many whole lines were written of bytes that were cut short; 0 where that is not known
   */
  close(): Promise<number>;
}

/** A write failed. More may be tried, unless the reader has gone (EPIPE). */
export type OnWriteError = (error: NodeJS.ErrnoException) => void;
