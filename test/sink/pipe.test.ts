import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput } from '../../src/sink/open.js';
import { PipeOutput } from '../../src/sink/pipe-output.js';
import { fill, NamedPipe } from '../helpers/command/pipe.js';
import { closeDrained } from '../helpers/output/drained.js';
import { NOTHING_TOLD, SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const inFolder = useTemporaryFolder();
let pipe: NamedPipe;
let log: SinkLog;

beforeEach(() => {
  pipe = new NamedPipe(inFolder('pipe'));
  log = new SinkLog();
});

afterEach(() => pipe.close());

/** What a shell gives a program that shares its terminal with another one. */
function openNonBlocking(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
}

describe('a reader that reads', () => {
  test('gets large writes whole', async () => {
    const sink = new FileSink(openOutput(pipe.path), log);
    const parts = [1, 2, 3, 4, 5].map((value) => Buffer.alloc(MiB + value, value));
    for (const part of parts) sink.write(part, 1);
    const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
    expect(read.equals(Buffer.concat(parts))).toBe(true);
    expect({ dropped: sink.dropped, ...log }).toEqual({ dropped: 0, ...NOTHING_TOLD });
  });

  test('gets all where the pipe says "not now" (EAGAIN), too', async () => {
    const fd = openNonBlocking(pipe.path);
    const before = fill(fd);
    const sink = new FileSink(fd, log);
    const bytes = Buffer.alloc(200_001, 'x');
    sink.write(bytes, 7);
    await turns(); // it is full: the first write fails
    const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
    expect(read.equals(Buffer.concat([before, bytes]))).toBe(true);
    expect({ dropped: sink.dropped, ...log }).toEqual({ dropped: 0, ...NOTHING_TOLD });
  });
});

test('what a slow reader has taken makes room at once', async () => {
  const sink = new FileSink(openOutput(pipe.path), log);
  for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'x'), 1);
  await pipe.read(5 * MiB);
  await turns();
  for (let number = 0; number < 4; number++) sink.write(Buffer.alloc(MiB, 'y'), 1);
  const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
  expect([sink.dropped, read.length]).toEqual([0, 15 * MiB]);
});

describe('a reader that has gone', () => {
  test('is told once, and every line counts as dropped', async () => {
    const broken = log.next('broken');
    const sink = new FileSink(openOutput(pipe.path), log);
    pipe.close();
    sink.write(Buffer.from('one\ntwo\nthree\n'), 3);
    sink.write(Buffer.from('four\n'), 1);
    await broken;
    sink.write(Buffer.from('five\nsix\n'), 2);
    await sink.close();
    expect({ dropped: sink.dropped, ...log }).toEqual({
      dropped: 6,
      ...NOTHING_TOLD,
      brokenPipes: 1,
    });
  });

  test('is noticed by close(), too, which returns', async () => {
    const sink = new FileSink(openOutput(pipe.path), log);
    pipe.close();
    sink.write(Buffer.from('one\n'), 1);
    await sink.close();
    expect({ dropped: sink.dropped, ...log }).toEqual({
      dropped: 1,
      ...NOTHING_TOLD,
      brokenPipes: 1,
    });
  });
});

test('a pipe that fails while it is being closed is closed all the same', async () => {
  const errors: (string | undefined)[] = [];
  const output = new PipeOutput(openOutput(pipe.path), ({ code }) => errors.push(code));
  const { destroy } = Socket.prototype;
  jest.spyOn(Socket.prototype, 'destroy').mockImplementationOnce(function (this: Socket) {
    return destroy.call(this, Object.assign(new Error('it fails'), { code: 'EPIPE' }));
  });
  expect(await output.close()).toBe(0);
  expect(errors).toEqual(['EPIPE']);
  jest.restoreAllMocks();
});

describe('a reader that does not read', () => {
  test('and does so later gets nothing after close(), nor does the next file of that number', async () => {
    const fd = openOutput(pipe.path);
    const sink = new FileSink(fd, log);
    for (let number = 0; number < 4; number++) sink.write(Buffer.alloc(MiB, 'x'), 10);
    await sink.close();
    const next = openSync(inFolder('next'), 'w');
    try {
      expect(next).toBe(fd); // the lowest that is free
      await pipe.readAll(); // which lets the write under way come to its end
      await turns();
      expect(readFileSync(inFolder('next'))).toHaveLength(0);
    } finally {
      closeSync(next);
    }
    expect(log.errors).toEqual([]);
  });

  test.each([
    ['blocking', openOutput],
    ['non-blocking', openNonBlocking],
  ])(
    'costs no more than the buffer, on a %s pipe; close() returns, and all that is left counts',
    async (_, open) => {
      const sink = new FileSink(open(pipe.path), log);
      for (let number = 0; number < 40; number++) sink.write(Buffer.alloc(MiB, 'x'), 10);
      expect(sink.dropped).toBe(240);
      await sink.close();
      expect({ dropped: sink.dropped, ...log }).toEqual({ dropped: 400, ...NOTHING_TOLD });
    },
  );
});

/** Turns of the event loop, through the threads that files are written by. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 37; turn++) await stat('/');
}
