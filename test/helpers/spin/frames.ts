/** What a watcher has seen, as a capture has it. */
import type { Encapsulation, End } from '../../../lab/kernel/packets.js';
import * as quic from '../../../lab/kernel/quic-packets.js';
import type { CapturedPacket } from '../packets/captures.js';
import type { Passage } from './connection.js';
import type { Role } from './endpoint.js';

export interface Appearance {
  readonly client: End;
  readonly server: End;
  /** Bytes of the connection ids that each end has chosen, and that the other sends; default: 8. */
  readonly idBytes?: Readonly<Record<Role, number>>;
  readonly version?: number;
  /** Whether every second packet with a short header, more or less, is without the fixed bit (RFC 9287). */
  readonly isGreased?: boolean;
  readonly around?: Encapsulation;
  /** Tells connections apart by their ids. */
  readonly connection?: number;
}

const ROLE_NUMBER: Record<Role, number> = { client: 1, server: 2 };
const DATA_BYTES = 1000;
const ACK_BYTES = 30;

export function framesOf(passages: readonly Passage[], appearance: Appearance): CapturedPacket[] {
  return passages.map((passage) => ({
    time: BigInt(passage.time),
    frame: frameOf(passage, appearance),
  }));
}

export function frameOf({ from, packet }: Passage, appearance: Appearance): Buffer {
  const { client, server, around } = appearance;
  const [source, dest] = from === 'client' ? [client, server] : [server, client];
  return quic.quicFrame(source, dest, packetsOf(from, packet, appearance), around);
}

function packetsOf(from: Role, packet: Passage['packet'], appearance: Appearance): Buffer[] {
  const to = from === 'client' ? 'server' : 'client';
  const { version = quic.VERSION.v1 } = appearance;
  const scid = idOf(from, 0, appearance);
  const dcid = idOf(to, 0, appearance);
  const long = (type: quic.LongType, payload: number, dest = dcid) =>
    quic.longPacket({ type, version, dcid: dest, scid, payload });
  // The first one's is none that the server has chosen.
  if (packet === 'initial') {
    const chosen = quic.connectionId(3 + 4 * (appearance.connection ?? 0), 8);
    return [long('initial', quic.LEAST_INITIAL, chosen)];
  }
  // What has an Initial is filled up (RFC 9000, 14.1).
  if (packet === 'serverFlight')
    return [long('initial', 120), long('handshake', quic.LEAST_INITIAL)];
  if (packet === 'handshake') return [long('initial', 30), long('handshake', quic.LEAST_INITIAL)];
  const { spin, number, isEliciting, id } = packet;
  const payload = isEliciting ? DATA_BYTES : ACK_BYTES;
  const hasFixedBit = !appearance.isGreased || isMarked(number);
  const own = idOf(to, id, appearance);
  return [quic.shortPacket({ spin, dcid: own, payload, hasFixedBit, lowBits: 7 * number })];
}

/** As good as random, and always the same. */
function isMarked(number: number): boolean {
  return Math.imul(number + 1, 0x9e3779b1) < 0;
}

/** The n-th that an end has chosen. */
function idOf(end: Role, nth: number, { idBytes, connection = 0 }: Appearance): Buffer {
  return quic.connectionId(ROLE_NUMBER[end] + 4 * connection + 65_536 * nth, idBytes?.[end] ?? 8);
}
