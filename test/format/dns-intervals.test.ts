/** Lines of DNS with --interval: told apart from RTTs, for people and for programs. */
import { describe, expect, test } from '@jest/globals';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { createFormatter } from '../../src/format/formats.js';
import type { Formatter, Notice } from '../../src/format/formatter.js';
import type { IntervalShape } from '../../src/format/intervals.js';
import type { DnsIntervalFigures } from '../../src/summary/dns-intervals.js';
import type { IntervalFigures } from '../../src/summary/intervals.js';
import { Resent } from '../../src/summary/resent.js';
import { linesOf } from '../helpers/command/cli.js';
import { ipv4 } from '../helpers/events/events.js';
import { tableOf } from '../helpers/output/csv.js';

const MS = 1_000_000;
const TIMES = { timestamp: 2_000_000_000n, length: 2_000_000_000n };
const TIME = { min: 1, p50: 12 * MS, p90: 20 * MS, p95: 30 * MS, p99: 40 * MS, max: 50 * MS };
const DNS: DnsIntervalFigures = {
  ...{ side: 'beyond', responses: 100, unanswered: 2, truncated: 1, responseTime: TIME },
  rcodes: new Map([
    ['NOERROR', 96],
    ['SERVFAIL', 3],
    ['NXDOMAIN', 1],
  ]),
};
const SILENCE: DnsIntervalFigures = {
  ...{ side: 'beyond', responses: 0, unanswered: 0, truncated: 0, responseTime: undefined },
  rcodes: new Map(),
};
const NO_CODES = {
  ...{ noerror: 0, formerr: 0, servfail: 0, nxdomain: 0, notimp: 0, refused: 0, other_rcodes: 0 },
};
const RTTS: IntervalFigures = {
  ...{ side: 'beyond', protocol: 'TCP', samples: 5, reported: 5, overdue: 0 },
  path: { kind: 'all', reported: 5, rtt: TIME },
  resent: new Resent(),
};
const RESOLVER = {
  resolver: { address: ipv4('192.0.2.53'), ipVersion: 4, port: 53, side: 'beyond' },
} as const;

const dns = (figures: DnsIntervalFigures): Notice => ({ type: 'dns_interval', ...TIMES, figures });
const rtts: Notice = { type: 'interval', ...TIMES, figures: RTTS };

function textOf(name: 'human' | 'csv' | 'ndjson', notices: readonly Notice[], by?: 'peer'): string {
  const shape: IntervalShape = {
    ...{ isTerminal: false, by, isFine: false, areProtocolsTold: true, isDnsTold: true },
  };
  const clock = new Clock(0n, { zone: 'utc' });
  const options = { clock, interface: 'eth0', color: false, intervals: shape };
  const formatter: Formatter = createFormatter(name, options);
  const chunk = new Chunk();
  if (formatter.heading !== undefined) chunk.append(formatter.heading);
  for (const notice of notices) expect(formatter.notice?.(notice, chunk)).toBe(true);
  return Buffer.from(chunk.take().bytes).toString();
}

test('for people: rows of their own in the table of RTTs, with what is unanswered and failed behind them', () => {
  expect(linesOf(textOf('human', [rtts, dns(DNS), dns(SILENCE)]))).toEqual([
    'time      side     protocol samples p50_ms p90_ms p99_ms max_ms overdue retrans',
    '00:00:02  beyond   TCP            5   12.0   20.0   40.0   50.0       0       -',
    '00:00:02  beyond   DNS          100   12.0   20.0   40.0   50.0       -       -  2 unanswered, 3 SERVFAIL',
    '00:00:02  beyond   DNS            0      -      -      -      -       -       -',
  ]);
});

test('by resolver what is unanswered is likewise behind the row', () => {
  const notices = [dns({ ...DNS, resolvers: { size: 1, told: 1 } }), dns({ ...DNS, ...RESOLVER })];
  expect(linesOf(textOf('human', notices, 'peer'))).toEqual([
    'time      side     protocol samples p50_ms p90_ms p99_ms max_ms retrans  peer',
    '00:00:02  beyond   DNS          100   12.0   20.0   40.0   50.0       -  all  2 unanswered, 3 SERVFAIL',
    '00:00:02  beyond   DNS          100   12.0   20.0   40.0   50.0       -  192.0.2.53  2 unanswered, 3 SERVFAIL',
  ]);
});

describe('CSV', () => {
  test('response times and RTTs have columns of their own', () => {
    const [first, second] = tableOf(textOf('csv', [rtts, dns({ ...DNS, ...RESOLVER })]));
    expect(first).toMatchObject({
      ...{ protocol: 'TCP', samples: '5', path_rtt_p99: '40000000', retransmitted_bytes: '0' },
      ...{ queries: '', responses: '', unanswered: '', response_time_p99: '' },
    });
    expect(second).toMatchObject({
      ...{ protocol: 'DNS', src_ip: '192.0.2.53', src_port: '53', side: 'beyond' },
      ...{ samples: '', overdue: '', reported: '', path_rtt_p99: '', bytes: '' },
      ...{ queries: '102', responses: '100', unanswered: '2', truncated_responses: '1' },
      ...{ noerror: '96', formerr: '0', servfail: '3', nxdomain: '1', notimp: '0', refused: '0' },
      ...{ other_rcodes: '0' },
      ...{ response_time_min: '1', response_time_p99: '40000000', response_time_max: '50000000' },
    });
  });

  test('by interface: how many places there are, and each with its capture', () => {
    const place = { seenAt: { capture: 'b.pcap', interface: undefined } };
    const notices = [dns({ ...DNS, places: { size: 2, told: 2 } }), dns({ ...DNS, place })];
    const [all, one] = tableOf(textOf('csv', notices));
    expect(all).toMatchObject({ places: '2', capture: '', responses: '100' });
    expect(one).toMatchObject({ places: '', capture: 'b.pcap', responses: '100' });
  });
});

describe('NDJSON', () => {
  test('an object of its own type', () => {
    const [line = ''] = linesOf(
      textOf('ndjson', [dns({ ...DNS, resolvers: { size: 9, told: 1 } })]),
    );
    expect(JSON.parse(line)).toEqual({
      ...{ type: 'dns_interval', timestamp: 2_000_000_000, interface: 'eth0' },
      ...{ interval: 2_000_000_000, side: 'beyond', protocol: 'DNS', resolver_count: 9 },
      ...{ queries: 102, responses: 100, unanswered: 2, truncated_responses: 1 },
      ...{ ...NO_CODES, noerror: 96, servfail: 3, nxdomain: 1 },
      ...{ response_time_min: 1, response_time_p50: TIME.p50, response_time_p90: TIME.p90 },
      ...{ response_time_p95: TIME.p95, response_time_p99: TIME.p99, response_time_max: TIME.max },
    });
  });

  test('without a response there are no times', () => {
    const [line = ''] = linesOf(textOf('ndjson', [dns({ ...SILENCE, ...RESOLVER })]));
    expect(JSON.parse(line)).toEqual({
      ...{ type: 'dns_interval', timestamp: 2_000_000_000, interface: 'eth0' },
      ...{ interval: 2_000_000_000, side: 'beyond', protocol: 'DNS' },
      ...{ src_ip: '192.0.2.53', src_port: 53 },
      ...{ queries: 0, responses: 0, unanswered: 0, ...NO_CODES, truncated_responses: 0 },
    });
  });
});
