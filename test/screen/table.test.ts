import { describe, expect, test } from '@jest/globals';
import type { Look } from '../../src/screen/row.js';
import { selected } from '../../src/screen/selection.js';
import { SORTS, type Sort, sortKeyOf } from '../../src/screen/sorts.js';
import { type State, withResolvers } from '../../src/screen/state.js';
import { tableLines } from '../../src/screen/table.js';
import { MS, plainText, rowLook, stateOf } from '../helpers/command/screen.js';

const FLOW = '[2001:db8::1]:443+[2001:db8:0:77::1201]:51515';

describe('where interfaces are several', () => {
  const SEVERAL = { areInterfacesSeveral: true } as const;
  const FLOWS = stateOf({ ...SEVERAL, kind: 'flows' });
  const flowAt = (at: string, name = '10.77.0.2:8080+10.77.0.1:51360') =>
    rowLook({ name, interfaces: [at] });
  const textsOf = (rows: Parameters<typeof tableLines>[0], columns: number, state = FLOWS) =>
    tableLines(rows, state, columns).map((spans) => plainText(spans).trimEnd());

  test('a flow has its interface behind its name', () => {
    expect(textsOf([flowAt('eth0'), flowAt('br-0123456789ab')], 120)).toEqual([
      '  flow (responder first)         interface         Last    Min    p50    P99 ▼Queue  reTr Samples  Age last 51s',
      '> 10.77.0.2:8080+10.77.0.1:51360 eth0              12.0   10.0   11.0   20.0   1.00  0.3%      37   2s          ▁▂▃▄▅▆▇█',
      '> 10.77.0.2:8080+10.77.0.1:51360 br-0123456789ab   12.0   10.0   11.0   20.0   1.00  0.3%      37   2s          ▁▂▃▄▅▆▇█',
    ]);
  });

  test.each([
    [80, '10.77.0.2:8080+10.77.0.1:51360', 'eth0', '10.77.0.2:8080+10.77.0.1:51360  eth0 '],
    [
      80,
      '10.77.0.2:8080+10.77.0.1:51360',
      'br-0123456789ab',
      '10.77.0.2:8080+10.77.0.1:51360 br-012…789ab',
    ],
    [80, FLOW, 'wlp0s20f3', '[2001:db…:1]:443+[2001:db…1]:51515 wlp0…0f3'],
    [62, FLOW, 'wlp0s20f3', '…1]:443+…]:51515 wlp0…0f3'],
    [61, FLOW, 'wlp0s20f3', '[2001…]:443+[2001…:51515'],
    [61, FLOW, 'lo', '…:1]:443+…1]:51515 lo   '],
  ])('in %d columns %s at %s is %j', (columns, name, at, shown) => {
    const [heading = '', row = ''] = textsOf([flowAt(at, name)], columns);
    expect(row).toContain(`> ${shown}   12.0   10.0   11.0   20.0   1.00`);
    expect(row.length).toBe(columns);
    expect(heading.length).toBe(columns);
  });

  test('the heading of a narrow column is a short one', () => {
    expect(textsOf([flowAt('eth0')], 80)[0]).toMatch(
      /^ {2}flow \(responder first\) +iface {3}Last/,
    );
  });

  test('what is no flow has no such column', () => {
    for (const kind of ['peers', 'owners'] as const) {
      const [several, one] = [stateOf({ ...SEVERAL, kind }), stateOf({ kind })];
      expect(textsOf([flowAt('eth0')], 100, several)).toEqual(textsOf([flowAt('eth0')], 100, one));
    }
  });

  test('they may be the rows, with the number of their flows', () => {
    const state = stateOf({ ...SEVERAL, isByInterface: true });
    const rows = [
      rowLook({ name: 'eth0', flows: 1_201 }),
      rowLook({ name: 'veth0', flows: 3, side: 'behind' }),
    ];
    expect(textsOf(rows, 80, state)).toEqual([
      '  interface   Last    Min    p50    P99 ▼Queue  reTr  flows Samples  Age 21s',
      '> eth0        12.0   10.0   11.0   20.0   1.00  0.3%   1201      37   2s ▂▃▄▅▆▇█',
      '< veth0       12.0   10.0   11.0   20.0   1.00  0.3%      3      37   2s ▂▃▄▅▆▇█',
    ]);
    expect(textsOf(rows, 50, state)[1]).toBe('> eth0            12.0   10.0   11.0   20.0   1.00');
  });

  test('the filter looks in their names, too; else not', () => {
    const rows = [flowAt('eth0', 'a'), flowAt('wlan0', 'b'), rowLook({ name: 'eth.example' })];
    const found = (filter: string, state = FLOWS) =>
      selected(rows, { ...state, filter }).map(({ name }) => name);
    expect([found('eth'), found('wlan'), found('b')]).toEqual([['a', 'eth.example'], ['b'], ['b']]);
    expect(found('eth', stateOf({ kind: 'flows' }))).toEqual(['eth.example']);
  });

  test('a connection that is seen at two has rows in their order', () => {
    const rows = ['c', 'a', 'b'].map((at) => flowAt(at));
    expect(selected(rows, FLOWS).map(({ interfaces }) => interfaces[0])).toEqual(['a', 'b', 'c']);
  });
});

