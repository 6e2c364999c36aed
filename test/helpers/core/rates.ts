/** The rules of bpf/core/rates.h, written down a second time: which of one direction's candidates are remembered. */
import type { Settings } from '../../../src/sampling/policy.js';

const MULTIPLIER = 0x9e3779b97f4a7c15n;

export class Rates {
  /** When each window opened. */
  readonly windows: bigint[] = [];
  #start = 0n;
  #candidates = 0n;
  #usual = 0n;
  #sampled = false;
  #burst = 0;
  #least = 0n;
  #smoothed = 0n;

  /** @param cookie of the flow */
  constructor(
    readonly settings: Partial<Settings>,
    readonly cookie: bigint,
  ) {}

  /** @returns whether it is remembered; then it is answered after `rtt`, in nanoseconds, before the next */
  offer(now: bigint, rtt: bigint, identifier: number): boolean {
    const isRemembered = this.#claim(now);
    this.#candidates++;
    if (!isRemembered) return false;
    if (this.settings.spread && this.#burst === 1) this.#spread(BigInt(identifier));
    this.#least = this.#least === 0n || rtt < this.#least ? rtt : this.#least;
    this.#smoothed = this.#smoothed === 0n ? rtt : (7n * this.#smoothed + rtt) / 8n;
    return true;
  }

  #claim(now: bigint): boolean {
    const interval = this.#interval();
    if (interval === 0n) {
      this.#start = now;
      return this.#take();
    }
    const isOver = this.#start === 0n || now - this.#start >= interval;
    const isOwed = isOver && this.#start !== 0n && !this.#sampled;
    if (isOver) this.#open(now);
    if (isOwed) return true;
    if (this.#sampled) return this.#isOfBurst(now);
    return this.#candidates >= this.#chosen() && this.#take();
  }

  #open(now: bigint): void {
    const most = 2n * this.#usual + 1n;
    const grown = this.#candidates < most ? this.#candidates : most;
    const before = this.#sampled ? this.#usual / 2n : 0n;
    this.#usual = grown > before ? grown : before;
    this.#start = now;
    this.#candidates = 0n;
    this.#sampled = false;
    this.windows.push(now);
  }

  #take(): true {
    this.#sampled = true;
    this.#burst = 1;
    return true;
  }

  #chosen(): bigint {
    return this.settings.burst ? 0n : (this.#mixed(this.#start) * this.#usual) >> 32n;
  }

  #isOfBurst(now: bigint): boolean {
    const { burst } = this.settings;
    if (!burst || this.#burst >= burst.count || now - this.#start > burst.duration) return false;
    this.#burst++;
    return true;
  }

  #spread(identifier: bigint): void {
    this.#start += (this.#interval() >> 17n) * (this.#mixed(identifier) >> 16n);
    this.#burst = 255;
  }

  #mixed(other: bigint): bigint {
    const once = BigInt.asUintN(64, (this.cookie + other) * MULTIPLIER);
    return BigInt.asUintN(64, (once ^ (once >> 32n)) * MULTIPLIER) >> 32n;
  }

  #interval(): bigint {
    const { rate = 0n, rttRate = 0n, rttType } = this.settings;
    if (rttRate === 0n || this.#least === 0n) return rate;
    return ((rttType === 'min' ? this.#least : this.#smoothed) * rttRate) / 1000n;
  }
}
