/** What is said before the tests begin, of a machine where some of them cannot pass. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const program = join(repositoryRoot, 'tools/check-machine');

/** @param commands that are other ones, or fail */
function check(commands: Readonly<Record<string, string>>) {
  for (const [name, script] of Object.entries(commands))
    writeFileSync(inFolder(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${inFolder('.')}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(program, { env, encoding: 'utf8' });
  return { status, stdout, lines: stderr.split('\n').slice(0, -1) };
}

test('all that is missing is said at once, each in one line', () => {
  const { status, stdout, lines } = check({ id: 'echo 0', unshare: 'exit 1' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(lines).toContainEqual(
    expect.stringMatching(/^check-machine: .*unshare --mount.*: .*chroot/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^check-machine: .*unshare --net.*: .*container/),
  );
});

test('without root nothing is checked: these tests are left out', () => {
  const nothing = { status: 0, stdout: '', lines: [] };
  expect(check({ id: 'echo 1000', unshare: 'exit 1' })).toEqual(nothing);
});

describe('where these tests run', () => {
  test('nothing is missing', () => {
    expect(execFileSync(program, { encoding: 'utf8' })).toBe('');
  });
});
