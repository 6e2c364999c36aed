// A connection begins with the sizes of its requests and replies, and how long the server is to take
// for each; from then on every so many bytes get so many bytes back.
import { MAX_BYTES } from './options.js';

export interface Terms {
  readonly requestBytes: number;
  readonly replyBytes: number;
  /** Whole ones. */
  readonly thinkMs: number;
}

export const HEADER_BYTES = 12;

export function encodeTerms({ requestBytes, replyBytes, thinkMs }: Terms): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(requestBytes, 0);
  header.writeUInt32BE(replyBytes, 4);
  header.writeUInt32BE(thinkMs, 8);
  return header;
}

/** Undefined when these cannot be the terms of a connection of ours. */
export function decodeTerms(header: Buffer): Terms | undefined {
  const requestBytes = header.readUInt32BE(0);
  const replyBytes = header.readUInt32BE(4);
  const thinkMs = header.readUInt32BE(8);
  const sane = [requestBytes, replyBytes].every((bytes) => bytes > 0 && bytes <= MAX_BYTES);
  return sane ? { requestBytes, replyBytes, thinkMs } : undefined;
}
