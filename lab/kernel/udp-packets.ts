/** Datagrams of UDP, made by hand. */
import { type Encapsulation, type End, ipFrame } from './packets.js';

const HEADER = 8;
export const UDP = 17;

/**
 * In a frame. Its checksum is 0, which says that there is none: pping does not read it.
 * @param length what the header says instead of the truth
 */
export function udpFrame(
  from: End,
  to: End,
  payload: Buffer,
  around: Encapsulation & { readonly length?: number } = {},
): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt16BE(around.length ?? HEADER + payload.length, 4);
  const datagram = Buffer.concat([header, payload]);
  return ipFrame(from.address, to.address, datagram, { protocol: UDP, ...around });
}
