/** Whether what is written would go into what is read. */

import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { UsageError } from '../faults.js';
import { STDIN, STDOUT } from '../stdio/descriptors.js';

/**
 * Throws a UsageError where both are one file, by whatever names.
 * @param input a path; `-` is standard input
 * @param output a path; undefined is standard output
 */
export function refuseOwnInput(input: string, output: string | undefined): void {
  const [read, written] = [statOf(input === '-' ? STDIN : input), statOf(output ?? STDOUT)];
  if (!read?.isFile() || read.dev !== written?.dev || read.ino !== written.ino) return;
  const name = output ?? 'standard output';
  throw new UsageError(`${name} is the capture itself, which what is written would damage`);
}

/** Undefined where it is not there, or not ours to look at: opening it says so. */
export function statOf(file: string | number): BigIntStats | undefined {
  try {
    return typeof file === 'number'
      ? fstatSync(file, { bigint: true })
      : statSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}
