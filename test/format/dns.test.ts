import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { CsvFormatter } from '../../src/format/csv.js';
import { dnsLines } from '../../src/format/dns.js';
import { HumanFormatter } from '../../src/format/human.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { PpvizFormatter } from '../../src/format/ppviz.js';
import { Totals } from '../../src/summary/totals.js';
import { countersOf, dnsEvent, runTotals } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';

const OFFSET = BigInt(new Date(2026, 0, 15, 16, 0, 46).getTime()) * 1_000_000n;
const clock = new Clock(OFFSET);
const timestamp = 147_705_999n;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000_000_000 };

describe('a line for people', () => {
  const human = (overrides = {}, isClassic = false) =>
    textOf(
      new HumanFormatter(clock, { color: false, isClassic }),
      dnsEvent({ timestamp, ...overrides }),
    );

  test('has the response code where RTTs have the least one', () => {
    expect(human()).toBe(
      '16:00:46.147705   12.346 ms     NOERROR  DNS 198.51.100.2:51515 > 192.0.2.1:53\n',
    );
  });

  test('has what was asked for, and that the response was truncated', () => {
    const question = { name: 'www.example.org', type: 'AAAA' };
    expect(human({ rcode: 'NXDOMAIN', truncated: true, question })).toBe(
      '16:00:46.147705   12.346 ms    NXDOMAIN  DNS 198.51.100.2:51515 > 192.0.2.1:53  AAAA www.example.org  truncated\n',
    );
  });

  test('has the number of a code that has no name, as what it is', () => {
    expect(human({ rcode: '12' })).toBe(
      '16:00:46.147705   12.346 ms     RCODE12  DNS 198.51.100.2:51515 > 192.0.2.1:53\n',
    );
  });

  test('says that nothing has answered', () => {
    expect(human(UNANSWERED)).toBe(
      '16:00:46.147705  no answer for 10000.000 ms  DNS 198.51.100.2:51515 > 192.0.2.1:53\n',
    );
  });

  test('each has its own ends: it is of no flow', () => {
    const formatter = new HumanFormatter(clock, { color: false });
    textOf(formatter, dnsEvent({ timestamp }));
    expect(textOf(formatter, dnsEvent({ timestamp, srcPort: 5300 }))).toContain('192.0.2.1:5300');
  });
});

test('formats of RTTs alone have no place for it', () => {
  const classic = new HumanFormatter(clock, { color: false, isClassic: true });
  for (const formatter of [classic, new PpvizFormatter(clock), new CsvFormatter(clock, 'eth0')]) {
    expect(textOf(formatter, dnsEvent())).toBe('');
  }
});

describe('an object of NDJSON', () => {
  const object = (overrides = {}) =>
    JSON.parse(textOf(new NdjsonFormatter(clock, 'eth0'), dnsEvent({ timestamp, ...overrides })));
  const ends = {
    ...{ type: 'dns', timestamp: expect.any(Number), interface: 'eth0', protocol: 'DNS' },
    ...{ src_ip: '192.0.2.1', src_port: 53, dest_ip: '198.51.100.2', dest_port: 51_515 },
    query_id: 4_711,
  };

  test('of a response', () => {
    const told = { response_time: 12_345_678, rcode: 'NOERROR', match_on_egress: false };
    expect(object()).toEqual({ ...ends, ...told });
  });

  test('truncated, of a capture that does not say the direction, with what was asked for', () => {
    const question = { name: 'a\\"b', type: 'TYPE65280' };
    const how = { truncated: true, matchOnEgress: undefined, rcode: '12', question };
    expect(object(how)).toEqual({
      ...{ ...ends, response_time: 12_345_678, rcode: '12', truncated: true },
      ...{ query_name: 'a\\"b', query_type: 'TYPE65280' },
    });
  });

  test('of a query without one', () => {
    expect(object(UNANSWERED)).toEqual({
      ...{ ...ends, waited: 10_000_000_000, match_on_egress: false },
    });
  });
});

describe('a line of the summary', () => {
  function linesOf(counted: Parameters<typeof countersOf>[0], events: object[]): string[] {
    const totals = new Totals();
    for (const event of events) totals.accept(dnsEvent(event));
    return dnsLines(totals.with({ ...runTotals(), counters: countersOf(counted) }));
  }

  test('there is none where no query was seen', () => expect(linesOf({}, [])).toEqual([]));

  test('times, codes that are no success, and what has no time', () => {
    const responses = Array.from({ length: 100 }, (_, at) => ({
      responseTime: (at + 1) * 1_000_000,
      rcode: at < 5 ? 'NXDOMAIN' : at < 7 ? 'SERVFAIL' : 'NOERROR',
      truncated: at === 50,
    }));
    const counted = { dnsQuery: 110, dnsAnswered: 100, dnsUnanswered: 4, dnsAmbiguous: 1 };
    expect(linesOf(counted, [...responses, UNANSWERED])).toEqual([
      expect.stringMatching(
        /^DNS: 100 responses, p50 50\.\d ms, p90 90\.\d ms, p99 99\.\d ms; 5\.0 % NXDOMAIN, 2\.0 % SERVFAIL, 1\.0 % truncated; 4 unanswered, 1 answered after a retransmission, 5 still waiting$/,
      ),
    ]);
  });

  test('a code without a name is no number beside a share', () => {
    const responses = [{ rcode: '12' }, { rcode: '12' }, {}];
    expect(linesOf({ dnsQuery: 3, dnsAnswered: 3 }, responses)).toEqual([
      expect.stringMatching(/; 67 % RCODE12$/),
    ]);
  });

  test('nothing has answered', () => {
    expect(linesOf({ dnsQuery: 2, dnsUnanswered: 2 }, [UNANSWERED, UNANSWERED])).toEqual([
      'DNS: 0 responses; 2 unanswered',
    ]);
  });
});

test('in the totals it is no RTT, and counts for -c', () => {
  const totals = new Totals();
  for (const event of [dnsEvent(), dnsEvent({ rcode: 'REFUSED' }), dnsEvent(UNANSWERED)]) {
    totals.accept(event);
  }
  expect([totals.samples, totals.reported, totals.told]).toEqual([0, 0, 2]);
  const { rtt, sides, dns } = totals.with(runTotals());
  expect([rtt, sides]).toEqual([undefined, []]);
  expect(dns).toMatchObject({ responses: 2, unanswered: 1, truncated: 0 });
  expect(dns?.responseTime).toMatchObject({ min: 12_345_678 });
  expect([...(dns?.rcodes ?? [])]).toEqual([
    ['NOERROR', 1],
    ['REFUSED', 1],
  ]);
});

test('the summary says that there was no response only where DNS is all that was asked for', () => {
  expect(dnsLines(runTotals({ isDnsAlone: true }))).toEqual(['DNS: 0 responses']);
  expect(dnsLines(runTotals({ isDnsAlone: false }))).toEqual([]);
});
