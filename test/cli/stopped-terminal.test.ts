/** A terminal that takes nothing more, as after Ctrl-S: one signal ends pping nevertheless. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { pping } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const DEADLINE_MS = 60_000;
/** A line has about a hundred bytes: more than all that lies between pping and who does not read. */
const SAMPLES = 40_000;
/** Looks in which nothing more was written. */
const STILL = 50;

const inFolder = useTemporaryFolder();
let script: ChildProcess | undefined;

afterEach(async () => {
  if (script) await end(script, 'SIGKILL');
});

/** On a terminal of its own, which script(1) reads as long as it can write what it has read. @returns its pid */
async function onStoppedTerminal(args: string): Promise<number> {
  script = spawn('script', ['-qec', `exec '${pping}' ${args}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { pid } = script;
  const children = () => read(`/proc/${pid}/task/${pid}/children`).trim();
  await until(() => children() !== '', 'pping', DEADLINE_MS);
  return Number(children().split(' ')[0]);
}

async function stops(pid: number): Promise<void> {
  let [written, looks] = ['', 0];
  const isStill = () => {
    const now = /^wchar: (\d+)$/m.exec(read(`/proc/${pid}/io`))?.[1] ?? '';
    looks = now === written ? looks + 1 : 0;
    written = now;
    return looks > STILL && Number(written) > 100_000;
  };
  await until(isStill, 'the terminal to be full', DEADLINE_MS);
}

function hasEnded(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test.each(['SIGINT', 'SIGTERM'])('a replay that nobody reads, by %s', async (signal) => {
  writeFileSync(inFolder('many.pcap'), pcap(conversation(SAMPLES), { nanoseconds: true }));
  const pid = await onStoppedTerminal(`-r '${inFolder('many.pcap')}' --rate 0`);
  await stops(pid);
  expect(hasEnded(pid)).toBe(false);
  process.kill(pid, signal);
  await until(() => hasEnded(pid), 'the end', DEADLINE_MS);
});
