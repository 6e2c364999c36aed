import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseCondition } from '../../src/options/condition.js';
import {
  type LiveOptions,
  parseOptions,
  type ReplayOptions,
  type RunOptions,
} from '../../src/options/options.js';
import { parsePrefix } from '../../src/options/prefix.js';
import {
  argumentOf,
  longOf,
  namesOf,
  type OptionRow,
  type PlainRow,
} from '../../src/options/row.js';
import { COMMANDS, ROWS } from '../../src/options/table.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { measuredOf } from '../../src/sampling/protocols.js';

const SECOND = 1_000_000_000n;

const DEFAULTS: LiveOptions = {
  interfaces: { included: ['eth0'], excluded: [] },
  netns: [],
  settings: {
    rate: SECOND / 10n,
    rttRate: 0n,
    rttType: 'min',
    burst: undefined,
    reportInterval: 0n,
    flowTimeout: 300n * SECOND,
    timestampTimeout: 10n * SECOND,
    minWindow: 300n * SECOND,
    handshake: true,
    sequence: true,
    includeLocal: false,
    spread: false,
  },
  capacity: { flows: 131_072, timestamps: 131_072 },
  filter: NO_FILTER,
  measured: measuredOf([]),
  tunnels: false,
  interval: undefined,
  by: undefined,
  aggregation: NO_AGGREGATION,
  statsInterval: undefined,
  cleanupInterval: SECOND,
  format: 'human',
  output: undefined,
  upload: { headers: undefined, authorities: undefined, spool: undefined, spoolSize: 2 ** 30 },
  anonymization: { how: undefined, bitsV4: 24, bitsV6: 48, key: undefined },
  labels: [],
  color: true,
  resolve: false,
  quiet: false,
  verbose: false,
  date: false,
  count: undefined,
  duration: undefined,
  until: [],
  attach: undefined,
  user: undefined,
  selfCost: false,
  metrics: { address: undefined, by: 'interface', series: 1000 },
  live: false,
  who: false,
  containerNames: true,
  nat: false,
  wantedOwners: { cgroups: [], containers: [], pids: [] },
};

const METRICS = {
  address: { ipVersion: 4, address: parsePrefix('127.0.0.1').address, port: 9747 },
  by: 'interface',
  series: 1000,
} as const;

const parse = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]);

let printed: string;
let stderr: string;

