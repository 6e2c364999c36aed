/** From the event source's clock to times of day. */

import type { Timed } from '../events/types.js';

const NS_PER_SECOND = 1_000_000_000;
const TWO_TO_32 = 2 ** 32;

/** No time is after it. */
const NEVER = Number.POSITIVE_INFINITY;

/** Whose day it is: this machine's, or the same on all machines. */
export type Zone = 'local' | 'utc';

export interface ClockShape {
  readonly zone?: Zone;
  /** Whether times of day come with their date. */
  readonly hasDate?: boolean;
}

export class Clock {
  readonly #zone: Zone;
  readonly #hasDate: boolean;
  #offset: bigint;
  /** Of the last event: the second since the epoch, when it began on the source's clock, and its text. */
  #second = 0;
  #startHigh = NEVER;
  #startLow = 0;
  #secondText = '';

  /** @param offset what to add to an event's time to have nanoseconds since the epoch */
  constructor(offset: bigint, { zone = 'local', hasDate = false }: ClockShape = {}) {
    this.#offset = offset;
    this.#zone = zone;
    this.#hasDate = hasDate;
  }

  /** The system clock may be stepped: times follow, RTTs do not. */
  set offset(offset: bigint) {
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#startHigh = NEVER;
  }

  /** Nanoseconds since the epoch. */
  epoch(timestamp: bigint): bigint {
    return timestamp + this.#offset;
  }

  /**
   * The same as two numbers: nanoseconds within a second, and `second` says which. Most events
   * are of the same second as the one before, and then this is cheap.
   */
  withinSecond(event: Timed): number {
    const since = this.#sinceSecondStart(event);
    return since >= 0 && since < NS_PER_SECOND ? since : this.#beginSecond(event.timestamp);
  }

  /** Nanoseconds; exact where they are few. */
  #sinceSecondStart(event: Timed): number {
    const high = event.timestampHigh ?? Number(event.timestamp >> 32n);
    const low = event.timestampLow ?? Number(event.timestamp & 0xffff_ffffn);
    return (high - this.#startHigh) * TWO_TO_32 + (low - this.#startLow);
  }

  #beginSecond(timestamp: bigint): number {
    const epoch = this.epoch(timestamp);
    const since = epoch % BigInt(NS_PER_SECOND);
    const start = timestamp - since;
    this.#startHigh = Number(start >> 32n);
    this.#startLow = Number(start & 0xffff_ffffn);
    this.#second = Number(epoch / BigInt(NS_PER_SECOND));
    this.#secondText = this.#textOf(new Date(this.#second * 1000));
    return Number(since);
  }

  /** Of the last withinSecond(), since the epoch. */
  get second(): number {
    return this.#second;
  }

  /** To the second, cut: 2026-11-29 16:00:46 */
  dateAndTime(timestamp: bigint): string {
    const date = new Date(Number(this.epoch(timestamp) / 1_000_000n));
    return `${dateText(date, this.#zone)} ${timeText(date, this.#zone)}`;
  }

  #textOf(date: Date): string {
    const time = timeText(date, this.#zone);
    return this.#hasDate ? `${dateText(date, this.#zone)} ${time}` : time;
  }

  /** Time of day to the microsecond, cut and not rounded: 16:00:46.147705, or 2026-11-29 16:00:46.147705 */
  timeOfDay(timestamp: bigint): string {
    const microseconds = Math.floor(this.withinSecond({ timestamp }) / 1000);
    return `${this.#secondText}.${String(microseconds).padStart(6, '0')}`;
  }
}

/** As ISO 8601 has it. */
function dateText(date: Date, zone: Zone): string {
  const [year, month, day] =
    zone === 'utc'
      ? [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
      : [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return [String(year).padStart(4, '0'), twoDigits(month), twoDigits(day)].join('-');
}

function timeText(date: Date, zone: Zone): string {
  const parts =
    zone === 'utc'
      ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
      : [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map(twoDigits).join(':');
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}
