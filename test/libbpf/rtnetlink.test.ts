import { expect, test } from '@jest/globals';
import { attributes, dumpWhole, listed, textOf } from '../../src/libbpf/rtnetlink.js';

const DONE = 3;
const ERROR = 2;
const ANSWER = 16;
const INTERRUPTED = 0x10;
const EINTR = 4;

/** A message of one number (struct nlmsghdr, then 4 bytes). */
function message(number: number, type = ANSWER, flags = 0): DataView {
  const view = new DataView(new ArrayBuffer(20));
  view.setUint32(0, 20, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setInt32(16, number, true);
  return view;
}

/** What comes of dumps, one after the other, the last again and again; and how many were asked for. */
function whole(...dumps: DataView[][]) {
  let asked = 0;
  const once = () => dumps[Math.min(asked++, dumps.length - 1)] ?? [];
  const answers = dumpWhole('ask', { type: ANSWER, body: Buffer.alloc(0) }, once);
  return { numbers: answers.map((answer) => answer.getInt32(0, true)), asked };
}

const done = (status = 0, flags = 0) => message(status, DONE, flags);

test('a whole dump is asked for once', () => {
  expect(whole([message(1), message(2), done()])).toEqual({ numbers: [1, 2], asked: 1 });
  expect(whole([done()])).toEqual({ numbers: [], asked: 1 });
});

test('again, where something changed meanwhile', () => {
  const changed = [message(1), message(2, ANSWER, INTERRUPTED), done()];
  const changedAtLast = [message(3), done(0, INTERRUPTED)];
  const calm = [message(4), done()];
  expect(whole(changed, changedAtLast, calm)).toEqual({ numbers: [4], asked: 3 });
});

test('but not for ever', () => {
  const changed = [message(1), done(0, INTERRUPTED)];
  expect(whole(changed)).toEqual({ numbers: [1], asked: 4 });
});

test('a dump that ends before its end is an error', () => {
  expect(() => whole([message(1), done(-EINTR)])).toThrow('cannot ask: ');
  expect(() => whole([message(1), message(-EINTR, ERROR)])).toThrow(/EINTR/);
  expect(() => whole([])).toThrow(/ENODATA/);
});

/** struct nlattr, and text that ends with 0. */
function attribute(type: number, text: string): Buffer {
  const value = Buffer.from(`${text}\0`);
  const bytes = Buffer.alloc(4 + ((value.length + 3) & ~3));
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

test('attributes: all, some, and one that comes again', () => {
  const bytes = Uint8Array.from(
    Buffer.concat([attribute(3, 'a'), attribute(5, 'bcd'), attribute(5, ''), attribute(7, 'e')]),
  );
  const view = new DataView(bytes.buffer);
  const texts = (wanted?: ReadonlySet<number>) =>
    Array.from(attributes(view, 0, wanted), ([type, value]) => [type, textOf(value)]);
  expect(texts()).toEqual([
    [3, 'a'],
    [5, ''],
    [7, 'e'],
  ]);
  expect(texts(new Set([7, 8]))).toEqual([[7, 'e']]);
  expect(listed(view, 5).map(textOf)).toEqual(['bcd', '']);
  expect(listed(undefined, 5)).toEqual([]);
});

test.each([1, 2, 3, 5, 7])('attributes cut off after %d bytes are left out', (length) => {
  const { buffer } = Uint8Array.from(attribute(3, 'abc'));
  expect(attributes(new DataView(buffer, 0, length)).size).toBe(0);
});
