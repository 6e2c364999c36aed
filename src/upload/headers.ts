/** The file of --http-headers: what is sent with each request, such as a token. */
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { readFault, UsageError } from '../faults.js';

export type Header = readonly [name: string, value: string];

const OTHERS_READ = 0o004;
/** They say how the body comes, which is ours to say. */
const OURS = ['connection', 'content-encoding', 'content-length', 'transfer-encoding'];

/** Opens the file. Throws a UsageError where that cannot be, or others can read it. @returns its descriptor */
export function openHeaders(path: string): number {
  const fd = openToRead(path);
  const stat = fstatSync(fd);
  if (stat.isFile() && (stat.mode & OTHERS_READ) !== 0) {
    throw new UsageError(
      `${path}: others can read it, and it may have a secret: chmod o-r ${path}`,
    );
  }
  return fd;
}

/** Throws a UsageError where it cannot be opened. */
export function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}

/**
 * Reads lines such as `Authorization: Bearer x` from an open file. Empty lines, and those that begin with #, are
 * left out. Throws a UsageError that has the number of a line and never its text.
 * @param path as the user gave it
 * @returns names in lower case
 */
export function readHeaders(fd: number, path: string): readonly Header[] {
  const lines = textOf(fd, path).split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const header = headerIn(line);
    if (typeof header !== 'string') return [header];
    throw new UsageError(`${path}: line ${index + 1}: ${header}`);
  });
}

/** Throws a UsageError. @param path as the user gave it */
export function textOf(fd: number, path: string): string {
  try {
    return readFileSync(fd, 'utf8');
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}

/** @returns a text that says what is wrong, where something is */
function headerIn(line: string): Header | string {
  const [, name = '', value = ''] = /^([^:]*):\s*(.*?)\s*$/.exec(line) ?? [];
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    return 'not a header: write Name: value';
  }
  const lower = name.toLowerCase();
  return OURS.includes(lower) ? `pping sets ${lower} itself` : [lower, value];
}
