import { expect, test } from '@jest/globals';
import { TimeShare } from '../../src/owners/time-share.js';

let now = 0;
const clock = () => now;
const takes = (milliseconds: number) => () => {
  now += milliseconds;
  return 'done';
};

test('work that takes its share of the time is done, more is not', () => {
  now = 0;
  const time = new TimeShare({ clock, share: 0.05, mostSaved: 50 });
  expect(time.spend(takes(50))).toBe('done');
  expect(time.spend(takes(0))).toBe('done'); // of the 50 ms 5 % are there again
  expect(time.spend(takes(10))).toBe('done');
  expect(time.spend(takes(1))).toBeUndefined();
  now += 139;
  expect(time.spend(takes(1))).toBeUndefined();
  now += 2;
  expect(time.spend(takes(1))).toBe('done');
});

test('no more is saved than that', () => {
  now = 0;
  const time = new TimeShare({ clock, share: 0.05, mostSaved: 50 });
  now += 1_000_000;
  expect(time.spend(takes(60))).toBe('done');
  expect(time.spend(takes(1))).toBeUndefined();
});

test('work that fails has taken its time, too', () => {
  now = 0;
  const time = new TimeShare({ clock, share: 0.05, mostSaved: 50 });
  const fails = () => {
    now += 100;
    throw new Error('broken');
  };
  expect(() => time.spend(fails)).toThrow('broken');
  expect(time.spend(takes(1))).toBeUndefined();
});
