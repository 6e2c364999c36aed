import { expect, test } from '@jest/globals';
import { severityOf } from '../../src/summary/severity.js';

const MS = 1e6;

// All in ms.
test.each([
  [0.05, 0, 'fine'],
  [0.05, 0.99, 'fine'], // twenty times as long, and noise
  [0.05, 1, 'alarming'],
  [10, 4.99, 'fine'],
  [10, 5, 'notable'], // half as long again
  [10, 19.99, 'notable'],
  [10, 20, 'alarming'], // three times as long
  [200, 29.99, 'fine'],
  [200, 30, 'notable'], // felt, however far away it is
  [200, 99.99, 'notable'],
  [200, 100, 'alarming'],
  [0, 5, 'alarming'], // a coarse clock
])('%d ms away, %d ms of queue: %s', (least, queueing, severity) => {
  expect(severityOf({ least: least * MS, queueing: queueing * MS })).toBe(severity);
});
