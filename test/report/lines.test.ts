import { expect, test } from '@jest/globals';
import type { CaptureInput } from '../../src/replay/input.js';
import { readLines } from '../../src/report/lines.js';

const MIB = 1 << 20;

test.each([1, 2, 3, 7, MIB])(
  'the same lines, however they come: %d bytes at a time',
  async (step) => {
    const { lines, overlong } = await read('one\ntwo é\n\n \nthree\r\ncut', step);
    expect(lines).toEqual(['one', 'two é', 'three\r', 'cut']);
    expect(overlong).toBe(0);
  },
);

test('an end of line at the end is no line', async () => {
  expect((await read('a\n', 10)).lines).toEqual(['a']);
  expect((await read('', 10)).lines).toEqual([]);
});

test('a line that is too long is told once, and the next one is read', async () => {
  const long = 'x'.repeat(3 * MIB + 5);
  expect(await read(`a\n${long}\nb\n`, MIB)).toEqual({ lines: ['a', 'b'], overlong: 1 });
  expect(await read(`a\n${long}`, 100_000)).toEqual({ lines: ['a'], overlong: 1 });
  expect(await read(`${long}\n${long}\nb`, MIB)).toEqual({ lines: ['b'], overlong: 2 });
});

async function read(text: string, step: number) {
  const lines: string[] = [];
  let overlong = 0;
  await readLines(inputOf(Buffer.from(text), step), {
    onLine: (line) => lines.push(line),
    onOverlong: () => overlong++,
  });
  return { lines, overlong };
}

function inputOf(bytes: Buffer, step: number): CaptureInput {
  let position = 0;
  return {
    position,
    size: undefined,
    ready() {},
    interrupt() {},
    close() {},
    take(into) {
      const length = bytes.copy(into, 0, position, Math.min(bytes.length, position + step));
      position += length;
      return length;
    },
  };
}
