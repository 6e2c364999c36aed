import { expect, test } from '@jest/globals';
import { Chunk } from '../../src/format/chunk.js';

const LONGEST_LINE = 1024;

test('lines are handed over together, in order, and counted', () => {
  const chunk = new Chunk();
  for (const line of ['one\n', 'two\n', 'three\n']) chunk.append(line);
  expect(chunk.length).toBe(14);
  const { bytes, lines } = chunk.take();
  expect({ text: bytes.toString(), lines }).toEqual({ text: 'one\ntwo\nthree\n', lines: 3 });
});

test('after a take it begins anew', () => {
  const chunk = new Chunk();
  chunk.append('old\n');
  chunk.take();
  expect(chunk.length).toBe(0);
  chunk.append('new\n');
  const { bytes, lines } = chunk.take();
  expect({ text: bytes.toString(), lines }).toEqual({ text: 'new\n', lines: 1 });
});

test('an empty chunk has no bytes and no lines', () => {
  const { bytes, lines } = new Chunk().take();
  expect({ length: bytes.length, lines }).toEqual({ length: 0, lines: 0 });
});

test('what was taken is not overwritten by what follows', () => {
  const chunk = new Chunk();
  chunk.append('first\n');
  const { bytes } = chunk.take();
  chunk.append('overwrite\n');
  expect(bytes.toString()).toBe('first\n');
});

test.each([
  ['appended', (chunk: Chunk, line: string) => chunk.append(line)],
  [
    'written in place',
    (chunk: Chunk, line: string) => {
      const view = chunk.room(line.length);
      Buffer.from(view.buffer, view.byteOffset).write(line, chunk.length, 'latin1');
      chunk.commit(chunk.length + line.length);
    },
  ],
])('a line of names longer than all there was room for is %s whole', (_, add) => {
  const chunk = new Chunk();
  const line = `${'long'.repeat(100_000)}\n`;
  add(chunk, 'short\n');
  add(chunk, line);
  expect(chunk.take().bytes.toString() === `short\n${line}`).toBe(true);
});

test.each([1, 37, 1023, LONGEST_LINE])(
  'it grows for as many lines of %d bytes as there are, and none is cut',
  (length) => {
    const chunk = new Chunk();
    const expected: string[] = [];
    for (let number = 0; expected.length * length < 300_000; number++) {
      const line = `${String(number % 10).repeat(length - 1)}\n`;
      chunk.append(line);
      expected.push(line);
    }
    expect(chunk.length).toBe(expected.length * length);
    const { bytes, lines } = chunk.take();
    expect(lines).toBe(expected.length);
    expect(bytes.toString() === expected.join('')).toBe(true);
  },
);
