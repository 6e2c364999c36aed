/** As bytes an address is what it is as text. */
import { describe, expect, test } from '@jest/globals';
import { newRandom, type Random } from '../../lab/random.js';
import { putAddress } from '../../src/format/address.js';
import { SLACK_BYTES } from '../../src/format/bytes.js';
import { addressText } from '../../src/text/address.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';

const START = 5;
const UNTOUCHED = '.';
const ROUNDS = 10_000;

/** What is written, and nothing is touched before it and little after it. */
function written(address: Uint8Array, ipVersion: 4 | 6): string {
  const bytes = Buffer.alloc(100, UNTOUCHED);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = putAddress(view, START, address, ipVersion);
  expect(bytes.toString('latin1', 0, START)).toBe(UNTOUCHED.repeat(START));
  expect(bytes.toString('latin1', end + SLACK_BYTES)).toMatch(/^\.+$/);
  return bytes.toString('latin1', START, end);
}

describe('IPv4', () => {
  test.each(['0.0.0.0', '1.23.200.4', '9.10.99.100', '255.255.255.255'])('%s', (text) => {
    expect(written(ipv4(text), 4)).toBe(text);
  });

  test('any octet', () => {
    for (let octet = 0; octet < 256; octet++) {
      const text = [octet, 255 - octet, octet, octet].join('.');
      expect(written(ipv4(text), 4)).toBe(text);
    }
  });
});

describe('IPv6', () => {
  test.each([
    ['2001:db8::1', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]],
    ['2001:db8:0:1:1:1:1:1', [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1]],
    ['2001:db8::1:0:0:1', [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1]],
    ['0:0:1:1:1::', [0, 0, 1, 1, 1, 0, 0, 0]],
    ['::ffff:c000:201', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201]],
    ['fe80::', [0xfe80, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['abcd:f01:e2:3::', [0xabcd, 0xf01, 0xe2, 3, 0, 0, 0, 0]],
  ])('%s', (text, groups) => {
    expect(written(ipv6(...groups), 6)).toBe(text);
  });

  test('whatever it is', () => {
    const random = newRandom();
    for (let round = 0; round < ROUNDS; round++) {
      const address = ipv6(...Array.from({ length: 8 }, () => groupOf(random)));
      const text = written(address, 6);
      expect({ seed: random.seed, text }).toEqual({
        seed: random.seed,
        text: addressText(address, 6),
      });
    }
  });
});

/** Of any number of digits, and 0 as often as not. */
function groupOf(random: Random): number {
  return random.below(2) === 0 ? 0 : random.below(0x1_0000) >> (4 * random.below(4));
}
