/** From the event source's clock to times of day. */

const NS_PER_SECOND = 1_000_000_000n;

export class Clock {
  #offset: bigint;
  #second = -1n;
  #secondText = '';

  /** @param offset what to add to an event's time to have nanoseconds since the epoch */
  constructor(offset: bigint) {
    this.#offset = offset;
  }

  /** The system clock may be stepped: times follow, RTTs do not. */
  set offset(offset: bigint) {
    this.#offset = offset;
  }

  /** Nanoseconds since the epoch. */
  epoch(timestamp: bigint): bigint {
    return timestamp + this.#offset;
  }

  /** Local time of day to the microsecond, cut and not rounded: 16:00:46.147705 */
  timeOfDay(timestamp: bigint): string {
    const epoch = this.epoch(timestamp);
    const second = epoch / NS_PER_SECOND;
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = timeText(new Date(Number(second) * 1000));
    }
    const microseconds = (epoch % NS_PER_SECOND) / 1000n;
    return `${this.#secondText}.${String(microseconds).padStart(6, '0')}`;
  }
}

function timeText(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
