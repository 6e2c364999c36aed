/** A connection of QUIC whose both ends spin, with one datagram in each turn: it is proven by so many. */
import { quicFrame, shortPacket } from '../../../lab/kernel/quic-packets.js';

const CLIENT = { address: '10.0.9.1', port: 50_000 };
const SERVER = { address: '10.0.9.2', port: 443 };

export const ENOUGH_TO_PROVE = 80;

/** The n-th datagram. */
export function spinningFrame(n: number): Buffer {
  const packet = shortPacket({ spin: (n >> 1) % 2 === 0 ? 0 : 1 });
  return n % 2 === 0 ? quicFrame(CLIENT, SERVER, [packet]) : quicFrame(SERVER, CLIENT, [packet]);
}
