import { expect, test } from '@jest/globals';
import { keyIn } from '../../src/anonymization/key.js';

const BYTES = Uint8Array.from({ length: 32 }, (_, at) => at);
const HEX = Buffer.from(BYTES).toString('hex');

test.each([
  ['32 bytes', Buffer.from(BYTES)],
  ['64 digits', Buffer.from(HEX)],
  ['64 digits and a line break', Buffer.from(`${HEX}\n`)],
  ['capitals', Buffer.from(HEX.toUpperCase())],
])('%s are a key', (_, content) => {
  expect(Buffer.from(keyIn(content) ?? []).toString('hex')).toBe(HEX);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['31 bytes', Buffer.from(BYTES.subarray(1))],
  ['33 bytes', Buffer.concat([BYTES, Buffer.from('\n')])],
  ['63 digits', Buffer.from(HEX.slice(1))],
  ['65 digits', Buffer.from(`${HEX}0`)],
  ['other letters', Buffer.from(HEX.replace('f', 'g'))],
])('%s are none', (_, content) => {
  expect(keyIn(content)).toBeUndefined();
});
