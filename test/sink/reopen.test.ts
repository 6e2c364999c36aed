/** SIGHUP: an output that is opened anew while a run goes on. */
import { readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { UsageError } from '../../src/faults.js';
import { openOutput, reopenOutput, Sink } from '../../src/sink/sink.js';
import { NamedPipe } from '../helpers/pipe.js';
import { SinkLog } from '../helpers/sink-log.js';
import { useTemporaryFolder } from '../helpers/temporary.js';

const MiB = 1 << 20;
const inFolder = useTemporaryFolder();
let log: SinkLog;

beforeEach(() => {
  log = new SinkLog();
});

/** As logrotate does it. */
function rotate(sink: Sink, to: string): void {
  renameSync(inFolder('out'), inFolder(to));
  sink.reopen(reopenOutput(inFolder('out')));
}

const open = () => new Sink(openOutput(inFolder('out')), log);
const textOf = (name: string) => readFileSync(inFolder(name), 'utf8');
const facts = (sink: Sink) => ({ dropped: sink.dropped, failure: sink.failure, ...log });
const FINE = { dropped: 0, failure: undefined, brokenPipes: 0, errors: [] };

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
    await sink.close();
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
    await sink.close();
    expect(descriptorsOf(inFolder('out'))).toBe(0);
  });

  test('the old one is closed as well when nothing was queued', async () => {
    const sink = open();
    rotate(sink, 'old');
    await until(() => descriptorsOf(inFolder('old')) === 0, 'the old file to be closed');
    await sink.close();
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
    await sink.close();
    expect([...files, 'out'].map(textOf).join('')).toBe(lines.join(''));
    expect(files.every((name) => textOf(name).split('\n').length === 61)).toBe(true);
    expect([...files, 'out'].map((name) => descriptorsOf(inFolder(name)))).toEqual(
      Array(files.length + 1).fill(0),
    );
    expect(facts(sink)).toEqual(FINE);
  });

  test('both files share one buffer: what does not fit is dropped and counted', async () => {
    const sink = open();
    for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'x'), 1);
    rotate(sink, 'old');
    sink.write(Buffer.from('too much\n'), 3);
    expect(sink.dropped).toBe(3);
    await sink.close();
    expect([textOf('old').length, textOf('out').length]).toEqual([16 * MiB, 0]);
  });
});

describe('at the end', () => {
  test('close() waits for the old one, too', async () => {
    const sink = open();
    for (let number = 0; number < 8; number++) sink.write(Buffer.alloc(MiB, 'x'), 1);
    rotate(sink, 'old');
    await sink.close();
    expect(textOf('old')).toHaveLength(8 * MiB);
    expect(facts(sink)).toEqual(FINE);
  });

  test('an old one that nobody reads is waited for, and then counted as dropped', async () => {
    const pipe = new NamedPipe(inFolder('pipe'));
    const sink = new Sink(openOutput(pipe.path), log);
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
    const sink = new Sink(openOutput('/dev/full'), log);
    for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'x'), 10);
    await failed;
    sink.reopen(reopenOutput(inFolder('out')));
    await until(() => sink.dropped > 0, 'the lines to be given up');
    expect(sink.dropped).toBe(160);
    for (let number = 0; number < 16; number++) sink.write(Buffer.alloc(MiB, 'y'), 10);
    await sink.close();
    expect(textOf('out')).toHaveLength(16 * MiB);
    expect(facts(sink)).toMatchObject({ dropped: 160, failure: expect.stringMatching(/ENOSPC/) });
  });

  test('is given up also when that turns out later', async () => {
    const failed = log.next('failed');
    const sink = new Sink(openOutput('/dev/full'), log);
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
    const sink = new Sink(openOutput(pipe.path), log);
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
    expect(() => reopenOutput(pipe.path)).toThrow(/^cannot write to .*ENXIO/);
  });

  test('with a reader is written to', async () => {
    const sink = open();
    sink.write(Buffer.from('one\n'), 1);
    sink.reopen(reopenOutput(pipe.path));
    const bytes = Buffer.alloc(MiB, 'x');
    sink.write(bytes, 1);
    const [read] = await Promise.all([pipe.readAll(), sink.close()]);
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
