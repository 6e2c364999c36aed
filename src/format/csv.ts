/** A row of CSV an RTT, and none for anything else; docs/csv.md has the columns. */
import type { AttributionOf } from '../attribution/owner.js';
import { isClosing, PerFlow } from '../events/per-flow.js';
import { interfaceText, type SeenAtOf, type SurroundingsOf } from '../events/places.js';
import type { Event, KernelEvent, Losses, RttEvent } from '../events/types.js';
import type { Label } from '../text/label.js';
import { type Piece, pieceOf, putNumber, putPiece } from './bytes.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { ENDS_COLUMNS, endsCells, KNOWN_COLUMNS, knownCells } from './csv-flow.js';
import { csvLine, csvName } from './csv-text.js';
import { putEpoch } from './epoch.js';
import type { Formatter } from './formatter.js';

/** In the order in which putNumbers() and putMeasured() write them. */
const RTT_COLUMNS = [
  ...['rtt', 'min_rtt', 'srtt', 'rttvar'],
  ...['sent_packets', 'sent_bytes', 'rec_packets', 'rec_bytes'],
  ...lossColumns('sent_'),
  ...lossColumns('rec_'),
  ...['match_on_egress', 'by', 'answer', 'handshake', 'keep_alive'],
  ...['samples', 'interval_min_rtt'],
];

const COLUMNS = [...['timestamp', 'interface'], ...ENDS_COLUMNS, ...RTT_COLUMNS, ...KNOWN_COLUMNS];

/** What a row is put together from: there may be millions, so they are written as bytes. */
const NO_LOSSES = pieceOf(',0,0,0,0,0');
const NO_SIDE = pieceOf(',');
const TRUE = pieceOf(',true');
const FALSE = pieceOf(',false');
const BY = { timestamp: pieceOf(',timestamp'), sequence: pieceOf(',sequence') };
const ANSWER = { ack: pieceOf(',ack'), data: pieceOf(',data'), handshake: pieceOf(',handshake') };
const COMMA = ','.charCodeAt(0);

/** Of one direction of a flow. */
interface FlowPieces {
  /** What follows the time, up to the RTT. */
  readonly ends: Piece;
  /** The end of the row. */
  readonly known: Piece;
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
  readonly #flows = new PerFlow((event) => this.#piecesOf(event));

  constructor(clock: Clock, interfaceName: string | undefined, known: Known = {}) {
    this.#clock = clock;
    this.#interface = csvName(interfaceName);
    this.#known = known;
    const { labels = [] } = known;
    this.heading = csvLine([...COLUMNS, ...labels.map(({ name }) => name)]);
    this.#constant = labels.map(({ value }) => csvName(value));
  }

  format(event: Event, chunk: Chunk): void {
    if (event.type === 'rtt') this.#append(event, chunk);
    if (isClosing(event)) this.#flows.close(event.flowId);
  }

  refresh(flowId: number): void {
    this.#flows.forget(flowId);
  }

  refreshAll(): void {
    this.#flows.forgetAll();
  }

  #append(event: RttEvent, chunk: Chunk): void {
    const { ends, known } = this.#flows.of(event);
    const view = chunk.room(ends.length + known.length);
    let at = putEpoch(view, chunk.length, this.#clock, event);
    at = putPiece(view, at, ends);
    at = putNumbers(view, at, event);
    at = putMeasured(view, at, event);
    chunk.commit(putPiece(view, at, known));
  }

  #piecesOf(event: KernelEvent): FlowPieces {
    const { attributionOf, surroundingsOf, seenAtOf } = this.#known;
    const seenAt = seenAtOf?.(event.place);
    const known = {
      capture: seenAt?.capture,
      surroundings: surroundingsOf?.(event.place),
      attribution: attributionOf?.(event),
    };
    const name = this.#interface || csvName(interfaceText(seenAt));
    const ends = ['', name, ...endsCells(event)].join(',');
    return {
      ends: pieceOf(ends),
      known: pieceOf(csvLine(['', ...knownCells(known, event.ipVersion), ...this.#constant])),
    };
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

function putNumbers(view: DataView, start: number, event: RttEvent): number {
  let at = putCell(view, start, event.rtt);
  at = putCell(view, at, event.minRtt);
  at = putCell(view, at, event.srtt);
  at = putCell(view, at, event.rttvar);
  at = putCell(view, at, event.sentPackets);
  at = putCell(view, at, event.sentBytes);
  at = putCell(view, at, event.recPackets);
  at = putCell(view, at, event.recBytes);
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
  let at = putPiece(view, start, matchOnEgress === undefined ? NO_SIDE : flag(matchOnEgress));
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
  view.setUint8(at, COMMA);
  return putNumber(view, at + 1, value);
}
