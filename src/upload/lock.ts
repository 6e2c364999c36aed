/**
 * A link that says which process uses a folder: what it leads to is no path, but who that is. Unlike a file with that
 * text it needs no room on a disk, which may be full of what is in the folder. One of a process that has ended does
 * not count.
 */
import { readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { processStart } from '../process-start.js';

const NAME = 'lock';
/** Each that fails is another process that has made or removed it; or it is something else that is in the way. */
const ATTEMPTS = 100;

/**
 * Takes the folder for this process.
 * @returns undefined, or the id of the process that has it
 */
export function takeFolder(folder: string): number | undefined {
  const path = `${folder}/${NAME}`;
  const own = identityOf(process.pid) ?? `${process.pid}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isMade(own, path)) return undefined;
    const identity = identityIn(path);
    if (identity === undefined) continue;
    const holder = holderOf(identity);
    if (holder !== undefined) return holder;
    removeStale(path, identity);
  }
  throw new Error(`${path} cannot be made`);
}

/** Where another process has it by now, it stays. */
export function leaveFolder(folder: string): void {
  const path = `${folder}/${NAME}`;
  if (identityIn(path) === identityOf(process.pid)) rmSync(path, { force: true });
}

/** @returns false where there is one already */
function isMade(identity: string, path: string): boolean {
  try {
    symlinkSync(identity, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Another process may have removed it since, and have put its own there: that goes back. */
function removeStale(path: string, identity: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  try {
    const moved = identityIn(aside);
    if (moved !== undefined && moved !== identity) isMade(moved, path);
  } finally {
    unlinkSync(aside);
  }
}

/** Undefined where there is no lock. */
function identityIn(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL') return textIn(path);
    if (code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Earlier versions make a file. */
function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Undefined where that process has ended. */
function holderOf(identity: string): number | undefined {
  const pid = Number(identity.split(' ')[0]);
  const isThere = pid > 0 && identityOf(pid) === identity;
  return isThere && pid !== process.pid ? pid : undefined;
}

/** Ids of processes are used again, also after the next boot. Undefined where there is no such process. */
function identityOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return isAlive(pid) ? `${pid}` : undefined;
  try {
    const started = processStart(pid);
    if (started === undefined) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${pid} ${boot} ${started}`;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
