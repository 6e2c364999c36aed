import { expect, test } from '@jest/globals';
import { conflictIn, DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';

const burst = (duration: bigint) => ({ burst: { count: 3, duration } });

test.each<[string, Partial<Settings>, RegExp | undefined]>([
  ['nothing asked for', {}, undefined],
  ['a burst within the rate', burst(4_000_000n), undefined],
  ['a burst as long as the rate', burst(100_000_000n), undefined],
  ['a burst longer than the rate', burst(100_000_001n), /must not last longer than --rate/],
  ['a burst of every identifier', { ...burst(1n), rate: 0n }, /cannot be used with --rate 0/],
  ['a burst at the pace of the RTT', { ...burst(1n), rate: 0n, rttRate: 1n }, undefined],
])('%s', (_, settings, conflict) => {
  const found = conflictIn({ ...DEFAULT_SETTINGS, ...settings });
  if (conflict) expect(found).toMatch(conflict);
  else expect(found).toBeUndefined();
});
