/** The lines of --interval, for people and for programs. */
import { describe, expect, test } from '@jest/globals';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { CsvIntervalFormatter } from '../../src/format/csv-intervals.js';
import { createFormatter } from '../../src/format/formats.js';
import type { Formatter, Notice } from '../../src/format/formatter.js';
import { IntervalFormatter, type IntervalShape } from '../../src/format/intervals.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import type { IntervalFigures } from '../../src/summary/intervals.js';
import { Resent } from '../../src/summary/resent.js';
import { linesOf } from '../helpers/command/cli.js';
import { governorNotice, ipv4, ipv6, rttEvent } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';
import { namesOf } from '../helpers/events/names.js';
import { tableOf } from '../helpers/output/csv.js';

const MS = 1_000_000;
const SECOND = 1_000_000_000n;

function resentOf(bytes: number, again: number): Resent {
  const resent = new Resent();
  Object.assign(resent, { bytes, watched: bytes, again });
  return resent;
}

const BEYOND: IntervalFigures = {
  side: 'beyond',
  samples: 412,
  reported: 400,
  overdue: 2,
  path: {
    kind: 'kernel',
    reported: 300,
    rtt: {
      min: 12 * MS,
      p50: 12.593 * MS,
      p90: 104.874 * MS,
      p95: 110 * MS,
      p99: 0.05 * MS,
      max: 10_000 * MS,
    },
  },
  resent: resentOf(1_000_000, 38_000),
};
const SILENCE: IntervalFigures = {
  side: 'unknown',
  samples: 0,
  reported: 0,
  overdue: 0,
  path: undefined,
  resent: new Resent(),
};

const noticeOf = (figures: IntervalFigures, second = 2n): Notice => ({
  type: 'interval',
  timestamp: second * SECOND,
  length: 2n * SECOND,
  figures,
});

function linesFrom(formatter: Formatter, notices: readonly Notice[]): string[] {
  const chunk = new Chunk();
  for (const notice of notices) expect(formatter.notice?.(notice, chunk)).toBe(true);
  return linesOf(Buffer.from(chunk.take().bytes).toString());
}