beforeEach(() => {
  printed = '';
  stderr = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what is asked for', () => {
  test('is the documented default where nothing is', () => {
    expect(parse()).toEqual(DEFAULTS);
  });

  const OPTIONS: [string[], Partial<LiveOptions>][] = [
    [['-i', 'veth*'], { interfaces: { included: ['eth0', 'veth*'], excluded: [] } }],
    [['--netns', 'web'], { netns: ['web'] }],
    [['--netns', 'web', '--netns', '4711'], { netns: ['web', '4711'] }],
    [['--exclude-interface', 'x'], { interfaces: { included: ['eth0'], excluded: ['x'] } }],
    [['--cleanup-interval', '250ms'], { cleanupInterval: SECOND / 4n }],
    [['--max-flows', '7'], { capacity: { flows: 7, timestamps: 131_072 } }],
    [['--max-timestamps', '67108864'], { capacity: { flows: 131_072, timestamps: 2 ** 26 } }],
    [['--interval', '2s'], { interval: 2n * SECOND }],
    [['--interval', '2s', '--by', 'peer'], { interval: 2n * SECOND, by: 'peer' }],
    [['--aggregate', '10s'], { aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND } }],
    [
      ['--aggregate', '10s', '--until', 'retrans>2%/5s for 3s', '--until', 'events-lost>5'],
      {
        aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND },
        until: ['retrans>2%/5s for 3s', 'events-lost>5'].map(parseCondition),
      },
    ],
    [
      ['--aggregate', '10s', '--until', 'p99>50ms/10s for 1m', '--until', 'samples>9'],
      {
        aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND },
        until: ['p99>50ms/10s for 1m', 'samples>9'].map(parseCondition),
      },
    ],
    [
      ['--aggregate', '10s', '--events', '--until', 'p99>50ms/1s for 3s'],
      {
        aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND, events: true },
        until: ['p99>50ms/1s for 3s'].map(parseCondition),
      },
    ],
    [
      [
        ...['--aggregate', '1s', '--aggregate-by', 'interface', '--aggregate-v4', '0'],
        ...['--aggregate-v6', '128', '--max-aggregates', '9', '--events', '-c', '5'],
      ],
      {
        aggregation: {
          interval: SECOND,
          by: 'interface',
          bitsV4: 0,
          bitsV6: 128,
          most: 9,
          events: true,
        },
        count: 5,
      },
    ],
    [['--stats', '10s'], { statsInterval: 10n * SECOND }],
    [['--metrics'], { metrics: METRICS }],
    [['--metrics', '-q'], { metrics: METRICS, quiet: true }],
    [
      ['--metrics', '[::1]:1', '--metrics-by', 'prefix', '--metrics-series', '5'],
      {
        metrics: {
          address: { ipVersion: 6, address: parsePrefix('::1').address, port: 1 },
          by: 'prefix',
          series: 5,
        },
      },
    ],
    [
      ['--metrics', '--aggregate', '10s', '-q'],
      { metrics: METRICS, quiet: true, aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND } },
    ],
    [
      ['--metrics', '--aggregate', '10s', '--metrics-by', 'prefix'],
      {
        metrics: { ...METRICS, by: 'prefix' },
        aggregation: { ...NO_AGGREGATION, interval: 10n * SECOND },
      },
    ],
    [
      ['--metrics', '--aggregate', '10s', '--aggregate-by', 'none'],
      {
        metrics: { ...METRICS, by: 'none' },
        aggregation: { ...NO_AGGREGATION, by: 'none', interval: 10n * SECOND },
      },
    ],
    [
      [
        '--metrics',
        '--metrics-by',
        'prefix',
        '--aggregate',
        '10s',
        '--aggregate-by',
        'none',
        '--events',
      ],
      {
        metrics: { ...METRICS, by: 'prefix' },
        aggregation: { ...NO_AGGREGATION, by: 'none', events: true, interval: 10n * SECOND },
      },
    ],
    [['--format', 'ndjson'], { format: 'ndjson' }],
    [['--format', 'human'], { format: 'human' }],
    [['-o', 'run.txt'], { output: 'run.txt' }],
    [['-o', '-'], { output: undefined }],
    [['-o', '-', '-q'], { quiet: true }],
    [['--output', 'run.txt'], { output: 'run.txt' }],
    [['--format', 'csv'], { format: 'csv' }],
    [['--format', 'ppviz'], { format: 'ppviz' }],
    [['--no-color'], { color: false }],
    [['-q'], { quiet: true }],
    [['-q', '--format', 'human'], { quiet: true }],
    [['-q', '-o', 'x'], { quiet: true, output: 'x' }],
    [['-v'], { verbose: true }],
    [['--format', 'pping', '--date'], { format: 'pping', date: true }],
    [['--date', '-o', 'x.ndjson', '--format', 'human'], { date: true, output: 'x.ndjson' }],
    [['-n'], {}],
    [['-nn', '-q'], { quiet: true }],
    [['-q', '--format', 'ndjson'], { quiet: true, format: 'ndjson' }],
    [['-q', '-o', 'x.ndjson'], { quiet: true, format: 'ndjson', output: 'x.ndjson' }],
    [['--live'], { live: true, format: undefined }],
    [['-q', '-o', 'x.csv', '--format', 'human'], { quiet: true, output: 'x.csv' }],
    [['--live', '-o', 'run.ndjson'], { live: true, output: 'run.ndjson', format: 'ndjson' }],
    [['--live', '-o', 'run.csv'], { live: true, output: 'run.csv', format: 'csv' }],
    [['--who'], { who: true }],
    [['--who', '-q'], { who: true, quiet: true }],
    [['--who', '--live'], { who: true, live: true, format: undefined }],
    [['--who', '--format', 'ndjson'], { who: true, format: 'ndjson' }],
    [['--nat'], { nat: true }],
    [['--nat', '--format', 'ndjson'], { nat: true, format: 'ndjson' }],
    [['--nat', '-o', 'x.csv'], { nat: true, format: 'csv', output: 'x.csv' }],
    [['--nat', '--live', '-o', 'run.log'], { nat: true, live: true, output: 'run.log' }],
    [['-c', '1'], { count: 1 }],
    [['--count', '9007199254740991'], { count: Number.MAX_SAFE_INTEGER }],
    [['-s', '10'], { duration: 10n * SECOND }],
    [['-s', '0.5'], { duration: SECOND / 2n }],
    [['--seconds', '2m'], { duration: 120n * SECOND }],
    [['--self-cost'], { selfCost: true }],
    [['--attach', 'auto'], { attach: undefined }],
    [['--attach', 'tcx'], { attach: 'tcx' }],
    [['--attach', 'clsact'], { attach: 'clsact' }],
  ];

  test.each(OPTIONS)('%j changes that and nothing else', (args, change) => {
    expect(parse(...args)).toEqual({ ...DEFAULTS, ...change });
  });

  test('-i has a long name, too', () => {
    expect(parseOptions(['--interface', 'wlan0'])).toEqual({
      ...DEFAULTS,
      interfaces: { included: ['wlan0'], excluded: [] },
    });
  });

  const SETTINGS: [string[], Partial<RunOptions['settings']>][] = [
    [['--rate', '1s'], { rate: SECOND }],
    [['--rate', '0'], { rate: 0n }],
    [['--rate=1500us'], { rate: 1_500_000n }],
    [['--rtt-rate', '1'], { rttRate: 1_000n }],
    [['--rtt-rate', '0.25'], { rttRate: 250n }],
    [['--rtt-rate', '10000'], { rttRate: 10_000_000n }],
    [['--rtt-rate', '2', '--rtt-type', 'smoothed'], { rttRate: 2_000n, rttType: 'smoothed' }],
    [['--rtt-rate', '2', '--rtt-type', 'min'], { rttRate: 2_000n }],
    [['--burst', '3/4ms'], { burst: { count: 3, duration: 4_000_000n } }],
    [['--burst', '2/100ms'], { burst: { count: 2, duration: SECOND / 10n } }],
    [
      ['--rate', '0', '--rtt-rate', '1', '--burst', '3/4ms'],
      { rate: 0n, rttRate: 1_000n, burst: { count: 3, duration: 4_000_000n } },
    ],
    [['--report-interval', '1s'], { reportInterval: SECOND }],
    [['--report-interval', '0'], { reportInterval: 0n }],
    [['--report-interval', '60m'], { reportInterval: 3600n * SECOND }],
    [['--flow-timeout', '1m'], { flowTimeout: 60n * SECOND }],
    [['--flow-timeout', '9007199254740993ns'], { flowTimeout: 2n ** 53n + 1n }],
    [['--timestamp-timeout', '5s'], { timestampTimeout: 5n * SECOND }],
    [['--min-window', '1m'], { minWindow: 60n * SECOND }],
    [['--min-window', '100ms'], { minWindow: SECOND / 10n }],
    [['--min-window', '0'], { minWindow: 0n }],
    [['--no-handshake'], { handshake: false }],
    [['-l'], { includeLocal: true }],
    [['--include-local'], { includeLocal: true }],
  ];

  test.each(SETTINGS)('%j changes that setting and nothing else', (args, change) => {
    const settings = { ...DEFAULTS.settings, ...change };
    expect(parse(...args)).toEqual({ ...DEFAULTS, settings });
  });
});

