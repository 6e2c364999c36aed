/** All pings with the times at which they were shown: each RTT has to be that of a request and of the first reply to it. */
import type { RttEvent } from '../../../src/events/types.js';
import type { EchoReading } from './reading.js';

const HALF_AROUND = 2 ** 15;

export class EchoJournal {
  readonly #byTime = new Map<number, EchoReading>();
  readonly #flows = new Map<string, EchoReading[]>();

  note(entry: EchoReading): void {
    this.#byTime.set(entry.time, entry);
    const key = flowOf(entry);
    const entries = this.#flows.get(key);
    if (entries) entries.push(entry);
    else this.#flows.set(key, [entry]);
  }

  /** @returns what is wrong with an RTT, if anything */
  judge(event: RttEvent, answered: number): string | undefined {
    const answer = this.#byTime.get(answered);
    const asked = this.#byTime.get(answered - event.rtt);
    if (!answer?.isReply || !asked || asked.isReply)
      return 'not the time from a request to a reply';
    if (flowOf(answer) !== flowOf(asked) || answer.sequence !== asked.sequence) {
      return 'not of each other';
    }
    if (event.by !== 'identifier' || event.answer !== 'reply') return 'not told as it is';
    const entries = this.#flows.get(flowOf(asked)) ?? [];
    const same = entries.filter(({ sequence }) => sequence === asked.sequence);
    const between = same.slice(same.indexOf(asked) + 1, same.indexOf(answer));
    if (between.some(({ isReply }) => isReply)) return 'not the first reply';
    if (between.some(({ hook }) => hook === asked.hook)) return 'asked again meanwhile';
    const before = same.slice(0, same.indexOf(asked)).filter(({ isReply }) => !isReply);
    // What comes round is new.
    return before.length > 0 && !isAround(entries) ? 'asked before' : undefined;
  }
}

/** The same of both kinds. */
function flowOf({ from, to, isReply }: EchoReading): string {
  return isReply ? `${to} ${from}` : `${from} ${to}`;
}

function isAround(entries: readonly EchoReading[]): boolean {
  const numbers = entries.map(({ sequence }) => sequence);
  return Math.max(...numbers) - Math.min(...numbers) >= HALF_AROUND;
}
