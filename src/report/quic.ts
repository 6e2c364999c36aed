/** How many connections of QUIC spin, for the reader of a report: of the others only handshakes are in it. */
import { count } from '../text/units.js';
import type { QuicCounts, SummaryRecord } from './records.js';

const NONE: QuicCounts = { connections: 0, valid: 0 };

/** A summary counts since the start of its run, and a file may have several runs, also of several interfaces. */
export class QuicConnections {
  readonly #running = new Map<string | undefined, QuicCounts>();
  #ended = NONE;

  summary({ interface: name, quic = NONE, isFinal }: SummaryRecord): void {
    this.#running.set(name, quic);
    if (isFinal) this.endRun(name);
  }

  /** With its last summary. */
  endRun(name: string | undefined): void {
    this.#ended = sumOf(this.#ended, this.#running.get(name) ?? NONE);
    this.#running.delete(name);
  }

  /** None where there was no connection. */
  get remarks(): string[] {
    const { connections, valid } = [...this.#running.values()].reduce(sumOf, this.#ended);
    if (connections === 0 || connections === valid) return [];
    const all = count(connections, 'connection');
    const spinning = valid === 0 ? `none of ${all}` : `${valid} of ${all}`;
    const rest = valid === 0 ? 'these' : 'the others';
    return [`QUIC: ${spinning} known to spin; ${rest} have handshake RTTs at most`];
  }
}

function sumOf(a: QuicCounts, b: QuicCounts): QuicCounts {
  return { connections: a.connections + b.connections, valid: a.valid + b.valid };
}
