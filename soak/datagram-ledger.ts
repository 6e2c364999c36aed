// What the monitor's lines say of pings, DNS and QUIC, each looked at once and then forgotten.
import { DELAY_NS, type Kind, NO_SPIN_PORT } from './datagrams.js';

/** Of a line, as much as is looked at (docs/ndjson.md). */
export interface DatagramLine {
  readonly type: string;
  readonly protocol?: string;
  readonly timestamp: number;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_ip: string;
  readonly dest_port: number;
  readonly match_on_egress?: boolean;
  readonly rtt?: number;
  readonly samples?: number;
  readonly by?: string;
  readonly query_id?: number;
  readonly response_time?: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ICMP: 'icmp',
  ICMPv6: 'icmp',
  QUIC: 'quic',
  DNS: 'dns',
};
/** Two questions of one flow and side lie at least milliseconds apart; the clock of the lines is set now and then. */
const SAME_NS = 100_000;
/** Of those that were told last. */
const MOST_QUESTIONS = 65_536;
const SHOWN = 3;

/** Of one kind. */
export interface Told {
  /** Lines with a time, and the samples that they stand for. */
  lines: number;
  samples: number;
  /** Of those beyond the interface the least, of all the greatest; in ns. */
  least: number;
  greatest: number;
  /** The line of the greatest. */
  greatestLine: string;
}

export class DatagramLedger {
  readonly told: Readonly<Record<Kind, Told>> = { icmp: none(), dns: none(), quic: none() };
  /** Queries without a response, as lines. */
  unanswered = 0;
  /** RTTs by the spin bit, and those of them that are of ends that do not spin. */
  bySpin = 0;
  wrongSpins = 0;
  /** Answers to a question that was answered before. */
  twice = 0;
  tooShort = 0;
  /** The first of what is wrong. */
  readonly examples: string[] = [];
  /** When it was asked what was answered last, by flow and side; the oldest first. */
  readonly #questions = new Map<string, number>();

  /** @param text the same line, to be shown */
  take(line: DatagramLine, text: string): void {
    const kind = KINDS[line.protocol ?? ''];
    const time = line.type === 'dns' ? line.response_time : line.rtt;
    if (kind === undefined) return;
    if (time !== undefined) this.#takeTime(kind, line, time, text);
    else if (line.type === 'dns') this.unanswered++;
  }

  #takeTime(kind: Kind, line: DatagramLine, time: number, text: string): void {
    const told = this.told[kind];
    told.lines++;
    told.samples += line.samples ?? 1;
    if (time > told.greatest) Object.assign(told, { greatest: time, greatestLine: text });
    if (line.match_on_egress === false) {
      told.least = Math.min(told.least, time);
      if (time < DELAY_NS) this.#wrong('tooShort', text);
    }
    if (this.#isTwice(line, time)) this.#wrong('twice', text);
    if (line.by !== 'spin_bit') return;
    this.bySpin++;
    if (isOf(line, NO_SPIN_PORT)) this.#wrong('wrongSpins', text);
  }

  #wrong(what: 'tooShort' | 'twice' | 'wrongSpins', text: string): void {
    this[what]++;
    if (this.examples.length < SHOWN) this.examples.push(text);
  }

  #isTwice(line: DatagramLine, time: number): boolean {
    const { src_ip, src_port, dest_ip, dest_port, match_on_egress, query_id } = line;
    const key = [src_ip, src_port, dest_ip, dest_port, match_on_egress, query_id].join();
    const asked = line.timestamp - time;
    const before = this.#questions.get(key);
    this.#questions.delete(key);
    this.#questions.set(key, asked);
    if (this.#questions.size > MOST_QUESTIONS) this.#forgetOldest();
    return before !== undefined && Math.abs(asked - before) < SAME_NS;
  }

  #forgetOldest(): void {
    for (const key of this.#questions.keys()) {
      this.#questions.delete(key);
      return;
    }
  }
}

function none(): Told {
  return { lines: 0, samples: 0, least: Number.POSITIVE_INFINITY, greatest: 0, greatestLine: '' };
}

function isOf({ src_port, dest_port }: DatagramLine, port: number): boolean {
  return src_port === port || dest_port === port;
}
