/** What carries packets one way, from an end to the vantage point or from there on. */
import type { Random } from '../../../lab/random.js';
import { chance } from './draw.js';
import type { StretchTraits } from './traits.js';

const { floor, max } = Math;
/** Between two packets that go one after the other. */
const GAP_NS = 300;
const LEAST_DETOUR_NS = 20_000;

export class Stretch {
  readonly #random: Random;
  readonly #traits: StretchTraits;
  #last = 0;
  #isLosing = false;
  /** All delays are so many times as long. */
  factor = 1;

  constructor(random: Random, traits: StretchTraits) {
    this.#random = random;
    this.#traits = traits;
  }

  /** Hands on when each copy of a packet that is sent now arrives; none where it is lost. */
  carry(now: number, isData: boolean, arrive: (time: number) => void): void {
    if (this.#isLost(isData)) return;
    arrive(this.#arrival(now));
    if (chance(this.#random, this.#traits.duplication)) arrive(this.#arrival(now));
  }

  #isLost(isData: boolean): boolean {
    const { dataLoss, ackLoss, burstLoss } = this.#traits;
    const loss = isData ? dataLoss : ackLoss;
    this.#isLosing = chance(this.#random, this.#isLosing && loss > 0 ? max(loss, burstLoss) : loss);
    return this.#isLosing;
  }

  #arrival(now: number): number {
    const { delay, jitter, reordering } = this.#traits;
    const random = this.#random;
    const direct = now + floor((delay + random.below(jitter + 1)) * this.factor);
    // One that goes by another way is overtaken by those behind it.
    if (chance(random, reordering)) return direct + random.below(LEAST_DETOUR_NS + delay);
    this.#last = max(direct, this.#last + GAP_NS);
    return this.#last;
  }
}
