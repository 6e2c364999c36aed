import { describe, expect, test } from '@jest/globals';
import { SLICE_NS, SLICES, Sparkline } from '../../src/screen/sparkline.js';

const MS = 1e6;
/** A time as machines have it that are up for a month. */
const START = 864_001 * SLICE_NS;

/** At so many slices after the start, an RTT in ms. */
function sparkline(...recorded: readonly (readonly [slices: number, rtt: number])[]): Sparkline {
  const line = new Sparkline();
  for (const [slices, rtt] of recorded) line.record(rtt * MS, START + slices * SLICE_NS);
  return line;
}

const textAt = (line: Sparkline, slices: number) => line.text(START + slices * SLICE_NS);

test('of nothing is empty', () => {
  expect(textAt(new Sparkline(), 0)).toBe(' '.repeat(SLICES));
});

test('has a character for each three seconds of a minute, the latest last', () => {
  expect(SLICE_NS * SLICES).toBe(60e9);
  expect(textAt(sparkline([0, 8], [1, 4]), 1)).toBe('█▅'.padStart(SLICES));
  expect(textAt(sparkline([0, 8], [1, 4]), 3)).toBe('█▅  '.padStart(SLICES));
});

test('has the highest of each slice', () => {
  expect(textAt(sparkline([0, 8], [1, 1], [1.5, 4], [1.9, 2]), 1)).toBe('█▅'.padStart(SLICES));
});

describe('the scale', () => {
  test('goes from nothing to the highest in eight steps', () => {
    const line = sparkline(...[1, 2, 3, 4, 5, 6, 7, 8].map((rtt) => [rtt, rtt] as const));
    expect(textAt(line, 8).trim()).toBe('▂▃▄▅▆▇██');
    expect(textAt(sparkline([0, 800], [1, 1]), 1).trim()).toBe('█▁');
  });

  test('is of the last minute only: what was higher before does not flatten it', () => {
    const line = sparkline([0, 900], [10, 1]);
    expect(textAt(line, 19)).toBe('█         ▁         ');
    expect(textAt(line, 20)).toBe('         █          ');
  });
});

describe('what is over a minute ago', () => {
  test('is gone', () => {
    const line = sparkline([0, 8]);
    expect(textAt(line, SLICES - 1)).toBe('█'.padEnd(SLICES));
    expect(textAt(line, SLICES)).toBe(' '.repeat(SLICES));
  });

  test.each([SLICES, SLICES + 1, 2 * SLICES, 5 * SLICES + 3])(
    'does not come back after a pause of %d slices',
    (pause) => {
      const line = sparkline(...Array.from({ length: SLICES }, (_, at) => [at, 9] as const));
      line.record(MS, START + (SLICES - 1 + pause) * SLICE_NS);
      expect(textAt(line, SLICES - 1 + pause)).toBe('█'.padStart(SLICES));
    },
  );

  test('makes room, slice by slice, for hours', () => {
    const line = new Sparkline();
    for (let slice = 0; slice < 2_401; slice++) {
      line.record(slice % 2 === 0 ? 8 * MS : MS, START + slice * SLICE_NS);
    }
    expect(textAt(line, 2_400)).toBe('▂█'.repeat(SLICES / 2));
  });
});

test('an event that comes over a minute late is left out', () => {
  expect(textAt(sparkline([30, 4], [10, 8]), 30)).toBe('█'.padStart(SLICES));
  expect(textAt(sparkline([30, 4], [11, 8]), 30)).toBe(`█${'▅'.padStart(SLICES - 1)}`);
});

test('an event that comes late is put where it belongs', () => {
  expect(textAt(sparkline([0, 8], [2, 8], [1, 4]), 2)).toBe('█▅█'.padStart(SLICES));
});
