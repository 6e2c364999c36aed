/** The option table, and what follows from it. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { type LiveOptions, parseOptions } from '../../src/options/options.js';
import { argumentOf, longOf, nameOf, namesOf, type OptionRow } from '../../src/options/row.js';
import { changedSettings, settingsText } from '../../src/options/settings-text.js';
import { type CheckedRow, COMMANDS, ROWS } from '../../src/options/table.js';
import { DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';

const MS = 1_000_000n;

describe('a row', () => {
  test('has names and a place of its own, unless it is repeatable or one of a pair', () => {
    const names = ROWS.flatMap(namesOf);
    expect(names.length).toBeGreaterThan(40);
    expect(new Set(names).size).toBe(names.length);
    const alone = ROWS.filter(({ isRepeatable, isPaired }) => !isRepeatable && !isPaired);
    const places = alone.map(({ sets }) => sets);
    expect(new Set(places).size).toBe(places.length);
  });

  test('sets something that a run has, and conflicts with options that there are', () => {
    const row = { flags: '--odd', help: 'odd' };
    const good: readonly CheckedRow[] = [
      { ...row, sets: 'settings.rate', conflicts: [{ with: 'live', message: 'no' }] },
      {
        ...row,
        sets: 'live',
        conflicts: [{ with: 'rate', where: (rate: bigint) => rate > 0n, message: 'no' }],
      },
    ];
    // @ts-expect-error there is no such setting
    const forgotten: OptionRow = { ...row, sets: 'settings.odd' };
    const unknown: CheckedRow = {
      ...row,
      sets: 'live',
      // @ts-expect-error there is no such option
      conflicts: [{ with: 'lvie', message: 'no' }],
    };
    const wrong: CheckedRow = {
      ...row,
      sets: 'live',
      // @ts-expect-error a rate is no text
      conflicts: [{ with: 'rate', where: (rate: string) => rate === '', message: 'no' }],
    };
    expect([...good, forgotten, unknown, wrong].map(nameOf)).toEqual(Array(5).fill('odd'));
  });

  test('lists the choices of its argument completely, or not at all', () => {
    const listed = ROWS.filter((row) => argumentOf(row)?.includes('|'));
    expect(listed.map(longOf)).toEqual(expect.arrayContaining(['--by', '--attach']));
    for (const row of listed) expect(argumentOf(row)).toBe(`<${row.choices?.join('|')}>`);
  });

  test('has a help text that stands alone: a phrase in brackets-free words, without a full stop', () => {
    const rows = [...ROWS, ...COMMANDS.flatMap(({ rows }) => [...rows])];
    for (const { flags, help } of rows) {
      expect({ flags, help }).toEqual({ flags, help: expect.not.stringMatching(/^(and|or) |\.$/) });
    }
  });
});

describe('an option for one source', () => {
  const VALUES: Record<string, string> = {
    '<prefix>': '::1',
    '<duration>': '1s',
    '<n>': '1',
    '[address:port]': '127.0.0.1:9747',
  };
  const given = (row: OptionRow) => {
    const argument = argumentOf(row);
    return argument === undefined
      ? [longOf(row)]
      : [longOf(row), row.choices?.[0] ?? VALUES[argument] ?? 'x'];
  };
  const meansNothingAlone = (row: OptionRow) =>
    row.conflicts?.some((conflict) => conflict.with === nameOf(row)) ?? false;
  const isSource = (row: OptionRow) => /^-[ir]\b/.test(row.flags);

  test.each(
    ROWS.filter((row) => row.only && !isSource(row) && !meansNothingAlone(row)).map(
      (row) => [longOf(row), row] as const,
    ),
  )('%s is refused with the other, and taken with its own', (name, row) => {
    const sources = { live: ['-i', 'eth0'], replay: ['-r', 'x.pcap'] };
    const other = row.only === 'live' ? 'replay' : 'live';
    expect(() => parseOptions([...sources[other], ...given(row)])).toThrow(
      new UsageError(`${name} ${row.only === 'live' ? 'cannot be used with' : 'needs'} -r`),
    );
    expect(parseOptions([...sources[row.only ?? 'live'], ...given(row)])).toBeDefined();
  });
});

describe('the line of settings', () => {
  test('is short where nothing was asked for', () => {
    expect(settingsText(DEFAULT_SETTINGS)).toBe(
      '--rate 100ms --flow-timeout 5m --timestamp-timeout 10s',
    );
  });

  test('has the settings as the options that ask for them', () => {
    const sampling = {
      rate: 0n,
      rttRate: 250n,
      rttType: 'smoothed',
      burst: { count: 3, duration: 4n * MS },
    } as const;
    const others = { reportInterval: 1_500_000n, handshake: false, includeLocal: true };
    expect(settingsText({ ...DEFAULT_SETTINGS, ...sampling, ...others })).toBe(
      '--rate 0 --rtt-rate 0.25 --rtt-type smoothed --burst 3/4ms --report-interval 1500us ' +
        '--flow-timeout 5m --timestamp-timeout 10s --no-handshake --include-local',
    );
  });

  test('of those that are not the default has nothing else', () => {
    expect(changedSettings(DEFAULT_SETTINGS)).toEqual([]);
    const changed = { rate: 0n, minWindow: 0n, handshake: false };
    expect(changedSettings({ ...DEFAULT_SETTINGS, ...changed })).toEqual([
      '--rate 0',
      '--min-window 0',
      '--no-handshake',
    ]);
  });

  const CHANGES: readonly Partial<Settings>[] = [
    {},
    { rate: 0n },
    { rate: 1n },
    { rttRate: 1n },
    { rttRate: 10_000_000n, rttType: 'smoothed' },
    { burst: { count: 2, duration: 100n * MS } },
    { reportInterval: 61_000n * MS },
    { flowTimeout: 4_687n * MS },
    { timestampTimeout: 1n },
    { minWindow: 0n },
    { minWindow: 10_000n * MS },
    { handshake: false },
    { sequence: false },
    { includeLocal: true },
  ];

  test("has every setting but the governor's own", () => {
    const changed = new Set(CHANGES.flatMap((change) => Object.keys(change)));
    expect([...changed, 'spread'].sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
  });

  test.each(CHANGES)('given as options again it asks for the same: %j', (change) => {
    const settings = { ...DEFAULT_SETTINGS, ...change };
    const args = settingsText(settings).split(' ');
    const options = parseOptions(['-i', 'eth0', ...args]) as LiveOptions;
    expect(options.settings).toEqual(settings);
  });
});