describe('for people', () => {
  const formatterOf = (shape: Partial<IntervalShape> = {}) =>
    new IntervalFormatter(new Clock(0n, { zone: 'utc' }), {
      isTerminal: false,
      by: undefined,
      isFine: false,
      ...shape,
    });

  test('a peer has its name, once it is known', () => {
    const peer = { ...BEYOND, peer: { address: ipv4('192.0.2.1'), ipVersion: 4 as const } };
    const names = namesOf({});
    const shape = { isTerminal: false, by: 'peer', isFine: false } as const;
    const formatter = new IntervalFormatter(new Clock(0n, { zone: 'utc' }), shape, names);
    expect(linesFrom(formatter, [noticeOf(peer)]).at(-1)).toMatch(/ 192\.0\.2\.1$/);
    names.learn('192.0.2.1', 'db1.example');
    expect(linesFrom(formatter, [noticeOf(peer, 4n)])).toEqual([
      expect.stringMatching(/^00:00:04 .* db1\.example$/),
    ]);
  });

  test('columns line up, and an interval without RTTs has dashes', () => {
    expect(linesFrom(formatterOf(), [noticeOf(BEYOND), noticeOf(SILENCE, 4n)])).toEqual([
      'time      side    samples p50_ms p90_ms p99_ms max_ms overdue retrans',
      '00:00:02  beyond      412   12.6    105  0.050  10000       2    3.8%',
      '00:00:04  unknown       0      -      -      -      -       0       -',
    ]);
  });

  test('of parts of a second have times to the microsecond', () => {
    expect(linesFrom(formatterOf({ isFine: true }), [noticeOf(BEYOND)])).toEqual([
      'time             side    samples p50_ms p90_ms p99_ms max_ms overdue retrans',
      '00:00:02.000000  beyond      412   12.6    105  0.050  10000       2    3.8%',
    ]);
  });

  test('one with the time of the one before says how long it was', () => {
    const short: Notice = {
      ...{ type: 'interval', timestamp: 2_300_000_000n, length: 300_000_000n },
      figures: SILENCE,
    };
    const rows = linesFrom(formatterOf(), [noticeOf(BEYOND), noticeOf(SILENCE), short, short]);
    expect(rows.slice(1)).toEqual([
      '00:00:02  beyond      412   12.6    105  0.050  10000       2    3.8%',
      '00:00:02  unknown       0      -      -      -      -       0       -',
      '00:00:02  unknown       0      -      -      -      -       0       -  (0.300 s)',
      '00:00:02  unknown       0      -      -      -      -       0       -  (0.300 s)',
    ]);
    const fine = linesFrom(formatterOf({ isFine: true }), [noticeOf(BEYOND), short]);
    expect(fine.at(-1)).toMatch(/^00:00:02\.300000 .* -$/);
  });

  test('one without a length, too: of what is at the very end of the one before', () => {
    const none: Notice = {
      ...{ type: 'interval', timestamp: 2_000_000_000n, length: 0n },
      figures: SILENCE,
    };
    const rows = linesFrom(formatterOf({ isFine: true }), [noticeOf(BEYOND), none, none]);
    const rest = /^00:00:02\.000000 {2}unknown .* - {2}\(0\.000 s\)$/;
    expect(rows.slice(2)).toEqual([expect.stringMatching(rest), expect.stringMatching(rest)]);
  });

  test('peers come last, and of those left out it is said how many there are', () => {
    const peer = (address: Uint8Array, ipVersion: 4 | 6) =>
      noticeOf({ ...BEYOND, peer: { address, ipVersion } });
    const lines = linesFrom(formatterOf({ by: 'peer' }), [
      noticeOf({ ...BEYOND, peers: { size: 17, told: 10 } }),
      peer(ipv4('10.0.0.1'), 4),
      peer(ipv6(0xfd77, 0, 0, 0, 0, 0, 0, 1), 6),
      noticeOf({ ...SILENCE, peers: { size: 0, told: 0 } }),
      noticeOf({ ...BEYOND, peers: { size: 4_096, told: 10, isFull: true } }),
    ]);
    expect(lines.map((line) => line.slice(61))).toEqual([
      '  peer',
      '  all (10 of 17)',
      '  10.0.0.1',
      '  fd77::1',
      '  all',
      '  all (10 of at least 4096)',
    ]);
  });

  test('interfaces likewise', () => {
    const place = (name: string | undefined) =>
      noticeOf({
        ...BEYOND,
        place: { seenAt: name === undefined ? name : { capture: undefined, interface: name } },
      });
    const lines = linesFrom(formatterOf({ by: 'interface' }), [
      noticeOf({ ...BEYOND, places: { size: 2, told: 2 } }),
      place('eth\x1b0'),
      place(undefined),
    ]);
    expect(lines.map((line) => line.slice(61))).toEqual([
      '  interface',
      '  all',
      '  eth\\u001b0',
      '  elsewhere',
    ]);
  });

  test('the headings come once in a file', () => {
    const notices = Array.from({ length: 100 }, (_, n) => noticeOf(BEYOND, BigInt(n)));
    const lines = linesFrom(formatterOf(), notices);
    expect(lines).toHaveLength(101);
    expect(lines.filter((line) => line.startsWith('time '))).toHaveLength(1);
  });

  test('on a terminal again after 20 rows, and not within an interval', () => {
    const three = (n: number) => Array(3).fill(noticeOf(BEYOND, BigInt(n)));
    const notices = Array.from({ length: 15 }, (_, n) => three(n)).flat();
    const lines = linesFrom(formatterOf({ isTerminal: true }), notices);
    const places = lines.flatMap((line, index) => (line.startsWith('time ') ? [index] : []));
    expect(places).toEqual([0, 22, 44]);
  });

  test('events have no lines, and other notices no place', () => {
    const chunk = new Chunk();
    const formatter: Formatter = formatterOf();
    formatter.format(rttEvent(), chunk);
    expect(formatter.notice?.(governorNotice(), chunk)).toBe(false);
    expect(chunk.take().lines).toBe(0);
  });

  test('is the format human where intervals are asked for', () => {
    const options = { clock: new Clock(0n), interface: undefined, color: false };
    const intervals = { isTerminal: false, by: undefined, isFine: false };
    expect(createFormatter('human', { ...options, intervals })).toBeInstanceOf(IntervalFormatter);
    expect(createFormatter('ndjson', { ...options, intervals })).toBeInstanceOf(NdjsonFormatter);
  });
});

