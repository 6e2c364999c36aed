/**
 * The machine format of the classic pping (-m), as ppviz reads it: seconds since the epoch, RTT and
 * the flow's least RTT in seconds, and the flow as seen in the reply. It has no place for anything else: where it is
 * not TCP, what follows the colons says which protocol it is (`10.0.0.2:icmp4711`).
 */

import { destOf, srcOf } from '../events/addresses.js';
import { perProtocol } from '../events/names.js';
import type { Event, RttEvent } from '../events/types.js';
import { putAddress } from './address.js';
import { pieceOf, putField, putNine, putNumber, putPiece } from './bytes.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter } from './formatter.js';

const NS_PER_SECOND = 1e9;
const DOT = pieceOf('.');
const SPACE = pieceOf(' ');
/** Before a port, or an identifier. */
const COLON = perProtocol((name) => pieceOf(name === 'TCP' ? ':' : `:${name.toLowerCase()}`));
const PLUS = pieceOf('+');
const END = pieceOf('\n');

export class PpvizFormatter implements Formatter {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  format(event: Event, chunk: Chunk): void {
    if (event.type !== 'rtt') return;
    const view = chunk.room();
    const nanoseconds = this.#clock.withinSecond(event);
    let at = putSeconds(view, chunk.length, this.#clock.second, nanoseconds);
    at = putDuration(view, putPiece(view, at, SPACE), event.rtt);
    at = putDuration(view, putPiece(view, at, SPACE), event.minRtt);
    at = putFlow(view, putPiece(view, at, SPACE), event);
    chunk.commit(putPiece(view, at, END));
  }
}

/** In seconds, to the nanosecond: 0.012345678 */
function putDuration(view: DataView, at: number, nanoseconds: number): number {
  const whole = Math.floor(nanoseconds / NS_PER_SECOND);
  return putSeconds(view, at, whole, nanoseconds - whole * NS_PER_SECOND);
}

function putSeconds(view: DataView, at: number, whole: number, nanoseconds: number): number {
  return putNine(view, putPiece(view, putNumber(view, at, whole), DOT), nanoseconds);
}

/** IPv6 without brackets, as there. */
function putFlow(view: DataView, start: number, event: RttEvent): number {
  const { ipVersion, protocol } = event;
  let at = putAddress(view, start, srcOf(event), ipVersion);
  at = putField(view, at, COLON[protocol], event.srcPort);
  at = putAddress(view, putPiece(view, at, PLUS), destOf(event), ipVersion);
  return putField(view, at, COLON[protocol], event.destPort);
}
