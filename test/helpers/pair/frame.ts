/** A segment as the first bytes of a frame, as a capture has them: Ethernet, IPv4 and TCP with timestamps. */
import { CLIENT, SERVER } from '../../../lab/kernel/ends.js';
import { tcpFrame } from '../../../lab/kernel/packets.js';
import type { Segment } from './segment.js';

/** Of what comes before the payload; a RST has no timestamps. */
export const HEADER_BYTES = 66;
const RESET_BYTES = 54;
const [IP, TCP] = [14, 34];

// See random.ts.
const Bytes = Uint8Array;
const blank = new Bytes(tcpFrame(CLIENT, SERVER));

export function headerBytes({ hasTimestamp }: Segment): number {
  return hasTimestamp ? HEADER_BYTES : RESET_BYTES;
}

/** Writes the headers of a segment of the pair with this number, less its payload. */
export function writeFrame(
  to: Uint8Array,
  view: DataView,
  at: number,
  pair: number,
  s: Segment,
): void {
  to.set(blank, at);
  const ip = at + IP;
  const tcp = at + TCP;
  const headers = headerBytes(s);
  view.setUint16(ip + 2, headers - IP + s.payload);
  writeEnd(view, ip + 12, tcp, pair, s.from);
  writeEnd(view, ip + 16, tcp + 2, pair, s.from === 0 ? 1 : 0);
  view.setUint32(tcp + 4, s.seq);
  view.setUint32(tcp + 8, s.ack);
  view.setUint8(tcp + 12, ((headers - TCP) / 4) << 4);
  view.setUint8(tcp + 13, s.flags);
  view.setUint16(tcp + 14, s.window >> 2);
  if (!s.hasTimestamp) return;
  view.setUint32(tcp + 24, s.tsval);
  view.setUint32(tcp + 28, s.tsecr);
}

function writeEnd(view: DataView, address: number, port: number, pair: number, side: number): void {
  view.setUint32(address, (10 << 24) | ((pair & 0xffff) << 8) | (side + 1));
  view.setUint16(port, side === 0 ? 40_000 : 443);
}
