/** When a path has become longer, or shorter, for good; and what is taken for queues. */
import { expect, test } from '@jest/globals';
import { Route, type RouteStep } from '../../src/summary/route.js';

const MS = 1e6;
const SECOND = 1e9;
const WINDOW = 300 * SECOND;

/** RTTs at even distances for so many seconds. */
interface Stretch {
  readonly seconds: number;
  /** How many seconds lie between two; 0.5 unless it is said. */
  readonly every?: number;
  /** In milliseconds, in turns. */
  readonly rtts: readonly number[];
}

/** What is found out, in milliseconds and seconds: before, after, since when and when it was told. */
function steps(...stretches: readonly Stretch[]): number[][] {
  const route = new Route(WINDOW);
  const told: number[][] = [];
  let now = 1000 * SECOND;
  for (const { seconds, every = 0.5, rtts } of stretches) {
    for (let index = 0; index * every < seconds; index++) {
      const step = route.record((rtts[index % rtts.length] as number) * MS, now);
      if (step) told.push(inWords(step, now));
      now += every * SECOND;
    }
  }
  return told;
}

function inWords({ before, after, since }: RouteStep, now: number): number[] {
  return [before / MS, after / MS, since / SECOND - 1000, now / SECOND - 1000];
}

const NEAR = { seconds: 60, rtts: [10, 10.2, 11] } as const;
const FAR = { seconds: 600, rtts: [60, 60.3, 61] } as const;

/** Of one bulk transfer through a queue of 400 ms: CUBIC (RFC 9438), 20 s from one loss to the next. */
const SAWTOOTH = Array.from({ length: 40 }, (_, step) => 433 * (1 - 0.3 * (1 - step / 40) ** 3));

test('a longer way is told once, a window after the last RTT of the shorter one', () => {
  expect(steps(NEAR, FAR)).toEqual([[10, 60, 60, 360]]);
});

test('a shorter one, too, where the longer was the way for a window', () => {
  expect(steps(FAR, { ...NEAR, seconds: 600 })).toEqual([[60, 10, 600, 900]]);
});

test('there and back are two', () => {
  expect(steps(NEAR, FAR, { ...NEAR, seconds: 400 })).toEqual([
    [10, 60, 60, 360],
    [60, 10, 660, 960],
  ]);
});

test('where there are few RTTs, it takes ten parts of a window that have any', () => {
  expect(steps({ ...NEAR, seconds: 240, every: 60 }, { ...FAR, every: 60, seconds: 900 })).toEqual([
    [10, 60, 240, 840],
  ]);
});

test.each<[string, Stretch[]]>([
  ['what changes by little', [NEAR, { seconds: 900, rtts: [12.9] }]],
  [
    'far away, what changes by a tenth',
    [
      { seconds: 60, rtts: [200] },
      { seconds: 900, rtts: [221] },
    ],
  ],
  ['nine tenths of a window', [NEAR, { ...FAR, seconds: 269 }, { ...NEAR, seconds: 900 }]],
  [
    'one RTT as before in each window',
    Array.from({ length: 5 }, () => [
      { seconds: 0.5, rtts: [10] },
      { ...FAR, seconds: 280 },
    ]).flat(),
  ],
  ['a queue that fills up for a minute', [NEAR, { seconds: 60, rtts: [40, 80, 110] }, NEAR, NEAR]],
  [
    'a queue that never empties for half an hour, and is not always as long',
    [
      NEAR,
      ...[47, 81, 62, 95, 55, 70].map((rtt) => ({ seconds: 30, rtts: [rtt, rtt + 30] })),
    ].concat(
      ...Array(9).fill(
        [47, 81, 62, 95, 55, 70].map((rtt) => ({ seconds: 30, rtts: [rtt, rtt + 30] })),
      ),
    ),
  ],
  ['a long transfer, whose queue is as full each time', [NEAR, { seconds: 3600, rtts: SAWTOOTH }]],
  [
    'a full queue at the start that is gone after two minutes',
    [
      { seconds: 120, rtts: [95, 110] },
      { ...NEAR, seconds: 900 },
    ],
  ],
  [
    'a first RTT below all others',
    [
      { seconds: 0.5, rtts: [10] },
      { seconds: 900, rtts: [50] },
    ],
  ],
  [
    'a few RTTs, each much later',
    [
      { ...NEAR, every: 60 },
      { ...FAR, every: 300, seconds: 2400 },
    ],
  ],
])('no route: %s', (_, stretches) => {
  expect(steps(...stretches)).toEqual([]);
});

test('what the route was after a queue is seen through it', () => {
  const busy = { seconds: 30, rtts: [100, 120] } as const;
  const free = { seconds: 90, rtts: [60, 75] } as const;
  expect(steps(NEAR, free, busy, free, busy, free, free, { ...free, seconds: 300 })).toHaveLength(
    1,
  );
});
