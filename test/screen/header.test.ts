import { describe, expect, test } from '@jest/globals';
import {
  headerParagraphs,
  type IntervalDns,
  type IntervalSide,
  type ScreenStatus,
} from '../../src/screen/header.js';
import { flowed } from '../../src/screen/spans.js';
import type { DnsFigures } from '../../src/summary/dns.js';
import { MS, plainText } from '../helpers/command/screen.js';

const RTT = {
  min: MS,
  p50: 12.34 * MS,
  p90: 20 * MS,
  p95: 21 * MS,
  p99: 345.6 * MS,
  max: 1_201 * MS,
};

function paragraphsOf(overrides: Partial<ScreenStatus> = {}, width = 80) {
  const status = {
    interfaces: ['eth0'],
    attachMethod: 'tcx',
    elapsedNs: 0,
    packetsPerSecond: 1_200.6,
    samplesPerSecond: 37.4,
    losses: [],
    sides: [],
    settings: [],
    maps: [],
    ...overrides,
  };
  return headerParagraphs(status, width);
}

const linesOf = (overrides?: Partial<ScreenStatus>, width = 80) =>
  paragraphsOf(overrides, width).flatMap((each) => flowed(each, width).map(plainText));

test('the whole run is in two lines', () => {
  expect(linesOf()).toEqual([
    'pping eth0 (tcx)  0:00:00  1201 packets/s  37 samples/s  no events lost',
    'no RTT yet',
  ]);
});

describe('interfaces', () => {
  const firstOf = (interfaces: readonly string[], width = 80, figures = {}) =>
    linesOf({ interfaces, ...figures }, width)[0]?.replace(/ {2}.*/, '');

  test.each([
    [['eth0', 'wg0'], 80, 'pping eth0, wg0 (tcx)'],
    [['eth0', 'eth1', 'wg0'], 80, 'pping 3 interfaces (tcx)'],
    [['eth0', 'eth1', 'wg0'], 83, 'pping 3 interfaces (tcx)'],
    [['eth0', 'eth1', 'wg0'], 84, 'pping eth0, eth1, wg0 (tcx)'],
    [['enp0s31f6np0'], 40, 'pping enp0s31f6np0 (tcx)'],
    [['\u202eb', 'c'], 80, 'pping \\u202eb, c (tcx)'],
    [[], 80, 'pping 0 interfaces (tcx)'],
  ])('%j are named in %d columns only where there is room: %s', (interfaces, width, text) => {
    expect(firstOf(interfaces, width)).toBe(text);
  });

  test('leave room for usual figures, so that names do not come and go', () => {
    const interfaces = ['eth0', 'eth1'];
    const busy = { packetsPerSecond: 98_765, samplesPerSecond: 999 };
    expect(linesOf({ interfaces, ...busy })[0]).toBe(
      'pping eth0, eth1 (tcx)  0:00:00  98765 packets/s  999 samples/s  no events lost',
    );
    expect(firstOf(interfaces, 80, { ...busy, packetsPerSecond: 9_876_543 })).toBe(
      'pping eth0, eth1 (tcx)',
    );
  });
});

test('settings are told as they are given', () => {
  expect(linesOf({ settings: ['--rate 10ms', '--no-handshake'] })[2]).toBe(
    'settings: --rate 10ms  --no-handshake',
  );
});

describe('how full a map is', () => {
  const fill = (entries: number) =>
    paragraphsOf({ maps: [{ name: 'flow', entries, maxEntries: 1_000 }] })[2]?.pieces;

  test('is not told while there is room', () => {
    expect(fill(799)).toBeUndefined();
  });

  test.each([
    [800, 'flow map 80 % full (800 of 1000)', 'yellow'],
    [1_000, 'flow map 100 % full (1000 of 1000)', 'red'],
  ] as const)('is told with %d entries of 1,000', (entries, text, style) => {
    expect(fill(entries)).toEqual([[[text, style]]]);
  });
});

