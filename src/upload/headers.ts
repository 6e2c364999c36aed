/** The file of --http-headers: what is sent with each request, such as a token. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { UsageError } from '../faults.js';
import { textOf } from '../named-files.js';

export type Header = readonly [name: string, value: string];

/** They say how the body comes, which is ours to say. */
const OURS = ['connection', 'content-encoding', 'content-length', 'transfer-encoding'];

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

/** @returns a text that says what is wrong, where something is */
function headerIn(line: string): Header | string {
  const [, name = '', value = ''] = /^([^:]*):\s*(.*?)\s*$/.exec(line) ?? [];
  try {
    validateHeaderName(name);
    validateHeaderValue(name, asSent(value));
  } catch {
    return 'not a header: write Name: value';
  }
  const lower = name.toLowerCase();
  return OURS.includes(lower) ? `pping sets ${lower} itself` : [lower, value];
}

/** The bytes of the file: Node has one character stand for each. */
export function asSent(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}
