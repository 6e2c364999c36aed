/** What of a run is of which place. */
import { expect, test } from '@jest/globals';
import { placeRows } from '../../src/report/page/place-rows.js';
import { Scopes } from '../../src/report/page/scope.js';
import type { Mark, RunFacts } from '../../src/report/run-facts.js';

const NOTHING = { rtts: 0, flowEvents: 0, lines: 0 };
const RTTS = Float64Array.of(10, 500, 20, 700, 30, 600);

test('all together, and each place in the order in which they came, of one side', () => {
  const scopes = new Scopes(run());
  expect(placeRows(run().facts, scopes, 0)).toEqual([
    row(undefined, 'all', 9, { least: 10, median: 30, p90: 700 }),
    row(0, 'wan', 4, { least: 500, median: 500, p90: 700 }),
    row(1, 'eth0', 5, { least: 10, median: 20, p90: 30 }),
  ]);
  expect(placeRows(run().facts, scopes, 1)).toEqual([
    row(undefined, 'all', 1, { least: 600, median: 600, p90: 600 }),
    row(0, 'wan', 1, { least: 600, median: 600, p90: 600 }),
    row(1, 'eth0', 0),
  ]);
});

test('the percentiles of a place are those of the RTTs that tell its path; the least is of all', () => {
  const isSlow = (index: number) => index % 2 === 1;
  const COUNT = 160;
  const samples = {
    times: Float64Array.from({ length: COUNT }, (_, index) => index),
    // The second place has an application that is waited for.
    rtts: Float64Array.from({ length: COUNT }, (_, index) =>
      index === 81 ? 7 : index > 80 && isSlow(index) ? 900 : 100,
    ),
    peers: Uint32Array.from({ length: COUNT }, (_, index) => (index < 80 ? 1 : 0)),
    flags: Uint8Array.from({ length: COUNT }, (_, index) => (isSlow(index) ? 8 : 0)),
  };
  const { facts } = run();
  const [, wan, eth0] = placeRows(facts, new Scopes({ facts, samples }), 0);
  expect(wan?.rtts).toEqual({ kind: 'kernel', least: 7, median: 100, p90: 100 });
  expect(eth0?.rtts).toEqual({ kind: 'all', least: 100, median: 100, p90: 100 });
});

test('a place has its own samples, and marks that may be its own', () => {
  const scopes = new Scopes(run());
  const all = scopes.of(undefined);
  expect(all.samples.rtts).toBe(run().samples.rtts);
  expect(all.marks.map(({ text }) => text)).toEqual(['wan: moved', 'lost', 'a eth0: changed']);
  const wan = scopes.of(0);
  expect([...wan.samples.rtts]).toEqual([500, 700, 600]);
  expect([...wan.samples.times]).toEqual([1, 3, 5]);
  expect(wan).toMatchObject({ counts: [4, 1, 0], flows: [2, 1, 0], lost: { rtts: 3 } });
  expect(wan.marks.map(({ text }) => text)).toEqual(['moved', 'lost']);
  expect(scopes.of(1).marks.map(({ text }) => text)).toEqual(['lost']);
});

test('where there is but one place, marks do not name it', () => {
  const { facts, samples } = run();
  const [place] = facts.places;
  const scopes = new Scopes({ samples, facts: { ...facts, places: place ? [place] : [] } });
  expect(scopes.areSeveral).toBe(false);
  expect(scopes.of(undefined).marks.map(({ text }) => text)).toEqual(['moved', 'lost', 'changed']);
});

function run() {
  const samples = {
    times: Float64Array.of(0, 1, 2, 3, 4, 5),
    rtts: RTTS,
    peers: Uint32Array.of(1, 0, 1, 0, 2, 0),
    flags: Uint8Array.of(0, 0, 0, 0, 0, 1),
  };
  const mark = (text: string, seenAt?: Mark['seenAt']): Mark => ({
    kind: 'loss',
    time: 0,
    text,
    ...(seenAt ? { seenAt } : {}),
  });
  const facts: RunFacts = {
    kind: 'rtts',
    sources: [],
    protocols: ['TCP'],
    places: [
      { interface: 'wan', samples: [4, 1, 0], flows: [2, 1, 0], lost: { ...NOTHING, rtts: 3 } },
      { interface: 'eth0', samples: [5, 0, 0], flows: [2, 0, 0], lost: NOTHING },
    ],
    from: 0,
    to: 5,
    rtts: RTTS.length,
    samples: [9, 1, 0],
    flows: [4, 1, 0],
    peers: [0, 1, 1].map((place, index) => ({
      address: `10.0.0.${index}`,
      place,
      samples: [3, 0, 0],
      flows: [1, 0, 0],
    })),
    marks: [
      mark('moved', { interface: 'wan' }),
      mark('lost'),
      mark('changed', { interface: 'eth0', capture: 'a' }),
    ],
    lost: NOTHING,
    skippedLines: 0,
    damage: [],
    remarks: [],
    resolvers: [],
  };
  return { facts, samples };
}

function row(place: number | undefined, name: string, samples: number, rtts?: object) {
  return { place, name, samples, rtts: rtts && { kind: 'all', ...rtts } };
}
