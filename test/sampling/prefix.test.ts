import { describe, expect, test } from '@jest/globals';
import { parsePrefix } from '../../src/options/prefix.js';
import { isWithin, maskByte } from '../../src/sampling/prefix.js';

const address = (text: string) => parsePrefix(text).address;

test('the bytes of a mask', () => {
  expect(Array.from({ length: 5 }, (_, at) => maskByte(20, at))).toEqual([255, 255, 0xf0, 0, 0]);
});

describe('within a prefix', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.2', '10.0.0.1', false],
    ['172.31.255.255', '172.16.0.0/12', true],
    ['172.32.0.0', '172.16.0.0/12', false],
    ['192.0.2.1', '0.0.0.0/0', true],
    ['2001:db8::1', '2001:db8::/64', true],
    ['2001:db8:0:1::1', '2001:db8::/64', false],
    ['2001:db8::1', '::/0', true],
  ])('%s, %s: %s', (text, prefix, is) => {
    expect(isWithin(address(text), parsePrefix(prefix))).toBe(is);
  });
});
