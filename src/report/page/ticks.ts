/** Where an axis is labelled. */

const DECADE_PARTS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]];
const FEWEST = 3;

/** Round numbers from min to max, no more than `most` of them. */
export function linearTicks(min: number, max: number, most: number): number[] {
  const step = roundStep((max - min) / Math.max(1, most));
  if (!(step > 0)) return [min];
  const first = Math.ceil(min / step);
  const count = Math.floor(max / step) - first + 1;
  // Multiplied, not added up: 0.1 + 0.2 is no round number.
  return Array.from({ length: count }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** For a logarithmic axis; where that is a short stretch, round numbers as on a linear one. */
export function logTicks(min: number, max: number, most: number): number[] {
  for (const parts of DECADE_PARTS) {
    const ticks = decadesOf(min, max, parts);
    if (ticks.length > most) continue;
    return ticks.length < FEWEST && max < 10 * min ? linearTicks(min, max, most) : ticks;
  }
  const ticks = decadesOf(min, max, [1]);
  const each = Math.ceil(ticks.length / most);
  return ticks.filter((_, index) => index % each === 0);
}

function decadesOf(min: number, max: number, parts: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); 10 ** exponent <= max; exponent++) {
    ticks.push(...parts.map((part) => Number(`${part}e${exponent}`)));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

/** 1, 2 or 5 times a power of ten, and no less than this. */
function roundStep(least: number): number {
  const unit = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * unit >= least * (1 - 1e-9)) ?? 10;
  return factor * unit;
}
