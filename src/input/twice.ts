/** Whether one capture is given as several. */

import { UsageError } from '../faults.js';
import { STDIN } from '../stdio/descriptors.js';
import { statOf } from './own-input.js';

/**
 * Throws a UsageError where two are one file, by whatever names: it would count as two places. Of a pipe each
 * would get a part.
 * @param inputs paths; `-` is standard input
 */
export function refuseTwice(inputs: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const input of inputs) {
    const identity = identityOf(input);
    const before = identity && seen.get(identity);
    if (before !== undefined) throw new UsageError(twiceText(before, input));
    if (identity !== undefined) seen.set(identity, input);
  }
}

/** Undefined where it may be read twice, as devices, or is not there. */
function identityOf(input: string): string | undefined {
  const stat = statOf(input === '-' ? STDIN : input);
  const isOne = stat && (stat.isFile() || stat.isFIFO() || stat.isSocket());
  return isOne ? `${stat.dev}:${stat.ino}` : undefined;
}

function twiceText(before: string, input: string): string {
  if (before === input) return `${input} was given twice`;
  return `${nameOf(before)} and ${nameOf(input)} are the same capture`;
}

function nameOf(input: string): string {
  return input === '-' ? 'standard input' : input;
}
