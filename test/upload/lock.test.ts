/** Which process has a folder, where several want it at once. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { end } from '../../lab/child.js';
import { leaveFolder, takeFolder } from '../../src/upload/lock.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const ENDED = '4194305 00000000-0000-0000-0000-000000000000 1';
/** Once the lock is read, does what it is told, and only then has the reader see the process that has ended. */
const INTERLEAVED = `exec 3>"$1/lock"; rm "$1/lock"; eval "$2"; printf '%s' "$3" >&3; exec 3>&-; read -r _`;

const inFolder = useTemporaryFolder();
let other: ChildProcess | undefined;

afterEach(async () => {
  if (other) await end(other, 'SIGKILL');
  other = undefined;
});

const lock = () => readlinkSync(inFolder('lock'));

describe('a process that has ended is seen in the lock', () => {
  beforeEach(() => {
    execFileSync('mkfifo', [inFolder('lock')]);
  });

  /** @param command what is done before takeFolder() gets to know who has the lock. @returns its process id */
  function meanwhile(command: string): number {
    const args = ['-c', INTERLEAVED, 'sh', inFolder(''), command, ENDED];
    other = spawn('sh', args, { stdio: ['pipe', 'inherit', 'inherit'] });
    const { pid } = other;
    if (pid === undefined) throw new Error('no shell');
    writeFileSync(inFolder('other'), identityOf(pid));
    return pid;
  }

  test('and another one takes the folder meanwhile: that one has it', () => {
    const pid = meanwhile('mv "$1/other" "$1/lock"');
    expect(takeFolder(inFolder(''))).toBe(pid);
    expect(lock()).toBe(identityOf(pid));
    expect(readdirSync(inFolder(''))).toEqual(['lock']);
  });

  test('and another one removes it meanwhile: the folder is free', () => {
    meanwhile('rm "$1/other"');
    expect(takeFolder(inFolder(''))).toBeUndefined();
    expect(lock()).toBe(identityOf(process.pid));
    expect(readdirSync(inFolder(''))).toEqual(['lock']);
  });
});

test.each([
  ['a link', symlinkSync],
  [
    'a file, as earlier versions make it',
    (text: string, path: string) => writeFileSync(path, text),
  ],
])('that of a process that has ended, %s, is taken over, and left', (_, make) => {
  make(ENDED, inFolder('lock'));
  expect(takeFolder(inFolder(''))).toBeUndefined();
  expect(lock()).toBe(identityOf(process.pid));
  leaveFolder(inFolder(''));
  expect(readdirSync(inFolder(''))).toEqual([]);
});

test('the lock of another process stays when this one leaves', () => {
  symlinkSync(ENDED, inFolder('lock'));
  leaveFolder(inFolder(''));
  expect(lock()).toBe(ENDED);
});

/** As of a process that is there. */
function identityOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${pid} ${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}