describe('for programs', () => {
  const lineOf = (figures: IntervalFigures) =>
    linesFrom(new NdjsonFormatter(new Clock(0n), 'eth0'), [noticeOf(figures)])[0];

  test('an object, to the byte, by the names of the summary', () => {
    expect(lineOf(BEYOND)).toBe(
      '{"type":"interval","timestamp":2000000000,"interface":"eth0","interval":2000000000,"side":"beyond"' +
        ',"samples":412,"overdue":2,"reported":400,"path":{"answers":"kernel","reported":300' +
        ',"rtt_min":12000000,"rtt_p50":12593000,"rtt_p90":104874000,"rtt_p95":110000000' +
        ',"rtt_p99":50000,"rtt_max":10000000000},"bytes":1000000,"retransmitted_bytes":38000}',
    );
  });

  test('without an RTT there is no path', () => {
    expect(lineOf(SILENCE)).toBe(
      '{"type":"interval","timestamp":2000000000,"interface":"eth0","interval":2000000000,"side":"unknown"' +
        ',"samples":0,"overdue":0,"reported":0,"bytes":0,"retransmitted_bytes":0}',
    );
  });

  test('by peer: how many there are, and each with its address', () => {
    expect(JSON.parse(lineOf({ ...BEYOND, peers: { size: 17, told: 10 } }) ?? '')).toMatchObject({
      peers: 17,
      samples: 412,
    });
    const peer = { address: ipv4('10.0.0.1'), ipVersion: 4 } as const;
    expect(JSON.parse(lineOf({ ...BEYOND, peer }) ?? '')).toMatchObject({ src_ip: '10.0.0.1' });
  });
});

describe('as CSV', () => {
  const formatterOf = () => new CsvIntervalFormatter(new Clock(0n), 'eth0');
  const linesFor = (...figures: readonly IntervalFigures[]) => [
    ...linesOf(formatterOf().heading),
    ...linesFrom(
      formatterOf(),
      figures.map((each) => noticeOf(each)),
    ),
  ];
  const rowOf = (figures: IntervalFigures) => tableOf(linesFor(figures).join('\n'))[0];

  test('a row below its header, to the byte', () => {
    expect(linesFor(BEYOND, SILENCE)).toEqual([
      'timestamp,interface,interval,side,src_ip,samples,overdue,peers,reported,path_answers,path_reported,' +
        'path_rtt_min,path_rtt_p50,path_rtt_p90,path_rtt_p95,path_rtt_p99,path_rtt_max,bytes,retransmitted_bytes,places,capture',
      '2000000000,eth0,2000000000,beyond,,412,2,,400,kernel,300,' +
        '12000000,12593000,104874000,110000000,50000,10000000000,1000000,38000,,',
      '2000000000,eth0,2000000000,unknown,,0,0,,0,,,,,,,,,0,0,,',
    ]);
  });

  test('by peer: how many there are, and each with its address', () => {
    const peer = { address: ipv6(0xfd77, 0, 0, 0, 0, 0, 0, 1), ipVersion: 6 } as const;
    expect(rowOf({ ...BEYOND, peers: { size: 17, told: 10 } })).toMatchObject({
      peers: '17',
      src_ip: '',
    });
    expect(rowOf({ ...BEYOND, peer })).toMatchObject({ peers: '', src_ip: 'fd77::1' });
  });

  test('by interface: how many places there are, and each with its capture', () => {
    const place = { seenAt: { capture: 'a, b.pcap', interface: undefined } };
    const all = { places: '2', capture: '', peers: '' };
    expect(rowOf({ ...BEYOND, places: { size: 2, told: 2 } })).toMatchObject(all);
    expect(rowOf({ ...BEYOND, place })).toMatchObject({ places: '', capture: 'a, b.pcap' });
  });

  test('events have no rows, and other notices no place', () => {
    expect(textOf(formatterOf(), rttEvent())).toBe('');
    expect(formatterOf().notice(governorNotice(), new Chunk())).toBe(false);
  });
});
