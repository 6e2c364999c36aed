/** The network namespace that a run is in: another one, where that was asked for. */
import { closeSync, constants, existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, readFault, UsageError } from '../faults.js';
import { KernelError } from './errors.js';
import { errno, libc } from './ffi.js';

/** Where ip(8) has those with a name. */
const NAMED = '/run/netns';
/** linux/sched.h */
const CLONE_NEWNET = 0x4000_0000;
const EINVAL = 22;
const MISSING = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];
const { O_RDONLY, O_NONBLOCK } = constants;

/**
 * Enters a network namespace: this thread alone, and what it executes.
 * @param word a name, as ip netns has it; the id of a process that is in it; or a path, with a slash in it
 * Throws a UsageError where there is none, a Fault where it may not be entered.
 */
export function enterNamespace(word: string): void {
  const fd = opened(word, pathOf(word));
  try {
    if (libc.setns(fd, CLONE_NEWNET) === 0) return;
    if (errno() === EINVAL) throw new UsageError(`--netns: ${word} is no network namespace`);
    throw new KernelError(`enter the network namespace ${word}`, errno(), '; it takes root');
  } finally {
    closeSync(fd);
  }
}

function pathOf(word: string): string {
  if (word.includes('/')) return word;
  const named = join(NAMED, word);
  return /^\d+$/.test(word) && !existsSync(named) ? `/proc/${word}/ns/net` : named;
}

function opened(word: string, path: string): number {
  try {
    // Of a pipe there may be nobody at the other end.
    return openSync(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (MISSING.includes(code)) throw new UsageError(missingText(word));
    throw new Fault(`--netns: ${readFault(path, error)}`);
  }
}

function missingText(word: string): string {
  if (word.includes('/')) return `--netns: ${word}: no such file`;
  if (/^\d+$/.test(word)) return `--netns: no process ${word} here`;
  const names = namesThere();
  const choice = names.length === 0 ? 'none has a name' : `there are: ${names.join(' ')}`;
  return `--netns: no network namespace ${JSON.stringify(word)} here; ${choice}`;
}

function namesThere(): string[] {
  try {
    return readdirSync(NAMED).sort();
  } catch {
    return [];
  }
}
