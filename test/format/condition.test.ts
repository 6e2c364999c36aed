import { expect, test } from '@jest/globals';
import { conditionText } from '../../src/format/condition.js';
import { parseCondition } from '../../src/options/condition.js';
import { ConditionWatch } from '../../src/summary/condition.js';

function watched(text: string, rtts = 0): ConditionWatch {
  const condition = new ConditionWatch(parseCondition(text));
  for (let number = 0; number < rtts; number++) condition.acceptRtt(1e6, number);
  return condition;
}

test.each([
  ['p99>50ms', 1_201, 'p99>50ms is true of 1201 RTTs'],
  ['max>50ms', 1, 'max>50ms is true of 1 RTT'],
  ['p99>50ms/10s', 37, 'p99>50ms/10s is true of 37 RTTs of the last 10s'],
  ['median>1500us/1500ms', 37, 'median>1500us/1500ms is true of 37 RTTs of the last 1500ms'],
  ['samples>=100', 0, 'samples>=100 is true'],
  ['loss>0', 0, 'loss>0 is true'],
])('%s, after %d RTTs', (condition, rtts, text) => {
  expect(conditionText(watched(condition, rtts))).toBe(text);
});

test('retrans>2%/10s, of so many bytes', () => {
  const condition = watched('retrans>2%/10s');
  condition.acceptCarried({ time: 1, bytes: 1_234_567, again: 100_000 });
  expect(conditionText(condition)).toBe('retrans>2%/10s is true of 1.2 MB of the last 10s');
});
