/** --until of DNS: judged by queries, and by no RTT. */
import { describe, expect, test } from '@jest/globals';
import type { DnsAggregate } from '../../src/events/aggregate.js';
import { metText, unjudgedText } from '../../src/format/condition.js';
import { parseCondition } from '../../src/options/condition.js';
import { Ending } from '../../src/run/ending.js';
import { conditionsOf } from '../../src/run/outcome.js';
import { measuredOf } from '../../src/sampling/protocols.js';
import { Totals } from '../../src/summary/totals.js';
import { dnsAggregateOf } from '../helpers/events/aggregates.js';
import { dnsEvent, ipv4, rttEvent } from '../helpers/events/events.js';

const MS = 1_000_000;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000 * MS };
type Event = ReturnType<typeof dnsEvent> | ReturnType<typeof rttEvent>;

/** As a run with DNS and others has it. */
function watching(text: string) {
  const until = [parseCondition(text)];
  const [watch] = conditionsOf({ until, measured: measuredOf(['tcp', 'dns']) });
  if (!watch) throw new Error('there is no condition');
  let ends = 0;
  const parts = { totals: new Totals(), count: Number.POSITIVE_INFINITY, conditions: [watch] };
  const ending = new Ending({ ...parts, areProtocolsTold: true, onEnough: () => ends++ });
  const accept = (...events: readonly Event[]) => {
    for (const event of events) if (!ending.isOver) ending.accept(event);
  };
  /** From one second to another, as the core has counted them. */
  const acceptCounted = (begin: number, end: number, ...queries: readonly DnsAggregate[]) => {
    const times = { begin: BigInt(begin * 1e9), end: BigInt(end * 1e9) };
    if (!ending.isOver) ending.acceptInterval({ rtts: [], queries, ...times });
  };
  return { watch, accept, acceptCounted, ends: () => ends };
}

const query = (second: number, overrides: Parameters<typeof dnsEvent>[0] = {}) =>
  dnsEvent({ timestamp: BigInt(Math.round(second * 1e9)), ...overrides });
const many = (number: number, overrides: Parameters<typeof dnsEvent>[0] = {}, from = 0) =>
  Array.from({ length: number }, (_, at) => query(from + at, overrides));

describe('response times', () => {
  test('are judged as RTTs are: from 20 on', () => {
    const { watch, accept, ends } = watching('dns-median>200ms');
    accept(...many(19, { responseTime: 300 * MS }));
    expect([watch.isMet, ends()]).toEqual([false, 0]);
    accept(query(19, { responseTime: 300 * MS }));
    expect([watch.isMet, ends()]).toEqual([true, 1]);
    expect(metText(watch)).toMatch(/^dns-median was (300|299\.9)[.\d]* ms over 20 response times$/);
  });

  test('of RTTs none counts, nor a query without a response', () => {
    const { watch, accept } = watching('dns-p50>200ms');
    accept(
      ...Array.from({ length: 50 }, () => rttEvent({ rtt: 900 * MS })),
      ...many(50, UNANSWERED),
    );
    expect(watch.isMet).toBe(false);
    expect(unjudgedText(watch)).toBe(
      'dns-p50>200ms could not be evaluated: there were no DNS response times',
    );
  });

  test('nor do they count for RTTs', () => {
    const { watch, accept } = watching('p50>200ms');
    accept(...many(50, { responseTime: 300 * MS }));
    expect([watch.isMet, watch.unjudged]).toEqual([false, 'none']);
  });

  test('of the last while alone, and for a while', () => {
    const { watch, accept } = watching('dns-median>200ms/30s for 5s');
    accept(...many(60, { responseTime: MS }), ...many(19, { responseTime: 300 * MS }, 60));
    expect(watch.isMet).toBe(false);
    accept(...many(3, { responseTime: 300 * MS }, 79));
    expect(watch.isMet).toBe(true);
    expect(metText(watch)).toMatch(/ over \d+ response times in the last 30s, for 5s$/);
  });
});

describe('shares of queries', () => {
  test('those that were not answered', () => {
    const { watch, accept } = watching('dns-unanswered>10%');
    accept(...many(27), ...many(3, UNANSWERED, 27));
    expect(watch.isMet).toBe(false);
    accept(query(30, UNANSWERED));
    expect(watch.isMet).toBe(true);
    expect(metText(watch)).toBe('dns-unanswered was 12.9 % of 31 queries');
  });

  test('those that failed; that a name does not exist is no failure', () => {
    const { watch, accept } = watching('dns-failed>=50%');
    accept(...many(30, { rcode: 'NXDOMAIN' }), ...many(15, { rcode: 'SERVFAIL' }, 30));
    accept(...many(14, { rcode: 'REFUSED' }, 45));
    expect(watch.isMet).toBe(false);
    accept(query(59, { rcode: 'FORMERR' }));
    expect(metText(watch)).toBe('dns-failed was 50.0 % of 60 queries');
  });

  test('below, in a window, for a while', () => {
    const { watch, accept } = watching('dns-unanswered<5%/30s for 10s');
    accept(...many(31, UNANSWERED), ...many(35, {}, 31));
    expect(watch.isMet).toBe(false);
    accept(...many(10, {}, 66));
    expect(watch.isMet).toBe(true);
    expect(metText(watch)).toBe('dns-unanswered was 0.0 % of 30 queries in the last 30s, for 10s');
  });

  test.each([
    [[], 'there were no DNS queries'],
    [many(5), 'DNS queries were seen for only 4 s'],
    [many(11), 'it needs 20 DNS queries within 10s, but there were at most 10'],
  ])('%# says why it was not judged', (events, why) => {
    const { watch, accept } = watching('dns-failed>5%/10s');
    accept(...events);
    expect(unjudgedText(watch)).toBe(`dns-failed>5%/10s could not be evaluated: ${why}`);
  });

  test('enough of them, but not for long enough', () => {
    const { watch, accept } = watching('dns-failed>5% for 30s');
    accept(...many(25));
    expect(unjudgedText(watch)).toMatch(/: there were enough DNS queries for only 5 s$/);
  });
});

