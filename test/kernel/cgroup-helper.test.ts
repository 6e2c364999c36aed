/** The cgroups that tests make. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { until } from '../../lab/until.js';
import { makeCgroup } from '../helpers/kernel/cgroup.js';

test('a cgroup goes when the processes in it have ended, and not before', async () => {
  const cgroup = makeCgroup('top/below');
  const [program = '', ...args] = cgroup.command(['cat']);
  const child = spawn(program, args);
  const events = () => readFileSync(`${cgroup.directory}/cgroup.events`, 'utf8');
  await until(() => events().includes('populated 1'), 'a process in the cgroup');
  let isRemoved = false;
  const removed = cgroup.remove().then(() => {
    isRemoved = true;
  });
  await new Promise(setImmediate);
  expect([isRemoved, existsSync(cgroup.directory)]).toEqual([false, true]);
  await end(child);
  await removed;
  expect(existsSync(cgroup.directory)).toBe(false);
});
