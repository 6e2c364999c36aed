/** gzip, member by member: whatever comes behind a member, what is in it is there. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { crc32, crc32ByTable } from '../../src/input/crc32.js';
import { CutShort } from '../../src/input/decompressed.js';
import { Gunzipped } from '../../src/input/gunzipped.js';
import { inputOf, readAll } from '../helpers/packets/inputs.js';

const TEXTS = ['one '.repeat(100_000), '', 'two', noise(200_000)];
const ALL = TEXTS.join('');
const MEMBERS = TEXTS.map((text) => gzipSync(Buffer.from(text, 'latin1')));
const WHOLE = Buffer.concat(MEMBERS);
/** FHCRC, FEXTRA, FNAME and FCOMMENT. */
const ALL_FLAGS = 0x1e;

const read = (bytes: Buffer, step = 1 << 20) => readAll(new Gunzipped(inputOf(bytes, step)));

test.each([1, 7, 100, 1 << 16, 1 << 20])(
  'all members, as %d bytes come at a time',
  async (step) => {
    const { text, failure } = await read(WHOLE, step);
    expect(failure).toBeUndefined();
    expect(text === ALL).toBe(true);
  },
);

describe('behind the last member', () => {
  test.each(['garbage here', '\x1f', '\x1fx', 'x'.repeat(200_000)])('%p', async (garbage) => {
    for (const step of [1, 1 << 20]) {
      const { text, failure } = await read(
        Buffer.concat([WHOLE, Buffer.from(garbage, 'latin1')]),
        step,
      );
      expect(String(failure)).toBe(
        garbage === '\x1f'
          ? 'Error: its compressed data ends too early'
          : 'Error: something else follows its compressed data',
      );
      expect(text === ALL).toBe(true);
    }
  });

  test('zeros are nothing', async () => {
    const { text, failure } = await read(Buffer.concat([WHOLE, Buffer.alloc(100_000)]));
    expect([failure, text === ALL]).toEqual([undefined, true]);
  });
});

test('cut anywhere, all that can be had, and that it is cut', async () => {
  const small = Buffer.concat([gzipSync('first'), gzipSync('second')]);
  const first = gzipSync('first').length;
  for (let length = 1; length < small.length; length++) {
    const { text, failure } = await read(small.subarray(0, length));
    if (length === first) expect([text, failure]).toEqual(['first', undefined]);
    else expect([length, failure instanceof CutShort]).toEqual([length, true]);
    if (length > first) expect(text.startsWith('first')).toBe(true);
    if (failure) expect(failure).toMatchObject({ message: 'its compressed data ends too early' });
    // Behind the data come eight bytes to check it by.
    if (length >= small.length - 8) expect(text).toBe('firstsecond');
  }
});

describe('the header', () => {
  const body = deflateRawSync('text');
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sumOf(Buffer.from('text')), 0);
  trailer.writeUInt32LE(4, 4);
  const fields = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, ALL_FLAGS, 0, 0, 0, 0, 0, 3]),
    Buffer.from([3, 0, 1, 0, 2]),
    Buffer.from('a name\0and a comment\0'),
  ]);
  const checked = (header: Buffer) => {
    const check = Buffer.alloc(2);
    check.writeUInt16LE(sumOf(header) & 0xffff);
    return Buffer.concat([header, check]);
  };

  test.each([1, 1 << 20])(
    'with all that may be in it, as %d bytes come at a time',
    async (step) => {
      const bytes = Buffer.concat([checked(fields), body, trailer]);
      expect(await read(bytes, step)).toEqual({ text: 'text', failure: undefined });
      for (let length = 1; length < checked(fields).length; length++) {
        expect((await read(bytes.subarray(0, length), step)).failure).toBeInstanceOf(CutShort);
      }
    },
  );

  test.each<[string, Buffer]>([
    ['header crc mismatch', Buffer.concat([fields, Buffer.from([1, 2])])],
    ['unknown compression method', Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3])],
    ['unknown header flags set', Buffer.from([0x1f, 0x8b, 8, 0x20, 0, 0, 0, 0, 0, 3])],
    [
      'a header that is too long',
      Buffer.concat([
        Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
        Buffer.alloc(2 << 20, 'x'),
      ]),
    ],
  ])('that is wrong: %s', async (what, header) => {
    const bytes = Buffer.concat([MEMBERS[2] as Buffer, header, body, trailer]);
    expect(await read(bytes)).toEqual({ text: 'two', failure: new Error(what) });
  });
});

test.each([
  ['incorrect data check', 8],
  ['incorrect length check', 4],
])('%s: all of it, and that it is wrong', async (what, back) => {
  const bytes = Buffer.from(WHOLE);
  const at = bytes.length - back;
  bytes[at] = (bytes[at] as number) ^ 1;
  const { text, failure } = await read(bytes);
  expect([text === ALL, failure]).toEqual([true, new Error(what)]);
});

test('damage within a member: the members before it, and what is wrong', async () => {
  const bytes = Buffer.concat([MEMBERS[0] as Buffer, MEMBERS[3] as Buffer]);
  bytes.fill(0xff, bytes.length - 10_000, bytes.length - 9_000);
  const { text, failure } = await read(bytes);
  expect(failure).toBeInstanceOf(Error);
  expect(text.startsWith(TEXTS[0] as string)).toBe(true);
});

test('the check is the same where Node has none', () => {
  for (const data of ['', 'a', '123456789', noise(1_000)].map((text) =>
    Buffer.from(text, 'latin1'),
  )) {
    const half = data.length >> 1;
    expect(crc32ByTable(data, 0)).toBe(sumOf(data));
    const parts = [data.subarray(0, half), data.subarray(half)];
    expect(parts.reduce((sum, part) => crc32ByTable(part, sum), 0)).toBe(sumOf(data));
    expect(parts.reduce((sum, part) => crc32(part, sum), 0)).toBe(sumOf(data));
  }
});

/** As gzip has it. */
function sumOf(data: Buffer): number {
  const member = gzipSync(data);
  return member.readUInt32LE(member.length - 8);
}

/** That cannot be compressed much, and is the same each time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return String.fromCharCode((state >> 16) & 0xff);
  }).join('');
}

test('what has failed fails so again, however often it is asked whether it is ready', async () => {
  for (let missing = 1; missing <= 8; missing++) {
    const whole = gzipSync('text');
    const input = new Gunzipped(inputOf(whole.subarray(0, whole.length - missing), 1 << 20));
    const buffer = Buffer.alloc(100);
    await input.ready();
    expect(input.take(buffer)).toBe(4);
    for (let times = 0; times < 3; times++) await input.ready();
    expect(() => input.take(buffer)).toThrow(CutShort);
  }
});
