/** A file as a whole or not at all; what is no file is written as it is. */
import type { Stats } from 'node:fs';
import {
  access,
  constants,
  type FileHandle,
  lstat,
  open,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault, UsageError, writeFault } from '../faults.js';
import { ownPath } from '../own-path.js';

/** Of a file that is new: who talks to whom, and when, is not for everybody. */
const MODE = 0o640;
const OWNER = 0o600;
const GROUP = 0o070;
const OTHERS = 0o007;
const PERMISSIONS = 0o777;
/** Of a folder: what is made in it gets the folder's group. */
const SETGID = 0o2000;

export const STANDARD_OUTPUT = '-';

/** Before a lot of work: throws a UsageError where the file could not be written afterwards. */
export async function checkWritable(path: string): Promise<void> {
  if (path === STANDARD_OUTPUT) return;
  const target = await targetOf(path);
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${path}: is a directory`);
  if (isWrittenInPlace(found)) return;
  await access(dirname(target), constants.W_OK).catch((error) => refuse(path, error));
}

/**
 * Written beside it, then renamed: what was there before stays until all of this is, and hands on
 * its mode if it is ours. Else no more may read it than may read all of `sources`. Throws a UsageError where it cannot
 * be made, a Fault where writing fails, as on a full disk.
 * @returns whether all of it was taken: whoever reads a pipe may leave before its end
 */
export async function replaceFile(
  path: string,
  pieces: Iterable<string>,
  sources: readonly Stats[] = [],
): Promise<boolean> {
  if (path === STANDARD_OUTPUT) return writeToStandardOutput(pieces);
  const target = await targetOf(path);
  const temporary = `${target}.${process.pid}.tmp`;
  const before = await lstat(target).catch(() => undefined);
  if (isWrittenInPlace(before)) return writeInPlace(target, pieces);
  // No more may read it meanwhile than may afterwards.
  const mode = isOurs(before) ? before.mode & PERMISSIONS : await narrowest(target, sources);
  const file = await open(temporary, 'wx', mode).catch((error) => refuse(path, error));
  try {
    await fill(file, pieces, isOurs(before) ? mode : undefined).finally(() => file.close());
    await rename(temporary, target);
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    return fail(path, error);
  }
}

/** A rename would put a file in the place of a terminal, a pipe or /dev/null. */
function isWrittenInPlace(found: Stats | undefined): boolean {
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function writeToStandardOutput(pieces: Iterable<string>): Promise<boolean> {
  return isTaken('standard output', pipeline(pieces, process.stdout, { end: false }));
}

async function writeInPlace(path: string, pieces: Iterable<string>): Promise<boolean> {
  const file = await open(path, 'w').catch((error) => refuse(path, error));
  return isTaken(
    path,
    fill(file, pieces).finally(() => file.close()),
  );
}

/** A reader who has seen enough is no fault. */
async function isTaken(path: string, writing: Promise<void>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPIPE' ? false : fail(path, error);
  }
}

/** What a link points to is replaced, not the link; of a descriptor its file. */
async function targetOf(path: string): Promise<string> {
  try {
    const own = ownPath(path);
    return own.startsWith('/proc/') ? await realpath(own).catch(() => own) : own;
  } catch (error) {
    return refuse(path, error);
  }
}

function isOurs(before: Stats | undefined): before is Stats {
  return before?.isFile() === true && before.uid === process.geteuid?.();
}

/** Where the group is another than a run's, it is as all others there. */
async function narrowest(target: string, sources: readonly Stats[]): Promise<number> {
  const folder = await stat(dirname(target)).catch(() => undefined);
  const gid = folder && (folder.mode & SETGID) !== 0 ? folder.gid : process.getegid?.();
  const modes = sources
    .filter((source) => source.isFile())
    .map(({ mode, gid: group }) => (group === gid ? mode : (mode & OTHERS) << 3));
  return OWNER | modes.reduce((common, mode) => common & mode, MODE & GROUP);
}

async function fill(file: FileHandle, pieces: Iterable<string>, mode?: number): Promise<void> {
  if (mode !== undefined) await file.chmod(mode); // whatever the umask
  for (const piece of pieces) await file.writeFile(piece);
}

function refuse(path: string, error: unknown): never {
  throw new UsageError(writeFault(path, error));
}

/** It could be opened: no other arguments would help. */
function fail(path: string, error: unknown): never {
  throw new Fault(writeFault(path, error));
}
