/**
 * Handshakes of QUIC that know the truth (test/helpers/handshake/): no RTT that the core tells is below what the path
 * took. Which are above it, and by how much, is in docs/accuracy.md.
 */
import { expect, test } from '@jest/globals';
import { SECOND, START } from '../../lab/kernel/kernel.js';
import { quicFrame } from '../../lab/kernel/quic-packets.js';
import { newRandom, Random } from '../../lab/random.js';
import type { KernelEvent, RttEvent } from '../../src/events/types.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { Replica } from '../helpers/core/replica.js';
import { type Rival, watchHandshake } from '../helpers/handshake/story.js';
import { drawRivals, drawTraits, type Traits } from '../helpers/handshake/traits.js';

const HANDSHAKES = Number(process.env.PPING_TEST_HANDSHAKES ?? 4_000);
const SEED = process.env.PPING_TEST_HANDSHAKES ? newRandom().seed : 1;
const SETTINGS = { ...DEFAULT_SETTINGS, rate: 0n, timestampTimeout: 60_000_000_000n };
const SERVER = { address: '192.0.2.1', port: 443 };
const HANDSHAKES_A_CORE = 500;
const NO_FAULTS = { duplication: 0 };

type Half = 'client' | 'server';

/** An RTT, and what its half of the path took at least. */
interface Judged {
  readonly half: Half;
  readonly rtt: number;
  readonly least: number;
}

interface Measured {
  readonly traits: Traits;
  readonly rtts: readonly Judged[];
  /** Flows that have ended for another on their ports. */
  readonly others: number;
}

/** Shown one handshake after the other, to a core that is new now and then. */
class Watcher {
  #core = newCore();
  #seen = 0;
  #start = START;

  measure(
    seed: number,
    faults?: Traits['faults'],
    rivalsOf: (random: Random, seed: number) => readonly Rival[] = () => [],
  ): Measured {
    const random = new Random(seed);
    const traits = { ...drawTraits(random, seed), ...(faults ? { faults } : {}) };
    const { passages, path } = watchHandshake(traits, random, rivalsOf(random, seed));
    if (++this.#seen % HANDSHAKES_A_CORE === 0) this.#core = newCore();
    const start = this.#start;
    const client = { address: '198.51.100.1', port: 1_024 + (this.#seen % 60_000) };
    for (const { time, datagram } of passages) {
      const isClients = datagram.from === 'client';
      const frame = isClients
        ? quicFrame(client, SERVER, datagram.packets)
        : quicFrame(SERVER, client, datagram.packets);
      this.#core.show(isClients ? 'egress' : 'ingress', frame, start + BigInt(time));
      this.#start = start + BigInt(time) + SECOND;
    }
    const judge = ({ rtt, timestamp, matchOnEgress }: RttEvent): Judged => {
      const half = matchOnEgress ? 'client' : 'server';
      return { half, rtt, least: path.leastHalf(half, Number(timestamp - start) - rtt) };
    };
    const events = this.#core.events();
    const others = events.filter((event) => event.type === 'flow' && event.change === 'closing');
    return { traits, rtts: events.filter(isRtt).map(judge), others: others.length };
  }
}

function newCore(): Replica {
  const core = new Replica(SETTINGS, 'ethernet', DEFAULT_CAPACITY);
  core.core.filter({ ...NO_FILTER, protocols: ['quic'] });
  return core;
}

function isRtt(event: KernelEvent): event is RttEvent {
  return event.type === 'rtt';
}

const seeds = Array.from({ length: HANDSHAKES }, (_, at) => SEED + at);

test(`${HANDSHAKES} handshakes: no RTT is below the path`, () => {
  const watcher = new Watcher();
  const wrong: unknown[] = [];
  const above = { client: 0, server: 0 };
  const counts = { client: 0, server: 0 };
  for (const seed of seeds) {
    const { traits, rtts } = watcher.measure(seed);
    for (const { half, rtt, least } of rtts) {
      counts[half]++;
      const thinks = half === 'client' ? traits.clientThinks : traits.serverThinks;
      if (rtt < least) wrong.push({ seed, half, rtt, least });
      if (rtt > least + thinks) above[half]++;
    }
  }
  console.log(JSON.stringify({ counts, above }));
  expect(wrong).toEqual([]);
  expect(counts.client).toBeGreaterThan(HANDSHAKES / 2);
  expect(counts.server).toBeGreaterThan(HANDSHAKES / 2);
}, 3_600_000);

test('without faults both ways are there, and above the path by what the ends take alone', () => {
  const watcher = new Watcher();
  const missing: Pick<Measured, 'traits' | 'rtts'>[] = [];
  const wrong: unknown[] = [];
  for (const seed of seeds) {
    const { traits, rtts } = watcher.measure(seed, NO_FAULTS);
    const halves = new Set(rtts.map(({ half }) => half));
    if (!halves.has('server') || (traits.knowsVersion && !halves.has('client'))) {
      missing.push({ traits, rtts });
    }
    for (const { half, rtt, least } of rtts) {
      const most = least + (half === 'client' ? traits.clientThinks : traits.serverThinks);
      if (rtt < least || rtt > most) wrong.push({ seed, half, rtt, least, most });
    }
  }
  console.log(JSON.stringify({ missing: missing.length, wrong: wrong.length }));
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(missing.slice(0, 5)).toEqual([]);
}, 3_600_000);

test('beside others on their ports, of which some are forged: no RTT is below the path', () => {
  const watcher = new Watcher();
  const wrong: unknown[] = [];
  const counts = { client: 0, server: 0, others: 0 };
  for (const seed of seeds) {
    const { rtts, others } = watcher.measure(seed, undefined, drawRivals);
    counts.others += others;
    for (const { half, rtt, least } of rtts) {
      counts[half]++;
      if (rtt < least) wrong.push({ seed, half, rtt, least });
    }
  }
  console.log(JSON.stringify(counts));
  expect(wrong).toEqual([]);
  expect(counts.client).toBeGreaterThan(HANDSHAKES / 3);
  expect(counts.server).toBeGreaterThan(HANDSHAKES / 3);
  expect(counts.others).toBeGreaterThan(HANDSHAKES / 10);
}, 3_600_000);

test('a second one, after the first, has its RTTs, too', () => {
  const watcher = new Watcher();
  const wrong: unknown[] = [];
  for (const seed of seeds) {
    let isInstant = false;
    const second = (random: Random): Rival[] => {
      const traits = { ...drawTraits(random, seed + 8), knowsVersion: true };
      // What tells the server's id is no question then.
      isInstant = traits.isInstant && !traits.retryId;
      return [{ traits, begins: 20e9, isForged: false }];
    };
    const { traits, rtts, others } = watcher.measure(seed, NO_FAULTS, second);
    const count = (of: Half) => rtts.filter(({ half }) => half === of).length;
    const areAllThere = count('server') >= 2 && count('client') >= (isInstant ? 1 : 2);
    const isRight = traits.knowsVersion ? others === 1 && areAllThere : others === 0;
    if (!isRight) wrong.push({ seed, traits, rtts, others });
  }
  expect(wrong.slice(0, 5)).toEqual([]);
}, 3_600_000);
