/** Sizes as people write them. */

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`, `1G`, `1.5GiB`: powers of 1024. Throws an Error that says what is wrong. @returns bytes */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?) ?([KMGT])(?:iB)?$/i.exec(text) ?? [];
  const bytes = Number(number) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
  if (Number.isNaN(bytes)) {
    throw new Error('not a size; write for example 512M or 1G');
  }
  return Math.floor(bytes);
}