describe('a table', () => {
  const textsOf = (name: string, columns: number, state = stateOf()) =>
    tableLines([rowLook({ name })], state, columns).map(plainText);

  test('has everything in 100 columns', () => {
    expect(textsOf('192.0.2.1', 100)).toEqual([
      `  peer               Last    Min    p50    P99 ▼Queue  reTr Samples  Age last minute${' '.repeat(16)}`,
      '> 192.0.2.1          12.0   10.0   11.0   20.0   1.00  0.3%      37   2s             ▁▂▃▄▅▆▇█',
    ]);
  });

  test.each([
    ['age', false, '▲Age'],
    ['age', true, '▼Age'],
    ['median', false, '▼p50'],
    ['median', true, '▲p50'],
  ] as const)('says that it is sorted by %s, reversed: %s', (sort, isReversed, title) => {
    const [heading = ''] = textsOf('192.0.2.1', 100, stateOf({ sort, isReversed }));
    expect(heading).toContain(title);
    expect(heading.startsWith('  peer')).toBe(true);
    expect(heading.match(/[▼▲]/g)).toHaveLength(1);
  });

  test.each(SORTS)(
    'has the key that sorts by %s as the capital, or first digit, of its heading',
    (sort) => {
      const [heading = ''] = textsOf('192.0.2.1', 100, stateOf({ sort }));
      const [, title = ''] = /[▼▲](\w+)/.exec(heading) ?? [];
      expect(title.replace(/[^A-Z]/g, '') || title.replace(/\D/g, '').at(0)).toBe(sortKeyOf(sort));
    },
  );

  test('has the column that it is sorted by, however narrow', () => {
    const [heading = '', row = ''] = textsOf(FLOW, 60, stateOf({ sort: 'samples' }));
    expect(heading).toMatch(/▼Samples$/);
    expect(row).toMatch(/ 37$/);
  });

  test('on the smallest, what is sorted by stays, and ports that tell flows apart', () => {
    const sort = (by: Sort) => stateOf({ kind: 'flows', sort: by });
    const name = '10.99.0.1:51002+10.99.0.2:443';
    const [heading = '', row = ''] = textsOf(name, 40, sort('queueing'));
    expect(heading.trimEnd()).toMatch(/^ {2}flow +p50 +P99 ▼Queue$/);
    expect(row).toMatch(/^> …1:51002\+…0\.2:443 +11\.0 +20\.0 +1\.00 *$/);
    expect(textsOf(name, 40, sort('last'))[0]?.trimEnd()).toMatch(/▼Last +P99 +Queue$/);
  });

  test('of flows says which end comes first', () => {
    const [heading] = textsOf(FLOW, 120, stateOf({ kind: 'flows' }));
    expect(heading).toMatch(/^ {2}flow \(responder first\) +Last /);
  });

  // For the name: what the mark (2) and the columns (35, retr 6, samples 8, age 5) leave.
  test.each([
    [101, FLOW, 'Last Min p50 P99 Queue reTr Samples Age', FLOW],
    [100, FLOW, 'Last Min p50 P99 Queue reTr Samples', FLOW],
    [96, FLOW, 'Last Min p50 P99 Queue reTr Samples', FLOW],
    [95, FLOW, 'Last Min p50 P99 Queue reTr', FLOW],
    [88, FLOW, 'Last Min p50 P99 Queue reTr', FLOW],
    [87, FLOW, 'Last Min p50 P99 Queue', FLOW],
    [82, FLOW, 'Last Min p50 P99 Queue', FLOW],
    [81, FLOW, 'Last Min p50 P99 Queue', '[2001:db8::1]:443+[200…db8:0:77::1201]:51515'],
    [60, FLOW, 'Last Min p50 P99 Queue', '[2001:db8::…1201]:51515'],
    [53, FLOW, 'Last Min p50 P99 Queue', '[2001:db…]:51515'],
    [52, FLOW, 'Min p50 P99 Queue', '[2001:db8::'],
    [40, FLOW, 'p50 P99 Queue', '[2001:db…'],
    [38, FLOW, 'P99 Queue', '[2001:db8'],
    [20, FLOW, '', '[2001:db…]:51515'],
  ])(
    'of %d columns drops age, samples and retr first, then cuts names in the middle, then drops others',
    (columns, name, titles, shown) => {
      const [heading = '', row = ''] = textsOf(name, columns);
      const seen = heading.slice(0, columns).replace(/^ {2}peer| \d\ds *$|[▼▲]/g, '');
      if (titles !== '') expect(seen.trim().split(/ +/).join(' ')).toBe(titles);
      expect(row.slice(2, 2 + shown.length)).toBe(shown);
    },
  );

  test.each([
    [78, 0, ''],
    [79, 6, '18s'],
    [80, 7, '21s'],
    [81, 8, 'last 24s'],
    [92, 19, 'last 57s'],
    [93, 20, 'last minute'],
    [200, 20, 'last minute'],
  ])(
    'of %d columns has %d slices of the last minute, the latest, and says so: where there is room for six',
    (columns, length, title) => {
      const lastMinute = '12345678901234567890';
      const [heading, row] = tableLines([rowLook({ lastMinute })], stateOf(), columns).map(
        plainText,
      );
      const end = length > 0 ? ` ${lastMinute.slice(-length)}` : '';
      // Without, the name has the room.
      expect(row?.slice(length > 0 ? 72 : columns)).toBe(end);
      if (length > 0) expect(heading?.slice(72).trimEnd()).toBe(` ${title}`);
      else expect(heading).toMatch(/Age$/);
    },
  );

  test.each([20, 53, 66, 80, 100, 200])('of %d columns has a heading over all of it', (columns) => {
    expect(textsOf('192.0.2.1', columns)[0]?.length).toBeGreaterThanOrEqual(columns);
  });
});

