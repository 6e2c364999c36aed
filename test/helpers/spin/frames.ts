/** What a watcher has seen, as a capture has it. */
import type { Encapsulation, End } from '../../../lab/kernel/packets.js';
import type { CapturedPacket } from '../packets/captures.js';
import * as quic from '../packets/quic.js';
import type { Passage } from './connection.js';
import type { Role } from './endpoint.js';

export interface Appearance {
  readonly client: End;
  readonly server: End;
  /** Bytes of the connection ids that each end has chosen, and that the other sends; default: 8. */
  readonly idBytes?: Readonly<Record<Role, number>>;
  readonly version?: number;
  readonly around?: Encapsulation;
  /** Tells connections apart by their ids. */
  readonly connection?: number;
}

const ROLE_NUMBER: Record<Role, number> = { client: 1, server: 2 };
const DATA_BYTES = 1000;
const ACK_BYTES = 30;
const FLIGHT_BYTES = 900;

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
  if (packet === 'serverFlight') return [long('initial', 120), long('handshake', FLIGHT_BYTES)];
  if (packet === 'handshake') return [long('initial', 30), long('handshake', 60)];
  const payload = packet.isEliciting ? DATA_BYTES : ACK_BYTES;
  const own = idOf(to, packet.id, appearance);
  return [quic.shortPacket({ spin: packet.spin, dcid: own, payload, lowBits: 7 * packet.number })];
}

/** The n-th that an end has chosen. */
function idOf(end: Role, nth: number, { idBytes, connection = 0 }: Appearance): Buffer {
  return quic.connectionId(ROLE_NUMBER[end] + 4 * connection + 65_536 * nth, idBytes?.[end] ?? 8);
}
