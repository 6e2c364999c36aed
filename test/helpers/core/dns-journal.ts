/** All messages of DNS with the times at which they were shown: which response times there have to be, and no others. */
import type { DnsEvent } from '../../../src/events/types.js';
import type { DatagramReading } from './reading.js';

interface Waiting {
  readonly time: number;
  readonly hook: DatagramReading['hook'];
  sent: number;
}

/** Within less time than queries are waited for. */
export class DnsJournal {
  readonly #waiting = new Map<string, Waiting>();
  /** Response times that are yet to be told, by when the response came. */
  readonly #expected = new Map<number, number>();

  note({ from, to, says, time, hook }: DatagramReading): void {
    if (says.kind !== 'dns') return;
    const key = says.isResponse ? `${to} ${from} ${says.id}` : `${from} ${to} ${says.id}`;
    const waiting = this.#waiting.get(key);
    if (says.isResponse) {
      if (waiting?.sent !== 1) return;
      this.#waiting.delete(key);
      this.#expected.set(time, time - waiting.time);
    } else if (!waiting) {
      this.#waiting.set(key, { time, hook, sent: 1 });
    } else if (waiting.hook === hook) {
      waiting.sent++;
    }
  }

  /** @returns what is wrong with a response time, if anything */
  judge(event: DnsEvent, answered: number): string | undefined {
    const expected = this.#expected.get(answered);
    this.#expected.delete(answered);
    return event.responseTime === expected ? undefined : `${expected} ns would be right`;
  }

  /** How many response times should have been told, and were not. */
  get missing(): number {
    return this.#expected.size;
  }
}
