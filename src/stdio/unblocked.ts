/** Terminals that are written when they have room. */
import type { WriteStream } from 'node:tty';

/** Node has no other way to ask for it (lib/tty.js makes each terminal blocking). */
interface WithHandle {
  readonly _handle?: { setBlocking?(isBlocking: boolean): number } | null;
}

/**
 * Node writes to a terminal and waits until that has taken it: one that is stopped (Ctrl-S), or that nobody
 * reads, would stop all of pping. From here on what does not fit is queued.
 */
export function unblocked<Stream extends Pick<WriteStream, 'isTTY'>>(stream: Stream): Stream {
  if (stream.isTTY) (stream as WithHandle)._handle?.setBlocking?.(false);
  return stream;
}
