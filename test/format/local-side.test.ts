import { expect, test } from '@jest/globals';
import { localSideText } from '../../src/format/local-side.js';
import { parsePrefix } from '../../src/options/prefix.js';

test.each([
  [['10.77.0.1'], '10.77.0.1 (in all flows)'],
  [['10.77.0.1', 'fd77::1'], '10.77.0.1 and fd77::1 (in all flows)'],
])('hosts: %s', (prefixes, text) => {
  const side = { prefixes: prefixes.map(parsePrefix), because: 'in all flows' } as const;
  expect(localSideText(side)).toBe(`taken as this side: ${text}; --local to say otherwise`);
});

test.each([
  [['10.77.9.9/24'], '10.77.9.0/24 (opens all connections)'],
  [['172.31.1.1/12', '2001:db8::1/64'], '172.16.0.0/12 and 2001:db8::/64 (open all connections)'],
])('networks are shown without the bits of a host: %s', (prefixes, text) => {
  const side = { prefixes: prefixes.map(parsePrefix), because: 'opens all connections' } as const;
  expect(localSideText(side)).toBe(`taken as this side: ${text}; --local to say otherwise`);
});

test('no address is told where they are anonymized', () => {
  const prefixes = ['10.77.0.1', 'fd77::/64'].map(parsePrefix);
  const text = localSideText({ prefixes, because: 'opens all connections' }, true);
  expect(text).toBe(
    'taken as this side: a host of IPv4 and a network of IPv6 (open all connections); --local to say otherwise',
  );
});
