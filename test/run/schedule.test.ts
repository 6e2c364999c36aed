/** What is due when, on the clock of a capture. */
import { describe, expect, test } from '@jest/globals';
import { Schedule } from '../../src/run/schedule.js';

const FIRST = 1_000n;
const scheduleOf = (stats?: bigint, duration?: bigint, interval?: bigint) => {
  const intervals = { cleanupInterval: 100n, interval, statsInterval: stats, duration };
  const schedule = new Schedule(intervals);
  expect(schedule.takeDue(FIRST)).toBeUndefined();
  return schedule;
};
/** All that is due up to `now`, in order. */
const dueBy = (schedule: Schedule, now: bigint) => {
  const dues: string[] = [];
  for (let due = schedule.takeDue(now); due; due = schedule.takeDue(now)) {
    dues.push(`${due.what} ${due.at}`);
    if (due.what === 'end') break;
  }
  return dues;
};

test('the first packet is what everything counts from', () => {
  const nothing = { interval: undefined, statsInterval: undefined, duration: undefined };
  expect(new Schedule({ cleanupInterval: 100n, ...nothing }).next).toBe(0n);
  expect(scheduleOf().next).toBe(1_100n);
});

test('sweeps come at their interval, and not before', () => {
  const schedule = scheduleOf();
  expect(dueBy(schedule, 1_099n)).toEqual([]);
  expect(dueBy(schedule, 1_350n)).toEqual(['sweep 1100', 'sweep 1200', 'sweep 1300']);
  expect(schedule.next).toBe(1_400n);
});

test('what is due at the same time: interval, stats, end, sweep', () => {
  const schedule = scheduleOf(200n, 400n, 200n);
  expect(dueBy(schedule, 5_000n)).toEqual([
    ...['sweep 1100', 'interval 1200', 'stats 1200', 'sweep 1200', 'sweep 1300'],
    ...['interval 1400', 'stats 1400', 'end 1400'],
  ]);
});

describe('a gap in which nothing happens', () => {
  test('is left out, and the series go on as if it had not been', () => {
    const schedule = scheduleOf(250n);
    schedule.skipTo(1_000_001n);
    expect(dueBy(schedule, 1_000_400n)).toEqual([
      ...['sweep 1000100', 'sweep 1000200', 'stats 1000250', 'sweep 1000300', 'sweep 1000400'],
    ]);
  });

  test('leaves out no interval: they show the silence', () => {
    const schedule = scheduleOf(undefined, undefined, 40n);
    schedule.skipTo(1_170n);
    expect(dueBy(schedule, 1_170n)).toEqual([
      ...['interval 1040', 'interval 1080', 'interval 1120', 'interval 1160'],
    ]);
  });

  test('that ends when something is due does not leave that out', () => {
    const schedule = scheduleOf();
    schedule.skipTo(1_500n);
    expect(dueBy(schedule, 1_500n)).toEqual(['sweep 1500']);
  });

  test('does not put off the end', () => {
    const schedule = scheduleOf(undefined, 300n);
    schedule.skipTo(9_000n);
    expect(dueBy(schedule, 9_000n)).toEqual(['end 1300']);
  });
});

test('a clock that was set takes all of it along', () => {
  const schedule = scheduleOf(250n, 500n, 600n);
  schedule.move(-900n);
  expect(schedule.next).toBe(200n);
  expect(dueBy(schedule, 700n)).toEqual([
    ...['sweep 200', 'sweep 300', 'stats 350', 'sweep 400', 'sweep 500', 'stats 600', 'end 600'],
  ]);
});

describe('a gap of decades, in which something is still remembered', () => {
  const MS = 1_000_000n;
  const SECOND = 1_000n * MS;
  const YEAR = 31_556_952n * SECOND;

  test.each([
    ['1s', SECOND],
    ['10ms', 10n * MS],
  ])('takes thousands of sweeps, not billions: %s', (_, cleanupInterval) => {
    const schedule = new Schedule({
      cleanupInterval,
      interval: undefined,
      statsInterval: undefined,
      duration: undefined,
    });
    expect(schedule.takeDue(SECOND)).toBeUndefined();
    let [before, sweeps] = [SECOND, 0];
    for (let due = schedule.takeDue(136n * YEAR, SECOND); due; ) {
      // Each as it was asked for at first, and then not later than a thousandth of the gap so far.
      const most = (before - SECOND) / 1_000n;
      expect(due.at - before).toBe(most > cleanupInterval ? most : cleanupInterval);
      [before, sweeps] = [due.at, sweeps + 1];
      due = schedule.takeDue(136n * YEAR, SECOND);
    }
    expect(sweeps).toBeLessThan(30_000);
    // Afterwards they come as before.
    const { next } = schedule;
    expect(next).toBeGreaterThan(136n * YEAR);
    expect(schedule.takeDue(next, next - 1n)?.at).toBe(next);
    expect(schedule.next).toBe(next + cleanupInterval);
  });

  test('has thousands of intervals, each of a whole number of those that were asked for', () => {
    const interval = 3n * SECOND;
    const rest = { statsInterval: undefined, duration: undefined };
    const schedule = new Schedule({ cleanupInterval: 1_000n * YEAR, interval, ...rest });
    expect(schedule.takeDue(SECOND)).toBeUndefined();
    const times: bigint[] = [];
    for (let due = schedule.takeDue(100n * YEAR, SECOND); due; ) {
      if (due.what === 'interval') times.push(due.at - SECOND);
      due = schedule.takeDue(100n * YEAR, SECOND);
    }
    expect(times.slice(0, 3)).toEqual([interval, 2n * interval, 3n * interval]);
    expect(times.filter((time) => time % interval !== 0n)).toEqual([]);
    const isTooLong = (time: bigint, n: number) => {
      const length = time - (times[n - 1] ?? 0n);
      return length > interval && 1_000n * length > time;
    };
    expect(times.filter(isTooLong)).toEqual([]);
    expect(times.length).toBeLessThan(30_000);
    // Afterwards they come as before, from the first packet on.
    const { next } = schedule;
    expect(next - 100n * YEAR).toBeLessThan(interval);
    expect(schedule.takeDue(next, next - 1n)).toEqual({ at: next, what: 'interval' });
    expect(schedule.next).toBe(next + interval);
  });
});
