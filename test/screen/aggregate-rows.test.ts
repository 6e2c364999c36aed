/** Rows of what is counted in the kernel, interval by interval. */
import { describe, expect, test } from '@jest/globals';
import { RttAggregateLook } from '../../src/screen/aggregate-look.js';
import { AggregateRows } from '../../src/screen/aggregate-rows.js';
import { selected, selectionOf } from '../../src/screen/selection.js';
import { initialOfAggregates, type State } from '../../src/screen/state.js';
import { tableLines } from '../../src/screen/table.js';
import type { AggregateFigures, SideAggregates } from '../../src/summary/aggregates.js';
import { MS, plainText } from '../helpers/command/screen.js';
import { ipv4 } from '../helpers/events/events.js';

const NOTHING = { packets: 0, bytes: 0, retransmittedPackets: 0, retransmittedBytes: 0 };

/** Of a network, with all percentiles up to a p99 in ms. */
function figuresOf(prefix: string, p99: number, rest: Partial<AggregateFigures> = {}) {
  const max = (p99 + 1) * MS;
  const rtt = { min: MS, p50: 2 * MS, p90: 3 * MS, p95: 3 * MS, p99: p99 * MS, max };
  const made: AggregateFigures = {
    side: 'beyond',
    network: { address: ipv4(prefix), ipVersion: 4, bits: 24 },
    isOthers: false,
    ...{ samples: 12, reported: 10, overdue: 1, sent: NOTHING, rec: NOTHING },
    ...{ sum: 0n, rtt, buckets: [] },
    ...rest,
  };
  return made;
}

/** The worst first, as they come. */
const sideOf = (...parts: readonly AggregateFigures[]): SideAggregates => ({
  side: 'beyond',
  all: figuresOf('0.0.0.0', 1),
  parts,
});

const BY_PREFIX = initialOfAggregates('prefix', 10e9);
const linesOf = (
  rows: AggregateRows<AggregateFigures>,
  state: Partial<State> = {},
  columns = 100,
) => {
  const wishes = { ...BY_PREFIX, ...state };
  return tableLines(selected(rows.look(), wishes), wishes, columns).map(plainText);
};
const namesIn = (rows: AggregateRows<AggregateFigures>, state: Partial<State> = {}) =>
  selected(rows.look(), { ...BY_PREFIX, ...state }).map(({ name }) => name);

