/** What is made while pping may still do so: before it gives up rights. */
import { chownSync, mkdirSync, statSync } from 'node:fs';
import { UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';

/** Who talks to whom, and when, is not for everybody. */
const FOLDER_MODE = 0o750;

/** Whose a folder is to be that is made. */
export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
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
