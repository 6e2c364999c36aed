import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { pieceOf, putNine, putNumber, putPiece, SLACK_BYTES } from '../../src/format/bytes.js';

const START = 5;
const UNTOUCHED = '.';

/** What `put` writes, and that it touches nothing before it and little after it. */
function written(put: (view: DataView, at: number) => number): string {
  const bytes = Buffer.alloc(100, UNTOUCHED);
  const end = put(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), START);
  expect(bytes.toString('latin1', 0, START)).toBe(UNTOUCHED.repeat(START));
  expect(bytes.toString('latin1', end + SLACK_BYTES)).toMatch(/^\.+$/);
  return bytes.toString('latin1', START, end);
}

describe('a number', () => {
  const around = Array.from({ length: 16 }, (_, power) => 10 ** power);
  const edges = [0, 1, 9, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53];
  test.each([...edges, ...around.flatMap((power) => [power - 1, power, power + 1])])(
    '%d',
    (value) => {
      expect(written((view, at) => putNumber(view, at, value))).toBe(String(value));
    },
  );

  test('whatever it is', () => {
    const random = newRandom();
    for (let round = 0; round < 10_000; round++) {
      const value = Math.floor((random.below(2 ** 32) * 2 ** 21) / 2 ** random.below(53));
      const text = written((view, at) => putNumber(view, at, value));
      expect({ seed: random.seed, text }).toEqual({ seed: random.seed, text: String(value) });
    }
  });

  test.each([0, 7, 123_456_789, 999_999_999])('%d with nine digits', (value) => {
    expect(written((view, at) => putNine(view, at, value))).toBe(String(value).padStart(9, '0'));
  });
});

test.each([
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'abcde',
  'abcdefg',
  'abcdefgh',
  'abcdefghi',
  '~'.repeat(17),
  '{"type":"rtt"}\n',
])('the piece %j', (text) => {
  expect(written((view, at) => putPiece(view, at, pieceOf(text)))).toBe(text);
});
