/** All datagrams of QUIC with the times at which they were shown: each RTT has to be that of two that belong together. */
import type { RttEvent } from '../../../src/events/types.js';
import type { DatagramReading } from './reading.js';

/** What follows within so long is of the same flight. */
const FLIGHT_NS = 20_000_000;
const LEAST_INITIAL = 1200;
/** By so much an RTT of the spin bit may be rounded up. */
const ROUNDED_NS = 4_096;

export class QuicJournal {
  readonly #byTime = new Map<number, DatagramReading>();
  readonly #flows = new Map<string, DatagramReading[]>();

  note(entry: DatagramReading): void {
    if (entry.says.kind === 'dns') return;
    this.#byTime.set(entry.time, entry);
    for (const key of [`${entry.from} ${entry.to}`, `${entry.to} ${entry.from}`]) {
      const entries = this.#flows.get(key);
      if (entries) entries.push(entry);
      else this.#flows.set(key, [entry]);
    }
  }

  /** @returns what is wrong with an RTT, if anything */
  judge(event: RttEvent, told: number): string | undefined {
    if (event.by === 'spin_bit') return this.#notBySpin(event, told);
    const answer = this.#byTime.get(told);
    const asked = this.#byTime.get(told - event.rtt);
    if (!answer || !asked) return 'not the time between two datagrams of QUIC';
    if (asked.from !== answer.to || asked.to !== answer.from) return 'not of opposite directions';
    if (event.by !== 'connection_id' || !event.handshake) return 'not told as it is';
    return notOfHandshake(asked, answer) ?? this.#notAlone(asked, answer);
  }

  /** It is told as of an edge, and may end with a packet that came later: rounded up then. */
  #notBySpin({ rtt }: RttEvent, told: number): string | undefined {
    const last = this.#byTime.get(told);
    const entries = (last && this.#flows.get(`${last.from} ${last.to}`)) ?? [];
    let first = 0;
    for (const entry of entries) {
      while ((entries[first]?.time ?? Infinity) < entry.time - rtt) first++;
      for (let at = first; (entries[at]?.time ?? Infinity) <= entry.time - rtt + ROUNDED_NS; at++) {
        const asked = entries[at];
        if (areShort(entry, asked) && asked?.from === entry.to && asked.to === entry.from) return;
      }
    }
    return 'not the time between two spin bits';
  }

  /** Neither was there before, or came again. */
  #notAlone(asked: DatagramReading, answer: DatagramReading): string | undefined {
    const entries = this.#flows.get(`${asked.from} ${asked.to}`) ?? [];
    const between = entries.slice(entries.indexOf(asked) + 1, entries.indexOf(answer));
    if (between.some((entry) => isSame(entry, answer) && isTaken(entry))) {
      return 'not the first answer';
    }
    const isAsked = (entry: DatagramReading) =>
      isSame(entry, asked) && (typeOf(entry) === 'retry' || isLarge(entry));
    const again = between.filter((entry) => isAsked(entry) && entry.hook === asked.hook);
    if (again.some(({ time }) => time - asked.time > FLIGHT_NS)) return 'asked again meanwhile';
    const before = entries.slice(0, entries.indexOf(asked));
    const isAgain = before.some((entry) => isAsked(entry) && asked.time - entry.time > FLIGHT_NS);
    return isAgain ? 'asked before' : undefined;
  }
}

function notOfHandshake(asked: DatagramReading, answer: DatagramReading): string | undefined {
  const [question, reply] = [asked.says, answer.says];
  if (question.kind !== 'long' || reply.kind !== 'long') return 'not by long headers';
  if (reply.dcid !== question.scid) return 'not of each other';
  // The server's end has the port.
  if (asked.toPort === 443) {
    if (question.type !== 'initial' || !isLarge(asked)) return 'not asked by an Initial';
    return reply.type === 'zeroRtt' ? 'answered by what no server sends' : undefined;
  }
  const isQuestion = question.type === 'retry' || (question.type === 'initial' && isLarge(asked));
  if (!isQuestion) return 'not asked by a flight or a Retry';
  const isAnswer = reply.type === 'handshake' || (reply.type === 'initial' && isLarge(answer));
  return isAnswer ? undefined : 'not answered by what shows that it was seen';
}

function isLarge({ payload }: DatagramReading): boolean {
  return payload >= LEAST_INITIAL;
}

/** No server takes a small Initial of a client's. */
function isTaken(entry: DatagramReading): boolean {
  return typeOf(entry) !== 'initial' || entry.toPort !== 443 || isLarge(entry);
}

function typeOf({ says }: DatagramReading): string | undefined {
  return says.kind === 'long' ? says.type : undefined;
}

function areShort(...entries: readonly (DatagramReading | undefined)[]): boolean {
  return entries.every((entry) => entry?.says.kind === 'short');
}

function isSame(a: DatagramReading, b: DatagramReading): boolean {
  const [one, other] = [a.says, b.says];
  if (one.kind !== 'long' || other.kind !== 'long' || a.from !== b.from) return false;
  return one.type === other.type && one.dcid === other.dcid && one.scid === other.scid;
}