describe('what the core has counted', () => {
  const timesOf = (number: number, ms: number, rest: Partial<DnsAggregate> = {}) =>
    dnsAggregateOf({
      ...{ reported: number, least: ms * MS, most: ms * MS, unanswered: 0, ambiguous: 0 },
      ...{ buckets: [[BUCKETS[ms] ?? 0, number]], rcodes: new Map([['NOERROR', number]]), ...rest },
    });
  const BUCKETS: { readonly [ms: number]: number } = { 1: 983_040, 300: 293_601_280 };
  const network = { address: ipv4('198.51.100.0'), ipVersion: 4 } as const;

  test('response times: middles of buckets, of all resolvers together', () => {
    const { watch, acceptCounted, ends } = watching('dns-median>200ms');
    acceptCounted(0, 10, timesOf(10, 300), timesOf(9, 300, { network }));
    expect([watch.isMet, ends()]).toEqual([false, 0]);
    acceptCounted(10, 20, timesOf(1, 300));
    expect([watch.isMet, ends()]).toEqual([true, 1]);
    expect(metText(watch)).toMatch(
      /^dns-median was (29[6-9]|30[0-4])[.\d]* ms over 20 response times$/,
    );
  });

  test('of the last intervals alone, and for a while', () => {
    const { watch, acceptCounted } = watching('dns-median>200ms/20s for 10s');
    for (const at of [0, 10, 20]) acceptCounted(at, at + 10, timesOf(20, 1));
    for (const at of [30, 40]) acceptCounted(at, at + 10, timesOf(20, 300));
    expect(watch.isMet).toBe(false);
    acceptCounted(50, 60, timesOf(20, 300));
    expect(metText(watch)).toMatch(/ over 40 response times in the last 20s, for 10s$/);
  });

  test('those that were not answered; ambiguous ones are none of them', () => {
    const { watch, acceptCounted } = watching('dns-unanswered>10%');
    acceptCounted(0, 10, timesOf(27, 1, { unanswered: 3, ambiguous: 40 }));
    expect(watch.isMet).toBe(false);
    acceptCounted(10, 20, timesOf(0, 1, { unanswered: 1, buckets: [], rcodes: new Map() }));
    expect(metText(watch)).toBe('dns-unanswered was 12.9 % of 31 queries');
  });

  test('those that failed, whatever the code: NXDOMAIN is no failure', () => {
    const { watch, acceptCounted } = watching('dns-failed>=50%');
    const rcodes = (number: number, code: string) => ({ rcodes: new Map([[code, number]]) });
    acceptCounted(0, 10, timesOf(30, 1, rcodes(30, 'NXDOMAIN')));
    acceptCounted(10, 20, timesOf(15, 1, rcodes(15, 'SERVFAIL')));
    acceptCounted(20, 30, timesOf(14, 1, rcodes(14, 'other')));
    expect(watch.isMet).toBe(false);
    acceptCounted(30, 40, timesOf(1, 1, rcodes(1, 'REFUSED')));
    expect(metText(watch)).toBe('dns-failed was 50.0 % of 60 queries');
  });

  test('a share of the last intervals alone; one without queries is a break', () => {
    const { watch, acceptCounted } = watching('dns-unanswered>5%/10s for 20s');
    const bad = timesOf(20, 1, { unanswered: 5 });
    acceptCounted(0, 10, bad);
    acceptCounted(10, 20, bad);
    acceptCounted(20, 30);
    acceptCounted(30, 40, bad);
    acceptCounted(40, 50, bad);
    expect(watch.isMet).toBe(false);
    acceptCounted(50, 60, bad);
    expect(metText(watch)).toBe('dns-unanswered was 20.0 % of 25 queries in the last 10s, for 20s');
  });

  test.each([
    [[], 'there were no DNS queries'],
    [[timesOf(19, 1)], 'it needs 20 DNS queries within 10s, but there were at most 19'],
    [[timesOf(20, 1), undefined], undefined],
  ])('%# says why it was not judged', (intervals, why) => {
    const { watch, acceptCounted } = watching('dns-failed>5%/10s');
    for (const [at, each] of intervals.entries()) {
      acceptCounted(10 * at, 10 * at + 10, ...(each ? [each] : []));
    }
    const text = why && `dns-failed>5%/10s could not be evaluated: ${why}`;
    expect(unjudgedText(watch)).toBe(text);
  });

  test('means nothing for RTTs', () => {
    const { watch, acceptCounted } = watching('p50>200ms');
    acceptCounted(0, 10, timesOf(50, 300));
    expect([watch.isMet, watch.unjudged]).toEqual([false, 'none']);
  });
});