describe('a table', () => {
  test('has the worst first, with the p99 of each interval', () => {
    const rows = new AggregateRows(RttAggregateLook);
    rows.take([sideOf(figuresOf('192.0.2.0', 40), figuresOf('198.51.100.0', 20))]);
    rows.take([sideOf(figuresOf('198.51.100.0', 80), figuresOf('192.0.2.0', 40, { overdue: 3 }))]);
    expect(linesOf(rows)).toEqual(
      [
        '  network             Min    p50    p90   ▼P99    maX Overdue Samples p99, last 200s       ',
        '> 198.51.100.0/24    1.00   2.00   3.00   80.0   81.0       1      12                   ▃█',
        '> 192.0.2.0/24       1.00   2.00   3.00   40.0   41.0       3      12                   ██',
      ].map((line) => expect.stringContaining(line.trimEnd())),
    );
  });

  test('has a row for each side, others, and what had no RTT', () => {
    const rows = new AggregateRows(RttAggregateLook);
    const others = figuresOf('0.0.0.0', 9, { network: undefined, isOthers: true });
    const silent = figuresOf('192.0.2.0', 0, { rtt: undefined, samples: 0, overdue: 7 });
    const behind = figuresOf('192.0.2.0', 30, { side: 'behind' });
    rows.take([sideOf(others, silent), { ...sideOf(behind), side: 'behind' }]);
    const cells = linesOf(rows)
      .slice(1)
      .map((line) => line.trim().split(/ +/).slice(0, 9));
    expect(cells).toEqual([
      ['<', '192.0.2.0/24', '1.00', '2.00', '3.00', '30.0', '31.0', '1', '12'],
      ['>', 'others', '1.00', '2.00', '3.00', '9.00', '10.0', '1', '12'],
      ['>', '192.0.2.0/24', '-', '-', '-', '-', '-', '7', '0'],
    ]);
  });

  test('has a row for each protocol, where there may be several, with what it had', () => {
    const rows = new AggregateRows(RttAggregateLook);
    const figures = (protocol: 'TCP' | 'ICMP', p99: number) =>
      figuresOf('192.0.2.0', p99, { protocol });
    const take = (...p99s: readonly [number, number]) =>
      rows.take([
        { ...sideOf(figures('TCP', p99s[0])), protocol: 'TCP' },
        { ...sideOf(figures('ICMP', p99s[1])), protocol: 'ICMP' },
      ]);
    take(10, 80);
    take(20, 40);
    expect(namesIn(rows)).toEqual(['192.0.2.0/24 ICMP', '192.0.2.0/24']);
    const [icmp, tcp] = linesOf(rows).slice(1);
    expect(icmp?.trimEnd()).toMatch(/ICMP .* 12 +█▅$/);
    expect(tcp?.trimEnd()).toMatch(/24 .* 12 +▅█$/);
  });

  test('counts a network once, whatever it has rows of, and others not at all', () => {
    const rows = new AggregateRows(RttAggregateLook);
    const others = figuresOf('0.0.0.0', 9, { network: undefined, isOthers: true });
    const icmp = figuresOf('192.0.2.0', 20, { protocol: 'ICMP' });
    const behind = figuresOf('192.0.2.0', 30, { side: 'behind' });
    const elsewhere = figuresOf('192.0.2.0', 30, {
      seenAt: { capture: undefined, interface: 'eth1' },
    });
    const longer = { address: ipv4('192.0.2.0'), ipVersion: 4, bits: 25 } as const;
    const half = figuresOf('192.0.2.0', 10, { network: longer });
    rows.take([sideOf(figuresOf('192.0.2.0', 40), icmp, behind, elsewhere, half, others)]);
    expect(selectionOf(rows.look(), BY_PREFIX)).toMatchObject({ all: 2, rows: { length: 6 } });
    expect(selectionOf(rows.look(), { ...BY_PREFIX, filter: 'ICMP' }).found).toBe(1);
  });

  test('fits a usual terminal', () => {
    const rows = new AggregateRows(RttAggregateLook);
    rows.take([sideOf(figuresOf('198.51.100.0', 20))]);
    expect(linesOf(rows, {}, 80)[0]).toMatch(/^ {2}network .* Overdue Samples \S/);
    for (const columns of [20, 40, 60, 80, 132]) {
      for (const line of linesOf(rows, {}, columns))
        expect(line.length).toBeLessThanOrEqual(Math.max(60, columns));
    }
  });

  test('of hosts has their names, by which it is not filtered', () => {
    const host = { address: ipv4('192.0.2.1'), ipVersion: 4, bits: 32 } as const;
    const names = { nameOf: () => 'db1.example', changes: 0 };
    const rows = new AggregateRows(RttAggregateLook, names);
    rows.take([sideOf(figuresOf('192.0.2.1', 20, { network: host }))]);
    expect(linesOf(rows, { filter: '0.2.1' })[1]).toMatch(/^> db1\.example /);
    expect(namesIn(rows, { filter: 'db1' })).toEqual([]);
  });
});

test('what was sent again is there where enough was sent to tell', () => {
  const rows = new AggregateRows(RttAggregateLook);
  const sent = { ...NOTHING, bytes: 60_000, retransmittedBytes: 2_000 };
  const rec = { ...NOTHING, bytes: 40_000, retransmittedBytes: 1_000 };
  rows.take([sideOf(figuresOf('192.0.2.0', 4, { sent, rec }), figuresOf('198.51.100.0', 3))]);
  const [heading, ...lines] = linesOf(rows);
  expect(heading).toMatch(/ maX +reTr Overdue /);
  expect(lines.map((line) => line.trim().split(/ +/)[7])).toEqual(['3.0%', '-']);
  rows.take([sideOf(figuresOf('198.51.100.0', 3))]);
  expect(linesOf(rows)[0]).not.toContain('reTr');
});

