import fs, { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { UsageError } from '../../src/faults.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput, reopenOutput } from '../../src/sink/open.js';
import { closeDrained } from '../helpers/output/drained.js';
import { failing } from '../helpers/output/faulty-calls.js';
import { NOTHING_TOLD, SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const inFolder = useTemporaryFolder();

/** Bytes that show where each of them came from. */
function counted(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

describe('a file', () => {
  test('gets all lines, in order, and nobody is told anything', async () => {
    const log = new SinkLog();
    const sink = new FileSink(openOutput(inFolder('out')), log);
    for (let number = 0; number < 1_001; number++) sink.write(Buffer.from(`line ${number}\n`), 1);
    await sink.close();
    const expected = Array.from({ length: 1_001 }, (_, number) => `line ${number}\n`).join('');
    expect(readFileSync(inFolder('out'), 'utf8')).toBe(expected);
    expect({ dropped: sink.dropped, ...log }).toEqual({ dropped: 0, ...NOTHING_TOLD });
  });

  test('is appended to', async () => {
    writeFileSync(inFolder('out'), 'before\n');
    for (const line of ['first\n', 'second\n']) {
      const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
      sink.write(Buffer.from(line), 1);
      await sink.close();
    }
    expect(readFileSync(inFolder('out'), 'utf8')).toBe('before\nfirst\nsecond\n');
  });

  test.each([
    ['one\ntwo\n', 'one\ntwo\nnext\n'],
    ['one\ntw', 'one\ntw\nnext\n'],
  ])('that ends as %j gets its next line on a line of its own', async (before, after) => {
    writeFileSync(inFolder('out'), before);
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    sink.write(Buffer.from('next\n'), 1);
    await sink.close();
    expect(readFileSync(inFolder('out'), 'utf8')).toBe(after);
    expect(sink.dropped).toBe(0);
  });

  test('that was removed is told once, and its successor too', async () => {
    const log = new SinkLog();
    const removed = async (times: number) => {
      await until(() => {
        sink.look();
        return log.removals === times;
      }, 'the removal to be told');
    };
    const sink = new FileSink(openOutput(inFolder('out')), log);
    sink.look();
    await stat(inFolder('out')); // behind it, in the same queue
    expect(log.removals).toBe(0);
    rmSync(inFolder('out'));
    await removed(1);
    sink.reopen(reopenOutput(inFolder('out')));
    rmSync(inFolder('out'));
    await removed(2);
    sink.look();
    await sink.close();
    expect(log.removals).toBe(2);
  });

  test('that never had a name, as an O_TMPFILE, was not removed', async () => {
    const log = new SinkLog();
    const fd = openOutput(inFolder('out'));
    rmSync(inFolder('out'));
    const sink = new FileSink(fd, log);
    sink.look();
    await stat('/'); // behind it, in the same queue
    await sink.close();
    expect(log.removals).toBe(0);
  });

  test('gets large writes whole', async () => {
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    const bytes = counted(5 * MiB);
    for (const [from, to] of [
      [0, 4],
      [4, 3 * MiB],
      [3 * MiB, 5 * MiB],
    ] as const) {
      sink.write(bytes.subarray(from, to), 1);
    }
    await closeDrained(sink);
    expect(readFileSync(inFolder('out')).equals(bytes)).toBe(true);
    expect(sink.dropped).toBe(0);
  });

  test('gets what waits in few writes: each takes a turn of a process that may have few', async () => {
    const write = jest.spyOn(fs, 'writev');
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    const bytes = counted(12 * MiB);
    for (let at = 0; at < 12 * MiB; at += MiB / 8) sink.write(bytes.subarray(at, at + MiB / 8), 1);
    await closeDrained(sink);
    expect(readFileSync(inFolder('out')).equals(bytes)).toBe(true);
    expect(write.mock.calls.length).toBeGreaterThan(0);
    expect(write.mock.calls.length).toBeLessThan(6);
    write.mockRestore();
  });

  test('goes on where a write was short', async () => {
    const { writev } = fs;
    const short = (fd: number, [first]: readonly Buffer[], done: never) =>
      writev(fd, [(first as Buffer).subarray(0, 3)], done);
    const spy = jest.spyOn(fs, 'writev').mockImplementation(short as never);
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    const lines = ['a line\n', 'another\n', 'x\n'];
    for (const line of lines) sink.write(Buffer.from(line), 1);
    await closeDrained(sink);
    expect(readFileSync(inFolder('out'), 'utf8')).toBe(lines.join(''));
    expect([spy.mock.calls.length, sink.dropped]).toEqual([7, 0]);
    spy.mockRestore();
  });

  test.each(['EAGAIN', 'EBUSY'])('is tried again by itself where it says %s', async (code) => {
    const log = new SinkLog();
    const sink = new FileSink(openOutput(inFolder('out')), log);
    const free = failing('writev', code);
    sink.write(Buffer.from('one\n'), 1);
    sink.write(Buffer.from('two\n'), 1);
    await new Promise(setImmediate); // it has been told so
    free();
    await closeDrained(sink);
    expect(readFileSync(inFolder('out'), 'utf8')).toBe('one\ntwo\n');
    expect({ dropped: sink.dropped, ...log }).toEqual({ dropped: 0, ...NOTHING_TOLD });
  });

  test('gets more buffers than the kernel takes at once', async () => {
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    for (let number = 0; number < 3_000; number++) sink.write(Buffer.from(`${number}\n`), 1);
    await closeDrained(sink);
    const numbers = Array.from({ length: 3_000 }, (_, number) => `${number}\n`);
    expect(readFileSync(inFolder('out'), 'utf8')).toBe(numbers.join(''));
  });

  test('is closed, and may be empty', async () => {
    const fd = openOutput(inFolder('out'));
    await new FileSink(fd, new SinkLog()).close();
    expect(readFileSync(inFolder('out'))).toHaveLength(0);
    expect(openSync(inFolder('next'), 'w')).toBe(fd); // the lowest that is free
  });
});

describe('the buffer', () => {
  test('holds 16 MiB: the write that would exceed it is dropped whole, and its lines counted', async () => {
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    const bytes = counted(MiB);
    for (let number = 0; number < 16; number++) sink.write(bytes, 10);
    expect(sink.dropped).toBe(0);
    sink.write(Buffer.from('too much\n'), 3);
    sink.write(bytes, 10);
    expect(sink.dropped).toBe(13);
    await closeDrained(sink);
    expect(sink.dropped).toBe(13);
    const expected = Buffer.concat(Array(16).fill(bytes));
    expect(readFileSync(inFolder('out')).equals(expected)).toBe(true);
  });
});

describe('an output that cannot be opened', () => {
  test.each(['missing/out', 'folder'])('is bad usage, and named: %s', (name) => {
    mkdirSync(inFolder('folder'));
    const path = inFolder(name);
    expect(() => openOutput(path)).toThrow(UsageError);
    expect(() => openOutput(path)).toThrow(path);
  });

  test('no path is standard output', () => {
    expect(openOutput(undefined)).toBe(1);
  });
});

describe('a full disk', () => {
  test('is told, and what could not be written counts as dropped at the end', async () => {
    const log = new SinkLog();
    const failed = log.next('failed');
    const sink = new FileSink(openOutput('/dev/full'), log);
    sink.write(Buffer.from('one\ntwo\nthree\n'), 3);
    await failed;
    expect(log.errors).toEqual(['disk full: standard output']);
    expect(sink.dropped).toBe(0); // there may be room later
    sink.write(Buffer.from('four\nfive\n'), 2);
    await sink.close();
    expect(sink.dropped).toBe(5);
    expect(log.brokenPipes).toBe(0);
  });

  test('after close() every line is dropped, and counted', async () => {
    const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
    sink.write(Buffer.from('in time\n'), 1);
    await sink.close();
    sink.write(Buffer.from('too\nlate\n'), 2);
    expect(sink.dropped).toBe(2);
    expect(readFileSync(inFolder('out'), 'utf8')).toBe('in time\n');
  });
});
