import { describe, expect, test } from '@jest/globals';
import { FATES } from '../../src/events/counters.js';
import { summaryText } from '../../src/format/summary.js';
import { countersOf, runTotals } from '../helpers/events.js';

const rtt = { p50: 1_234_567, p95: 25_000_000, p99: 1_000_000_000 };
const linesOf = (...args: Parameters<typeof runTotals>) =>
  summaryText(runTotals(...args)).split('\n');

test('a run in which nothing was seen says so, and names no RTT', () => {
  expect(linesOf()).toEqual([
    '0 samples of 0 flows',
    '0 packets (0 egress, 0 ingress)',
    'no event lost',
  ]);
});

test('a run with samples has their percentiles in milliseconds', () => {
  expect(linesOf({ samples: 1_201, reported: 1_201, flows: 37, rtt })[0]).toBe(
    '1201 samples of 37 flows, RTT p50 1.235 ms, p95 25.000 ms, p99 1000.000 ms',
  );
});

test('where not all samples were reported, both numbers are told', () => {
  expect(linesOf({ samples: 1_201, reported: 40, flows: 37, rtt })[0]).toMatch(
    /^1201 samples of 37 flows, 40 reported, RTT p50 /,
  );
});

test('one is not many', () => {
  expect(linesOf({ samples: 1, reported: 1, flows: 1, rtt })[0]).toMatch(/^1 sample of 1 flow, /);
});

test('packets are told by what became of them, the most frequent first', () => {
  const counted = { egress: 900, ingress: 100, pureAck: 700, remembered: 200, notTcp: 100 };
  const counters = countersOf({ ...counted, matched: 150, unanswered: 30 });
  const totals = { counters, waiting: 20 };
  expect(linesOf(totals).slice(1)).toEqual([
    '1000 packets (900 egress, 100 ingress)',
    '  pure ACK             700   70.0 %',
    '  remembered           200   20.0 %',
    '  not TCP              100   10.0 %',
    '200 identifiers remembered: 150 answered, 30 not, 20 waiting',
    'no event lost',
  ]);
});

test('what pping itself cost is told where it was measured', () => {
  const selfCost = {
    egress: { packets: 1_000, ns: 150_400 },
    ingress: { packets: 0, ns: 0 },
    ...{ readerNs: 25_000_000, elapsedNs: 1_000_000_000 },
  };
  expect(linesOf({ selfCost }).at(-2)).toBe(
    'pping itself: 150 ns a packet on egress, - on ingress, 0.02 % of a CPU in the kernel; reading 2.50 %',
  );
});

test('everything that can become of a packet has a name of its own', () => {
  const counters = countersOf(Object.fromEntries(FATES.map((name) => [name, 1])));
  const names = linesOf({ counters: { ...counters, egress: FATES.length } })
    .filter((line) => line.startsWith('  '))
    .map((line) => line.slice(2, 20).trimEnd());
  expect(new Set(names).size).toBe(FATES.length);
  for (const name of names) expect(name).not.toMatch(/[a-z][A-Z]/);
});

describe('a loss', () => {
  test.each([
    ['rttEventsLost', '1 RTT lost (ring buffer full)', '5 RTTs lost (ring buffer full)'],
    [
      'flowEventsLost',
      '1 flow event lost (ring buffer full)',
      '5 flow events lost (ring buffer full)',
    ],
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
    expect(linesOf({ counters: countersOf({ [kind]: 1 }) }).at(-1)).toBe(one);
    expect(linesOf({ counters: countersOf({ [kind]: 5 }) }).at(-1)).toBe(five);
  });

  test('behind the kernel is told, too', () => {
    expect(linesOf({ droppedLines: 1, undecodable: 2 }).at(-1)).toBe(
      '1 line not written, 2 events not understood',
    );
  });

  test('hides no other', () => {
    const counters = countersOf({ rttEventsLost: 3, flowEventsLost: 5, timestampMapFull: 17 });
    expect(linesOf({ counters, droppedLines: 7 }).at(-1)).toBe(
      '3 RTTs lost (ring buffer full), 5 flow events lost (ring buffer full), ' +
        '7 lines not written, 17 packets not measured (timestamp map full)',
    );
  });
});
