/** --until of DNS: judged by queries, and by no RTT. */
import { describe, expect, test } from '@jest/globals';
import { metText, unjudgedText } from '../../src/format/condition.js';
import { parseCondition } from '../../src/options/condition.js';
import type { RunOptions } from '../../src/options/options.js';
import { Ending } from '../../src/run/ending.js';
import { conditionsOf } from '../../src/run/outcome.js';
import { Totals } from '../../src/summary/totals.js';
import { dnsEvent, rttEvent } from '../helpers/events/events.js';

const MS = 1_000_000;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000 * MS };
type Event = ReturnType<typeof dnsEvent> | ReturnType<typeof rttEvent>;

/** As a run with DNS and others has it. */
function watching(text: string) {
  const until = [parseCondition(text)];
  const filter = { protocols: ['tcp', 'dns'] };
  const [watch] = conditionsOf({ until, filter } as unknown as RunOptions);
  if (!watch) throw new Error('there is no condition');
  let ends = 0;
  const parts = { totals: new Totals(), count: Number.POSITIVE_INFINITY, conditions: [watch] };
  const ending = new Ending({ ...parts, areProtocolsTold: true, onEnough: () => ends++ });
  const accept = (...events: readonly Event[]) => {
    for (const event of events) if (!ending.isOver) ending.accept(event);
  };
  return { watch, accept, ends: () => ends };
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
      'dns-p50>200ms was not judged: there were no response times of DNS',
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
    expect(metText(watch)).toMatch(/ over \d+ response times of the last 30s, for 5s$/);
  });
});

describe('shares of queries', () => {
  test('those that were not answered', () => {
    const { watch, accept } = watching('dns-unanswered>10%');
    accept(...many(27), ...many(3, UNANSWERED, 27));
    expect(watch.isMet).toBe(false);
    accept(query(30, UNANSWERED));
    expect(watch.isMet).toBe(true);
    expect(metText(watch)).toBe('dns-unanswered was 12.9% of 31 queries');
  });

  test('those that failed; that a name does not exist is no failure', () => {
    const { watch, accept } = watching('dns-failed>=50%');
    accept(...many(30, { rcode: 'NXDOMAIN' }), ...many(15, { rcode: 'SERVFAIL' }, 30));
    accept(...many(14, { rcode: 'REFUSED' }, 45));
    expect(watch.isMet).toBe(false);
    accept(query(59, { rcode: 'FORMERR' }));
    expect(metText(watch)).toBe('dns-failed was 50.0% of 60 queries');
  });

  test('below, in a window, for a while', () => {
    const { watch, accept } = watching('dns-unanswered<5%/30s for 10s');
    accept(...many(31, UNANSWERED), ...many(35, {}, 31));
    expect(watch.isMet).toBe(false);
    accept(...many(10, {}, 66));
    expect(watch.isMet).toBe(true);
    expect(metText(watch)).toBe('dns-unanswered was 0.0% of 30 queries of the last 30s, for 10s');
  });

  test.each([
    [[], 'there were no queries of DNS'],
    [many(5), 'queries of DNS were seen for 4 s only'],
    [many(11), 'it takes 20 queries of DNS within 10s, and there were at most 10'],
  ])('%# says why it was not judged', (events, why) => {
    const { watch, accept } = watching('dns-failed>5%/10s');
    accept(...events);
    expect(unjudgedText(watch)).toBe(`dns-failed>5%/10s was not judged: ${why}`);
  });

  test('enough of them, but not for long enough', () => {
    const { watch, accept } = watching('dns-failed>5% for 30s');
    accept(...many(25));
    expect(unjudgedText(watch)).toMatch(/: there were enough queries of DNS for 5 s only$/);
  });
});
