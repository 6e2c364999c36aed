/** Datagrams of QUIC in no order, of few flows and few ids, so that what is answered meets what was asked. */
import type { End } from '../../../lab/kernel/packets.js';
import {
  coalesced,
  connectionId,
  type LongHeader,
  type LongType,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
  VERSION,
  versionNegotiation,
} from '../../../lab/kernel/quic-packets.js';
import type { Random } from '../../../lab/random.js';

type Ends = readonly [client: { readonly address: string }, server: End];
const PAIRS: readonly [Ends, Ends] = [
  [{ address: '10.0.0.1' }, { address: '10.0.0.2', port: 443 }],
  [{ address: 'fd00::1' }, { address: 'fd00::2', port: 443 }],
];
const FEW_PORTS = 3;
const NONE = Buffer.alloc(0);
const ID_BYTES = [0, 8, 8, 20];

const pick = <Value>(random: Random, values: readonly [Value, ...Value[]]): Value =>
  values[random.below(values.length)] ?? values[0];

/** Its client's own id, one of two; a server's, which may also be that of a Retry, or what a client makes up. */
const id = (random: Random, from: number) =>
  connectionId(from + random.below(2), ID_BYTES[random.below(ID_BYTES.length)]);
const clientId = (random: Random) => (random.below(3) === 0 ? NONE : id(random, 100));
const serverId = (random: Random) => id(random, 200);

const TYPES: [LongType, ...LongType[]] = ['initial', 'initial', 'handshake', 'zeroRtt', 'retry'];

/** With what makes a server take it, or not. */
function datagram(random: Random, header: Pick<LongHeader, 'dcid' | 'scid'>): Buffer {
  const type = pick(random, TYPES);
  const version = pick(random, [VERSION.v1, VERSION.v1, VERSION.v2]);
  const packet = longPacket({ type, version, ...header, hasFixedBit: random.below(9) > 0 });
  if (type !== 'initial' || random.below(6) === 0) return packet;
  const behind = random.below(3) === 0 ? longPacket({ type: 'handshake', ...header }) : NONE;
  return padded(coalesced(packet, behind));
}

/** In a frame, from either end. */
export function quicTalk(random: Random): Buffer {
  const [client, server] = pick<Ends>(random, PAIRS);
  const ends = [{ ...client, port: 50_000 + random.below(FEW_PORTS) }, server] as const;
  const isClients = random.below(2) === 0;
  const ids = [clientId(random), serverId(random)] as const;
  const [from, to] = isClients ? ends : ([ends[1], ends[0]] as const);
  const [scid, dcid] = isClients ? ids : ([ids[1], ids[0]] as const);
  const kind = random.below(10);
  if (kind === 0 && !isClients) return quicFrame(from, to, [versionNegotiation({ dcid, scid })]);
  if (kind < 3) return quicFrame(from, to, [shortPacket({ dcid, spin: random.below(2) ? 1 : 0 })]);
  return quicFrame(from, to, [datagram(random, { dcid, scid })]);
}
