import { expect, test } from '@jest/globals';
import { localSideText } from '../../src/format/local-side.js';
import { parsePrefix } from '../../src/options/prefix.js';

test.each([
  [['10.77.0.1'], '10.77.0.1 is the local side (in all flows)'],
  [['10.77.0.1', 'fd77::1'], '10.77.0.1 and fd77::1 are the local side (in all flows)'],
])('hosts: %s', (prefixes, text) => {
  const side = { prefixes: prefixes.map(parsePrefix), because: 'in all flows' } as const;
  expect(localSideText(side)).toBe(`assuming ${text}; override with --local`);
});

test.each([
  [['10.77.9.9/24'], '10.77.9.0/24 is the local side (it opens all connections)'],
  [
    ['172.31.1.1/12', '2001:db8::1/64'],
    '172.16.0.0/12 and 2001:db8::/64 are the local side (they open all connections)',
  ],
])('networks are shown without the bits of a host: %s', (prefixes, text) => {
  const side = { prefixes: prefixes.map(parsePrefix), because: 'opens all connections' } as const;
  expect(localSideText(side)).toBe(`assuming ${text}; override with --local`);
});

test('no address is told where they are anonymized', () => {
  const prefixes = ['10.77.0.1', 'fd77::/64'].map(parsePrefix);
  const text = localSideText({ prefixes, because: 'opens all connections' }, true);
  expect(text).toBe(
    'assuming an IPv4 host and an IPv6 network are the local side (they open all connections); override with --local',
  );
});
