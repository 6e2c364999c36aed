// A connection begins with the sizes of its requests and replies; from then on every so many bytes
// get so many bytes back.
import { MAX_BYTES } from './options.js';

export interface Sizes {
  readonly requestBytes: number;
  readonly replyBytes: number;
}

export const HEADER_BYTES = 8;

export function encodeSizes({ requestBytes, replyBytes }: Sizes): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(requestBytes, 0);
  header.writeUInt32BE(replyBytes, 4);
  return header;
}

/** Undefined when these cannot be the sizes of a connection of ours. */
export function decodeSizes(header: Buffer): Sizes | undefined {
  const requestBytes = header.readUInt32BE(0);
  const replyBytes = header.readUInt32BE(4);
  const sane = [requestBytes, replyBytes].every((bytes) => bytes > 0 && bytes <= MAX_BYTES);
  return sane ? { requestBytes, replyBytes } : undefined;
}
