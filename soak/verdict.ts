// A verdict in words.
import type { Check } from './checks.js';

export function checkText({ name, isOk, detail }: Check): string {
  const state = isOk === undefined ? 'not known' : isOk ? 'ok' : 'NOT OK';
  return `${state.padEnd('not known'.length)}  ${name}: ${detail}`;
}

/** Of all together. */
export function sumText(checks: readonly Check[]): string {
  const all = checks.length;
  const [held, failed, unknown] = [true, false, undefined].map(
    (state) => checks.filter(({ isOk }) => isOk === state).length,
  );
  if (failed !== 0) return `${failed} of ${all} checks fail`;
  return unknown === 0
    ? `all ${all} checks hold`
    : `${held} of ${all} checks hold, ${unknown} not known`;
}
