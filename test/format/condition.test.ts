import { expect, test } from '@jest/globals';
import { metText, tooFewYetText, unjudgedText } from '../../src/format/condition.js';
import { parseCondition } from '../../src/options/condition.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';
import { DnsTimeWatch } from '../../src/summary/dns-watch.js';

const SECOND = 1e9;

/** After so many RTTs of a millisecond, one each second. */
function watched(text: string, rtts: number): ConditionWatch {
  const condition = new ConditionWatch(parseCondition(text));
  for (let number = 0; number < rtts; number++) condition.acceptRtt(1e6, number * SECOND);
  return condition;
}

test.each([
  ['p99>50us', 1_201, 'p99 was 1.000 ms over 100 RTTs'],
  ['max>50us', 30, 'max was 1.000 ms over 20 RTTs'],
  ['median<=1500us/25s', 37, 'median was 1.000 ms over 23 RTTs in the last 25s'],
  ['min>1us for 10s', 37, 'min was 1.000 ms over 30 RTTs, for 10s'],
])('%s, after %d RTTs', (condition, rtts, text) => {
  expect(metText(watched(condition, rtts))).toBe(text);
});

test.each([
  ['p99>50ms', 37, 'p99>50ms could not be evaluated: it needs 100 RTTs, but there were at most 37'],
  [
    'p90>1s/10s',
    60,
    'p90>1s/10s could not be evaluated: it needs 20 RTTs within 10s, but there were at most 10',
  ],
  ['p90>1s/60s', 60, 'p90>1s/60s could not be evaluated: RTTs were seen for only 59 s'],
  ['p90>1s/60s for 1s', 6, 'p90>1s/60s for 1s could not be evaluated: RTTs were seen for only 5 s'],
  ['p90>1s/60s', 1, 'p90>1s/60s could not be evaluated: RTTs were seen for only 0 ms'],
  ['p90>1s/60s', 0, 'p90>1s/60s could not be evaluated: there were no RTTs'],
  ['p90>1s', 0, 'p90>1s could not be evaluated: there were no RTTs'],
  [
    'p90>1s for 10s',
    29,
    'p90>1s for 10s could not be evaluated: there were enough RTTs for only 9 s',
  ],
  ['p90>1s for 10s', 30, undefined],
  ['p90>1s', 20, undefined],
  ['samples>90', 3, undefined],
  ['events-lost>90', 3, undefined],
])('%s, which never came true in %d RTTs', (condition, rtts, text) => {
  expect(unjudgedText(watched(condition, rtts))).toBe(text);
});

test.each([
  [
    'p99>1s/50s',
    'p99>1s/50s cannot be evaluated yet: it needs 100 RTTs within 50s, but there were at most 50; use p90 or p50, which need 20, or a longer window',
  ],
  [
    'p99>1s/10s',
    'p99>1s/10s cannot be evaluated yet: it needs 100 RTTs within 10s, but there were at most 10; use a longer window',
  ],
  [
    'p90>1s/10s',
    'p90>1s/10s cannot be evaluated yet: it needs 20 RTTs within 10s, but there were at most 10; use a longer window',
  ],
  ['p90>1s/50s', undefined],
  ['p90>1s/60s', undefined],
])('%s after a window of too few RTTs, with what to do', (condition, text) => {
  expect(tooFewYetText(watched(condition, 60))).toBe(text);
});

test('of DNS by its own names', () => {
  const times = new DnsTimeWatch(parseCondition('dns-p99>1s/50s'));
  for (let number = 0; number < 60; number++) times.acceptRtt(1e6, number * SECOND);
  expect(tooFewYetText(times)).toMatch(
    /; use dns-p90 or dns-p50, which need 20, or a longer window$/,
  );
});

test.each([
  ['samples>=100', '104 samples'],
  ['events-lost>0', '104 events lost'],
])('%s', (text, met) => {
  const condition = new ConditionWatch(parseCondition(text));
  condition.acceptCount('samples', 104);
  condition.acceptCount('events-lost', 104);
  expect(metText(condition)).toBe(met);
});

test('retrans>2%/10s, of so many bytes', () => {
  const condition = new ConditionWatch(parseCondition('retrans>2%/10s'));
  condition.acceptCarried({ time: 0, bytes: 0, again: 0 });
  condition.acceptCarried({ time: 10 * SECOND, bytes: 1_234_567, again: 100_000 });
  expect(metText(condition)).toBe('retrans was 8.1 % over 1.2 MB in the last 10s');
});

test.each([
  ['retrans>2%', 5, 0, 'there was no traffic'],
  ['retrans>2%', 5, 2_840, 'it needs 100 kB, but there were at most 14.2 kB'],
  ['retrans>2%/2s', 9, 2_840, 'it needs 100 kB within 2s, but there were at most 5.7 kB'],
  ['retrans>2%/10s', 10, 200_000, 'the run was too short'],
  ['retrans>2% for 10s', 10, 200_000, 'there was enough traffic for only 9 s'],
])('%s, which never came true in %d readings of %d bytes more', (text, readings, bytes, why) => {
  const condition = new ConditionWatch(parseCondition(text));
  for (let at = 1; at <= readings; at++) {
    condition.acceptCarried({ time: at * SECOND, bytes: at * bytes, again: 0 });
  }
  expect(unjudgedText(condition)).toBe(`${text} could not be evaluated: ${why}`);
});

test('retrans that was judged', () => {
  const condition = new ConditionWatch(parseCondition('retrans>2%'));
  condition.acceptCarried({ time: SECOND, bytes: 200_000, again: 0 });
  expect(unjudgedText(condition)).toBeUndefined();
});
