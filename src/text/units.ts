/** Numbers as people read them. */

const NS_PER_MS = 1e6;
const UNITS = [
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
] as const;

/** Always in milliseconds, so that columns and scripts need no units. */
export function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / NS_PER_MS).toFixed(3)} ms`;
}

/** Three digits that mean something, for tables: 0.05, 1.23, 12.3, 1234. */
export function significant(number: number): string {
  const magnitude = Math.abs(number);
  if (magnitude >= 99.95) return number.toFixed(0);
  if (magnitude >= 9.995) return number.toFixed(1);
  return number.toFixed(magnitude >= 0.9995 ? 2 : 3);
}

/** 1 sample, 2 samples. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** A duration in the largest unit that needs no fraction: 100ms, 1500us. */
export function durationText(nanoseconds: bigint): string {
  for (const [unit, length] of UNITS) {
    if (nanoseconds >= length && nanoseconds % length === 0n)
      return `${nanoseconds / length}${unit}`;
  }
  return `${nanoseconds}ns`;
}

/** Thousandths as a decimal number: 1500n is 1.5. */
export function factorText(thousandths: bigint): string {
  return String(Number(thousandths) / 1000);
}

/** How much of a whole, without a fraction: 98 %. Only nothing is 0 %, and only all of it 100 %. */
export function percent(part: number, whole: number): string {
  if (part <= 0 || whole === 0) return '0 %';
  const rounded = Math.round((100 * part) / whole);
  if (rounded === 0) return '<1 %';
  return rounded === 100 && part < whole ? '>99 %' : `${rounded} %`;
}

/** A small part of a whole, for tables: 0.3%, 12%; - where it is not known. */
export function shareText(share: number | undefined): string {
  return share === undefined ? '-' : `${shareNumber(share)}%`;
}

/** The same within a sentence: 0.3 %, 12 %. */
export function sharePhrase(share: number): string {
  return `${shareNumber(share)} %`;
}

function shareNumber(share: number): string {
  const percent = 100 * share;
  if (percent === 0 || percent >= 9.95) return percent.toFixed(0);
  return percent < 0.05 ? '<0.1' : percent.toFixed(1);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 1234567 is 1.2 MB. */
export function byteCount(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const scaled = bytes / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${BYTE_UNITS[power]}`;
}
