/** Sockets as a walk tells them, and flows that nothing has told whose they are, for tests that have neither. */
import { OpenConnections } from '../../../src/attribution/open-connection.js';
import type { LastSent, UnownedFlow } from '../../../src/attribution/unowned-flow.js';
import { OPEN_CONNECTION, OWNER } from '../../../src/core/layouts.js';

export interface End {
  /** The last byte of an IPv4 address. */
  readonly host: number;
  readonly port: number;
}

export interface Socket {
  readonly cookie: bigint;
  readonly own?: End;
  readonly peer?: End;
  readonly sndUna?: number;
  readonly sndNxt?: number;
  readonly rcvWup?: number;
  readonly rcvNxt?: number;
  readonly isListening?: boolean;
  readonly namespace?: number;
  readonly cgroup?: bigint;
  readonly uid?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly started?: bigint;
}

/** Where flows are, unless it is said where; no socket is there. */
const ANYWHERE: readonly [End, End] = [
  { host: 251, port: 1 },
  { host: 252, port: 2 },
];
const ELSEWHERE: End = { host: 253, port: 3 };

export function walked(...sockets: readonly Socket[]): OpenConnections {
  const connections = new OpenConnections();
  connections.add(Buffer.concat(sockets.map(recordOf)));
  return connections;
}

/** Beside each other, and of no time: at rest. */
export function atRest(snd: number, rcv: number) {
  return { sndUna: snd, sndNxt: snd, rcvWup: rcv, rcvNxt: rcv };
}

export function flow(
  id: number,
  sent: readonly [Partial<LastSent>, Partial<LastSent>],
  ends: readonly [End, End] = ANYWHERE,
): UnownedFlow {
  const [one, other] = sent;
  return {
    id,
    at: id,
    addresses: [addressOf(ends[0]), addressOf(ends[1])],
    ports: [ends[0].port, ends[1].port],
    sent: [
      { nextSeq: one.nextSeq, ack: one.ack },
      { nextSeq: other.nextSeq, ack: other.ack },
    ],
  };
}

function addressOf({ host }: End): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.set([0xff, 0xff, 10, 0, 0, host], 10);
  return bytes;
}

function recordOf(socket: Socket): Buffer {
  const bytes = Buffer.alloc(OPEN_CONNECTION.size);
  const { own = ELSEWHERE, peer = ELSEWHERE } = socket;
  const owner = OPEN_CONNECTION.owner;
  bytes.writeBigUInt64LE(socket.cookie, owner + OWNER.socketCookie);
  bytes.writeBigUInt64LE(socket.cgroup ?? 0n, owner + OWNER.cgroup);
  bytes.writeUInt32LE(socket.uid ?? 0, owner + OWNER.uid);
  bytes.writeUInt32LE(socket.pid ?? 100, owner + OWNER.pid);
  bytes.write(socket.comm ?? '', owner + OWNER.comm);
  bytes.writeBigUInt64LE(socket.started ?? 0n, OPEN_CONNECTION.started);
  addressOf(own).copy(bytes, OPEN_CONNECTION.address);
  addressOf(peer).copy(bytes, OPEN_CONNECTION.address + 16);
  bytes.writeUInt16LE(own.port, OPEN_CONNECTION.port);
  bytes.writeUInt16LE(peer.port, OPEN_CONNECTION.port + 2);
  bytes.writeUInt32LE(socket.namespace ?? 1, OPEN_CONNECTION.namespace);
  bytes.writeUInt32LE(socket.sndUna ?? 0, OPEN_CONNECTION.sndUna);
  bytes.writeUInt32LE(socket.sndNxt ?? 0, OPEN_CONNECTION.sndNxt);
  bytes.writeUInt32LE(socket.rcvWup ?? 0, OPEN_CONNECTION.rcvWup);
  bytes.writeUInt32LE(socket.rcvNxt ?? 0, OPEN_CONNECTION.rcvNxt);
  bytes.writeUInt32LE(socket.isListening ? 1 : 0, OPEN_CONNECTION.listens);
  return bytes;
}
