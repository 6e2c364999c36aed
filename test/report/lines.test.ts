import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { CaptureInput } from '../../src/input/chunked.js';
import { readLines } from '../../src/report/lines.js';
import { writeReport } from '../../src/report/report.js';
import { rttLine } from '../helpers/events/runs.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MIB = 1 << 20;
const NEWLINE = 0x0a;
const file = useTemporaryFolder();

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

describe('what expands without end', () => {
  const LARGE = 64 * MIB;

  /** So many bytes of which so many are read; all newlines. */
  function newlines(bytes: number, position: number): CaptureInput & { left: number } {
    return {
      left: bytes,
      position,
      size: position,
      ready() {},
      interrupt() {},
      close() {},
      take(into) {
        const length = Math.min(into.length, this.left);
        into.fill(NEWLINE, 0, length);
        this.left -= length;
        return length;
      },
    };
  }
  const NOTHING = { onLine() {}, onOverlong() {} };

  test('is given up soon after it is 100 times as much as was read', async () => {
    const input = newlines(4 * LARGE, MIB);
    await expect(readLines(input, NOTHING)).rejects.toThrow(
      'it expands to over 100 times its size, which no pping run does',
    );
    expect(input.left).toBeGreaterThan(4 * LARGE - 102 * MIB);
    expect(input.left).toBeLessThan(4 * LARGE - 99 * MIB);
  });

  test('is taken where it is small, or does not', async () => {
    await readLines(newlines(LARGE, 1), NOTHING);
    await readLines(newlines(2 * LARGE, 2 * MIB), NOTHING);
  });

  test('as gzip makes it: the report is of what came before', async () => {
    const whole = gzipSync(
      Buffer.concat([Buffer.from(rttLine({ atMs: 1, rtt: 1e6 })), Buffer.alloc(LARGE)]),
    );
    const bomb = gzipSync(Buffer.alloc(LARGE));
    const path = file('bomb.ndjson.gz');
    writeFileSync(path, Buffer.concat([whole, ...Array(32).fill(bomb)]));
    const { samples, damage } = await writeReport({
      inputs: [path],
      output: file('x'),
    });
    expect(samples).toBe(1);
    expect(damage).toEqual([expect.stringMatching(/^bomb\.ndjson\.gz: it expands to over/)]);
  });
});
