/** The line of an RTT: there may be millions, so it is written as bytes, and nothing is remembered of a flow. */
import { destOf, srcOf } from '../events/addresses.js';
import { perProtocol } from '../events/names.js';
import { ANSWERS, type RttEvent, type RttMethod } from '../events/types.js';
import { putAddress } from './address.js';
import { type Piece, pieceOf, putField, putNumber, putPiece } from './bytes.js';
import type { Clock } from './clock.js';
import { putEpoch } from './epoch.js';
import { putLosses, REC_LOSSES, SENT_LOSSES } from './ndjson-losses.js';

const PIECES = {
  start: pieceOf('{"type":"rtt","timestamp":'),
  srcAddress: pieceOf(',"src_ip":"'),
  srcPort: pieceOf('","src_port":'),
  destAddress: pieceOf(',"dest_ip":"'),
  destPort: pieceOf('","dest_port":'),
  protocol: perProtocol((name) => pieceOf(`,"protocol":"${name}"`)),
  rtt: pieceOf(',"rtt":'),
  minRtt: pieceOf(',"min_rtt":'),
  srtt: pieceOf(',"srtt":'),
  rttvar: pieceOf(',"rttvar":'),
  sentPackets: pieceOf(',"sent_packets":'),
  sentBytes: pieceOf(',"sent_bytes":'),
  recPackets: pieceOf(',"rec_packets":'),
  recBytes: pieceOf(',"rec_bytes":'),
  handshake: pieceOf(',"handshake":true'),
  keepAlive: pieceOf(',"keep_alive":true'),
  samples: pieceOf(',"samples":'),
  intervalMinRtt: pieceOf(',"interval_min_rtt":'),
  end: pieceOf('}\n'),
};

/** Each at its place among them. */
const METHOD = {
  timestamp: 0,
  sequence: 1,
  identifier: 2,
  connection_id: 3,
  spin_bit: 4,
} as const satisfies Record<RttMethod, number>;
const METHODS = Object.keys(METHOD);

/** How an RTT was measured, all in one: of each side, method and answer, one after the other. */
const MEASURED = [undefined, false, true].flatMap((matchOnEgress) =>
  METHODS.flatMap((by) =>
    ANSWERS.map((answer) => {
      const side = matchOnEgress === undefined ? '' : `,"match_on_egress":${matchOnEgress}`;
      return pieceOf(`${side},"by":"${by}","answer":"${answer}"`);
    }),
  ),
);

/** Of an RTT's line, what is the same for all that was seen at a place. */
export interface PlacePieces {
  /** What follows the time, up to the flow. */
  readonly before: Piece;
  /** What follows the protocol, up to whose the connection is. */
  readonly after: Piece;
}

/** @returns where it ends */
export function putRtt(
  view: DataView,
  start: number,
  clock: Clock,
  event: RttEvent,
  { before, after }: PlacePieces,
  attribution: Piece,
): number {
  let at = putPiece(view, start, PIECES.start);
  at = putEpoch(view, at, clock, event);
  at = putFlow(view, putPiece(view, at, before), event);
  at = putPiece(view, putPiece(view, at, after), attribution);
  at = putNumbers(view, at, event);
  at = putFlags(view, at, event);
  return putPiece(view, at, PIECES.end);
}

/** From its id on. */
function putFlow(view: DataView, start: number, event: RttEvent): number {
  const { ipVersion } = event;
  let at = putNumber(view, start, event.flowId);
  at = putAddress(view, putPiece(view, at, PIECES.srcAddress), srcOf(event), ipVersion);
  at = putField(view, at, PIECES.srcPort, event.srcPort);
  at = putAddress(view, putPiece(view, at, PIECES.destAddress), destOf(event), ipVersion);
  at = putField(view, at, PIECES.destPort, event.destPort);
  return putPiece(view, at, PIECES.protocol[event.protocol]);
}

function putNumbers(view: DataView, start: number, event: RttEvent): number {
  let at = putField(view, start, PIECES.rtt, event.rtt);
  at = putField(view, at, PIECES.minRtt, event.minRtt);
  at = putField(view, at, PIECES.srtt, event.srtt);
  at = putField(view, at, PIECES.rttvar, event.rttvar);
  at = putField(view, at, PIECES.sentPackets, event.sentPackets);
  at = putField(view, at, PIECES.sentBytes, event.sentBytes);
  at = putField(view, at, PIECES.recPackets, event.recPackets);
  at = putField(view, at, PIECES.recBytes, event.recBytes);
  at = putLosses(view, at, SENT_LOSSES, event.sentLosses);
  return putLosses(view, at, REC_LOSSES, event.recLosses);
}

function putFlags(view: DataView, start: number, event: RttEvent): number {
  const { samples } = event;
  let at = putPiece(view, start, measuredPiece(event));
  if (event.handshake) at = putPiece(view, at, PIECES.handshake);
  if (event.keepAlive) at = putPiece(view, at, PIECES.keepAlive);
  if (samples <= 1) return at;
  at = putField(view, at, PIECES.samples, samples);
  return putField(view, at, PIECES.intervalMinRtt, event.intervalMinRtt);
}

function measuredPiece({ matchOnEgress, by, answer }: RttEvent): Piece {
  const side = matchOnEgress === undefined ? 0 : matchOnEgress ? 2 : 1;
  const method = by === 'timestamp' ? METHOD.timestamp : METHOD[by];
  const kind = answer === 'ack' ? 0 : answer === 'data' ? 1 : answer === 'handshake' ? 2 : 3;
  return MEASURED[(METHODS.length * side + method) * ANSWERS.length + kind] as Piece;
}
