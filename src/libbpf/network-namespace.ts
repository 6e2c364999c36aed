/** Network namespaces: which one a word means, and being in it. */
import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, readFault, UsageError } from '../faults.js';
import { KernelError } from './errors.js';
import { errno, libc } from './ffi.js';
import { isShortage } from './shortage.js';

/** Where ip(8) has those with a name. */
export const NAMED = '/run/netns';
/** Of this thread; the same until it enters another one. */
const PRESENT = '/proc/thread-self/ns/net';
/** linux/sched.h */
const CLONE_NEWNET = 0x4000_0000;
const EINVAL = 22;
const MISSING = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];
const { O_RDONLY, O_NONBLOCK } = constants;

/** One of them, as it can be found. */
export interface NamespaceAt {
  /** As users call it; undefined is the one that pping was started in. */
  readonly name: string | undefined;
  /** Tells it from others as long as it is there. */
  readonly inode: number;
  /** Leads to it as long as a process is in it, or its name is there. */
  readonly path: string;
}

/** It is there no more, or nothing leads to it. */
export class NamespaceGone extends Fault {}

/** It may not be entered, or not now: there may be no memory or descriptor for that. */
export class CannotEnter extends KernelError {}

/**
 * Enters a network namespace: this thread alone, and what it executes.
 * @param word a name, as ip netns has it; the id of a process that is in it; or a path, with a slash in it
 * Throws a UsageError where there is none, a Fault where it may not be entered.
 */
export function enterNamespace(word: string): void {
  const fd = opened(word);
  try {
    enter(fd, word);
  } finally {
    closeSync(fd);
  }
}

/** What a word means, as of enterNamespace(). Throws as that does, but does not try to enter. */
export function findNamespace(word: string): NamespaceAt {
  const fd = opened(word);
  try {
    const { ino: inode } = fstatSync(fd);
    return { name: inode === ownInode() ? undefined : word, inode, path: pathOf(word) };
  } finally {
    closeSync(fd);
  }
}

/** The one that pping was started in. */
export function ownNamespace(): NamespaceAt {
  return { name: undefined, inode: ownInode(), path: PRESENT };
}

/**
 * Does something with this thread in a namespace; nothing that goes on after it has returned. Throws a NamespaceGone
 * where it cannot be found any more, a CannotEnter where it cannot be entered.
 */
export function inNamespace<Result>(where: NamespaceAt, work: () => Result): Result {
  const { name, inode } = where;
  if (name === undefined) return work();
  const own = ownDescriptor();
  const fd = reopened(where);
  try {
    if (fstatSync(fd).ino !== inode) throw new NamespaceGone(goneText(name));
    enter(fd, name);
  } finally {
    closeSync(fd);
  }
  try {
    return work();
  } finally {
    enter(own, 'that pping was started in');
  }
}

let own: number | undefined;

function ownDescriptor(): number {
  own ??= openSync(PRESENT, O_RDONLY);
  return own;
}

function ownInode(): number {
  return fstatSync(ownDescriptor()).ino;
}

function enter(fd: number, word: string): void {
  if (libc.setns(fd, CLONE_NEWNET) === 0) return;
  if (errno() === EINVAL) throw new UsageError(`--netns: ${word} is not a network namespace`);
  throw new CannotEnter(`enter the network namespace ${word}`, errno(), '; it needs root');
}

function reopened({ name = '', path }: NamespaceAt): number {
  try {
    return openSync(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    const { code = '' } = failure;
    if (MISSING.includes(code)) throw new NamespaceGone(goneText(name), { cause: error });
    throw new CannotEnter(`open the network namespace ${name}`, -(failure.errno ?? 0));
  }
}

function goneText(name: string): string {
  return `network namespace ${name} is gone`;
}

function pathOf(word: string): string {
  if (word.includes('/')) return word;
  const named = join(NAMED, word);
  return /^\d+$/.test(word) && !existsSync(named) ? `/proc/${word}/ns/net` : named;
}

function opened(word: string): number {
  const path = pathOf(word);
  try {
    // Of a pipe there may be nobody at the other end.
    return openSync(path, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (MISSING.includes(code)) throw new UsageError(missingText(word));
    throw new Fault(`--netns: ${readFault(path, error)}`, { cause: error });
  }
}

function missingText(word: string): string {
  if (word.includes('/')) return `--netns: ${word}: no such file`;
  if (/^\d+$/.test(word)) return `--netns: no process ${word} here`;
  const names = namesThere();
  const choice = names.length === 0 ? 'none has a name' : `available: ${names.join(' ')}`;
  return `--netns: no network namespace ${JSON.stringify(word)} here; ${choice}`;
}

/** Those that ip(8) has given. */
export function namesThere(): string[] {
  try {
    return readdirSync(NAMED).sort();
  } catch (error) {
    // They are still there.
    if (isShortage(error)) throw error;
    return [];
  }
}
