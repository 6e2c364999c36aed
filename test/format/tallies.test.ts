import { expect, test } from '@jest/globals';
import { summaryText } from '../../src/format/summary.js';
import { tallyLines } from '../../src/format/tallies.js';
import type { InterfaceTally } from '../../src/visibility/interface-change.js';
import { runTotals } from '../helpers/events/events.js';

const tally = (name: string, packets: number, isWatched = true): InterfaceTally => ({
  name,
  egress: packets,
  ingress: 2 * packets,
  bytes: 100 * packets,
  isWatched,
});

test('a row for each, those with the most packets first', () => {
  const tallies = [tally('', 1, false), tally('veth1', 20, false), tally('eth0', 1_234)];
  expect(tallyLines(tallies)).toEqual([
    '  interface, packets       egress    ingress      bytes',
    '  eth0                       1234       2468   123.4 kB',
    '  veth1 (gone)                 20         40     2.0 kB',
    '  others (gone)                 1          2      100 B',
  ]);
});

test('ten at most; names obey no terminal', () => {
  const many = Array.from({ length: 13 }, (_, at) => tally(`v\x1b${at}`, 100 - at));
  const lines = tallyLines(many);
  expect(lines).toHaveLength(12);
  expect(lines[1]).toMatch(/^ {2}v\\u001b0 +100 /);
  expect(lines.at(-1)).toBe('  3 more interfaces with fewer packets');
});

test('in the verbose summary of several', () => {
  const totals = runTotals({ interfaces: [tally('eth0', 1)] });
  expect(summaryText(totals, 'each interface', true)).toContain('\n  interface, packets');
  expect(summaryText(totals, 'each interface', false)).not.toContain('interface, packets');
  expect(tallyLines([])).toEqual([]);
});
