/** That a condition of --until has too little to judge is told after its first window, and once. */
import { expect, test } from '@jest/globals';
import { parseCondition } from '../../src/options/condition.js';
import { FirstWindows } from '../../src/run/outcome.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';

const SECOND = 1e9;

/** With an RTT each second, and what is told then. */
function toldIn(seconds: number, ...texts: readonly string[]): string[][] {
  const conditions = texts.map((text) => new ConditionWatch(parseCondition(text)));
  const windows = new FirstWindows(conditions);
  return Array.from({ length: seconds }, (_, at) => {
    for (const condition of conditions) condition.acceptRtt(1e6, at * SECOND);
    return windows.look();
  });
}

test('once, as soon as there was a whole window', () => {
  const told = toldIn(40, 'p99>50ms/10s');
  expect(told.slice(0, 10).flat()).toEqual([]);
  expect(told[10]).toEqual([
    'p99>50ms/10s cannot be evaluated yet: it needs 100 RTTs within 10s, but there were at most 10; use a longer window',
  ]);
  expect(told.slice(11).flat()).toEqual([]);
});

test('of each that has one', () => {
  const told = toldIn(40, 'p90>50ms/10s', 'p90>50ms/30s', 'p99>50ms', 'max>50ms/15s').flat();
  expect(told.map((text) => text.split(' ')[0])).toEqual(['p90>50ms/10s', 'max>50ms/15s']);
});
