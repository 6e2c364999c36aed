/** The share of bytes sent again, of the last seconds of a run, from counts that only grow. */
import { shareOf } from './resent.js';

/** Until a time, since the run began. */
export interface Carried {
  /** In nanoseconds, only to be compared with others. */
  readonly time: number;
  readonly bytes: number;
  /** Of those, sent again. */
  readonly again: number;
}

/** Of a window no more readings are kept than this: it is as long as it should be within a hundredth. */
const MOST_READINGS = 100;
const BEGINNING: Carried = { time: Number.NEGATIVE_INFINITY, bytes: 0, again: 0 };

export class ShareWindow {
  readonly #length: number;
  /** Of which the first is from before the window. */
  #readings: Carried[] = [BEGINNING];
  #latest = BEGINNING;
  /** When the first one was; a clock that was set back begins anew. */
  #first = Number.NaN;

  /** @param length in nanoseconds; undefined: all since the beginning */
  constructor(length: number | undefined) {
    this.#length = length ?? Number.POSITIVE_INFINITY;
  }

  /** @returns the share up to this reading; undefined where too little was sent */
  take(reading: Carried): number | undefined {
    // The clock was set back: nothing before can be compared with what comes.
    if (reading.time < this.#latest.time) {
      this.#readings = [this.#latest];
      this.#first = Number.NaN;
    }
    if (Number.isNaN(this.#first)) this.#first = reading.time;
    this.#latest = reading;
    this.#forgetBefore(reading.time - this.#length);
    const share = shareOf(reading.again - this.#before.again, this.bytes);
    const last = this.#readings.at(-1) ?? BEGINNING;
    const isDue = reading.time - last.time >= this.#length / MOST_READINGS;
    if (isDue) this.#readings.push(reading);
    return share;
  }

  /** Whether it has been watched for as long as it is, from the first reading on. */
  get isWhole(): boolean {
    return (
      !(this.#latest.time - this.#first < this.#length) || this.#length === Number.POSITIVE_INFINITY
    );
  }

  /** So many that was about. */
  get bytes(): number {
    return this.#latest.bytes - this.#before.bytes;
  }

  get #before(): Carried {
    return this.#readings[0] ?? BEGINNING;
  }

  #forgetBefore(start: number): void {
    while (this.#readings.length > 1 && (this.#readings[1]?.time ?? start) <= start) {
      this.#readings.shift();
    }
  }
}
