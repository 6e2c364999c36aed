/** Opens what lines are written to: a file, or standard output. */
import { constants, fchownSync, openSync, statSync } from 'node:fs';
import { UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';
import { STDOUT } from '../stdio/descriptors.js';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
/** Who talks to whom, and when, is not for everybody. */
const MODE = 0o640;

/** Whose a file is to be that is made. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Opens `path` to append to, or standard output. Throws a UsageError where that cannot be.
 * @param owner undefined: whoever makes it
 */
export function openOutput(path: string | undefined, owner?: FileOwner): number {
  if (path === undefined) return STDOUT;
  return (owner && made(path, owner)) ?? open(path, APPEND);
}

/** Undefined where it is there. */
function made(path: string, { uid, gid }: FileOwner): number | undefined {
  try {
    const fd = openOwn(ownPath(path), APPEND | constants.O_EXCL);
    fchownSync(fd, uid, gid);
    return fd;
  } catch {
    return undefined; // opening it says why it cannot be
  }
}

/** The same, but not to wait for a FIFO's reader: a run goes on meanwhile. */
export function reopenOutput(path: string): number {
  return open(path, APPEND | constants.O_NONBLOCK);
}

function open(path: string, flags: number): number {
  try {
    return openOwn(ownPath(path), flags);
  } catch (error) {
    throw new UsageError(openFault(path, error));
  }
}

/** @param path without links, but for a descriptor's: one that is there now was laid meanwhile */
function openOwn(path: string, flags: number): number {
  const noLink = path.startsWith('/proc/') ? 0 : (constants.O_NOFOLLOW ?? 0);
  return openSync(path, flags | noLink, MODE);
}

function openFault(path: string, error: unknown): string {
  const isUnread = (error as NodeJS.ErrnoException).code === 'ENXIO' && isFifo(path);
  return isUnread ? `${path}: no reader on this FIFO` : writeFault(path, error);
}

function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}
