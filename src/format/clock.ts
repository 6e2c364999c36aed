/** From the event source's clock to times of day. */

const NS_PER_SECOND = 1_000_000_000n;

/** Whose day it is: this machine's, or the same on all machines. */
export type Zone = 'local' | 'utc';

export class Clock {
  readonly #zone: Zone;
  #offset: bigint;
  /** Of the last event: the second since the epoch, when it began on the source's clock, and its text. */
  #second = 0;
  #secondStart: bigint | undefined;
  #secondText = '';

  /** @param offset what to add to an event's time to have nanoseconds since the epoch */
  constructor(offset: bigint, zone: Zone = 'local') {
    this.#offset = offset;
    this.#zone = zone;
  }

  /** The system clock may be stepped: times follow, RTTs do not. */
  set offset(offset: bigint) {
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#secondStart = undefined;
  }

  /** Nanoseconds since the epoch. */
  epoch(timestamp: bigint): bigint {
    return timestamp + this.#offset;
  }

  /**
   * The same as two numbers: nanoseconds within a second, and `second` says which. Most events
   * are of the same second as the one before, and then this is cheap.
   */
  withinSecond(timestamp: bigint): number {
    if (this.#secondStart !== undefined) {
      const since = Number(timestamp - this.#secondStart);
      if (since >= 0 && since < Number(NS_PER_SECOND)) return since;
    }
    const epoch = this.epoch(timestamp);
    const second = epoch / NS_PER_SECOND;
    this.#second = Number(second);
    this.#secondStart = second * NS_PER_SECOND - this.#offset;
    this.#secondText = timeText(new Date(this.#second * 1000), this.#zone);
    return Number(epoch % NS_PER_SECOND);
  }

  /** Of the last withinSecond(), since the epoch. */
  get second(): number {
    return this.#second;
  }

  /** Time of day to the microsecond, cut and not rounded: 16:00:46.147705 */
  timeOfDay(timestamp: bigint): string {
    const microseconds = Math.floor(this.withinSecond(timestamp) / 1000);
    return `${this.#secondText}.${String(microseconds).padStart(6, '0')}`;
  }
}

function timeText(date: Date, zone: Zone): string {
  const parts =
    zone === 'utc'
      ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
      : [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
