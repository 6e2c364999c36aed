/** The handshakes by which those of the core are judged: what a watcher sees of them. */
import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { type Passage, watchHandshake } from '../helpers/handshake/story.js';
import { drawTraits, type Traits } from '../helpers/handshake/traits.js';

const COUNT = 1_000;

function drawn(seed: number, change: Partial<Traits> = {}) {
  const random = new Random(seed);
  const traits = { ...drawTraits(random, seed), ...change };
  return { traits, ...watchHandshake(traits, random) };
}

const SEEDS = Array.from({ length: COUNT }, (_, at) => at);
const NO_FAULTS = { faults: { duplication: 0 } };

function kinds(passages: readonly Passage[]): string[] {
  return passages.map(({ datagram: { says } }) => says.kind);
}

/** From each of the client's to the server's next, whatever it answers. */
function naiveRtts(passages: readonly Passage[]) {
  return passages.flatMap(({ time, datagram: { from } }, at) => {
    const answer = passages.slice(at + 1).find(({ datagram }) => datagram.from === 'server');
    return from === 'client' && answer ? [{ at: time, rtt: answer.time - time }] : [];
  });
}

test('without faults each comes to its end, and nothing is sent twice', () => {
  for (const seed of SEEDS) {
    const { traits, passages } = drawn(seed, NO_FAULTS);
    const said = kinds(passages).filter((kind) => kind !== 'nothing');
    const hellos = Array(traits.helloParts).fill('hello');
    const flight = Array(traits.flightParts).fill('flight');
    // A Retry answers each datagram of the hello.
    const retries = traits.retryId ? [...hellos, ...hellos.map(() => 'retry')] : [];
    const expected = [...retries, ...hellos, ...flight, 'finished', 'done'];
    if (traits.knowsVersion) expect([...said].sort()).toEqual(expected.sort());
    else expect(new Set(said)).toEqual(new Set(['hello', 'negotiation']));
  }
});

test('with faults some is sent again, and who takes the next packet for an answer is deceived', () => {
  const all = SEEDS.map((seed) => drawn(seed));
  const below = all.filter(({ passages, path }) =>
    naiveRtts(passages).some(({ at, rtt }) => rtt < path.leastHalf('server', at)),
  );
  const ended = all.filter(({ passages }) => kinds(passages).includes('done'));
  expect(below.length).toBeGreaterThan(COUNT / 50);
  expect(ended.length).toBeGreaterThan(COUNT / 2);
});
