import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { initCgroup } from '../../src/owners/init-cgroup.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

test.each([
  ['version 2', '0::/init.scope\n', '/init.scope'],
  ['version 2 beside version 1', '9:name=systemd:/old\n1:cpu:/a\n0::/\n', '/'],
  ['version 1 alone', '9:name=systemd:/old\n10::/a\n', undefined],
])('the cgroup of process 1: %s', (_, text, cgroup) => {
  const file = inFolder('cgroup');
  writeFileSync(file, text);
  expect(initCgroup(file)).toBe(cgroup);
});

test('is not known where it cannot be read', () => {
  expect(initCgroup(inFolder('none'))).toBeUndefined();
});