test.each<[string, readonly string[], boolean]>([
  ['an interface', ['-i', 'eth0'], false],
  ['a capture', ['-r', 'some.pcap'], true],
])('what is in tunnels, of %s', (_, source, unlessTold) => {
  const tunnels = (...args: string[]) => {
    const options = parseOptions([...source, ...args]);
    return options && 'tunnels' in options && options.tunnels;
  };
  expect(tunnels()).toBe(unlessTold);
  expect(tunnels('--tunnels')).toBe(true);
  expect(tunnels('--no-tunnels')).toBe(false);
});

describe('a filter', () => {
  const filterOf = (...args: string[]) => (parse(...args) as RunOptions).filter;

  test('is of TCP, unless protocols are named', () => {
    expect(filterOf().protocols).toEqual([]);
    expect(filterOf('--protocol', 'icmp,tcp', '--protocol', 'all').protocols).toEqual([
      ...['icmp', 'tcp', 'all'],
    ]);
    expect(() => filterOf('--protocol', 'sctp')).toThrow(
      /^--protocol 'sctp': must be one of tcp, icmp, quic, dns, all$/,
    );
  });

  test('is what is included, but for what is excluded; each may be repeated', () => {
    const args = ['--host', '192.0.2.1', '--net', '2001:db8::/32', '--port', '443'];
    const more = ['--port', '8000-8999', '--exclude-host', '::1', '--exclude-net', '10.0.0.0/8'];
    expect(filterOf(...args, ...more, '--exclude-port', '22')).toEqual({
      ...NO_FILTER,
      include: {
        prefixes: ['192.0.2.1', '2001:db8::/32'].map(parsePrefix),
        portRanges: [
          { first: 443, last: 443 },
          { first: 8000, last: 8999 },
        ],
      },
      exclude: {
        prefixes: ['::1', '10.0.0.0/8'].map(parsePrefix),
        portRanges: [{ first: 22, last: 22 }],
      },
    });
  });

  test('may be lists', () => {
    const lists = ['--host', '192.0.2.1,::1', '--port', '443,8000-8999', '--exclude-port', 'ssh'];
    const each = ['--host', '192.0.2.1', '--host', '::1', '--port', '443', '--port', '8000-8999'];
    expect(filterOf(...lists)).toEqual(filterOf(...each, '--exclude-port', '22'));
    expect(filterOf('--net', '10.0.0.0/8,::/0').include.prefixes).toHaveLength(2);
    expect(filterOf('--exclude-net', '10.0.0.0/8,::/0').exclude.prefixes).toHaveLength(2);
    expect(filterOf('--exclude-host', '10.0.0.1,::1').exclude.prefixes).toHaveLength(2);
  });

  test('is the same for a capture', () => {
    const options = parseOptions(['-r', 'x.pcap', '--port', '1-65535']) as RunOptions;
    expect(options.filter.include.portRanges).toEqual([{ first: 1, last: 65_535 }]);
  });
});

describe('conditions', () => {
  const untilOf = (...texts: string[]) =>
    (parse(...texts.flatMap((text) => ['--until', text])) as RunOptions).until;

  test.each([
    ['p99>50ms', { metric: 'p99', operator: '>', value: 50_000_000, window: undefined }],
    ['median <= 1.5s', { metric: 'median', operator: '<=', value: 1.5e9, window: undefined }],
    ['p50>=2us/10s', { metric: 'p50', operator: '>=', value: 2_000, window: 10e9 }],
    ['samples>=1000', { metric: 'samples', operator: '>=', value: 1000, window: undefined }],
    ['loss>0', { metric: 'events-lost', operator: '>', value: 0, window: undefined }],
    ['events-lost>0', { metric: 'events-lost', operator: '>', value: 0, window: undefined }],
    ['p90>1ms/10s for 1m', { metric: 'p90', operator: '>', value: 1e6, window: 10e9, hold: 60e9 }],
    ['retrans>2%/10s', { metric: 'retrans', operator: '>', value: 0.02, window: 10e9 }],
    ['retrans >= 0.5%', { metric: 'retrans', operator: '>=', value: 0.005, window: undefined }],
  ])('%s', (text, condition) => {
    expect(untilOf(text)).toEqual([{ hold: undefined, ...condition, text }]);
  });

  test.each([
    ['dns-p99>1s/10s', { metric: 'p99', operator: '>', value: 1e9, window: 10e9 }],
    ['dns-median <= 2ms', { metric: 'median', operator: '<=', value: 2e6 }],
    ['dns-failed>5%', { metric: 'dns-failed', operator: '>', value: 0.05 }],
    [
      'dns-unanswered<1%/1m',
      { metric: 'dns-unanswered', operator: '<', value: 0.01, window: 60e9 },
    ],
  ])('of DNS: %s', (text, condition) => {
    expect(parseCondition(text)).toEqual({ isOfDns: true, ...condition, text });
  });

  test.each([
    ['dns>200ms', /^not a condition/],
    ['dns-samples>1', /not a condition/],
    ['dns-retrans>1%', /not a condition/],
    ['dns-failed>5', /^"5" is not a percentage/],
    ['dns-unanswered>100%', /^can never be true$/],
    ['dns-p99>5%', /5%/],
  ])('none of DNS: %s', (text, message) => {
    expect(() => parseCondition(text)).toThrow(message);
  });

  test('may be several', () => {
    expect(untilOf('min<1ms', 'max>1s').map(({ metric }) => metric)).toEqual(['min', 'max']);
  });

  test.each([
    ['p99>50 ms', 'p99>50ms'],
    ['p99 > 50 ms / 10 s for 1 m', 'p99>50ms/10s for 1m'],
    ['retrans > 2 %', 'retrans>2%'],
    ['p99>1h', 'p99>60m'],
  ])('--until may have a space before the unit: %s', (text, same) => {
    expect(untilOf(text)).toEqual([{ ...untilOf(same)[0], text }]);
  });

  const until = (condition: string) => ['-s', '5', '--until', condition];

  test.each([['p99>50ms/5s'], ['retrans>2%/4s for 1s'], ['samples>=0'], ['p99<=0ms']])(
    '%s may come true within 5 s',
    (condition) => expect(() => parse(...until(condition))).not.toThrow(),
  );

  test('are refused for a capture, too, where its part is too short', () => {
    const args = ['-r', 'x.pcap', ...until('p99>50ms/10s')];
    expect(() => parseOptions(args)).toThrow(/cannot come true within -s 5s$/);
  });
});

