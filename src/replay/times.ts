/** Times of captured packets as numbers, as bpf/replay/input.h has them. */
import { REPLAY_CLOCK } from '../core/layouts.js';
import type { TimeUnits } from './interfaces.js';

const SECOND = 1_000_000_000n;
const LATEST_NS = 1n << BigInt(REPLAY_CLOCK.bits);
const MOST_U64 = 2n ** 64n - 1n;

/** Two words, of which the upper one counts `highWeight` of the lower. */
export type Words = readonly [high: number, low: number];

/** More are no time. */
export function mostTicks({ mostTicks: most = MOST_U64, ...units }: TimeUnits): bigint {
  const { multiplier, divisor, binaryDigits } = units;
  const ticks =
    binaryDigits > 0
      ? (LATEST_NS / SECOND) << BigInt(binaryDigits)
      : (LATEST_NS * divisor) / multiplier;
  return ticks < most ? ticks : most;
}

/** Times of one interface. */
export class Times {
  readonly #highWeight: bigint;
  /** How many nanoseconds a tick has. */
  readonly #multiplier: bigint;
  readonly #divisor: bigint;
  readonly #offset: bigint;
  readonly #most: bigint;
  /** The upper word of more is no time. */
  readonly mostHigh: number;

  constructor(units: TimeUnits) {
    const { highWeight, multiplier, divisor, binaryDigits, offset } = units;
    this.#highWeight = highWeight;
    this.#multiplier = binaryDigits > 0 ? SECOND : multiplier;
    this.#divisor = binaryDigits > 0 ? 1n << BigInt(binaryDigits) : divisor;
    this.#offset = offset * SECOND;
    this.#most = mostTicks(units);
    this.mostHigh = Number(this.#most / highWeight);
  }

  /** Nanoseconds since the epoch; 0n where it is no time. */
  at(high: number, low: number): bigint {
    const ticks = BigInt(high) * this.#highWeight + BigInt(low);
    if (ticks > this.#most) return 0n;
    const ns = (ticks * this.#multiplier) / this.#divisor + this.#offset;
    return ns >= 0n && ns < LATEST_NS ? ns : 0n;
  }

  /** What times before `ns` are below. */
  wordsFor(ns: bigint): Words {
    const since = ns - this.#offset;
    if (since <= 0n) return [0, 0];
    const ticks = (since * this.#divisor + this.#multiplier - 1n) / this.#multiplier;
    return [Number(ticks / this.#highWeight), Number(ticks % this.#highWeight)];
  }
}
