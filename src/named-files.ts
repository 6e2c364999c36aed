/** Files that options name, to be read: opened while pping may still do so, before it gives up rights. */
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { readFault, UsageError } from './faults.js';

const OTHERS_READ = 0o004;

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

/** The same, byte by byte. */
export function contentOf(fd: number, path: string): Buffer {
  try {
    return readFileSync(fd);
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}