describe('commands', () => {
  test.each([
    [['report', 'a.ndjson'], { runs: ['a.ndjson'] }],
    [['report', 'a', 'b', '-o', 'x.html'], { runs: ['a', 'b'], page: 'x.html' }],
    [['report', 'a', '-i', 'eth0'], { runs: ['a'], seenAt: 'eth0' }],
    [['doctor'], { doctor: true, capacity: { flows: 131_072, timestamps: 131_072 } }],
    [
      ['doctor', '--max-flows', '1000', '--max-timestamps', '9'],
      { doctor: true, capacity: { flows: 1_000, timestamps: 9 } },
    ],
    [['completion', 'zsh'], { shell: 'zsh' }],
    [['completion', 'fish'], { shell: 'fish' }],
  ])('%j', (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  test.each([
    [['report'], /^report: which recording\? pping report run\.ndjson$/],
    [['report', 'a', '-i', 'eth0', '-i', 'wan'], /--interface was given twice/],
    [['doctor', 'who'], /^doctor takes no arguments$/],
    [['completion'], /^completion: which shell\? pping completion bash$/],
    [['completion', 'tcsh'], /^completion: unknown shell tcsh \(bash, zsh, fish\)$/],
    [['completion', 'zsh', 'fish'], /^completion takes 1 argument, not 2$/],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('given twice', () => {
  const ONE_VALUE: Record<string, string> = {
    '<duration>': '1s',
    '<n>': '2',
    '<n>/<duration>': '2/1ms',
    '<factor>': '1',
    '[address:port]': '127.0.0.1:9747',
    '<bits>': '9',
    '<size>': '1G',
  };
  const all = [{ name: 'pping', rows: ROWS }, ...COMMANDS];
  const withValue = all.flatMap(({ name: command, rows }) =>
    rows
      .filter((row: PlainRow) => argumentOf(row) !== undefined)
      .map((row: Partial<OptionRow> & PlainRow) => ({ command, row })),
  );
  const once = withValue.filter(({ row }) => !row.isRepeatable);
  const names = (options: typeof withValue) => options.map(({ row }) => longOf(row)).sort();

  test('each option with a value is of one of two kinds', () => {
    expect(names(withValue.filter(({ row }) => row.isRepeatable))).toEqual(
      [
        ...['--cgroup', '--container', '--host', '--local', '--net', '--pid', '--port', '--until'],
        ...['--dns-port', '--quic-port'],
        ...['--label', '--read', '--exclude-host', '--exclude-net', '--exclude-port'],
        ...['--interface', '--exclude-interface', '--netns', '--protocol'],
      ].sort(),
    );
    expect(names(once)).toEqual(expect.arrayContaining(['--attach', '--rate']));
  });

  test.each(once.map(({ command, row }) => [command, row.flags, row] as const))(
    '%s %s is refused',
    (command, _, row) => {
      const value = row.choices?.[0] ?? ONE_VALUE[argumentOf(row) ?? ''] ?? 'x';
      const before = command === 'pping' ? [] : [command, 'run.ndjson'];
      const [short = '', long = short] = namesOf(row);
      const args = [...before, long, value, short, value];
      expect(() => parseOptions(args)).toThrow(UsageError);
      expect(() => parseOptions(args)).toThrow(
        `${long} was given twice, as "${value}" and "${value}": it can be given once`,
      );
    },
  );

  test('a flag changes nothing', () => {
    expect(parse('-q', '--quiet', '-l', '-l', '--no-color', '--no-color')).toEqual({
      ...parse('-q', '-l', '--no-color'),
    });
  });

  test('a default is not the first time', () => {
    expect(parse('--rate', '1s')).toMatchObject({ settings: { rate: SECOND } });
  });
});

describe('an option before a command, which does not look at it', () => {
  test.each([
    [['-i', 'eth0', 'doctor'], '--interface cannot be used before doctor'],
    [['-o', 'x.html', 'report', 'run.ndjson'], '--output cannot be used before report'],
    [['--no-color', 'doctor'], '--no-color cannot be used before doctor'],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('whose connections', () => {
  test.each([
    [['--cgroup', '/a', '--cgroup', '/b'], { cgroups: ['/a', '/b'] }],
    [['--container', '3fa1'], { containers: ['3fa1'] }],
    [['--pid', '7', '--pid', '4194304'], { pids: [7, 4_194_304] }],
  ])('%j', (args, wanted) => {
    const none = { cgroups: [], containers: [], pids: [] };
    expect(parse(...args)).toEqual({ ...DEFAULTS, wantedOwners: { ...none, ...wanted } });
  });

  test.each([
    [['--pid', '4194305'], "--pid '4194305': process IDs go up to 4194304"],
    [['--pid', '0'], "--pid '0': must be a whole number, at least 1"],
    [['--pid', 'nginx'], "--pid 'nginx': must be a whole number, at least 1"],
    [['--cgroup', ''], "--cgroup '': must not be empty"],
  ])('not %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  test.each(['cgroup', 'container', 'pid'])('--%s cannot be used with -r', (name) => {
    expect(() => parseOptions(['-r', 'x.pcap', `--${name}`, '1'])).toThrow(
      `--${name} cannot be used with -r`,
    );
  });
});

describe('a capture', () => {
  const {
    interfaces: _,
    netns: ________,
    attach: __,
    selfCost: ___,
    metrics: _________,
    live: ____,
    ...others
  } = DEFAULTS;
  const {
    who: _____,
    containerNames: __________,
    nat: ______,
    wantedOwners: _______,
    ...run
  } = others;
  const REPLAY: ReplayOptions = {
    ...run,
    captures: ['x.pcap'],
    tunnels: true,
    local: [],
    reorder: 50_000_000n,
  };
  const replay = (...args: string[]) => parseOptions(['-r', 'x.pcap', ...args]);

  test('whose connections are is not in a capture', () => {
    expect(() => replay('--aggregate', '1s', '--aggregate-by', 'owner')).toThrow(
      '--aggregate-by owner cannot be used with -r',
    );
  });

  test('is read instead of an interface', () => {
    expect(replay()).toEqual(REPLAY);
    expect(parseOptions(['--read', '-'])).toEqual({ ...REPLAY, captures: ['-'] });
  });

  test('there may be several, also as a shell expands a pattern', () => {
    const captures = ['x.pcap', 'y.pcap', '-', 'z.pcap'];
    const args = ['-r', 'y.pcap', '-q', '-r', '-', 'z.pcap'];
    expect(replay(...args)).toEqual({ ...REPLAY, captures, quiet: true });
  });

  test('standard input can be read only once', () => {
    expect(() => replay('-r', '-', '--read', '-')).toThrow(
      'standard input (-) can be read only once',
    );
    expect(() => replay('-r', '-', '-')).toThrow(UsageError);
  });

  test('--local may be repeated', () => {
    const local = ['192.0.2.1', '2001:db8::/32'].map(parsePrefix);
    const args = ['--local', '192.0.2.1', '--local', '2001:db8::/32'];
    expect(replay(...args)).toEqual({ ...REPLAY, local });
  });

  test.each([
    [['-l', '--local', '192.0.2.1']],
    [['-l', '--local', '192.0.2.1', '--local', '10.0.0.0/8']],
    [['-l']],
  ])('--include-local is about a machine that is named, or that the capture tells: %j', (args) => {
    const { settings } = replay(...args) as ReplayOptions;
    expect(settings).toEqual({ ...DEFAULTS.settings, includeLocal: true });
  });

  test.each([
    ['0', 0n],
    ['1s', 1_000_000_000n],
  ])('--reorder %s', (text, reorder) => {
    expect(replay('--reorder', text)).toEqual({ ...REPLAY, reorder });
  });

  test.each([
    [['-i', 'eth0'], '-i cannot be used with -r'],
    [['--attach', 'tcx'], '--attach cannot be used with -r'],
    [['--self-cost'], '--self-cost cannot be used with -r'],
    [['--live'], '--live cannot be used with -r'],
    [['--metrics'], '--metrics cannot be used with -r'],
    [['--metrics', '--metrics-by', 'none'], '--metrics cannot be used with -r'],
    [['--who'], '--who cannot be used with -r'],
    [['--nat'], '--nat cannot be used with -r'],
    [['-l', '--local', '10.0.0.0/8'], '--include-local needs a --local <address>'],
    [['--reorder', '5'], 'a duration needs a unit'],
    [['--local', 'eth0'], '--local: "eth0" is not an address or a network'],
    [Array(65).fill(['--local', '10.0.0.1']).flat(), '--local: at most 64 addresses and networks'],
  ])('%j is refused', (args, message) => {
    expect(() => replay(...args)).toThrow(UsageError);
    expect(() => replay(...args)).toThrow(message);
  });

  test.each([
    ['--local', '10.0.0.1'],
    ['--reorder', '5ms'],
  ])('without one, %s is refused', (option, value) => {
    expect(() => parse(option, value)).toThrow(`${option} needs -r`);
  });
});

describe('the format', () => {
  test.each([
    ['run.ndjson', 'ndjson'],
    ['run.jsonl', 'ndjson'],
    ['/var/log/run.json', 'ndjson'],
    ['run.csv', 'csv'],
    ['RUN.CSV', 'csv'],
    ['run.Json', 'ndjson'],
    ['csv', 'human'],
    ['run.log', 'human'],
    ['ndjson', 'human'],
    ['gz', 'human'],
    ['run.gz.log', 'human'],
    ['/var/log.json/run', 'human'],
  ])('follows from the file name: %s is %s', (output, format) => {
    expect(parse('-o', output)).toEqual({ ...DEFAULTS, output, format });
  });

  test.each([
    [['-o', 'run.ndjson.gz'], '--format ndjson | gzip > run.ndjson.gz'],
    [['-o', '/tmp/RUN.CSV.ZST'], '--format csv | zstd > /tmp/RUN.CSV.ZST'],
    [['-o', 'run.json.xz', '--format', 'ppviz'], '--format ppviz | xz > run.json.xz'],
    [['-o', 'run.bz2'], '--format human | bzip2 > run.bz2'],
    [['-o', 'a.gz/run.lz4'], '--format human | lz4 > a.gz/run.lz4'],
    [['-o', 'run.ndjson.gz', '--live'], '-o run.ndjson, and compress it when the run is over'],
  ])('no file is compressed: %j', (args, instead) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(`${args[1]}: pping does not compress files: ${instead}`);
  });

  test('a URL may end with anything', () => {
    expect(parse('-o', 'https://collector.example/run.ndjson.gz')).toMatchObject({
      format: 'ndjson',
    });
  });

  test('is the named one whatever the file name', () => {
    expect(parse('-o', 'run.ndjson', '--format', 'human')).toMatchObject({ format: 'human' });
    expect(parse('-o', 'run.csv', '--format', 'ppviz')).toMatchObject({ format: 'ppviz' });
    expect(parse('-o', 'run.log', '--format', 'ndjson')).toMatchObject({ format: 'ndjson' });
  });
});

describe('bad usage', () => {
  test.each([
    [['--rate', '100'], /^--rate '100': a duration needs a unit, such as 100ms/],
    [['--rate', 'fast'], /^--rate: "fast" is not a duration/],
    [['--rate', '-1s'], /--rate.*"-1s" is not a duration/],
    [['--cleanup-interval', '0'], /--cleanup-interval.*must be at least 10ms/],
    [['--cleanup-interval', '1ns'], /--cleanup-interval.*must be at least 10ms/],
    [['--flow-timeout', '0s'], /--flow-timeout.*must be longer than 0/],
    [['--timestamp-timeout', '0'], /--timestamp-timeout.*must be longer than 0/],
    [['--rtt-rate', '-1'], /^--rtt-rate '-1': not a factor; write for example 1/],
    [['--rtt-rate', '0.0001'], /--rtt-rate.*at most three decimals/],
    [['--rtt-rate', '10000.001'], /--rtt-rate.*must be at most 10000/],
    [['--rtt-rate', '1', '--rtt-type', 'max'], /^--rtt-type 'max': must be one of min, smoothed$/],
    [['--rtt-type', 'min'], /--rtt-type needs --rtt-rate/],
    [['--burst', '3'], /^--burst '3': not a burst; write for example 3\/4ms/],
    [['--burst', '1/4ms'], /^--burst '1\/4ms': not a burst.*2 to 254/],
    [['--burst', '3/4ms/5'], /--burst.*not a burst/],
    [['--burst', '3/4'], /--burst.*a duration needs a unit/],
    [['--burst', '3/0'], /--burst.*must be longer than 0/],
    [['--burst', '3/4ms', '--rate', '0'], /--burst cannot be used with --rate 0/],
    [['--burst', '3/101ms'], /--burst must not last longer than --rate/],
    [['--report-interval', '60.1m'], /--report-interval.*must be at most 60m/],
    [['--min-window', '99ms'], /--min-window.*must be at least 100ms/],
    [['--report-interval', '5'], /--report-interval.*a duration needs a unit/],
    [['--max-flows', '0'], /--max-flows '0': must be a whole number, at least 1/],
    [['--max-flows', '8388609'], /--max-flows.*must be at most 8388608$/],
    [['--max-timestamps', 'many'], /--max-timestamps 'many': must be a whole number/],
    [['--stats', '0'], /--stats.*must be at least 10ms/],
    [['--stats', '9999us'], /--stats.*must be at least 10ms/],
    [['-s', '0'], /--seconds.*must be longer than 0/],
    [['-s', 'soon'], /--seconds.*"soon" is not a duration/],
    [['-c', '0'], /^--count '0': must be a whole number, at least 1$/],
    [['-c', '-1'], /^--count '-1': must be a whole number/],
    [['-c', '1.5'], /^--count '1\.5': must be a whole number/],
    [['-c', '9007199254740992'], /--count.*must be at most 9007199254740991$/],
    [['-c', '9'.repeat(400)], /--count.*must be at most 9007199254740991$/],
    [['--max-flows', '9007199254740993'], /--max-flows.*must be at most 8388608$/],
    [['--max-timestamps', '67108865'], /--max-timestamps.*must be at most 67108864$/],
    [['--pid', '9007199254740993'], /--pid.*process IDs go up to 4194304/],
    [['-c', ''], /^--count '': must be a whole number/],
    [['--format', 'xml'], /^--format 'xml': must be one of human, pping, ndjson, csv, ppviz$/],
    [['--attach', 'xdp'], /^--attach 'xdp': must be one of auto, tcx, clsact$/],
    [['--no-such'], /^unknown option --no-such; see --help$/],
    [['--rate'], /^missing value: --rate <duration>$/],
    [['eth1'], /what is "eth1"\? Only a filter may follow the options, such as: host/],
    [['src', 'host', '10.0.0.1'], /unsupported filter word "src"/],
    [['--host', '10.0.0.0/8'], /^--host: "10.0.0.0\/8" is a network, not an address; use --net$/],
    [['--net', '10.0.0.1'], /^--net: "10.0.0.1" has no prefix length/],
    [['--tunnels', '--no-tunnels'], /^--tunnels and --no-tunnels contradict each other$/],
    [['--no-tunnels', '--tunnels'], /^--tunnels and --no-tunnels contradict each other$/],
    [['--port', '0'], /--port.*ports go from 1 to 65535/],
    [['--port', '70000'], /--port.*ports go from 1 to 65535/],
    [['--port', '9-8'], /--port.*ends before it begins/],
    [['--exclude-port', 'htpt'], /^--exclude-port: "htpt" is not a port, a range or a service/],
    [['--port', '80,'], /^--port: "" is not a port/],
    [['--host', '::1,eth0'], /^eth0 is a name, not an address; names need --resolve$/],
    [['--host', '::1,10.0.0.300'], /--host.*"10.0.0.300" is not an address/],
    [['host', 'db1.example'], /^db1.example is a name, .*; names need --resolve$/],
    [Array(65).fill(['--host', '10.0.0.1']).flat(), /at most 64 hosts and networks/],
    [Array(65).fill(['--port', '1']).flat(), /at most 64 ports and ranges/],
    [
      ['--until', 'p98>1ms'],
      /^--until 'p98>1ms': not a condition; write for example p99>50ms; metrics: min, p50, median, p90, p99, max, samples, events-lost, retrans; with --protocol dns also dns-p99 and so on, dns-unanswered, dns-failed$/,
    ],
    [['--until', 'p99=1ms'], /--until.*not a condition/],
    [['--until', 'p99>50 x'], /--until.*not a condition/],
    [
      ['--until', 'p99>50'],
      /^--until 'p99>50': a duration needs a unit, such as 50ms or 50s \(units: ns us ms s m h\)$/,
    ],
    [['--until', 'samples>1ms'], /--until.*"1ms" is not a number/],
    [['--until', 'retrans>2'], /--until.*"2" is not a percentage; write for example 2%/],
    [['--until', 'retrans>.5%'], /--until.*".5%" is not a percentage/],
    [['--until', 'retrans>101%'], /--until.*at most 100%/],
    [['--until', 'p99>2%'], /--until.*"2%" is not a duration/],
    [['--until', 'loss>1/10s'], /--until.*events-lost are counted from the start of the run/],
    [['--until', 'samples<0'], /^--until 'samples<0': can never be true$/],
    [['--until', 'p99<0ms/1s'], /--until.*: can never be true$/],
    [['--until', 'retrans<0%'], /--until.*: can never be true$/],
    [['--until', 'retrans>100%'], /--until.*: can never be true$/],
    [
      ['-s', '5', '--until', 'p90>1s', '--until', 'p99>50ms/10s'],
      /^--until 'p99>50ms\/10s' cannot come true within -s 5s$/,
    ],
    [
      ['-s', '10', '--until', 'retrans>2%/9s for 1001ms'],
      /^--until 'retrans>2%\/9s for 1001ms' cannot come true within -s 10s$/,
    ],
    [['--until', 'samples>1 for 1s'], /--until.*leave out "for 1s"/],
    [['--until', 'loss>1%/10s'], /--until.*not losses: write "retrans>1%\/10s"/],
    [
      ['-o', 'x.tsv'],
      /^x\.tsv: TSV is not supported; use -o <name>\.csv, or --format with one of human, pping, ndjson, csv, ppviz$/,
    ],
    [['--live', '-o', 'X.TSV'], /TSV is not supported/],
    [['-q', '--format', 'ppviz'], /--quiet needs --format human or ndjson/],
    [['-q', '--format', 'pping'], /--quiet needs --format human or ndjson/],
    [['-q', '--format', 'csv'], /--quiet needs --format human or ndjson/],
    [['-q', '-o', 'x.csv'], /--quiet needs --format human or ndjson/],
    [['--interval', '1s', '--format', 'pping'], /--interval needs --format human, ndjson or csv/],
    [['--date', '--format', 'ndjson'], /--date needs --format human or pping/],
    [['--date', '-o', 'x.ndjson'], /--date needs --format human or pping/],
    [['--date', '--format', 'csv'], /--date needs --format human or pping/],
    [['--date', '-o', 'x.csv'], /--date needs --format human or pping/],
    [
      ['--nat', '-q'],
      /--nat adds addresses to lines in the format human, ndjson or csv, and this run prints none of these/,
    ],
    [['--nat', '-q', '--format', 'ndjson'], /--nat adds addresses to lines/],
    [['--nat', '--live'], /--nat adds addresses to lines/],
    [['--nat', '--format', 'ppviz'], /--nat adds addresses to lines/],
    [['--live', '-o', '-'], /--live needs standard output for itself/],
    [['--until', 'p99>9007199254740992ns'], /--until.*at most 104 days/],
    [['--until', 'p99>1ms/9007199254740992ns'], /--until.*at most 104 days/],
    [['--until', 'samples>9007199254740992'], /--until.*must be at most 9007199254740991$/],
    [['--live', '-q'], /--live cannot be used with --quiet/],
    [['--live', '--format', 'ndjson'], /--live prints no lines: --format needs -o <file>/],
    [['--interval', '9ms'], /--interval.*must be at least 10ms/],
    [['--interval', '2'], /--interval.*a duration needs a unit/],
    [['--interval', '1s', '-q'], /--interval cannot be used with --quiet/],
    [['--interval', '1s', '--live'], /--interval cannot be used with --live/],
    [['--interval', '1s', '--live', '-o', 'x'], /--interval cannot be used with --live/],
    [['--interval', '1s', '--format', 'ppviz'], /--interval needs --format human, ndjson or csv/],
    [['--interval', '1s', '--nat'], /--nat adds addresses to lines/],
    [['--by', 'peer'], /--by needs --interval/],
    [['--aggregate', '99ms'], /--aggregate.*must be at least 100ms/],
    [['--aggregate', '61m'], /--aggregate.*must be at most 60m/],
    [
      ['--aggregate', '1s', '--aggregate-by', 'host'],
      /^--aggregate-by 'host': must be one of prefix/,
    ],
    [
      ['--aggregate', '1s', '--aggregate-v4', '33'],
      /^--aggregate-v4 '33': must be a whole number from 0 to 32$/,
    ],
    [
      ['--aggregate', '1s', '--aggregate-v6', '-1'],
      /^--aggregate-v6 '-1': must be a whole number from 0 to 128$/,
    ],
    [['--aggregate', '1s', '--live', '-o', 'x.csv'], /--aggregate needs --format human/],
    [['--aggregate', '1s', '--live', '--who'], /with --aggregate, --who and --nat need --events/],
    [['--aggregate', '1s', '--interval', '1s'], /--interval cannot be used with --aggregate/],
    [['--aggregate', '1s', '--format', 'csv'], /--aggregate needs --format human/],
    [['--aggregate', '1s', '--format', 'pping'], /--aggregate needs --format human/],
    [['--aggregate', '1s', '-o', 'x.csv'], /--aggregate needs --format human/],
    [['--aggregate', '1s', '--pid', '7'], /--pid cannot be used with --aggregate/],
    [['--aggregate', '1s', '--who'], /with --aggregate, --who and --nat need --events/],
    [['--aggregate', '1s', '--nat'], /with --aggregate, --who and --nat need --events/],
    [
      ['--aggregate', '1s', '--aggregate-by', 'interface', '--metrics', '--metrics-by', 'prefix'],
      /--metrics-by prefix needs --events: --aggregate-by interface alone allows --metrics-by interface or none$/,
    ],
    [
      ['--aggregate', '1s', '--aggregate-by', 'none', '--metrics', '--metrics-by', 'interface'],
      /--metrics-by interface needs --events: --aggregate-by none alone allows --metrics-by none$/,
    ],
    [
      ['--aggregate', '1s', '--metrics', '--who', '--metrics-by', 'owner'],
      /with --aggregate, --who and --nat need --events/,
    ],
    [['--aggregate', '1s', '-c', '5'], /with --aggregate, --count needs --events/],
    [
      ['--aggregate', '10s', '--until', 'p99>1ms/15s'],
      /^--until 'p99>1ms\/15s' is judged once per interval: with --aggregate 10s its durations must be multiples of 10s, unless --events is given$/,
    ],
    [['--aggregate', '10s', '--until', 'p99>1ms/1s'], /its durations must be multiples of 10s/],
    [['--aggregate', '10s', '--until', 'p99>1ms for 5s'], /its durations must be multiples of 10s/],
    [
      ['--aggregate', '250ms', '--until', 'p99>1ms/1s for 300ms'],
      /its durations must be multiples of 250ms/,
    ],
    [['--aggregate-by', 'none'], /--aggregate-by needs --aggregate/],
    [['--aggregate-v4', '8'], /--aggregate-v4 needs --aggregate/],
    [['--aggregate-v6', '8'], /--aggregate-v6 needs --aggregate/],
    [['--max-aggregates', '8'], /--max-aggregates needs --aggregate/],
    [['--events'], /--events needs --aggregate/],
    [['--interval', '1s', '--by', 'flow'], /^--by 'flow': must be one of peer, interface$/],
    [['--metrics', 'localhost:9747'], /^--metrics: "localhost:9747" is not an address and a port/],
    [['--metrics-by', 'prefix'], /--metrics-by needs --metrics/],
    [['--metrics-series', '5'], /--metrics-series needs --metrics/],
    [
      ['--metrics', '--metrics-series', '0'],
      /^--metrics-series '0': must be a whole number, at least 1$/,
    ],
    [['--metrics', '--metrics-series', '10001'], /--metrics-series.*at most 10000/],
    [
      ['--metrics', '--metrics-by', 'owner'],
      /^--metrics-by owner needs --who, or --aggregate with --aggregate-by owner/,
    ],
    [['--metrics', '--metrics-by', 'peer'], /^--metrics-by 'peer': must be one of prefix/],
    [['--metrics', '127.0.0.1:1', '--metrics'], /--metrics was given twice, as "127.0.0.1:1" and/],
    [['--live', '--stats', '1s'], /--live cannot be used with --stats/],
  ])('%j is refused, and the message says what is wrong', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });

  test('a run without an interface is refused', () => {
    expect(() => parseOptions([])).toThrow(UsageError);
    expect(() => parseOptions([])).toThrow('which interface? pping -i <name>');
  });

  test('the message is one line, without a second "error:", and not printed here', () => {
    expect(() => parse('--no-such')).toThrow(/^(?!error)[^\n]*$/);
    expect({ printed, stderr }).toEqual({ printed: '', stderr: '' });
  });
});

describe('help and version', () => {
  test.each([
    [['-V']],
    [['--version']],
    [['-i', 'eth0', '--version']],
    [['--version', '--no-such']],
  ])('%j asks for the version, and for no run', (args) => {
    expect(parseOptions(args)).toEqual({ version: true });
    expect({ printed, stderr }).toEqual({ printed: '', stderr: '' });
  });

  test.each(['-h', '--help', 'help'])(
    '%s needs no interface, and names options and defaults',
    (flag) => {
      expect(parseOptions([flag])).toBeUndefined();
      expect(printed).toContain('Usage: pping');
      for (const text of ['default: 100ms', 'default: 1s', 'default: 5m', 'default: 10s']) {
        expect(printed.replace(/\s+/g, ' ')).toContain(text);
      }
      expect(printed).toContain('sudo pping -i eth0 -o run.ndjson');
      expect(printed).toContain('Which connections:\n  [filter]: host, net, port, portrange, tcp,');
      expect(printed).toContain('Exit status: 0 ended as asked, 1 failure, 2 bad usage or input');
    },
  );

  test('no line of help is longer than a terminal is wide', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(printed.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('the example of a remote capture leaves out the connection that carries it', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(printed).toMatch(/^ {2}ssh .*tcpdump .*not port 22.*\| pping -r -$/m);
  });

  test('help of a command is that of the command', () => {
    expect(parseOptions(['help', 'report'])).toBeUndefined();
    expect(printed).toContain('Usage: pping report');
    expect(printed).not.toContain('[filter]');
  });

  test('doctor says what its options are for there', () => {
    expect(parseOptions(['doctor', '--help'])).toBeUndefined();
    expect(printed).toMatch(/--max-flows <n> +check that memory suffices for this many flows/);
    expect(printed).toContain('default: 131072');
  });
});
