import { describe, expect, test } from '@jest/globals';
import { summaryText } from '../../src/format/summary.js';
import type { RunTotals } from '../../src/summary/totals.js';

const NOTHING: RunTotals = {
  samples: 0,
  flows: 0,
  rtt: undefined,
  lostRtts: 0,
  lostFlowEvents: 0,
  droppedLines: 0,
  undecodable: 0,
  flowMapFull: 0,
  timestampMapFull: 0,
};

test('a run without a sample says so, and names no RTT', () => {
  expect(summaryText(NOTHING)).toBe('0 samples of 0 flows\nno event lost');
});

test('a run with samples has their percentiles in milliseconds', () => {
  const rtt = { p50: 1_234_567, p95: 25_000_000, p99: 1_000_000_000 };
  expect(summaryText({ ...NOTHING, samples: 1_201, flows: 37, rtt })).toBe(
    '1201 samples of 37 flows, RTT p50 1.235 ms, p95 25.000 ms, p99 1000.000 ms\nno event lost',
  );
});

test('one is not many', () => {
  const rtt = { p50: 1_000_000, p95: 1_000_000, p99: 1_000_000 };
  expect(summaryText({ ...NOTHING, samples: 1, flows: 1, rtt })).toMatch(/^1 sample of 1 flow, /);
});

describe('a loss', () => {
  test.each([
    ['lostRtts', '1 RTT lost (ring buffer full)', '5 RTTs lost (ring buffer full)'],
    [
      'lostFlowEvents',
      '1 flow event lost (ring buffer full)',
      '5 flow events lost (ring buffer full)',
    ],
    ['droppedLines', '1 line not written', '5 lines not written'],
    ['undecodable', '1 event not understood', '5 events not understood'],
    [
      'flowMapFull',
      '1 packet not measured (flow map full)',
      '5 packets not measured (flow map full)',
    ],
    [
      'timestampMapFull',
      '1 packet not measured (timestamp map full)',
      '5 packets not measured (timestamp map full)',
    ],
  ])('of the kind %s is told alone', (kind, one, five) => {
    expect(summaryText({ ...NOTHING, [kind]: 1 })).toBe(`0 samples of 0 flows\n${one}`);
    expect(summaryText({ ...NOTHING, [kind]: 5 })).toBe(`0 samples of 0 flows\n${five}`);
  });

  test('hides no other', () => {
    const losses = {
      lostRtts: 3,
      lostFlowEvents: 5,
      droppedLines: 7,
      undecodable: 11,
      flowMapFull: 13,
      timestampMapFull: 17,
    };
    expect(summaryText({ ...NOTHING, ...losses }).split('\n')[1]).toBe(
      '3 RTTs lost (ring buffer full), 5 flow events lost (ring buffer full), ' +
        '7 lines not written, 11 events not understood, ' +
        '13 packets not measured (flow map full), 17 packets not measured (timestamp map full)',
    );
  });
});
