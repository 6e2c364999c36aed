/** What is made while pping may still do so: before it gives up rights. */
import { chownSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';

/** Who talks to whom, and when, is not for everybody. */
const FOLDER_MODE = 0o750;

const UNSUPPORTED = ['EINVAL', 'ENOTSUP'];

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
    syncFolderNow(dirname(folder));
  } catch (error) {
    throw new UsageError(writeFault(path, error));
  }
}

/** The names in it are on the disk from then on. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync().catch(refuseUnlessUnsupported);
  } finally {
    await opened.close();
  }
}

function syncFolderNow(folder: string): void {
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } catch (error) {
    refuseUnlessUnsupported(error);
  } finally {
    closeSync(opened);
  }
}

/** Some file systems, such as those of networks, have nothing of the kind. */
function refuseUnlessUnsupported(error: unknown): void {
  if (!UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
