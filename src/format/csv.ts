/** A row of CSV an RTT, and none for anything else; docs/csv.md has the columns. */
import type { Attribution, AttributionOf } from '../attribution/owner.js';
import { destOf, srcOf } from '../events/addresses.js';
import { perProtocol } from '../events/names.js';
import { isClosing, PerFlow } from '../events/per-flow.js';
import { PerPlace } from '../events/per-place.js';
import { interfaceText, type SeenAtOf, type SurroundingsOf } from '../events/places.js';
import type { Event, Losses, RttEvent } from '../events/types.js';
import { areResendsSeen } from '../summary/resent.js';
import type { Label } from '../text/label.js';
import { putAddress } from './address.js';
import { type Piece, pieceOf, putField, putNumber, putPiece } from './bytes.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { ATTRIBUTION_COLUMNS, attributionCells, PLACE_COLUMNS, placeCells } from './csv-flow.js';
import { csvCells, csvLine, csvName } from './csv-text.js';
import { putEpoch } from './epoch.js';
import type { Formatter } from './formatter.js';

/** In the order in which putEnds() writes them. */
const ENDS_COLUMNS = ['flow_id', 'src_ip', 'src_port', 'dest_ip', 'dest_port', 'protocol'];

/** In the order in which putNumbers() and putMeasured() write them. */
const RTT_COLUMNS = [
  ...['rtt', 'min_rtt', 'srtt', 'rttvar'],
  ...['sent_packets', 'sent_bytes', 'rec_packets', 'rec_bytes'],
  ...lossColumns('sent_'),
  ...lossColumns('rec_'),
  ...['match_on_egress', 'by', 'answer', 'handshake', 'keep_alive'],
  ...['samples', 'interval_min_rtt'],
];

const COLUMNS = [
  ...['timestamp', 'interface'],
  ...ENDS_COLUMNS,
  ...RTT_COLUMNS,
  ...PLACE_COLUMNS,
  ...ATTRIBUTION_COLUMNS,
];

/** What a row is put together from: there may be millions, so they are written as bytes. */
const NO_LOSSES = pieceOf(',0,0,0,0,0');
/** Of both directions. */
const LOSSES_NOT_SEEN = pieceOf(',,,,,,,,,,');
const COMMA = pieceOf(',');
const PROTOCOLS = perProtocol((name) => pieceOf(`,${name}`));
const TRUE = pieceOf(',true');
const FALSE = pieceOf(',false');
const BY = {
  timestamp: pieceOf(',timestamp'),
  sequence: pieceOf(',sequence'),
  identifier: pieceOf(',identifier'),
  connection_id: pieceOf(',connection_id'),
  spin_bit: pieceOf(',spin_bit'),
};
const ANSWER = {
  ack: pieceOf(',ack'),
  data: pieceOf(',data'),
  handshake: pieceOf(',handshake'),
  reply: pieceOf(',reply'),
};

/** Of a row, what is the same for all that was seen at a place. */
interface PlacePieces {
  /** What follows the time, up to the flow. */
  readonly before: Piece;
  /** What follows the numbers, up to whose the connection is. */
  readonly after: Piece;
}

/** What is known of flows besides their events. */
interface Known {
  readonly attributionOf?: AttributionOf | undefined;
  readonly surroundingsOf?: SurroundingsOf | undefined;
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Of all of a run. */
  readonly labels?: readonly Label[] | undefined;
}

export class CsvFormatter implements Formatter {
  readonly heading: string;
  readonly #clock: Clock;
  /** Empty where not all is of one interface. */
  readonly #interface: string;
  readonly #known: Known;
  /** Of labels. */
  readonly #constant: readonly string[];
  readonly #places = new PerPlace((place) => this.#piecesOf(place));
  /** Undefined where nothing is known of flows besides their events. */
  readonly #attributions: PerFlow<Piece> | undefined;
  readonly #noAttribution: Piece;

