import { describe, expect, test } from '@jest/globals';
import { newRandom, type Random } from '../../lab/random.js';
import { addressText, endpointText } from '../../src/text/address.js';
import { DOCUMENTATION_A, ipv4, ipv6 } from '../helpers/events/events.js';

describe('IPv4', () => {
  test.each(['0.0.0.0', '1.2.3.4', '192.0.2.10', '255.255.255.255'])('%s is dotted', (text) => {
    expect(addressText(ipv4(text), 4)).toBe(text);
  });

  test('an endpoint is address:port', () => {
    expect(endpointText(ipv4('192.0.2.1'), 65_535, 4)).toBe('192.0.2.1:65535');
  });
});

describe('IPv6, as RFC 5952 wants it', () => {
  test.each([
    [
      'leading zeros are left out (4.1)',
      [0x2001, 0xdb8, 1, 2, 3, 4, 0x0a, 1],
      '2001:db8:1:2:3:4:a:1',
    ],
    [
      'a run of zeros is shortened as far as it goes (4.2.1)',
      [0x2001, 0xdb8, 0, 0, 0, 0, 2, 1],
      '2001:db8::2:1',
    ],
    [
      'a single zero is not shortened (4.2.2)',
      [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1],
      '2001:db8:0:1:1:1:1:1',
    ],
    ['the longest run is shortened (4.2.3)', [0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
    [
      'of equal runs the first is shortened (4.2.3)',
      [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1],
      '2001:db8::1:0:0:1',
    ],
    [
      'letters are small (4.3)',
      [0xabcd, 0xef01, 1, 1, 1, 1, 1, 0xffff],
      'abcd:ef01:1:1:1:1:1:ffff',
    ],
    ['a run may be at the start', [0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    ['a run may be at the end', [0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
    ['a run may be all', [0, 0, 0, 0, 0, 0, 0, 0], '::'],
    ['a run at the end may be the longest', [0, 0, 1, 1, 1, 0, 0, 0], '0:0:1:1:1::'],
    [
      'a mapped address on the wire is not IPv4',
      [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201],
      '::ffff:c000:201',
    ],
  ])('%s', (_, groups, text) => {
    expect(addressText(ipv6(...groups), 6)).toBe(text);
  });

  test('an endpoint is in brackets', () => {
    expect(endpointText(DOCUMENTATION_A, 1, 6)).toBe('[2001:db8::1]:1');
  });

  test('an address that lies within a larger buffer is read where it lies', () => {
    const around = new Uint8Array(40).fill(0xff);
    around.set(DOCUMENTATION_A, 13);
    expect(addressText(around.subarray(13, 29), 6)).toBe('2001:db8::1');
  });

  test('random addresses are written as Node writes them', () => {
    const random = newRandom();
    for (let round = 0; round < 1_001; round++) {
      const groups = randomGroups(random);
      const full = groups.map((group) => group.toString(16)).join(':');
      const node = new URL(`http://[${full}]/`).hostname.slice(1, -1);
      const seen = { seed: random.seed, full, text: addressText(ipv6(...groups), 6) };
      expect(seen).toEqual({ seed: random.seed, full, text: node });
    }
  });
});

/** Half of the groups are zero, so that runs of all lengths are met. */
function randomGroups(random: Random): number[] {
  return Array.from({ length: 8 }, () =>
    random.below(2) === 0 ? 0 : random.below(0x1_0000) >> random.below(16),
  );
}
