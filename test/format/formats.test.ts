import { expect, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { createFormatter, FORMATS } from '../../src/format/formats.js';
import { lossEvent } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';

const options = { clock: new Clock(0n), interface: 'eth9', color: false };

test.each([
  ['human', /^\d\d:\d\d:01\.234567 {2}lost 3 RTTs/],
  ['ndjson', /^\{"type":"loss","timestamp":1234567890,"interface":"eth9",/],
] as const)('%s is what it says', (name, line) => {
  expect(textOf(createFormatter(name, options), lossEvent())).toMatch(line);
});

test('csv is rows of RTTs, or of intervals where these are asked for', () => {
  const intervals = { isTerminal: false, by: undefined, isFine: false };
  expect(createFormatter('csv', options).heading).toMatch(/^timestamp,interface,flow_id,/);
  expect(createFormatter('csv', { ...options, intervals }).heading).toMatch(
    /^timestamp,interface,interval,/,
  );
});

test('colour reaches the formats for people only', () => {
  const painted = FORMATS.filter((name) =>
    textOf(createFormatter(name, { ...options, color: true }), lossEvent()).includes('\x1b['),
  );
  expect(painted).toEqual(['human', 'pping']);
});
