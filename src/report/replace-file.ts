/** A file as a whole or not at all; what is no file is written as it is. */
import type { Stats } from 'node:fs';
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
import { pipeline } from 'node:stream/promises';
import { messageOf, UsageError } from '../faults.js';

export const STANDARD_OUTPUT = '-';

/** Before a lot of work: throws a UsageError where the file could not be written afterwards. */
export async function checkWritable(path: string): Promise<void> {
  if (path === STANDARD_OUTPUT) return;
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`cannot write ${path}: it is a directory`);
  if (isWrittenInPlace(found)) return;
  await access(dirname(path), constants.W_OK).catch((error) => refuse(path, error));
}

/**
 * Written beside it, then renamed: what was there before stays until all of this is, and hands on
 * its mode.
 */
export async function replaceFile(path: string, pieces: Iterable<string>): Promise<void> {
  if (path === STANDARD_OUTPUT) return writeToStandardOutput(pieces);
  // What a link points to is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${process.pid}.tmp`;
  const before = await stat(target).catch(() => undefined);
  if (isWrittenInPlace(before)) return writeInPlace(path, pieces);
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

/** A rename would put a file in the place of a terminal, a pipe or /dev/null. */
function isWrittenInPlace(found: Stats | undefined): boolean {
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function writeToStandardOutput(pieces: Iterable<string>): Promise<void> {
  await pipeline(pieces, process.stdout, { end: false }).catch((error) => {
    refuse('standard output', error);
  });
}

async function writeInPlace(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await open(path, 'w').catch((error) => refuse(path, error));
  await fill(file, pieces)
    .finally(() => file.close())
    .catch((error) => refuse(path, error));
}

async function fill(file: FileHandle, pieces: Iterable<string>, mode?: number): Promise<void> {
  if (mode !== undefined) await file.chmod(mode); // whatever the umask
  for (const piece of pieces) await file.writeFile(piece);
}

function refuse(path: string, error: unknown): never {
  throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
}
