/** A file as a whole or not at all. */
import {
  access,
  constants,
  type FileHandle,
  open,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, UsageError } from '../faults.js';

/** Before a lot of work: throws a UsageError where the file could not be written afterwards. */
export async function checkWritable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // A rename would put a file in the place of /dev/stdout or /dev/null.
  if (found && !found.isFile()) throw new UsageError(`cannot write ${path}: it is no file`);
  await access(dirname(path), constants.W_OK).catch((error) => refuse(path, error));
}

/**
 * Written beside it, then renamed: what was there before stays until all of this is, and hands on
 * its mode.
 */
export async function replaceFile(path: string, pieces: Iterable<string>): Promise<void> {
  // What a link points to is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${process.pid}.tmp`;
  const before = await stat(target).catch(() => undefined);
  // No more may read it meanwhile than may afterwards.
  const file = await open(temporary, 'wx', before?.mode).catch((error) => refuse(path, error));
  try {
    await fill(file, pieces, before?.mode).finally(() => file.close());
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    refuse(path, error);
  }
}

async function fill(file: FileHandle, pieces: Iterable<string>, mode?: number): Promise<void> {
  if (mode !== undefined) await file.chmod(mode); // whatever the umask
  for (const piece of pieces) await file.writeFile(piece);
}

function refuse(path: string, error: unknown): never {
  throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
}
