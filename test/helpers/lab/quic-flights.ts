/** What client and server say in turn in handshakes of QUIC, by a capture. */
import { type Datagram, datagramsOf, type PacketType } from '../packets/datagrams.js';

export type Side = 'client' | 'server';

/** Datagrams of one side, one after the other, that begin with a long header. */
export interface Flight {
  readonly from: Side;
  /** Where the client is. */
  readonly clientPort: number;
  /** Of the first one, in ns since the epoch. */
  readonly time: bigint;
  /** Of the packets of the first one. */
  readonly types: readonly (PacketType | 'short')[];
}

/** In the order of time. */
export function flightsOf(capture: Buffer, serverPort: number): Flight[] {
  const flights: Flight[] = [];
  for (const datagram of datagramsOf(capture)) {
    const flight = flightWith(datagram, serverPort);
    const last = flights.at(-1);
    const goesOn = last?.from === flight.from && last.clientPort === flight.clientPort;
    const isTold = flight.types[0] !== 'short' && !isDiscarded(flight, flights);
    if (isTold && !goesOn) flights.push(flight);
  }
  return flights;
}

/** A client takes one Retry (RFC 9000, 17.2.5.2). A server that was slow has answered more than one Initial. */
function isDiscarded({ types: [type], clientPort }: Flight, before: readonly Flight[]): boolean {
  if (type !== 'retry') return false;
  return before.some((each) => each.clientPort === clientPort && each.types[0] === 'retry');
}

/** Each from a flight of one side to the other side's next one. */
export interface Turn {
  /** Of the other side: who answers. */
  readonly answers: Side;
  readonly clientPort: number;
  /** In ns. */
  readonly rtt: number;
}

export function turnsOf(flights: readonly Flight[]): Turn[] {
  return flights.flatMap((asked, at) => {
    const answer = flights.slice(at + 1).find(({ clientPort }) => clientPort === asked.clientPort);
    if (!answer) return [];
    const { clientPort, time } = asked;
    return [{ answers: answer.from, clientPort, rtt: Number(answer.time - time) }];
  });
}

function flightWith({ time, sourcePort, destPort, packets }: Datagram, serverPort: number): Flight {
  const isServer = sourcePort === serverPort;
  return {
    from: isServer ? 'server' : 'client',
    clientPort: isServer ? destPort : sourcePort,
    time,
    types: packets.map(({ type }) => type),
  };
}