  constructor(clock: Clock, interfaceName: string | undefined, known: Known = {}) {
    this.#clock = clock;
    this.#interface = csvName(interfaceName);
    this.#known = known;
    const { labels = [], attributionOf } = known;
    this.heading = csvLine([...COLUMNS, ...labels.map(({ name }) => name)]);
    this.#constant = labels.map(({ value }) => csvName(value));
    this.#noAttribution = this.#attributionPiece(undefined, 4);
    this.#attributions =
      attributionOf &&
      new PerFlow((event) => this.#attributionPiece(attributionOf(event), event.ipVersion));
  }

  format(event: Event, chunk: Chunk): void {
    if (event.type === 'rtt') this.#append(event, chunk);
    if (isClosing(event)) this.#attributions?.close(event.flowId);
  }

  refresh(flowId: number): void {
    this.#attributions?.forget(flowId);
  }

  refreshAll(): void {
    this.#places.forgetAll();
  }

  #append(event: RttEvent, chunk: Chunk): void {
    const { before, after } = this.#places.of(event.place);
    const attribution = this.#attributions?.of(event) ?? this.#noAttribution;
    const view = chunk.room(before.length + after.length + attribution.length);
    let at = putEpoch(view, chunk.length, this.#clock, event);
    at = putEnds(view, putPiece(view, at, before), event);
    at = putNumbers(view, at, event);
    at = putMeasured(view, at, event);
    chunk.commit(putPiece(view, putPiece(view, at, after), attribution));
  }

  #piecesOf(place: number): PlacePieces {
    const { surroundingsOf, seenAtOf } = this.#known;
    const seenAt = seenAtOf?.(place);
    const name = this.#interface || csvName(interfaceText(seenAt));
    const cells = placeCells(seenAt?.capture, surroundingsOf?.(place));
    return { before: pieceOf(`,${name},`), after: pieceOf(`,${csvCells(cells)},`) };
  }

  #attributionPiece(attribution: Attribution | undefined, ipVersion: 4 | 6): Piece {
    return pieceOf(csvLine([...attributionCells(attribution, ipVersion), ...this.#constant]));
  }
}

function lossColumns(prefix: string): string[] {
  return [
    'retransmitted_packets',
    'retransmitted_bytes',
    'reordered_packets',
    'duplicate_acks',
    'zero_windows',
  ].map((name) => prefix + name);
}

function putEnds(view: DataView, start: number, event: RttEvent): number {
  const { ipVersion } = event;
  let at = putNumber(view, start, event.flowId);
  at = putAddress(view, putPiece(view, at, COMMA), srcOf(event), ipVersion);
  at = putCell(view, at, event.srcPort);
  at = putAddress(view, putPiece(view, at, COMMA), destOf(event), ipVersion);
  at = putCell(view, at, event.destPort);
  return putPiece(view, at, PROTOCOLS[event.protocol]);
}

function putNumbers(view: DataView, start: number, event: RttEvent): number {
  let at = putCell(view, start, event.rtt);
  at = putCell(view, at, event.minRtt);
  at = putCell(view, at, event.srtt);
  at = putCell(view, at, event.rttvar);
  at = putCell(view, at, event.sentPackets);
  at = putCell(view, at, event.sentBytes);
  at = putCell(view, at, event.recPackets);
  at = putCell(view, at, event.recBytes);
  if (!areResendsSeen(event.protocol)) return putPiece(view, at, LOSSES_NOT_SEEN);
  at = putLosses(view, at, event.sentLosses);
  return putLosses(view, at, event.recLosses);
}

/** Most flows have none. */
function putLosses(view: DataView, start: number, losses: Losses): number {
  const { retransmittedPackets, reorderedPackets, duplicateAcks, zeroWindows } = losses;
  if (retransmittedPackets + reorderedPackets + duplicateAcks + zeroWindows === 0) {
    return putPiece(view, start, NO_LOSSES);
  }
  let at = putCell(view, start, retransmittedPackets);
  at = putCell(view, at, losses.retransmittedBytes);
  at = putCell(view, at, reorderedPackets);
  at = putCell(view, at, duplicateAcks);
  return putCell(view, at, zeroWindows);
}

/** How it was measured, and how many samples it stands for. */
function putMeasured(view: DataView, start: number, event: RttEvent): number {
  const { matchOnEgress, by, answer, handshake, keepAlive, samples } = event;
  let at = putPiece(view, start, matchOnEgress === undefined ? COMMA : flag(matchOnEgress));
  at = putPiece(view, at, BY[by]);
  at = putPiece(view, at, ANSWER[answer]);
  at = putPiece(view, at, flag(handshake));
  at = putPiece(view, at, flag(keepAlive));
  at = putCell(view, at, samples);
  return putCell(view, at, event.intervalMinRtt);
}

function flag(value: boolean): Piece {
  return value ? TRUE : FALSE;
}

/** With the comma before it. */
function putCell(view: DataView, at: number, value: number): number {
  return putField(view, at, COMMA, value);
}
