import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/events/types.js';
import {
  areBothThere,
  nextPair,
  type PairCounts,
  Pairing,
  pathKindOf,
} from '../../src/summary/path-kind.js';

const pairs = (counts: Partial<PairCounts>): PairCounts => ({
  alike: 0,
  kernelLater: 0,
  dataLater: 0,
  ...counts,
});
const SLOW = pairs({ alike: 10, dataLater: 30, kernelLater: 5 });
const DELAYED = pairs({ alike: 10, dataLater: 5, kernelLater: 30 });

test.each([
  ['a slow application', SLOW, 'kernel'],
  ['delayed acknowledgements', DELAYED, 'data'],
  ['no difference', pairs({ alike: 40 }), 'all'],
  ['both of them', pairs({ dataLater: 30, kernelLater: 20 }), 'all'],
  [
    'a queue, in which now and then the one after is later',
    pairs({ alike: 30, dataLater: 12 }),
    'all',
  ],
  ['two parts in five are enough', pairs({ alike: 30, dataLater: 20 }), 'kernel'],
  ['few pairs', pairs({ dataLater: 9 }), 'all'],
  ['as many as say something', pairs({ dataLater: 10 }), 'kernel'],
] as const)('the kind that is not late tells the path: %s', (_, counts, kind) => {
  expect(pathKindOf({ kernel: 50, data: 50 }, counts)).toBe(kind);
});

describe('if there is enough of it', () => {
  test.each([
    [19, 20, 'all'],
    [20, 20, 'kernel'],
    [20, 60, 'kernel'],
    [20, 61, 'all'],
    [300, 901, 'all'],
    [301, 901, 'kernel'],
  ] as const)('%d of a kernel and %d with data', (kernel, data, kind) => {
    expect(pathKindOf({ kernel, data }, SLOW)).toBe(kind);
  });

  test('the same for data', () => {
    expect(pathKindOf({ kernel: 60, data: 20 }, DELAYED)).toBe('data');
    expect(pathKindOf({ kernel: 61, data: 20 }, DELAYED)).toBe('all');
  });
});

test.each([
  [0, 0, false],
  [100, 0, false],
  [0, 100, false],
  [991, 9, false],
  [9, 991, false],
  [990, 10, true],
  [1, 1, true],
])('of %d and %d both are there: %s', (kernel, data, areThere) => {
  expect(areBothThere({ kernel, data })).toBe(areThere);
  if (!areThere) expect(pathKindOf({ kernel, data }, SLOW)).toBe('all');
});

describe('pairs', () => {
  function pairsOf(...rtts: readonly (readonly [answer: Answer, rtt: number])[]) {
    const pairing = new Pairing();
    const pairs = rtts.map(([answer, rtt]) => pairing.next(rtt, answer));
    const lasts = new Float64Array(3);
    expect(rtts.map(([answer, rtt]) => nextPair(lasts, 1, rtt, answer))).toEqual(pairs);
    expect([lasts[0], lasts[2]]).toEqual([0, 0]);
    return pairs;
  }

  test('are of neighbours, one of which was answered with data', () => {
    expect(pairsOf(['ack', 10], ['handshake', 50], ['data', 50], ['data', 9], ['ack', 9])).toEqual([
      'none',
      'none',
      'alike',
      'none',
      'alike',
    ]);
  });

  test('say which of the two is later by more than a quarter', () => {
    expect(pairsOf(['ack', 100], ['data', 125], ['ack', 99], ['data', 79])).toEqual([
      ...['none', 'alike', 'dataLater', 'kernelLater'],
    ]);
  });
});
