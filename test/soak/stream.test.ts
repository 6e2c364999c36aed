import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { LineStream } from '../../soak/stream.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();

test('lines of a file that grows, whole; at the end, what is left', () => {
  const lines: string[] = [];
  writeFileSync(file('run'), 'one\ntw');
  const stream = new LineStream(file('run'), (line) => lines.push(line));
  expect([stream.read(), stream.read()]).toEqual([true, false]);
  appendFileSync(file('run'), 'o\nthr');
  stream.read();
  expect(lines).toEqual(['one', 'two']);
  expect(stream.close()).toBe('thr');
});

test('a FIFO is read without waiting for who writes', () => {
  const lines: string[] = [];
  execFileSync('mkfifo', [file('fifo')]);
  const stream = new LineStream(file('fifo'), (line) => lines.push(line));
  expect(stream.read()).toBe(false);
  const writer = openSync(file('fifo'), constants.O_WRONLY);
  expect(stream.read()).toBe(false);
  writeSync(writer, 'one\n');
  expect(stream.read()).toBe(true);
  closeSync(writer);
  expect(stream.close()).toBe('');
  expect(lines).toEqual(['one']);
});
