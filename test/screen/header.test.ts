import { describe, expect, test } from '@jest/globals';
import { headerLines, type ScreenStatus } from '../../src/screen/header.js';
import { MS, plainText } from '../helpers/command/screen.js';

const RTT = {
  min: MS,
  p50: 12.34 * MS,
  p90: 20 * MS,
  p95: 21 * MS,
  p99: 345.6 * MS,
  max: 1_201 * MS,
};

function spansOf(overrides: Partial<ScreenStatus> = {}) {
  return headerLines({
    interface: 'eth0',
    attachMethod: 'tcx',
    elapsedNs: 0,
    packetsPerSecond: 1_200.6,
    rttsPerSecond: 37.4,
    losses: [],
    sides: [],
    settings: '--rate 100ms',
    flows: 17,
    maxFlows: 131_072,
    ...overrides,
  });
}

const linesOf = (overrides?: Partial<ScreenStatus>) => spansOf(overrides).map(plainText);

test('the whole run is in three lines', () => {
  expect(linesOf()).toEqual([
    'pping eth0 (tcx)  0:00:00  1201 packets/s  37 RTTs/s  no event lost',
    'no RTT yet',
    'flows 17 of 131072  --rate 100ms',
  ]);
});

test('both sides are told, and not put together', () => {
  const all = { kind: 'all', reported: 3 } as const;
  const sides = [
    { side: 'beyond', samples: 1_201, path: { ...all, rtt: RTT }, beside: [] },
    {
      side: 'behind',
      samples: 3,
      path: { ...all, rtt: { ...RTT, p50: 0.05 * MS } },
      beside: [],
    },
  ] as const;
  expect(linesOf({ sides })[1]).toBe(
    'whole run: > beyond p50 12.3 p99 346 ms (1201)  < behind p50 0.050 p99 346 ms (3)',
  );
});

test('the median of what tells the path less well is told beside it', () => {
  const data = { kind: 'data', reported: 480, rtt: { ...RTT, p50: 71 * MS } } as const;
  const path = { kind: 'kernel', reported: 721, rtt: RTT } as const;
  const sides = [{ side: 'beyond', samples: 1_201, path, beside: [data] }] as const;
  expect(linesOf({ sides })[1]).toBe('whole run: > beyond p50 12.3 p99 346 ms (1201, data 71.0)');
});

test.each([
  [999_999_999, '0:00:00'],
  [59e9, '0:00:59'],
  [3_599e9, '0:59:59'],
  [3_723e9, '1:02:03'],
  [360_000e9, '100:00:00'],
])('%d ns are %s', (elapsedNs, text) => {
  expect(linesOf({ elapsedNs })[0]).toContain(`  ${text}  `);
});

describe('a loss', () => {
  test('is red, and said by its causes', () => {
    const [line] = spansOf({ losses: ['3 RTTs lost', '7 lines not written'] });
    expect(line?.at(-1)).toEqual(['3 RTTs lost, 7 lines not written', 'red']);
  });

  test('that is none is said, too, but not loudly', () => {
    expect(spansOf()[0]?.at(-1)).toEqual(['no event lost', 'dim']);
  });
});
