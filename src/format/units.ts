/** Numbers as people read them. */

const NS_PER_MS = 1e6;

/** Always in milliseconds, so that columns and scripts need no units. */
export function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / NS_PER_MS).toFixed(3)} ms`;
}

/** 1 sample, 2 samples. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
