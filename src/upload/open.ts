/** What is opened, or made, while pping may still do so: before it gives up rights. */
import { chownSync, fstatSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { readFault, UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';

const OTHERS_READ = 0o004;
/** Who talks to whom, and when, is not for everybody. */
const FOLDER_MODE = 0o750;

/** Whose a folder is to be that is made. */
export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Throws a UsageError where it cannot be opened. @returns a descriptor */
export function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}

/** The same, for what nobody else is to know: throws a UsageError where others can read it. */
export function openSecret(path: string): number {
  const fd = openToRead(path);
  const stat = fstatSync(fd);
  if (stat.isFile() && (stat.mode & OTHERS_READ) !== 0) {
    throw new UsageError(
      `${path}: others can read it, and it may have a secret: chmod o-r ${path}`,
    );
  }
  return fd;
}

/** Throws a UsageError. @param path as the user gave it */
export function textOf(fd: number, path: string): string {
  try {
    return readFileSync(fd, 'utf8');
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}

/** Makes the folder where there is none. Throws a UsageError where that cannot be. @param owner undefined: who makes it */
export function makeFolder(path: string, owner?: FolderOwner): void {
  try {
    const folder = ownPath(path);
    if (statSync(folder, { throwIfNoEntry: false })) return;
    mkdirSync(folder, FOLDER_MODE);
    if (owner) chownSync(folder, owner.uid, owner.gid);
  } catch (error) {
    throw new UsageError(writeFault(path, error));
  }
}
