/** What a Sink writes to. One class per kind of descriptor; none ever blocks the caller. */
export interface Output {
  /** Queues `bytes`; `onWritten` is called when all of them have been written, and never if they cannot be. */
  write(bytes: Buffer, onWritten: () => void): void;
  /** Gives up what is still queued and closes; nothing is written once this resolves. */
  close(): Promise<void>;
}

/** A write failed. More may be tried, unless the reader has gone (EPIPE). */
export type OnWriteError = (error: NodeJS.ErrnoException) => void;

export const STDOUT = 1;
