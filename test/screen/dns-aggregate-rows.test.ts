/** Rows of DNS where it is counted in the kernel, interval by interval. */
import { describe, expect, test } from '@jest/globals';
import type { DnsAggregate } from '../../src/events/aggregate.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { DnsAggregateLook } from '../../src/screen/aggregate-look.js';
import { AggregateRows } from '../../src/screen/aggregate-rows.js';
import { selected, selectionOf } from '../../src/screen/selection.js';
import { initialOfAggregates, withResolvers } from '../../src/screen/state.js';
import { tableLines } from '../../src/screen/table.js';
import { DnsAggregates } from '../../src/summary/dns-aggregates.js';
import { plainText } from '../helpers/command/screen.js';
import { dnsAggregateOf as anyAggregate } from '../helpers/events/aggregates.js';
import { ipv4 } from '../helpers/events/events.js';

const BY = { ...NO_AGGREGATION, interval: 10_000_000_000n };
const networkOf = (address: string) => ({ address: ipv4(address), ipVersion: 4 }) as const;
const OTHER = { network: networkOf('198.51.100.0') };
const NEVER_ANSWERED = { reported: 0, buckets: [], rcodes: new Map<string, number>() };
/** None was sent again, unless a test says so. */
const dnsAggregateOf = (fields: Partial<DnsAggregate> = {}) =>
  anyAggregate({ ambiguous: 0, ...fields });
const OTHERS = { network: undefined, isOthers: true };

const STATE = withResolvers(initialOfAggregates('prefix', 10e9), true);

function rowsOf(...intervals: readonly (readonly DnsAggregate[])[]) {
  const aggregates = new DnsAggregates(BY, 'beyond');
  const rows = new AggregateRows(DnsAggregateLook);
  for (const interval of intervals) rows.take(aggregates.take(interval));
  return rows;
}

const linesOf = (rows: ReturnType<typeof rowsOf>, state = STATE, columns = 100) =>
  tableLines(selected(rows.look(), state), state, columns).map((each) => plainText(each).trimEnd());

describe('a table of resolvers', () => {
  test('has their response times, what failed and what was not answered', () => {
    const silent = { ...NEVER_ANSWERED, network: networkOf('203.0.113.0'), unanswered: 7 };
    expect(linesOf(rowsOf([dnsAggregateOf(), dnsAggregateOf(silent)]))).toEqual([
      '  DNS resolvers       Min    p50    p90   ▼P99    maX Failed Unanswered Queries p99, last 200s',
      '> 192.0.2.0/24       1.05   1.06   2.13   12.1   12.1      1          2      12                    █',
      '> 203.0.113.0/24        -      -      -      -      -      0          7       7',
    ]);
  });

  test('has the share that was answered after it was sent again, where there is any', () => {
    const rows = rowsOf([dnsAggregateOf({ ambiguous: 3 }), dnsAggregateOf(OTHER)]);
    const [heading, ...lines] = linesOf(rows);
    expect(heading).toMatch(/ maX +reTr +Failed Unanswered Queries/);
    expect(lines.map((line) => line.split(/ +/).slice(7, 11))).toEqual([
      ['20%', '1', '2', '12'],
      ['-', '1', '2', '12'],
    ]);
    expect(linesOf(rows, STATE, 80)[0]).not.toContain('reTr');
    expect(linesOf(rows, { ...STATE, resolverSort: 'resent' }, 80)[0]).toContain('▼reTr');
  });

  test('has all its columns, and whole networks, in 80 columns', () => {
    const [heading, row] = linesOf(rowsOf([dnsAggregateOf(OTHER)]), STATE, 80);
    expect(heading).toMatch(
      /^ {2}DNS resolvers +Min +p50 +p90 +▼P99 +maX +Failed +Unanswered +Queries$/,
    );
    expect(row).toMatch(/^> 198\.51\.100\.0\/24 /);
  });

  test('has others, which count as no network, and bars of each interval', () => {
    const rows = rowsOf([dnsAggregateOf()], [dnsAggregateOf(), dnsAggregateOf(OTHERS)]);
    expect(selectionOf(rows.look(), STATE)).toMatchObject({ all: 1, rows: { length: 2 } });
    const bars = linesOf(rows).map((line) => line.match(/^> (\S+) .*?(█*)$/)?.slice(1));
    expect(bars.slice(1)).toEqual([
      ['192.0.2.0/24', '██'],
      ['others', '█'],
    ]);
  });

  test('has a row for each side', () => {
    const rows = rowsOf([dnsAggregateOf(), dnsAggregateOf({ side: 'behind' })]);
    expect(linesOf(rows).map((line) => line.slice(0, 14))).toEqual([
      ...['  DNS resolver', '> 192.0.2.0/24', '< 192.0.2.0/24'],
    ]);
  });
});

test.each([
  ['owner', 'DNS client'],
  ['interface', 'DNS, interface'],
  ['none', 'DNS'],
] as const)('counted by %s, the heading is %s', (by, heading) => {
  const state = withResolvers(initialOfAggregates(by, 10e9), true);
  expect(linesOf(rowsOf([dnsAggregateOf({ network: undefined })]), state)[0]).toMatch(
    new RegExp(`^  ${heading} +Min `),
  );
});
