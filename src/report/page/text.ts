/** Numbers and times as people read them. */

const NS_PER_MS = 1e6;
const DAY_MS = 86_400_000;

export function inMs(nanoseconds: number): number {
  return nanoseconds / NS_PER_MS;
}

/** With three decimals, and no unit: for tables. */
export function msNumber(nanoseconds: number): string {
  return grouped(inMs(nanoseconds).toFixed(3));
}

export function msText(nanoseconds: number): string {
  return `${msNumber(nanoseconds)} ms`;
}

/** 1,234,567. */
export function countText(count: number): string {
  return grouped(String(count));
}

/** 1 flow, 2 flows. */
export function quantity(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** As short as it is exact: 0.5, 20, 1000. */
export function tickText(value: number): string {
  return grouped(String(Number(value.toPrecision(6))));
}

/** UTC, whoever reads it wherever: 2026-11-20 00:27:08.276. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

/** On the time axis: as much of the time as tells ticks apart that are so far from each other. */
export function timeTickText(ms: number, apart: number): string {
  const text = timeText(ms);
  if (apart >= DAY_MS || (ms % DAY_MS === 0 && apart >= 60_000)) return text.slice(0, 10);
  return text.slice(11, apart >= 60_000 ? 16 : apart >= 1000 ? 19 : 23);
}

/** 25.3 s, 4 min 10 s, 2 h 5 min, 3 d 4 h. */
export function spanText(ms: number): string {
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(ms < 1000 ? 3 : 1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

function pair(value: number, large: number, unit: string, rest: string): string {
  const left = value % large;
  return `${Math.floor(value / large)} ${unit}${left === 0 ? '' : ` ${left} ${rest}`}`;
}

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}