test('what does not fit in a line begins the next one, and is not cut', () => {
  const losses = ['3 RTTs lost (ring buffer full)', '7 lines not written'];
  const lines = linesOf({ losses, settings: ['--rate 10ms', '--flow-timeout 10m'] }, 60);
  expect(lines).toEqual([
    'pping eth0 (tcx)  0:00:00  1201 packets/s  37 samples/s',
    '3 RTTs lost (ring buffer full)  7 lines not written',
    'no RTT yet',
    'settings: --rate 10ms  --flow-timeout 10m',
  ]);
});

test('both sides are told, each on a line of its own', () => {
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
  expect(linesOf({ sides }).slice(1)).toEqual([
    'whole run: > beyond p50 12.3 p99 346 ms  1201 samples',
    '           < behind p50 0.050 p99 346 ms  3 samples',
  ]);
});

test('one sample is one', () => {
  const path = { kind: 'all', reported: 1, rtt: RTT } as const;
  const sides = [{ side: 'beyond', samples: 1, path, beside: [] }] as const;
  expect(linesOf({ sides })[1]).toBe('whole run: > beyond p50 12.3 p99 346 ms  1 sample');
});

test('protocols are told where there may be several', () => {
  const path = { kind: 'all', reported: 9, rtt: RTT } as const;
  const sides = (['TCP', 'ICMP'] as const).map((protocol) => {
    return { side: 'beyond', protocol, samples: 9, path, beside: [] } as const;
  });
  expect(linesOf({ sides }).slice(1)).toEqual([
    'whole run: > beyond TCP p50 12.3 p99 346 ms  9 samples',
    '           > beyond ICMP p50 12.3 p99 346 ms  9 samples',
  ]);
});

test('the median of what tells the path less well is told beside it', () => {
  const data = { kind: 'data', reported: 480, rtt: { ...RTT, p50: 71 * MS } } as const;
  const path = { kind: 'kernel', reported: 721, rtt: RTT } as const;
  const sides = [{ side: 'beyond', samples: 1_201, path, beside: [data] }] as const;
  expect(linesOf({ sides })[1]).toBe(
    'whole run: > beyond p50 12.3 p99 346 ms  1201 samples  p50 of data 71.0',
  );
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
    const pieces = paragraphsOf({ losses: ['3 RTTs lost', '7 lines not written'] })[0]?.pieces;
    expect(pieces?.slice(-2)).toEqual([[['3 RTTs lost', 'red']], [['7 lines not written', 'red']]]);
  });

  test('that is none is said, too, but not loudly', () => {
    expect(paragraphsOf()[0]?.pieces.at(-1)).toEqual([['no events lost', 'dim']]);
  });
});

describe('where RTTs are counted in the kernel', () => {
  const side = { side: 'beyond', samples: 7, rtt: RTT, parts: 3, others: 0 } as const;
  const last = (...sides: readonly IntervalSide[]) => ({
    length: 10_002e6,
    sides,
    dns: [] as readonly IntervalDns[],
    what: 'network',
  });

  test('the last interval follows the whole run, with what is counted by itself', () => {
    const behind = { ...side, side: 'behind', rtt: undefined, samples: 0, parts: 1 } as const;
    expect(linesOf({ interval: last(side, behind) }).slice(2)).toEqual([
      'last 10s:  > beyond p50 12.3 p99 346 ms  7 samples  3 networks',
      '           < behind no RTT  0 samples  1 network',
    ]);
  });

  test('what found no room is told', () => {
    const line = linesOf({ interval: last({ ...side, others: 1 }) }, 100)[2];
    expect(line).toMatch(/ 3 networks {2}1 sample in others$/);
    const interval = { ...last(side), length: 500e6, what: '' };
    expect(linesOf({ interval })[2]).toMatch(/^last 0\.5s: > .* 7 samples$/);
  });

  const figures = {
    ...{ responses: 80, unanswered: 2, truncated: 0, responseTime: RTT },
    rcodes: new Map([['SERVFAIL', 2]]),
  };
  const resolvers = { side: 'beyond', figures, parts: 3, others: 0 } as const;
  const linesWith = (dns: readonly IntervalDns[], sides = [side]) =>
    linesOf({ interval: { ...last(...sides), dns } }, 120).slice(2);

  test('DNS follows RTTs, and is by itself where there are none', () => {
    const text =
      '> beyond DNS p50 12.3 p99 346 ms  80 responses  2 unanswered  2 SERVFAIL  3 networks';
    expect(linesWith([resolvers])).toEqual([
      'last 10s:  > beyond p50 12.3 p99 346 ms  7 samples  3 networks',
      `           ${text}`,
    ]);
    expect(linesWith([resolvers], [])).toEqual([`last 10s:  ${text}`]);
  });

  test('of DNS, too, it is told what found no room, and that nothing was answered', () => {
    const silent = { ...figures, responses: 0, responseTime: undefined, rcodes: new Map() };
    expect(
      linesWith([
        { ...resolvers, others: 2 },
        { ...resolvers, side: 'behind', figures: silent, parts: 1, others: 1 },
      ]).slice(1),
    ).toEqual([
      expect.stringMatching(/ 3 networks {2}2 queries in others$/),
      '           < behind DNS no response time  0 responses  2 unanswered  1 network  1 query in others',
    ]);
  });
});

