/** A minute of thousands of connections a second and random faults; ten and more: make soak. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { ending, hasEnded } from '../../lab/child.js';
import { repositoryRoot } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { preloaded, WITHOUT_TCX } from '../helpers/command/preload.js';

const PROGRAM = join(repositoryRoot, 'dist/soak/main.js');
const MINUTES = '1';
const DEADLINE_MS = 8 * 60_000;

jest.setTimeout(DEADLINE_MS + 10_000);

test.each([
  ['pping survives, and everything adds up', [], 22],
  [
    'and so it does where it measures more than TCP, and tells whose all of it is',
    ['--owners', '--protocols', 'all'],
    34,
  ],
])('%s', async (_, args, checks) => {
  const { code, said } = await soak(['--minutes', MINUTES, ...args]);
  const verdict = said.split('\n').filter((line) => /^(ok|NOT OK|not known) {2,}/.test(line));
  // By itself, since a long difference may be shown in part. Then all: a seed repeats but the order of faults.
  expect(verdict.filter((line) => line.startsWith('NOT OK'))).toEqual([]);
  expect({ code, wrong: code === 0 ? '' : said }).toEqual({ code: 0, wrong: '' });
  expect(verdict.length).toBeGreaterThanOrEqual(checks);
  // Not every machine shows the kernel's log.
  expect(said.match(/^not known .*/gm) ?? []).toEqual(
    said.includes('its log cannot be read') ? [expect.stringContaining(' the kernel does')] : [],
  );
  expect(said).toMatch(/^(all \d+ checks hold|\d+ of \d+ checks hold, 1 not known)$/m);
});

test('without TCX it ends at once, and says why', async () => {
  const ended = await soak(['--minutes', '0.1'], preloaded(WITHOUT_TCX));
  const [first, ...said] = ended.said.trimEnd().split('\n');
  expect([ended.code, first]).toEqual([1, expect.stringMatching(/^soak: 0.1 minutes/)]);
  expect(said).toEqual(['soak: a soak needs TCX, and so Linux 6.6 or newer']);
});

test('killed while all that it has started is stopped, it leaves no process', async () => {
  const child = spawn(process.execPath, [PROGRAM, '--rate', '100'], { stdio: 'ignore' });
  const ended = ending(child);
  const isThere = () => workersOf(child).length === 3 || hasEnded(child);
  await until(isThere, 'pping, and churn at both ends', DEADLINE_MS);
  const [workers, all] = [workersOf(child), childrenOf(child)];
  for (const pid of workers) process.kill(pid, 'SIGSTOP');
  child.kill('SIGKILL');
  await ended;
  try {
    await until(() => all.every((pid) => commandOf(pid) === ''), 'its processes to end');
  } finally {
    for (const pid of workers) if (WORKER.test(commandOf(pid))) process.kill(pid, 'SIGKILL');
  }
  expect(workers).toHaveLength(3);
});

/** Once setpriv and nsenter have become them. */
const WORKER = /^(node (?:\S+ )?\S+\/bin\/pping|\S+\/dist\/soak\/churn) /;

function workersOf(child: ChildProcess): number[] {
  return childrenOf(child).filter((pid) => WORKER.test(commandOf(pid)));
}

function childrenOf({ pid }: ChildProcess): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').map(Number);
}

/** Empty once it has ended. */
function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function soak(args: string[], env = {}): Promise<{ code: number | string; said: string }> {
  const options = { timeout: DEADLINE_MS, env: { ...process.env, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 'killed') : 0, said: stdout + stderr }),
    );
  });
}
