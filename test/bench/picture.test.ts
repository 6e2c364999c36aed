/** The picture of how costs grow. */
import { expect, test } from '@jest/globals';
import { drawPicture } from '../../bench/scale/picture.js';

const FLOWS = [10, 1_000, 100_000];
const VALUES = [100, 250, 700];
const picture = drawPicture(FLOWS, () => VALUES);
/** Of each line its points, as x and y. */
const lines = Array.from(picture.matchAll(/class="line \w+" d="M([^"]+)"/g), ([, path = '']) =>
  path.split('L').map((point) => point.split(' ').map(Number)),
);

test('has a line for each cost, with a point for each number of flows', () => {
  expect(lines.length).toBe(5);
  for (const line of lines) expect(line.length).toBe(FLOWS.length);
});

test('has equal steps for equal factors of flows, and what costs more above', () => {
  for (const line of lines) {
    const [x, y] = [0, 1].map((at) => line.map((point) => point[at] ?? Number.NaN));
    const [first = 0, second = 0, third = 0] = x ?? [];
    expect(third - second).toBeCloseTo(second - first);
    expect(y).toEqual([...(y ?? [])].sort((one, other) => other - one));
  }
});

test('names what is on its axes', () => {
  for (const text of ['10', '1k', '100k', '800', 'reader, us per event']) {
    expect(picture).toContain(`>${text}</text>`);
  }
});

test('can be read on light and dark pages', () =>
  expect(picture).toContain('prefers-color-scheme: dark'));