describe('DNS', () => {
  const figures = {
    ...{ responses: 535, unanswered: 3, truncated: 0, responseTime: RTT },
    rcodes: new Map([
      ['NOERROR', 500],
      ['NXDOMAIN', 23],
      ['SERVFAIL', 12],
    ]),
  };
  const nothing = {
    ...{ responses: 0, unanswered: 0, truncated: 0, responseTime: undefined },
    rcodes: new Map<string, number>(),
  };
  const dnsOf = (isAlone: boolean, of = figures as DnsFigures) => ({
    dns: { figures: of, responsesPerSecond: 9.4, isAlone },
  });

  test('alone it is all there is: no RTT is missed', () => {
    expect(linesOf(dnsOf(true), 120)).toEqual([
      'pping eth0 (tcx)  0:00:00  1201 packets/s  9 responses/s  no events lost',
      'whole run: DNS p50 12.3 p99 346 ms  535 responses  3 unanswered  12 SERVFAIL',
    ]);
    expect(linesOf(dnsOf(true, nothing))[1]).toBe('whole run: no DNS query yet');
  });

  test('beside others it is a line below theirs, which names it', () => {
    expect(linesOf(dnsOf(false), 120)).toEqual([
      'pping eth0 (tcx)  0:00:00  1201 packets/s  37 samples/s  no events lost',
      'no RTT yet',
      '           DNS p50 12.3 p99 346 ms  535 responses  3 unanswered  12 SERVFAIL',
    ]);
  });

  test('nothing has answered', () => {
    expect(linesOf(dnsOf(true, { ...nothing, unanswered: 3 }))[1]).toBe(
      'whole run: DNS no response time  0 responses  3 unanswered',
    );
  });

  test('several codes are one figure, so that the line fits 80 columns', () => {
    const rcodes = new Map([
      ['NOERROR', 20],
      ['REFUSED', 12],
      ['SERVFAIL', 8],
    ]);
    expect(linesOf(dnsOf(true, { ...figures, rcodes }))[1]).toBe(
      'whole run: DNS p50 12.3 p99 346 ms  535 responses  3 unanswered  20 failed',
    );
  });

  test('one without a name is told as what it is', () => {
    const rcodes = new Map([
      ['NOERROR', 20],
      ['12', 8],
    ]);
    expect(linesOf(dnsOf(true, { ...figures, rcodes }))[1]).toBe(
      'whole run: DNS p50 12.3 p99 346 ms  535 responses  3 unanswered  8 RCODE12',
    );
  });

  test('what does not fit is below the rest of it', () => {
    expect(linesOf(dnsOf(false), 60).slice(-2)).toEqual([
      '           DNS p50 12.3 p99 346 ms  535 responses',
      '           3 unanswered  12 SERVFAIL',
    ]);
  });
});
