import { expect, test } from '@jest/globals';
import { rateText, rateTexts } from '../../src/format/rate.js';
import { DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';

test.each<[string, Partial<Settings>]>([
  ['at most one sample per flow and direction every 100ms', {}],
  ['every identifier', { rate: 0n }],
  [
    'at most 3 samples (within 4ms) per flow and direction every 100ms',
    { burst: { count: 3, duration: 4_000_000n } },
  ],
  [
    'every identifier until its RTT is known, then every 1.5 x min RTT',
    { rate: 0n, rttRate: 1_500n },
  ],
])('how often is sampled: %s', (text, settings) => {
  expect(rateText({ ...DEFAULT_SETTINGS, ...settings })).toBe(text);
});

test('of DNS alone nothing is held back', () => {
  expect(rateTexts(DEFAULT_SETTINGS, ['dns'])).toEqual([]);
  for (const protocols of [[], ['dns', 'icmp'], ['all']] as const)
    expect(rateTexts(DEFAULT_SETTINGS, protocols)).toEqual([rateText(DEFAULT_SETTINGS)]);
});
