/** SIGHUP before a run has begun: with -o it ends nothing, without it everything. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { until } from '../../lab/until.js';
import { useStarted } from '../helpers/command/started.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** Each starts a process, which takes seconds on a loaded machine. */
jest.setTimeout(120_000);

const inFolder = useTemporaryFolder();
const start = useStarted();

/** No replay begins before its capture does. */
describe('while a replay waits for its capture', () => {
  test.each([
    ['-o', (file: string) => ['-o', file]],
    ['-o<file>', (file: string) => [`-o${file}`]],
    ['--output', (file: string) => ['--output', file]],
    ['--output=<file>', (file: string) => [`--output=${file}`]],
  ])('%s: it goes on, and the file is written', async (_, output) => {
    const file = inFolder('run.ndjson');
    const replay = start(['-r', '-', ...output(file)]);
    await replay.catches('SIGHUP');
    replay.child.kill('SIGHUP');
    replay.child.stdin?.write(pcap(conversation(1), { nanoseconds: true }));
    const ended = await end(replay.child);
    expect({ ...ended, stderr: replay.stderr }).toMatchObject({ code: 0, signal: null });
    expect(readFileSync(file, 'utf8')).toContain('"type":"rtt"');
  });

  test.each([
    ['without -o', []],
    ['-o -', ['-o', '-']],
    ['--output=-', ['--output=-']],
  ])('%s: it ends, as its terminal has', async (_, output) => {
    const capture = inFolder('capture');
    execFileSync('mkfifo', [capture]);
    const replay = start(['-r', capture, ...output]);
    const writer = await openedOnceRead(capture);
    replay.child.kill('SIGHUP');
    expect(await end(replay.child)).toEqual({ code: null, signal: 'SIGHUP' });
    closeSync(writer);
  });
});

test('a report ends, though it has -o', async () => {
  const page = inFolder('page.html');
  const report = start(['report', '-', '-o', page]);
  await report.reads();
  report.child.kill('SIGHUP');
  expect(await end(report.child)).toEqual({ code: null, signal: 'SIGHUP' });
  expect(existsSync(page)).toBe(false);
});

/** A descriptor to write to the FIFO. */
async function openedOnceRead(fifo: string): Promise<number> {
  let fd: number | undefined;
  await until(() => {
    try {
      fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    return fd !== undefined;
  }, 'a reader');
  return fd as number;
}
