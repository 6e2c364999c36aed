import { expect, test } from '@jest/globals';
import { progressText } from '../../src/format/progress.js';

test('of a file: how much of it, how fast, how long to go', () => {
  const progress = { position: 540e6, size: 1.2e9, packets: 4_800_000, elapsedMs: 1_000 };
  expect(progressText(progress)).toBe('45 % of 1.2 GB, 4.8 M packets/s, about 2 s left');
});

test('what takes long is told in minutes', () => {
  const progress = { position: 1e6, size: 1e9, packets: 10_000, elapsedMs: 1_000 };
  expect(progressText(progress)).toBe('0 % of 1.0 GB, 0.0 M packets/s, about 17 min left');
});

test('of a stream: how much has come', () => {
  const progress = { position: 1_500, size: undefined, packets: 100_000, elapsedMs: 500 };
  expect(progressText(progress)).toBe('1.5 kB, 0.2 M packets/s');
});

test('at its end nothing is left, and never more than all of it is read', () => {
  const progress = { position: 11, size: 10, packets: 1_000_000, elapsedMs: 1_000 };
  expect(progressText(progress)).toBe('100 % of 10 B, 1.0 M packets/s, about 0 s left');
});
