/** From the event source's clock to times of day. */

const NS_PER_SECOND = 1_000_000_000n;

/** Whose day it is: this machine's, or the same on all machines. */
export type Zone = 'local' | 'utc';

export class Clock {
  readonly #zone: Zone;
  #offset: bigint;
  #second = -1n;
  #secondText = '';

  /** @param offset what to add to an event's time to have nanoseconds since the epoch */
  constructor(offset: bigint, zone: Zone = 'local') {
    this.#offset = offset;
    this.#zone = zone;
  }

  /** The system clock may be stepped: times follow, RTTs do not. */
  set offset(offset: bigint) {
    this.#offset = offset;
  }

  /** Nanoseconds since the epoch. */
  epoch(timestamp: bigint): bigint {
    return timestamp + this.#offset;
  }

  /** Time of day to the microsecond, cut and not rounded: 16:00:46.147705 */
  timeOfDay(timestamp: bigint): string {
    const epoch = this.epoch(timestamp);
    const second = epoch / NS_PER_SECOND;
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = timeText(new Date(Number(second) * 1000), this.#zone);
    }
    const microseconds = (epoch % NS_PER_SECOND) / 1000n;
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
