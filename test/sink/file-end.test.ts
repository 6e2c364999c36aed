/** How a file is closed: what was written reaches the disk, or that is told; what is under way is waited for. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Channel } from '../../src/sink/channel.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput, reopenOutput } from '../../src/sink/open.js';
import { failing, hangingWrites } from '../helpers/output/faulty-calls.js';
import { NOTHING_TOLD, SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MiB = 1 << 20;
const inFolder = useTemporaryFolder();

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('a file whose lines do not reach the disk (fsync)', () => {
  const LATE = /^standard output: input\/output error$/;

  test('has failed, although none counts as missing', async () => {
    const log = new SinkLog();
    const sink = new FileSink(openOutput(inFolder('out')), log);
    sink.write(Buffer.from('one\n'), 1);
    failing('fsync', 'EIO');
    await sink.close();
    expect(log.errors).toEqual([expect.stringMatching(LATE)]);
    expect([sink.dropped, sink.failure]).toEqual([0, log.errors[0]]);
  });

  test('has failed also when SIGHUP has replaced it', async () => {
    const log = new SinkLog();
    const sink = new FileSink(openOutput(inFolder('out')), log);
    sink.write(Buffer.from('one\n'), 1);
    const failed = log.next('failed');
    const mend = failing('fsync', 'EIO');
    sink.reopen(reopenOutput(inFolder('next')));
    await failed;
    mend();
    await sink.close();
    expect(sink.failure).toMatch(LATE);
  });

  test.each([
    ['on a file system that knows no fsync', 'EINVAL', () => inFolder('out')],
    ['of a device, which has none', 'EIO', () => '/dev/null'],
  ])('has not failed %s', async (_, code, path) => {
    const log = new SinkLog();
    const sink = new FileSink(openOutput(path()), log);
    sink.write(Buffer.from('one\n'), 1);
    failing('fsync', code);
    await sink.close();
    expect({ failure: sink.failure, ...log }).toEqual({ failure: undefined, ...NOTHING_TOLD });
  });
});

test('a machine that stalls while lines are written is no output that takes none', async () => {
  const sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
  for (let number = 0; number < 8; number++) sink.write(Buffer.alloc(MiB, 'x'), 1);
  const closed = sink.close();
  const over = performance.now() + 2_500; // longer than an output that takes none is waited for
  while (performance.now() < over);
  await closed;
  expect([sink.dropped, readFileSync(inFolder('out')).length]).toEqual([0, 8 * MiB]);
});

describe('a write under way when the file is given up', () => {
  /** The first of two writes has begun, and its file is being closed. */
  function give() {
    const comeBack = hangingWrites();
    const told = { errors: 0, progress: 0, lost: [] as number[] };
    const channel = new Channel(openOutput(inFolder('out')), {
      onError: () => told.errors++,
      onProgress: () => told.progress++,
      onLost: (lines) => told.lost.push(lines),
    });
    channel.write(Buffer.from('one\ntwo\n'), 2);
    channel.write(Buffer.from('three\n'), 1);
    return { comeBack, told, channel, closed: channel.close() };
  }

  test('is waited for: its lines are not lost; no other begins', async () => {
    const { setTimeout: later } = globalThis;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }); // its second does not pass
    const { comeBack, told, closed } = give();
    await new Promise((resolve) => later(resolve, 50)); // much longer than closing takes
    await comeBack();
    await closed;
    expect(told).toEqual({ errors: 0, progress: 1, lost: [1] });
    expect(readFileSync(inFolder('out'), 'utf8')).toBe('one\ntwo\n');
  });

  test('is waited for no longer than 1 s: all counts as lost, and what it says later is not heard', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { comeBack, told, channel, closed } = give();
    jest.advanceTimersByTime(1000);
    await closed;
    await comeBack();
    expect(told).toEqual({ errors: 0, progress: 0, lost: [3] });
    expect(channel.bytes).toBe(0);
  });
});
