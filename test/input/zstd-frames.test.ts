import { describe, expect, test } from '@jest/globals';
import { beginsZstd, MOST_WINDOW, windowOf, ZstdFrames } from '../../src/input/zstd-frames.js';
import {
  blockHeader,
  frameHeader,
  skippableFrame,
  ZSTD_OF_ABC,
  ZSTD_OF_NOTHING,
  zstdFrame,
} from '../helpers/packets/zstd.js';

const NOISE = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 251));
const PIECES = [1, 2, 3, 7, 1 << 16];

/** How long the frames are that it finds, and whether the last one has ended. */
function framesIn(bytes: Uint8Array, piece: number) {
  const frames = new ZstdFrames();
  const lengths = [];
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const taken = frames.take(bytes.subarray(at, at + piece));
    if (taken === 0) throw new Error('it does not go on');
    at += taken;
    length += taken;
    if (frames.hasEnded) {
      lengths.push(length);
      length = 0;
    }
  }
  return { lengths, hasEnded: frames.hasEnded };
}

describe('a frame ends where it ends', () => {
  const last = (length: number, type = 0) => blockHeader(length, type, true);
  test.each<[string, Buffer]>([
    ['of zstd itself, compressed, with a checksum', ZSTD_OF_ABC],
    ['of zstd itself, of nothing', ZSTD_OF_NOTHING],
    ['of many blocks', zstdFrame(NOISE)],
    [
      'of one byte again and again',
      Buffer.concat([frameHeader(0, 0), last(99_999, 1), NOISE.subarray(0, 1)]),
    ],
    ['with a checksum', Buffer.concat([frameHeader(4, 0), last(0), Buffer.alloc(4)])],
    ['with a dictionary of one byte', Buffer.concat([frameHeader(1, 0, 1), last(0)])],
    ['of two', Buffer.concat([frameHeader(2, 0, 1, 2), last(0)])],
    ['of four', Buffer.concat([frameHeader(3, 0, 1, 2, 3, 4), last(0)])],
    ['with its size in one byte', Buffer.concat([frameHeader(0x20, 2), last(2), Buffer.alloc(2)])],
    ['in two', Buffer.concat([frameHeader(0x60, 0, 0), last(0)])],
    ['in four, with a window', Buffer.concat([frameHeader(0x80, 0, 1, 2, 3, 4), last(0)])],
    ['in eight', Buffer.concat([frameHeader(0xe0, 1, 2, 3, 4, 5, 6, 7, 8), last(0)])],
    ['that is skipped', skippableFrame(NOISE)],
    ['that is skipped, of another kind and empty', skippableFrame(Buffer.alloc(0), 15)],
  ])('%s', (_, frame) => {
    for (const piece of PIECES) {
      const both = Buffer.concat([frame, ZSTD_OF_ABC]);
      const lengths = [frame.length, ZSTD_OF_ABC.length];
      expect(framesIn(both, piece)).toEqual({ lengths, hasEnded: true });
    }
    for (let cut = 1; cut < Math.min(frame.length, 40); cut++) {
      const { lengths, hasEnded } = framesIn(frame.subarray(0, frame.length - cut), 1 << 16);
      expect({ lengths, hasEnded }).toEqual({ lengths: [], hasEnded: false });
    }
  });
});

test('what follows and is no frame is not taken for one', () => {
  const frames = new ZstdFrames();
  expect(frames.take(ZSTD_OF_ABC)).toBe(ZSTD_OF_ABC.length);
  expect(() => frames.take(Buffer.from('\0\0\0\0'))).toThrow('something else follows');
});

test.each([
  [ZSTD_OF_ABC, true],
  [skippableFrame(NOISE, 9), true],
  [ZSTD_OF_ABC.subarray(0, 3), false],
  [Buffer.from([0x60, 0x2a, 0x4d, 0x18]), false],
  [Buffer.alloc(0), false],
])('%s begins as zstd: %s', (bytes, isZstd) => {
  expect(beginsZstd(bytes)).toBe(isZstd);
});

describe('how far a frame refers back', () => {
  test.each<[Buffer, number | undefined]>([
    [frameHeader(0, 0x00), 1024],
    [frameHeader(0, 0x01), 1024 + 128],
    [frameHeader(0, 0x88), MOST_WINDOW],
    [frameHeader(0, 0x89), MOST_WINDOW + MOST_WINDOW / 8],
    [frameHeader(3, 0xa8, 1, 2, 3, 4), 2 ** 31],
    [frameHeader(0x20, 200), 200],
    [frameHeader(0x21, 9, 200), 200],
    [frameHeader(0x60, 1, 1), 257 + 256],
    [frameHeader(0xa0, 0, 0, 0, 0x10), 2 ** 28],
    [frameHeader(0xe3, 9, 9, 9, 9, 0, 0, 0, 0, 1, 0, 0, 0), 2 ** 32],
    [frameHeader(0xe3, 9, 9, 9, 9, 0, 0, 0, 0, 1, 0, 0), undefined],
    [frameHeader(0), undefined],
    [skippableFrame(NOISE), undefined],
  ])('%#', (header, window) => {
    expect(windowOf(header)).toBe(window);
  });
});
