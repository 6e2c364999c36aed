/** SIGHUP: an output that is opened anew while a run goes on. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { UsageError } from '../../src/faults.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput, reopenOutput } from '../../src/sink/open.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { closeDrained } from '../helpers/output/drained.js';
import { NOTHING_TOLD, SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const inFolder = useTemporaryFolder();
let log: SinkLog;

beforeEach(() => {
  log = new SinkLog();
});

/** As logrotate does it. */
function rotate(sink: FileSink, to: string): void {
  renameSync(inFolder('out'), inFolder(to));
  sink.reopen(reopenOutput(inFolder('out')));
}

const open = () => new FileSink(openOutput(inFolder('out')), log);
const textOf = (name: string) => readFileSync(inFolder(name), 'utf8');
const facts = (sink: FileSink) => ({ dropped: sink.dropped, failure: sink.failure, ...log });
const FINE = { dropped: 0, failure: undefined, ...NOTHING_TOLD };

/** To the last byte. */
function fillBuffer(sink: FileSink, letter: string): void {
  for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, letter), 1);
}

/** How many descriptors of this process are of that file. */
function descriptorsOf(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // the one that reads the folder
    }
  }).length;
}

describe('after a file is opened anew', () => {
  test('what was queued before is in the old one, what comes later in the new one', async () => {
    const sink = open();
    sink.write(Buffer.from('first\n'), 1);
    sink.write(Buffer.alloc(3 * MiB, 'x'), 1);
    rotate(sink, 'old');
    sink.write(Buffer.from('second\n'), 1);
    await closeDrained(sink);
    expect(textOf('old')).toBe(`first\n${'x'.repeat(3 * MiB)}`);
    expect(textOf('out')).toBe('second\n');
    expect(facts(sink)).toEqual(FINE);
  });

  test('the old one is closed once all is written, and no sooner', async () => {
    const sink = open();
    let written = 0;
    for (let number = 0; number < 8; number++) {
      sink.write(Buffer.alloc(MiB, 'x'), 1, () => {
        written++;
        expect(descriptorsOf(inFolder('old'))).toBe(1);
      });
    }
    rotate(sink, 'old');
    expect(descriptorsOf(inFolder('old'))).toBe(1);
    await until(() => descriptorsOf(inFolder('old')) === 0, 'the old file to be closed');
    expect(written).toBe(8);
    expect(descriptorsOf(inFolder('out'))).toBe(1);
    await closeDrained(sink);
    expect(descriptorsOf(inFolder('out'))).toBe(0);
  });

  test('the old one is closed as well when nothing was queued', async () => {
    const sink = open();
    rotate(sink, 'old');
    await until(() => descriptorsOf(inFolder('old')) === 0, 'the old file to be closed');
    await closeDrained(sink);
  });

  test('nothing is lost, nor out of order, however often', async () => {
    const sink = open();
    const files: string[] = [];
    const lines: string[] = [];
    for (let number = 0; number < 2_401; number++) {
      const line = `line ${number} ${'x'.repeat(number % 997)}\n`;
      lines.push(line);
      sink.write(Buffer.from(line), 1);
      if (number % 60 === 59) {
        files.push(`old-${number}`);
        rotate(sink, `old-${number}`);
      }
      // Some are still being written, others are not.
      if (number % 101 === 0) await new Promise(setImmediate);
    }
    await closeDrained(sink);
    expect([...files, 'out'].map(textOf).join('')).toBe(lines.join(''));
    expect(files.every((name) => textOf(name).split('\n').length === 61)).toBe(true);
    expect([...files, 'out'].map((name) => descriptorsOf(inFolder(name)))).toEqual(
      Array(files.length + 1).fill(0),
    );
    expect(facts(sink)).toEqual(FINE);
  });

  test('the new one has a buffer of its own, as large as ever', async () => {
    const sink = open();
    fillBuffer(sink, 'x');
    rotate(sink, 'old');
    fillBuffer(sink, 'y');
    expect(sink.dropped).toBe(0);
    sink.write(Buffer.from('too much\n'), 3);
    expect(sink.dropped).toBe(3);
    await closeDrained(sink);
    expect([textOf('old').length, textOf('out').length]).toEqual([16 * MiB, 16 * MiB]);
  });

  test('while it still is that very file, all stays as it was', async () => {
    const pipe = new NamedPipe(inFolder('pipe'));
    const sink = new FileSink(openOutput(pipe.path), log);
    const bytes = Buffer.alloc(MiB, 'x');
    sink.write(bytes, 1); // much more than fits into a pipe
    sink.reopen(reopenOutput(pipe.path));
    sink.write(Buffer.from('later\n'), 1);
    expect(descriptorsOf(pipe.path)).toBe(2); // ours, and the reader
    const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
    expect(read.toString()).toBe(`${bytes}later\n`);
    expect(facts(sink)).toEqual(FINE);
  });
});

