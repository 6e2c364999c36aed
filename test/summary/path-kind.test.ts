import { describe, expect, test } from '@jest/globals';
import { type KindCounts, pathKindOf } from '../../src/summary/path-kind.js';

function kindOf(counts: KindCounts, medians: KindCounts) {
  return pathKindOf(counts, (kind) => medians[kind]);
}

test.each([
  [0, 0],
  [100, 0],
  [0, 100],
  [19, 19],
])('where there is nothing to choose, of %d and %d, nothing is asked', (kernel, data) => {
  const never = (): number => {
    throw new Error('asked');
  };
  expect(pathKindOf({ kernel, data }, never)).toBe('all');
});

test.each([
  ['a slow application', { kernel: 10, data: 60 }, 'kernel'],
  ['delayed acknowledgements', { kernel: 50, data: 11 }, 'data'],
  ['no difference', { kernel: 10, data: 10 }, 'kernel'],
] as const)('the lower median tells the path: %s', (_, medians, kind) => {
  expect(kindOf({ kernel: 50, data: 50 }, medians)).toBe(kind);
});

describe('if there is enough of it', () => {
  const slow = { kernel: 10, data: 60 };

  test.each([
    [19, 20, 'all'],
    [20, 20, 'kernel'],
    [20, 60, 'kernel'],
    [20, 61, 'all'],
    [300, 901, 'all'],
    [301, 901, 'kernel'],
  ] as const)('%d of a kernel and %d with data', (kernel, data, kind) => {
    expect(kindOf({ kernel, data }, slow)).toBe(kind);
  });

  test('the same for data', () => {
    const delayed = { kernel: 60, data: 10 };
    expect(kindOf({ kernel: 60, data: 20 }, delayed)).toBe('data');
    expect(kindOf({ kernel: 61, data: 20 }, delayed)).toBe('all');
  });
});
