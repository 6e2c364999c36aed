/** Where tests run in a chroot, and below /root. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const LOOK = [
  'unshare --mount true && echo own mounts',
  'stat --format=%a /run',
  'setpriv --reuid 65534 --regid 65534 --clear-groups cat Makefile',
  'exit 7',
].join('\n');

/** A checkout with the program, and a Makefile. @returns its program */
function checkout(folder: string): string {
  mkdirSync(join(folder, 'tools'), { recursive: true });
  writeFileSync(join(folder, 'Makefile'), 'of the checkout\n');
  const program = join(folder, 'tools/as-booted');
  cpSync(join(repositoryRoot, 'tools/as-booted'), program);
  return program;
}

function outputOf(argv: readonly string[]): { status: number; output: string } {
  const [program = '', ...args] = argv;
  try {
    return { status: 0, output: execFileSync(program, args, { encoding: 'utf8' }) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, output: stdout };
  }
}

test('a command has mounts of its own, a /run of root alone, a checkout that all can read, and its exit code is kept', () => {
  mkdirSync(inFolder('closed'), { mode: 0o700 });
  const program = checkout(inFolder('closed/pping'));
  expect(outputOf([program, 'bash', '-c', LOOK])).toEqual({
    status: 7,
    output: 'own mounts\n755\nof the checkout\n',
  });
});

test('where nothing is missing the command is just run, in the checkout', () => {
  const { status, output } = outputOf([join(repositoryRoot, 'tools/as-booted'), 'pwd']);
  expect({ status, output: output.trim() }).toEqual({ status: 0, output: repositoryRoot });
});