describe('old ones that nobody reads', () => {
  const PIPES = 68;
  const pipe = (number: number) => inFolder(`pipe-${number}`);
  let readers: number[];

  beforeEach(() => {
    const paths = Array.from({ length: PIPES }, (_, number) => pipe(number));
    execFileSync('mkfifo', paths);
    readers = paths.map((path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  });

  afterEach(leave);

  function leave(): void {
    for (const reader of readers.splice(0)) closeSync(reader);
  }

  test('have 16 MiB together: the oldest are given up, and counted', async () => {
    const sink = new FileSink(openOutput(pipe(0)), log);
    for (let number = 1; number <= 4; number++) {
      for (let part = 0; part < 7; part++) sink.write(Buffer.alloc(MiB, 'x'), 10);
      sink.reopen(reopenOutput(pipe(number)));
    }
    await until(() => sink.dropped === 140, 'the first two to be given up');
    expect([0, 1, 2].map((number) => descriptorsOf(pipe(number)))).toEqual([1, 1, 2]);
    sink.reopen(reopenOutput(inFolder('out')));
    fillBuffer(sink, 'y');
    expect(sink.dropped).toBe(140);
    await until(() => textOf('out').length === 16 * MiB, 'the last to be written');
    await sink.close();
    expect(textOf('out')).toBe('y'.repeat(16 * MiB));
    expect(facts(sink)).toEqual({ ...FINE, dropped: 280 });
  });

  test('are 64, however little is in each', async () => {
    const sink = new FileSink(openOutput(pipe(0)), log);
    for (let number = 1; number < PIPES; number++) {
      sink.write(Buffer.alloc(MiB / 8, 'x'), 1); // twice as much as fits into a pipe
      sink.reopen(reopenOutput(pipe(number)));
    }
    await until(() => sink.dropped === 3, 'the first three to be given up');
    expect([0, 2, 3].map((number) => descriptorsOf(pipe(number)))).toEqual([1, 1, 2]);
    leave();
    await until(() => sink.dropped === 67, 'all to be given up');
    await sink.close();
  });
});

describe('at the end', () => {
  test('close() waits for the old one, too', async () => {
    const sink = open();
    for (let number = 0; number < 8; number++) sink.write(Buffer.alloc(MiB / 64, 'x'), 1);
    rotate(sink, 'old');
    await sink.close();
    expect(textOf('old')).toHaveLength(MiB / 8);
    expect(facts(sink)).toEqual(FINE);
  });

  test('an old one that nobody reads is waited for, and then counted as dropped', async () => {
    const pipe = new NamedPipe(inFolder('pipe'));
    const sink = new FileSink(openOutput(pipe.path), log);
    sink.write(Buffer.alloc(MiB, 'x'), 5);
    sink.reopen(reopenOutput(inFolder('out')));
    sink.write(Buffer.from('one\ntwo\n'), 2);
    await sink.close();
    pipe.close();
    expect(textOf('out')).toBe('one\ntwo\n');
    expect(facts(sink)).toEqual({ ...FINE, dropped: 5 });
  });
});

describe('an old one that cannot be written', () => {
  test('is given up: its lines are counted, and leave room for others', async () => {
    const failed = log.next('failed');
    const sink = new FileSink(openOutput('/dev/full'), log);
    for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'x'), 10);
    await failed;
    sink.reopen(reopenOutput(inFolder('out')));
    await until(() => sink.dropped > 0, 'the lines to be given up');
    expect(sink.dropped).toBe(160);
    for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'y'), 10);
    await closeDrained(sink);
    expect(textOf('out')).toHaveLength(16 * MiB);
    expect(facts(sink)).toMatchObject({ dropped: 160, failure: 'disk full: standard output' });
  });

  test('is given up also when that turns out later', async () => {
    const failed = log.next('failed');
    const sink = new FileSink(openOutput('/dev/full'), log);
    sink.write(Buffer.from('one\ntwo\n'), 2);
    sink.reopen(reopenOutput(inFolder('out')));
    await failed;
    sink.write(Buffer.from('three\n'), 1);
    await sink.close();
    expect(textOf('out')).toBe('three\n');
    expect(facts(sink)).toMatchObject({ dropped: 2, brokenPipes: 0 });
  });

  test('because its reader has gone ends nothing: the new one is still read', async () => {
    const pipe = new NamedPipe(inFolder('pipe'));
    const sink = new FileSink(openOutput(pipe.path), log);
    const failed = log.next('failed');
    sink.write(Buffer.alloc(MiB, 'x'), 5);
    sink.reopen(reopenOutput(inFolder('out')));
    pipe.close();
    await failed;
    sink.write(Buffer.from('one\ntwo\n'), 2);
    await sink.close();
    expect(textOf('out')).toBe('one\ntwo\n');
    expect(facts(sink)).toMatchObject({ dropped: 5, brokenPipes: 0 });
  });
});

describe('a FIFO', () => {
  let pipe: NamedPipe;

  beforeEach(() => {
    pipe = new NamedPipe(inFolder('pipe'));
  });

  afterEach(() => pipe.close());

  test('without a reader is refused, and not waited for', () => {
    pipe.close();
    expect(() => reopenOutput(pipe.path)).toThrow(UsageError);
    expect(() => reopenOutput(pipe.path)).toThrow(`${pipe.path}: no reader on this FIFO`);
  });

  test('with a reader is written to', async () => {
    const sink = open();
    sink.write(Buffer.from('one\n'), 1);
    sink.reopen(reopenOutput(pipe.path));
    const bytes = Buffer.alloc(MiB, 'x');
    sink.write(bytes, 1);
    const [read] = await Promise.all([pipe.readAll(), closeDrained(sink)]);
    expect(textOf('out')).toBe('one\n');
    expect(read.equals(bytes)).toBe(true);
    expect(facts(sink)).toEqual(FINE);
  });
});

test('a file that cannot be opened anew leaves the one that is open as it is', async () => {
  const sink = open();
  expect(() => reopenOutput(inFolder('missing/out'))).toThrow(UsageError);
  sink.write(Buffer.from('one\n'), 1);
  await sink.close();
  expect(textOf('out')).toBe('one\n');
});

test('what is there already is appended to', async () => {
  const sink = open();
  sink.write(Buffer.from('one\n'), 1);
  sink.reopen(reopenOutput(inFolder('out')));
  await until(() => descriptorsOf(inFolder('out')) === 1, 'the first to be closed');
  sink.write(Buffer.from('two\n'), 1);
  await sink.close();
  expect(textOf('out')).toBe('one\ntwo\n');
});
