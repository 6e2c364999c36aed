/** What a report says of aggregates beside their figures. */
import { describe, expect, test } from '@jest/globals';
import { Collector } from '../../src/report/collector.js';
import {
  type AggregateFields,
  aggregateLine,
  lossLine,
  RUN_START_S,
  rttLine,
  summaryLine,
} from '../helpers/events/runs.js';

const line = (fields: Partial<AggregateFields> = {}) =>
  aggregateLine({ atMs: 10_000, prefix: '192.0.2.0/24', buckets: [[1024, 3]], ...fields });
const remarks = (...inputs: readonly string[]) =>
  collected(...inputs).finishAggregates().facts.remarks;
const remarksBesideRtts = (...inputs: readonly string[]) =>
  collected(...inputs).finish().facts.remarks;

describe('of several files', () => {
  test('the same is added, whenever in an interval it ended', () => {
    const { facts, series } = collected(line(), line({ atMs: 10_100 })).finishAggregates();
    expect(facts.rows).toMatchObject([{ prefix: '192.0.2.0/24', samples: 6 }]);
    expect(series[0]?.counted.map(({ buckets }) => buckets)).toEqual([[1, 6]]);
    expect(facts.remarks).toEqual([]);
    expect(facts.from).toBe(RUN_START_S * 1000);
  });

  test('intervals of several lengths are named, and the longest is a step', () => {
    const minute = line({ atMs: 60_000, lengthMs: 60_003 });
    expect(remarks(line() + line({ atMs: 13_000, lengthMs: 3_000 }), minute)).toEqual([
      'Intervals have different lengths (10s, 1m): the time axis uses steps of 80s.',
    ]);
    const late = line({ atMs: 20_050, lengthMs: 10_050 });
    expect(remarks(line(), late)).toEqual([]);
  });

  test('networks of several lengths are named, and so are aggregates of none', () => {
    const six = line({ prefix: '2001:db8::/48' });
    expect(remarks(line(), six)).toEqual([]);
    expect(remarks(line(), line({ prefix: '192.0.0.0/16' }), six)).toEqual([
      'Networks have different prefix lengths (IPv4: /16, /24): each RTT counts in one of them.',
    ]);
    expect(remarks(line(), aggregateLine({ atMs: 1, others: true, buckets: [[0, 1]] }))).toEqual(
      [],
    );
    expect(remarks(line(), aggregateLine({ atMs: 1, lengthMs: 1, buckets: [[0, 1]] }))).toContain(
      'Some aggregates cover a network, others a whole interface: each RTT counts in one of them.',
    );
  });
});

describe('beside RTTs that are told one by one', () => {
  const rtt = rttLine({ atMs: 1, rtt: 1e6 });
  const once = (text: string) => `${text} not in this report: it has their RTTs one by one.`;

  test('aggregates of the same run are not counted again, in whichever order', () => {
    expect(remarksBesideRtts(rtt + line() + line() + summaryLine(1))).toEqual([
      once('2 aggregates of 6 RTTs are'),
    ]);
    const { facts, samples } = collected(line() + rtt).finish();
    expect(facts.remarks).toEqual([once('1 aggregate of 3 RTTs is')]);
    expect(samples.rtts).toHaveLength(1);
    expect(facts.places).toHaveLength(1);
  });

  test('those of other runs are named as missing', () => {
    expect(
      remarksBesideRtts(line() + summaryLine(1) + rtt, line() + summaryLine(1) + line()),
    ).toEqual([
      once('1 aggregate of 3 RTTs is'),
      '2 aggregates of 6 RTTs are not in this report: it shows RTTs recorded one by one; make a separate report of these runs.',
    ]);
    expect(remarksBesideRtts(rtt)).toEqual([]);
  });
});

test('of one interface, what is counted for several together is left out, and named', () => {
  const collector = new Collector('eth0');
  const others = line({ at: {}, others: true });
  for (const each of [line(), line({ at: { interface: 'wan' } }), others]) collector.take(each);
  const { facts } = collector.finishAggregates();
  expect(facts.rows).toMatchObject([{ samples: 3 }]);
  expect(facts.remarks).toEqual(['3 RTTs left out: counted for several interfaces together.']);
  expect(collector.missing).toBeDefined();
});

test('rows are of places, which are named once', () => {
  const at = (name: string) => line({ at: { interface: name } });
  const { facts } = collected(
    at('eth0') + at('wan') + at('eth0') + lossLine(2, 1),
  ).finishAggregates();
  expect(facts.places).toEqual([
    { interface: 'eth0', capture: undefined },
    { interface: 'wan', capture: undefined },
  ]);
  expect(facts.rows.map(({ place, samples }) => [place, samples])).toEqual([
    [0, 6],
    [1, 3],
  ]);
  expect(facts.marks).toHaveLength(1);
});

function collected(...inputs: readonly string[]): Collector {
  const collector = new Collector();
  for (const input of inputs) {
    collector.nextInput();
    for (const each of input.trim().split('\n')) collector.take(each);
  }
  return collector;
}

describe('aggregates of DNS', () => {
  const dns = `${JSON.stringify({ type: 'dns_aggregate', timestamp: 1e18, protocol: 'DNS' })}\n`;
  const rtt = rttLine({ atMs: 1, rtt: 1e6 });
  const why = 'not in this report: it has only queries recorded one by one, as with --events.';

  test('are named as missing, whatever the report is of', () => {
    expect(remarks(line() + dns)).toEqual([`1 DNS aggregate is ${why}`]);
    expect(remarksBesideRtts(rtt + dns + dns)).toEqual([`2 DNS aggregates are ${why}`]);
    expect(collected(dns).finishDns().remarks).toEqual([`1 DNS aggregate is ${why}`]);
  });
});
