import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/events/types.js';
import { ByAnswer } from '../../src/summary/by-answer.js';

type Recorded = readonly (readonly [answer: Answer, rtt: number, times: number])[];

/** One after the other, as long as there are any: so each has another beside it. */
function fill(rtts: ByAnswer, ...recorded: Recorded): ByAnswer {
  const most = Math.max(...recorded.map(([, , times]) => times));
  for (let time = 0; time < most; time++) {
    for (const [answer, rtt, times] of recorded) if (time < times) rtts.record(rtt, answer);
  }
  return rtts;
}

/** Below 2048 they are exact. */
const apart = (...recorded: Recorded) => fill(new ByAnswer(undefined, true), ...recorded);

test('each answer has its own, a kernel both of its kinds, and all have all', () => {
  const rtts = apart(['ack', 10, 3], ['handshake', 12, 2], ['data', 60, 5]);
  expect(rtts.of('ack')).toMatchObject({ total: 3, most: 10 });
  expect(rtts.of('handshake')).toMatchObject({ total: 2, least: 12 });
  expect(rtts.of('data')).toMatchObject({ total: 5, least: 60 });
  expect(rtts.kernel).toMatchObject({ total: 5, least: 10, most: 12 });
  expect(rtts.all).toMatchObject({ total: 10, least: 10, most: 60 });
});

test('of nothing there is nothing', () => {
  const { path } = apart();
  expect(path).toMatchObject({ kind: 'all', histogram: { total: 0 } });
  expect(path.histogram.percentile(50)).toBeNaN();
});

describe('the path', () => {
  test('is told by kernels where an application is slow, the handshakes included', () => {
    const { path } = apart(['handshake', 10, 15], ['ack', 11, 10], ['data', 60, 50]);
    expect(path).toMatchObject({ kind: 'kernel', histogram: { total: 25, most: 11 } });
  });

  test('is told by data where kernels have delayed their acknowledgements', () => {
    const { path } = apart(['ack', 50, 30], ['data', 10, 30]);
    expect(path).toMatchObject({ kind: 'data', histogram: { total: 30, most: 10 } });
  });

  test('is told anew when there is more', () => {
    const rtts = apart(['ack', 10, 19], ['data', 60, 20]);
    expect(rtts.path.kind).toBe('all');
    expect(rtts.path).toBe(rtts.path); // and costs nothing
    rtts.record(10, 'ack');
    expect(rtts.path.kind).toBe('kernel');
  });

  test.each(['ack', 'data'] as const)('has what is overdue, whatever tells it: %s', (fast) => {
    const slow = fast === 'ack' ? 'data' : 'ack';
    const rtts = apart([fast, 10, 20], [slow, 60, 20]);
    rtts.recordOverdue(1_000);
    expect(rtts.path.histogram).toMatchObject({ total: 21, most: 1_000 });
    expect(rtts.all).toMatchObject({ total: 41, most: 1_000 });
    expect(rtts.of(fast).most).toBe(10);
  });
});

test('handshakes that are not apart are with the ACKs, once', () => {
  const rtts = fill(new ByAnswer(8), ['ack', 10, 12], ['handshake', 12, 8], ['data', 60, 60]);
  expect(rtts.kernel).toMatchObject({ total: 20 });
  expect(rtts.all).toMatchObject({ total: 80 });
  expect(rtts.path).toMatchObject({ kind: 'kernel', histogram: { total: 20 } });
});

test.each([true, false])(
  'what is above a base is of the kind that it was of (handshakes apart: %s)',
  (areApart) => {
    const values = new ByAnswer(8, areApart);
    fill(values, ['ack', 10, 20], ['handshake', 14, 3], ['data', 60, 20]);
    values.recordOverdue(100);
    const above = new ByAnswer(6, areApart);
    above.addAbove(values, { ofAll: 12, ofData: 12 }, 2);
    expect(above.kernel).toMatchObject({ total: 23, least: 0, most: 1 });
    expect(above.of('data')).toMatchObject({ total: 20, least: 24, most: 24 });
    expect(above.path).toMatchObject({ kind: 'kernel', histogram: { total: 24, most: 44 } });
  },
);

test('data that comes late is compared with its own kind, and with all where it does not', () => {
  const leasts = { ofAll: 10, ofData: 60 };
  const above = (...recorded: Recorded) => {
    const waits = new ByAnswer(8);
    waits.addAbove(fill(new ByAnswer(8), ...recorded), leasts, 1);
    return waits.of('data');
  };
  expect(above(['ack', 10, 3], ['data', 63, 3])).toMatchObject({ least: 3, most: 3 });
  expect(above(['ack', 10, 1], ['data', 63, 90])).toMatchObject({ least: 53, most: 53 });
  expect(above(['ack', 60, 9], ['data', 63, 9])).toMatchObject({ least: 53, most: 53 });
});

test.each([true, false])('two become one (handshakes apart: %s)', (areApart) => {
  const make = (...recorded: Recorded) => fill(new ByAnswer(8, areApart), ...recorded);
  const both = make(['ack', 10, 2], ['handshake', 11, 1], ['data', 60, 3]);
  const other = make(['ack', 12, 4], ['handshake', 13, 5], ['data', 61, 6]);
  other.recordOverdue(100);
  expect(both.path.histogram.total).toBe(6);
  both.add(other);
  expect(both.kernel).toMatchObject({ total: 12, most: 13 });
  expect(both.of('data')).toMatchObject({ total: 9, most: 61 });
  expect(both.path.histogram).toMatchObject({ total: 22, most: 100 });
  both.add(make(['ack', 10, 20], ['data', 60, 20]));
  expect(both.path.kind).toBe('kernel');
});
