/** So many RTTs of random pairs, each compared with the truth. */
import { Counts } from './counts.js';
import type { Wishes } from './traits.js';
import { Watch, type Watcher } from './watch.js';
import { WORLD_START_NS, World } from './world.js';

/** Longer than anything is remembered, half-open handshakes and all. */
const BETWEEN_WORLDS_NS = 400_000_000_000;
const PAIR_NUMBERS = 65_536;

export interface TrialOptions {
  /** Of the first world; each has the next one. */
  readonly seed: number;
  readonly rtts: number;
  readonly wishes?: Wishes;
  readonly watch?: Watcher;
  /** Told the seed of each world before its first packet. */
  readonly begin?: (seed: number) => void;
}

export async function tryOut(options: TrialOptions): Promise<Counts> {
  const { seed, rtts, wishes, watch = new Watch(), begin } = options;
  const counts = new Counts(seed);
  let [base, first] = [0, 0];
  for (let number = seed; counts.rtts < rtts; number++) {
    const world = new World(number, first, wishes);
    begin?.(number);
    counts.packets += await show(world, watch, base);
    const seen = watch.take().map((each) => ({ ...each, seen: each.seen - base }));
    counts.take(world, number, seen);
    base += world.now - WORLD_START_NS + BETWEEN_WORLDS_NS;
    // Of the capture's coarsest clock, too.
    base -= base % BETWEEN_WORLDS_NS;
    first = (first + world.pairs.length) % PAIR_NUMBERS;
  }
  return counts;
}

/** @returns how many packets there were */
async function show(world: World, watch: Watcher, base: number): Promise<number> {
  let packets = 0;
  for (let shown = world.next(); shown.length > 0; shown = world.next()) {
    packets += shown.length;
    for (const { pair, passage } of shown) {
      if (watch.add(pair.number, passage.segment, base + passage.seen, passage.place))
        await watch.process();
    }
  }
  await watch.process();
  return packets;
}