describe('a row', () => {
  const spansOf = (overrides: Parameters<typeof rowLook>[0]) =>
    tableLines([rowLook(overrides)], stateOf(), 100)[1] ?? [];
  const stylesOf = (overrides: Parameters<typeof rowLook>[0]) =>
    spansOf(overrides).map(([, style]) => style);

  test.each([
    ['beyond', '> '],
    ['behind', '< '],
    ['unknown', '  '],
  ] as const)('%s the interface begins with %j', (side, mark) => {
    expect(spansOf({ side })[0]?.[0]).toBe(mark);
  });

  test.each([
    ['fine', 10, 0, 'plain', 'green'],
    ['notable', 10, 5, 'yellow', 'yellow'],
    ['alarming', 10, 20, 'red', 'red'],
  ] as const)(
    'that is %s has median, queue and last minute in its colour',
    (_, least, queueing, figures, minute) => {
      const times = { least: least * MS, queueing: queueing * MS };
      expect(stylesOf(times)).toEqual([
        ...[
          'dim',
          'plain',
          'plain',
          'plain',
          figures,
          'plain',
          figures,
          'plain',
          'plain',
          'plain',
          minute,
        ],
      ]);
    },
  );

  test.each([
    [undefined, '-', 'plain'],
    [0, '0%', 'plain'],
    [0.0099, '1.0%', 'plain'],
    [0.01, '1.0%', 'yellow'],
    [0.05, '5.0%', 'red'],
  ])('of which %d was sent again says %s, in its colour', (resent, text, style) => {
    expect(spansOf({ resent })[7]).toEqual([text.padStart(6), style]);
  });

  test('of a closed flow is dim, but for what is bad', () => {
    expect(stylesOf({ isClosed: true, queueing: 500 * MS })).toEqual([
      ...['dim', 'dim', 'dim', 'dim', 'red', 'dim', 'red', 'dim', 'dim', 'dim', 'red'],
    ]);
  });

  test.each([
    [0, '0s'],
    [99.9, '99s'],
    [100, '1m'],
    [5_999, '99m'],
    [6_000, '1h'],
    [360_000, '100h'],
  ])('that is %d s old says %s', (seconds, text) => {
    expect(spansOf({ age: seconds * 1e9 })[9]?.[0]).toBe(text.padStart(5));
  });
});

