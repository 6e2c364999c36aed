/** Ids as runtimes draw them, for tests that have files of several. */

/** @param digits what it begins with, of 0 to 9 and a to f */
export function containerId(digits: string): string {
  return digits.padEnd(64, '0');
}
