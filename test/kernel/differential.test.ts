/**
 * The same packets through the BPF programs and through WebAssembly: generated sequences, on top
 * of the exact tests beside this one, which all run on both (test/helpers/core/targets.ts).
 */
import { expect, test } from '@jest/globals';
import { dns } from '../../lab/kernel/dns-packets.js';
import { MILLISECOND, MINUTE, SECOND, START } from '../../lab/kernel/kernel.js';
import { newRandom, Random } from '../../lab/random.js';
import { type CounterName, FATES } from '../../src/core/counters.js';
import { messageOf } from '../../src/faults.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';
import { echo } from '../helpers/packets/echoes.js';
import { quicTalk } from '../helpers/packets/quic-talk.js';
import { ENOUGH_TO_PROVE, spinningFrame } from '../helpers/packets/spinning.js';
import { Traffic } from '../helpers/packets/traffic.js';

/** make fuzz asks for more. */
const SEQUENCES = Number(process.env.PPING_TEST_SEQUENCES ?? 250);
const PACKETS = 100;
/** Loading the programs takes longer than a sequence. */
const SEQUENCES_A_LOAD = Math.min(25, Math.ceil(SEQUENCES / 3));
/** Few flows leave a small timestamp map little to do: it is full where they have room. */
const SIZES: Record<string, number>[] = [{}, { flows: 2, timestamps: 3 }, { timestamps: 1 }];
/** Some traffic has these ports. */
const FILTERS: Filter[] = [{ ...NO_FILTER, protocols: ['all'] }, NO_FILTER, excluding(40_001)];
/** Beside one packet of TCP in so many there is one of each of these, or two. */
const RARE = 10;
const OTHERS = [echo, dns, quicTalk, quicTalk];
/** In one sequence of so many a connection of QUIC spins. */
const SPINNING = 3;
const HOUR = 60n * MINUTE;

function excluding(port: number): Filter {
  return { ...NO_FILTER, exclude: { prefixes: [], portRanges: [{ first: port, last: port }] } };
}

function randomSettings(random: Random): Partial<Settings> {
  const pick = <Value>(...values: Value[]) => values[random.below(values.length)] as Value;
  const rttRate = pick(0n, 0n, 500n, 3_000n);
  return {
    rate: pick(0n, 0n, MILLISECOND, 100n * MILLISECOND),
    rttRate,
    rttType: pick('min', 'smoothed'),
    burst: pick(undefined, { count: 3, duration: MILLISECOND / 2n }),
    reportInterval: pick(0n, 0n, 10n * MILLISECOND, SECOND),
    flowTimeout: pick(300n, 10n, 1n) * SECOND,
    timestampTimeout: pick(10n, 1n) * SECOND,
    handshake: pick(true, true, false),
    sequence: pick(true, true, true, false),
    includeLocal: pick(true, false),
    spread: pick(false, false, true),
  };
}

/** A sequence; then all of it is forgotten, but for cookies and half-open handshakes. */
async function runSequence(targets: Targets, seed: number): Promise<void> {
  const random = new Random(seed);
  const traffic = new Traffic(random);
  targets.set(randomSettings(random));
  let time = targets.now - START;
  if (seed % SPINNING === 0) time = spin(targets, time);
  for (let packet = 0; packet < PACKETS; packet++) {
    const { hook, frame, gap, segments } = traffic.next();
    time += gap;
    const kind = random.below(RARE);
    const other = OTHERS[kind]?.(random);
    if (other) targets.at(time).show(hook, other);
    if (other && random.below(2) === 0) targets.at(time).show(hook, other);
    targets.at(time).show(hook, frame, segments);
    if (random.below(15) === 0) await targets.sweep(random.below(10) === 0);
    if (random.below(50) === 0) targets.set(randomSettings(random));
  }
  await targets.sweep(true);
  await targets.at(time + HOUR).sweep();
  targets.events();
}

/** @returns when its last packet passed */
function spin(targets: Targets, start: bigint): bigint {
  let time = start;
  for (let n = 0; n < ENOUGH_TO_PROVE; n++) {
    time += MILLISECOND;
    targets.at(time).show('egress', spinningFrame(n));
  }
  return time;
}

/** What it finds on closing would be told in the place of what was found first. */
function closeWhatDisagrees(targets: Targets): void {
  try {
    targets.close();
  } catch {
    // They disagree: that is known.
  }
}

test(`${SEQUENCES} sequences of ${PACKETS} packets give the same events`, async () => {
  const { seed } = newRandom();
  const seen = new Map<CounterName, number>();
  for (let first = 0; first < SEQUENCES; first += SEQUENCES_A_LOAD) {
    const load = first / SEQUENCES_A_LOAD;
    const filter = FILTERS[load % FILTERS.length];
    const targets = new Targets({}, 'ethernet', SIZES[load % SIZES.length], filter);
    let sequence = first;
    try {
      for (; sequence < Math.min(SEQUENCES, first + SEQUENCES_A_LOAD); sequence++) {
        await runSequence(targets, seed + sequence);
      }
      for (const [name, number] of Object.entries(targets.counters()) as [CounterName, number][]) {
        seen.set(name, (seen.get(name) ?? 0) + number);
      }
    } catch (error) {
      const after = `${sequence - first} of ${seed + first}`;
      closeWhatDisagrees(targets);
      throw new Error(`seed ${seed + sequence}, after ${after}: ${messageOf(error)}`);
    } finally {
      targets.close();
    }
  }
  console.log(`seed ${seed}: ${JSON.stringify(Object.fromEntries(seen))}`);
  // Or nothing was put to the test.
  const rare = new Set<string>([
    'truncated',
    'alreadyAcknowledged',
    'answerPending',
    // Of hundreds some; a guest has time for few.
    ...(SEQUENCES < 100 ? ['timestampMapFull', 'local'] : []),
    'implausibleTsval',
    'outOfWindow',
  ]);
  const wanted = [...FATES, 'matched', 'handshakeMatched', 'noMatch'] as const;
  expect(wanted.filter((name) => !rare.has(name) && seen.get(name) === 0)).toEqual([]);
}, 600_000);
