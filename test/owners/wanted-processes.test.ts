import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { WantedProcesses } from '../../src/owners/wanted-processes.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
/** Not of any process: PID_MAX_LIMIT and beyond. */
const [ONE, OTHER] = [4_194_305, 4_194_306];

/** In a /proc of our own. */
function start(pid: number, at: number, name = 'x) y'): void {
  mkdirSync(inFolder(`${pid}`), { recursive: true });
  const fields = [...Array(18).fill(0), at, 1, 2, 3];
  writeFileSync(inFolder(`${pid}/stat`), `${pid} (${name}) S ${fields.join(' ')}`);
}

test('a process whose id is given to another has ended', () => {
  start(ONE, 100);
  start(OTHER, 100);
  const processes = new WantedProcesses([ONE, OTHER], inFolder('.'));
  expect(processes.takeEnded()).toEqual([]);
  start(ONE, 101);
  start(OTHER, 100, 'it has another name now');
  expect(processes.takeEnded()).toEqual([ONE]);
  expect(processes.takeEnded()).toEqual([]);
});

test('one that is gone has ended, and that is said once', () => {
  start(ONE, 100);
  const processes = new WantedProcesses([ONE], inFolder('.'));
  rmSync(inFolder(`${ONE}`), { recursive: true });
  expect([processes.takeEnded(), processes.takeEnded()]).toEqual([[ONE], []]);
});

test('one that /proc hides has not, as long as it is there', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const hidden = new WantedProcesses([pid], inFolder('.'));
  const seen = new WantedProcesses([pid]);
  expect([hidden.takeEnded(), seen.takeEnded()]).toEqual([[], []]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([hidden.takeEnded(), seen.takeEnded()]).toEqual([[pid], [pid]]);
});
