import { expect, test } from '@jest/globals';
import { Recent } from '../../src/screen/recent.js';

const HALF = 5e9;
const START = 1_201 * HALF;
const LEASTS = { ofAll: 10, ofData: 60 };

/** So many of an RTT (below 64, so exact), at so many halves of the window after the start. */
function recent(...recorded: readonly (readonly [halves: number, rtt: number, times: number])[]) {
  const made = new Recent();
  for (const [halves, rtt, times] of recorded) {
    for (let time = 0; time < times; time++) made.record(rtt, 'ack', START + halves * HALF);
  }
  return made;
}

test('the median and the 99th percentile are of all there is, at first', () => {
  expect(recent([0, 10, 98], [0.5, 50, 2]).usual(LEASTS)).toEqual({
    median: 10,
    p99: 50,
    queueing: 0,
  });
});

test.each([
  ['the half before counts', [0, 10, 9], [1, 50, 8], 10],
  ['the half before that does not', [0, 10, 9], [2, 50, 8], 50],
  ['nor what is hours ago', [0, 10, 9], [721, 50, 1], 50],
] as const)('of halves of the window, %s', (_, before, now, median) => {
  expect(recent(before, now).usual(LEASTS).median).toBe(median);
});

test('each half pushes one out', () => {
  const made = recent([0, 10, 9], [1, 20, 9]);
  made.record(30, 'ack', START + 2 * HALF);
  expect(made.usual(LEASTS)).toEqual({ median: 20, p99: 30, queueing: 10 });
});

test('where nothing new comes, the last stays', () => {
  const made = recent([0, 10, 9]);
  expect(made.usual(LEASTS)).toBe(made.usual(LEASTS)); // and costs nothing
  made.record(50, 'ack', START + 99 * HALF);
  expect(made.usual(LEASTS)).toEqual({ median: 50, p99: 50, queueing: 40 });
});

test('an event that comes late counts as well', () => {
  expect(recent([1, 10, 2], [0.999, 50, 3]).usual(LEASTS).median).toBe(50);
});

test('answers that waited for an application are left out, where there is enough of the others', () => {
  const made = new Recent();
  for (let time = 0; time < 15; time++) {
    const now = START + (time < 8 ? 0 : HALF);
    made.record(10, 'ack', now);
    made.record(60, 'data', now);
    made.record(11, 'ack', now);
  }
  expect(made.usual(LEASTS)).toEqual({ median: 10, p99: 11, queueing: 0 });
});

test('an application is no queue, where there is little else', () => {
  const MS = 1e6;
  const made = new Recent();
  for (let time = 0; time < 90; time++) {
    if (time % 10 === 0) made.record(MS, 'handshake', START);
    made.record((time % 3 === 0 ? 32 : 30) * MS, 'data', START);
  }
  const { median, queueing } = made.usual({ ofAll: MS, ofData: 30 * MS });
  expect(Math.abs(median / MS - 30)).toBeLessThan(0.2);
  expect(Math.abs(queueing / MS)).toBeLessThan(0.2);
});