test('the share of bytes that were measured is a column where it is not all', () => {
  const lines = (...measured: readonly (number | undefined)[]) =>
    tableLines(
      measured.map((each) => rowLook({ measured: each })),
      stateOf(),
      160,
    ).map(plainText);
  expect(lines(undefined)[0]).not.toContain('meas');
  const [heading = '', ...rows] = lines(0.999, 0.42, undefined);
  const end = heading.indexOf('meas') + 'meas'.length;
  expect(rows.map((row) => row.slice(end - 6, end))).toEqual(
    [' >99%', '  42%', ' 100%'].map((each) => each.padStart(6)),
  );
});

describe('resolvers', () => {
  const STATE = withResolvers(stateOf(), true);
  const resolver = (overrides: Partial<Look> = {}): Look => ({
    ...{ name: '192.0.2.53', subject: '192.0.2.53', side: 'beyond', isClosed: false },
    ...{ last: 12 * MS, least: 10 * MS, median: 11 * MS, p99: 20 * MS, age: 2e9 },
    ...{ failed: 1, unanswered: 0, queries: 200, interfaces: [] },
    lastMinute: '            ▁▂▃▄▅▆▇█',
    ...overrides,
  });
  const silent = { last: undefined, least: undefined, median: undefined, p99: undefined };
  const linesOf = (rows: readonly Look[], columns: number, state = STATE) =>
    tableLines(rows, state, columns).map((spans) => plainText(spans).trimEnd());

  test('have response times, and columns of their own, in 80 columns', () => {
    const dead = resolver({ name: '10.0.0.1:5353', ...silent, failed: 0, unanswered: 200 });
    expect(linesOf([resolver(), dead], 80)).toEqual([
      '  DNS resolver          Last    Min   ▼p50    P99 Failed Unanswered Queries  Age',
      '> 192.0.2.53            12.0   10.0   11.0   20.0      1          0     200   2s',
      '> 10.0.0.1:5353            -      -      -      -      0        200     200   2s',
    ]);
  });

  test('and the last minute, where there is room', () => {
    const [heading, row] = linesOf([resolver()], 120);
    expect(heading).toMatch(/ Age last minute$/);
    expect(row).toMatch(/ 2s +▁▂▃▄▅▆▇█$/);
  });

  test('what they have not done is coloured by its share', () => {
    const styleOf = (overrides: Partial<Look>, text: string) => {
      const [, row = []] = tableLines([resolver({ failed: 0, ...overrides })], STATE, 80);
      return row.find(([cell]) => cell.trim() === text)?.[1];
    };
    expect(styleOf({ failed: 1 }, '1')).toBe('plain');
    expect(styleOf({ failed: 3 }, '3')).toBe('yellow');
    expect(styleOf({ unanswered: 17 }, '17')).toBe('red');
  });

  test('are sorted by any of their columns; what has no time comes last', () => {
    const rows = [
      resolver({ name: 'a', ...silent }),
      resolver({ name: 'b', queries: 7 }),
      resolver({ name: 'c' }),
    ];
    const namesBy = (resolverSort: State['resolverSort']) =>
      selected(rows, { ...STATE, resolverSort }).map(({ name }) => name);
    expect(namesBy('median')).toEqual(['b', 'c', 'a']);
    expect(namesBy('queries')).toEqual(['a', 'c', 'b']);
  });
});
