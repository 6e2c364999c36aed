/**
 * Mutated packets through the core as WebAssembly, with maps that are too small. make fuzz shows it far
 * more of them; those that are hostile on purpose are beside this.
 */
import { expect, test } from '@jest/globals';
import { newRandom, type Random } from '../../lab/random.js';
import { type CounterName, FATES, packetsIn } from '../../src/core/counters.js';
import { HOOK } from '../../src/core/layouts.js';
import { decode } from '../../src/events/decode.js';
import { CORE_CLOCK_OFFSET, type ReplayCore } from '../../src/replay/core.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { Fuzzed } from '../helpers/core/fuzzed.js';
import { LINK_LAYERS } from '../helpers/core/reading.js';
import { Mutations } from '../helpers/packets/mutations.js';
import { ENOUGH_TO_PROVE, spinningFrame } from '../helpers/packets/spinning.js';

// In jest's sandbox a global costs a microsecond each time.
const { max } = Math;

const PACKETS = Number(process.env.PPING_TEST_PACKETS ?? 500_000);
/** Small enough to be full at times. */
const CAPACITY = { flows: 4_000, timestamps: 20 };
const SETTINGS = { ...DEFAULT_SETTINGS, rate: 0n, flowTimeout: 20_000_000_000n };
const LONGEST_GAP_NS = 200_000;
const SWEEP_NS = 1_000_000_000;
/** Nothing is remembered for longer. */
const MEMORY_NS = 30 * SWEEP_NS;

/** Of the connections that are changed, one has this port. */
const FILTER: Filter = {
  ...NO_FILTER,
  protocols: ['all'],
  exclude: { prefixes: [], portRanges: [{ first: 40_001, last: 40_001 }] },
};

/** The times of packets, for as long as the core may remember them. */
class Times {
  #recent = new Set<number>();
  #before = new Set<number>();
  #since = 0;

  add(time: number): void {
    if (time - this.#since > MEMORY_NS) {
      this.#before = this.#recent;
      this.#recent = new Set();
      this.#since = time;
    }
    this.#recent.add(time);
  }

  has(time: number): boolean {
    return this.#recent.has(time) || this.#before.has(time);
  }
}

/** @returns how many RTTs there were */
function checkEvents(core: ReplayCore, times: Times, seed: number): number {
  let rtts = 0;
  core.drain((bytes, offset, length) => {
    const event = decode(bytes, offset, length);
    if (event.type !== 'rtt') return;
    rtts++;
    const answered = Number(event.timestamp + CORE_CLOCK_OFFSET);
    const isDifference = times.has(answered) && times.has(answered - event.rtt);
    if (!isDifference || event.rtt <= 0) throw new Error(`seed ${seed}: an RTT of ${event.rtt} ns`);
  });
  return rtts;
}

/** Mostly all of it, and what its headers say. */
function wireLength(random: Random, captured: number): number {
  return random.below(4) === 0 ? captured + random.below(2_000) : captured;
}

test(`${PACKETS} mutated packets: no trap, and every RTT is the time between two packets`, async () => {
  const random = newRandom();
  const { seed } = random;
  const [fuzzed, mutations, times] = [
    new Fuzzed(SETTINGS, CAPACITY),
    new Mutations(random),
    new Times(),
  ];
  const { core } = fuzzed;
  core.filter(FILTER);
  let [time, swept, rtts] = [1, 0, 0];
  for (let n = 0; n < ENOUGH_TO_PROVE; n++) {
    const bytes = spinningFrame(n);
    time += LONGEST_GAP_NS;
    times.add(time);
    fuzzed.show(bytes, { time, link: 0, hook: HOOK.unknown, wire: bytes.length });
    rtts += checkEvents(core, times, seed);
  }
  for (let packet = 0; packet < PACKETS; packet++) {
    time += random.below(LONGEST_GAP_NS);
    // A little out of order, sometimes.
    const at = random.below(50) === 0 ? max(1, time - random.below(LONGEST_GAP_NS)) : time;
    const bytes = mutations.next();
    const link = random.below(5) > 0 ? 0 : random.below(LINK_LAYERS.length);
    times.add(at);
    const hook = random.below(2) === 0 ? HOOK.unknown : random.below(2);
    fuzzed.show(bytes, { time: at, link, hook, wire: wireLength(random, bytes.length) });
    rtts += checkEvents(core, times, seed);
    if (time - swept < SWEEP_NS) continue;
    swept = time;
    const now = BigInt(time) - CORE_CLOCK_OFFSET;
    await core.sweep({ now, flush: false }, () => void checkEvents(core, times, seed));
  }
  const counters = core.counters();
  console.log(`seed ${seed}: ${JSON.stringify({ ...counters, rtts })}`);
  const fates = FATES.reduce((sum, name) => sum + counters[name], 0);
  expect({ seed, packets: packetsIn(counters), fates }).toEqual({
    seed,
    packets: ENOUGH_TO_PROVE + PACKETS,
    fates: ENOUGH_TO_PROVE + PACKETS,
  });
  // Or nothing was put to the test.
  const notMeant: readonly CounterName[] = ['rateLimited', 'local', 'flowMapFull'];
  const seen = FATES.filter((name) => counters[name] > 0 || notMeant.includes(name));
  expect({ seed, seen }).toEqual({ seed, seen: FATES });
  expect(rtts).toBeGreaterThan(PACKETS / 1_000);
}, 7_200_000);
