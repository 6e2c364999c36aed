/** Files that options name, to be read: opened while pping may still do so, before it gives up rights. */
import { fstatSync, openSync, readSync } from 'node:fs';
import { readFault, UsageError } from './faults.js';

const OTHERS_READ = 0o004;

/** More is no file that an option means: a device may have no end. */
const MOST_BYTES = 2 ** 24;
const READ_BYTES = 2 ** 16;

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
  return contentOf(fd, path).toString();
}

/** The same, byte by byte. Throws a UsageError also where there are more than 16 MiB. */
export function contentOf(fd: number, path: string): Buffer {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= MOST_BYTES; ) {
    const chunk = nextChunk(fd, path);
    if (chunk.length === 0) return Buffer.concat(chunks);
    chunks.push(chunk);
    size += chunk.length;
  }
  throw new UsageError(`${path}: too long: at most 16 MiB are read`);
}

/** @returns empty at the end */
function nextChunk(fd: number, path: string): Buffer {
  const chunk = Buffer.alloc(READ_BYTES);
  try {
    return chunk.subarray(0, readSync(fd, chunk));
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}
