/** Frame by frame, with a decompressor that each Node has. */
import { createGunzip, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { CutShort, Decompressed, type Frames } from '../../src/input/decompressed.js';
import { inputOf, readAll } from '../helpers/packets/inputs.js';

const TEXTS = ['one '.repeat(100_000), '', 'two', 'three '.repeat(50_000)];
const MEMBERS = TEXTS.map((text) => gzipSync(text));

test.each([1, 7, 100, 1 << 20])('all of them, as %d bytes come at a time', async (step) => {
  const { text, failure } = await read(Buffer.concat(MEMBERS), step);
  expect(failure).toBeUndefined();
  expect(text === TEXTS.join('')).toBe(true);
});

test('nothing at all is the end', async () => {
  expect(await read(Buffer.alloc(0), 1)).toEqual({ text: '', failure: undefined });
});

test('cut within one of them: all before it, and that it is cut', async () => {
  const bytes = Buffer.concat(MEMBERS.slice(0, 3));
  const { text, failure } = await read(bytes.subarray(0, bytes.length - 1), 50);
  expect(failure).toBeInstanceOf(CutShort);
  expect(text === TEXTS.join('').slice(0, text.length)).toBe(true);
  expect(text.length).toBeGreaterThanOrEqual(400_000);
});

test('damage in one of them: all before it, and what is wrong', async () => {
  const bytes = Buffer.concat([...MEMBERS.slice(0, 2), Buffer.alloc(50, 7)]);
  const { text, failure } = await read(bytes, 1 << 20);
  expect(text === TEXTS[0]).toBe(true);
  expect(String(failure)).toContain('incorrect header check');
});

/** Ends of frames as they are known here; what follows the last one is one, too. */
class KnownFrames implements Frames {
  #at = 0;
  readonly #ends = MEMBERS.map((_, index) => Buffer.concat(MEMBERS.slice(0, index + 1)).length);

  get hasEnded(): boolean {
    return this.#at === 0 || this.#ends.includes(this.#at);
  }

  take(bytes: Uint8Array): number {
    const end = this.#ends.find((each) => each > this.#at) ?? Number.POSITIVE_INFINITY;
    const length = Math.min(bytes.length, end - this.#at);
    this.#at += length;
    return length;
  }
}

function read(bytes: Buffer, step: number) {
  return readAll(new Decompressed(inputOf(bytes, step), () => createGunzip(), new KnownFrames()));
}
