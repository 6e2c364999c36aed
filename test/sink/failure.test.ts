/** Writes that fail for a while: when they are tried again, what is told, and what is remembered. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput, reopenOutput } from '../../src/sink/open.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { failing, hangingWrites } from '../helpers/output/faulty-calls.js';
import { SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const NEVER = new AbortController().signal;
const inFolder = useTemporaryFolder();
let log: SinkLog;
let sink: FileSink;

beforeEach(() => {
  log = new SinkLog();
  sink = new FileSink(openOutput(inFolder('out')), log);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await sink.close();
});

function write(mebibytes: number): void {
  for (let number = 0; number < mebibytes; number++) sink.write(Buffer.alloc(MiB, 'x'), 10);
}

/** Resolves when the disk has turned out to be full, and `mebibytes` wait. @returns what makes room again */
async function fullDisk(mebibytes: number): Promise<() => void> {
  const free = failing('writev', 'ENOSPC');
  const failed = log.next('failed');
  write(mebibytes);
  await failed;
  return free;
}

describe('whoever waits for room', () => {
  test('has what has failed tried again, and waits no longer when it fails again', async () => {
    await fullDisk(5);
    await sink.room(NEVER);
    expect(log.errors).toHaveLength(2);
    expect(sink.dropped).toBe(0);
  });

  test('has it written when the disk has room by then', async () => {
    const free = await fullDisk(5);
    free();
    await sink.room(NEVER);
    await until(() => log.recoveries === 1, 'the recovery');
    expect(readFileSync(inFolder('out'))).toHaveLength(5 * MiB);
  });
});

describe('a recovery', () => {
  test('is told when all is written that waited at the failure, whatever has come since', async () => {
    const free = await fullDisk(1);
    free();
    const recovered = log.next('recovered').then(() => 'recovered');
    let isOver = false;
    // As in a run under load: there always is something left to write.
    const refill = () => {
      if (!isOver) sink.write(Buffer.from('more\n'), 1, refill);
    };
    for (let number = 0; number < 3; number++) refill();
    await recovered;
    isOver = true;
    expect(log.recoveries).toBe(1);
  });

  test('without a loss is the end of that failure: later losses have their own reason', async () => {
    const free = await fullDisk(1);
    free();
    const recovered = log.next('recovered');
    sink.write(Buffer.from('next\n'), 1);
    await recovered;
    write(17); // all at once: a buffer that overflows, of a disk that is slow
    expect(sink.dropped).toBeGreaterThan(0);
    expect(sink.failure).toBeUndefined();
  });

  test('after a loss leaves its reason', async () => {
    const free = await fullDisk(17);
    free();
    const recovered = log.next('recovered');
    sink.write(Buffer.from('too much'), 3);
    await recovered;
    expect([sink.dropped, sink.failure]).toEqual([13, 'disk full: standard output']);
  });
});

test('a replaced file gets all its lines also when the reader of the one in use has gone', async () => {
  const letGo = hangingWrites();
  const pipe = new NamedPipe(inFolder('pipe'));
  write(8); // more than one write takes
  sink.reopen(reopenOutput(pipe.path));
  const broken = log.next('broken');
  pipe.close();
  sink.write(Buffer.from('unread\n'), 1);
  await broken;
  const closed = sink.close();
  await letGo();
  await closed;
  expect(readFileSync(inFolder('out'))).toHaveLength(8 * MiB);
  expect([sink.dropped, sink.failure]).toEqual([1, undefined]);
});