describe('where interfaces are told', () => {
  const at = (name: string) => ({ seenAt: { capture: undefined, interface: name } });

  test('a network has its interface beside it, and is found by that', () => {
    const rows = new AggregateRows(RttAggregateLook);
    rows.take([
      sideOf(figuresOf('192.0.2.0', 40, at('eth0')), figuresOf('192.0.2.0', 20, at('wan'))),
    ]);
    const several = { areInterfacesSeveral: true };
    expect(linesOf(rows, several)[1]).toMatch(/^> 192\.0\.2\.0\/24 +eth0 /);
    expect(linesOf(rows, { ...several, filter: 'wa' }).slice(1)).toHaveLength(1);
  });

  test('an interface is a row, and all of a side is one', () => {
    const rows = new AggregateRows(RttAggregateLook);
    rows.take([sideOf(figuresOf('0.0.0.0', 4, { network: undefined, ...at('eth0') }))]);
    expect(namesIn(rows)).toEqual(['eth0']);
    rows.take([sideOf(figuresOf('0.0.0.0', 4, { network: undefined }))]);
    expect(namesIn(rows)).toEqual(['all']);
  });
});

describe('an interval', () => {
  test('an owner is a row by its name, and found by that', () => {
    const rows = new AggregateRows(RttAggregateLook);
    const owner = { attribution: { owner: { unit: 'web.service', uid: 33 } } };
    const none = { attribution: {} };
    const of = (who: typeof owner | typeof none, p99: number) =>
      figuresOf('0.0.0.0', p99, { network: undefined, owner: who });
    rows.take([sideOf(of(owner, 6), of(none, 5))]);
    expect(namesIn(rows)).toEqual(['web.service (uid 33)', '(no socket here)']);
    expect(namesIn(rows, { filter: 'web' })).toEqual(['web.service (uid 33)']);
  });

  test('takes the place of the one before, and until then rows are the same', () => {
    const rows = new AggregateRows(RttAggregateLook);
    expect(rows.look()).toEqual([]);
    rows.take([sideOf(figuresOf('192.0.2.0', 40))]);
    const before = rows.look();
    expect(rows.look()).toBe(before);
    rows.take([sideOf()]);
    expect(rows.look()).toEqual([]);
    expect(before.map(({ name }) => name)).toEqual(['192.0.2.0/24']);
  });

  test('in which a network was silent is a gap', () => {
    const rows = new AggregateRows(RttAggregateLook);
    for (const parts of [[figuresOf('192.0.2.0', 40)], [], [figuresOf('192.0.2.0', 40)]]) {
      rows.take([sideOf(...parts)]);
    }
    expect(rows.look()[0]?.lastMinute).toMatch(/^ +█ █$/);
  });

  test('of 100,000 networks has histories of the worst, and rows of all', () => {
    const many = Array.from({ length: 100_000 }, (_, at) =>
      figuresOf(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, 100_000 - at),
    );
    const rows = new AggregateRows(RttAggregateLook);
    rows.take([sideOf(...many)]);
    rows.take([sideOf(...many)]);
    const looks = rows.look();
    expect(looks).toHaveLength(100_000);
    expect(looks.filter(({ lastMinute }) => /██$/.test(lastMinute))).toHaveLength(4_096);
    expect(namesIn(rows).slice(0, 2)).toEqual(['10.0.0.0/24', '10.0.0.1/24']);
    const [least] = namesIn(rows, { isReversed: true });
    expect(least).toBe('10.1.134.159/24');
    expect(namesIn(rows, { filter: '10.1.134.159/' })).toEqual([least]);
  });

  test('of many networks that come and go keeps the histories of those of the last interval, of both sides', () => {
    const rows = new AggregateRows(RttAggregateLook);
    const sides = (second: number) =>
      (['beyond', 'behind'] as const).map((side) => {
        const parts = Array.from({ length: 4_096 }, (_, at) =>
          figuresOf(`${second}.0.${at >> 8}.${at & 255}`, 5_000 - at, { side }),
        );
        return { ...sideOf(...parts), side };
      });
    for (const second of [1, 2, 3, 3]) rows.take(sides(second));
    const known = rows.look().filter(({ lastMinute }) => /[▁▂▃▄▅▆▇█]{2}$/.test(lastMinute));
    expect(known).toHaveLength(2 * 4_096);
  });
});
