/** Conditions on RTTs of several protocols: each is judged by its own. */
import { describe, expect, test } from '@jest/globals';
import { metText, unjudgedText } from '../../src/format/condition.js';
import { parseCondition } from '../../src/options/condition.js';
import { newCount } from '../../src/summary/counted-window.js';
import { ProtocolWatch } from '../../src/summary/protocol-watch.js';

const MS = 1e6;
const watchOf = (text: string) => new ProtocolWatch(parseCondition(text));

test('RTTs of another protocol neither help nor hinder', () => {
  const watch = watchOf('p50>50ms');
  for (let at = 0; at < 200; at++) watch.acceptRtt(10 * MS, at * MS, 'ICMP');
  for (let at = 0; at < 19; at++) watch.acceptRtt(100 * MS, (200 + at) * MS, 'TCP');
  expect(watch.isMet).toBe(false);
  watch.acceptRtt(100 * MS, 220 * MS, 'TCP');
  expect(watch).toMatchObject({ isMet: true, protocol: 'TCP', value: 100 * MS, considered: 20 });
  watch.acceptRtt(10 * MS, 221 * MS, 'TCP');
  expect(metText(watch)).toBe('p50 was 100.000 ms over 20 TCP RTTs');
});

test('so it is with what the core has counted', () => {
  const watch = watchOf('max>50ms');
  const count = (times: number, rtt: number) => {
    const rtts = newCount();
    for (let n = 0; n < times; n++) rtts.record(rtt);
    return rtts;
  };
  watch.acceptInterval({ begin: 0, end: 1e9, rtts: count(100, 100 * MS) });
  watch.acceptInterval({ begin: 0, end: 1e9, rtts: count(100, 10 * MS) }, 'TCP');
  watch.acceptInterval({ begin: 0, end: 1e9, rtts: count(19, 100 * MS) }, 'ICMP');
  expect(watch.isMet).toBe(false);
  watch.acceptInterval({ begin: 1e9, end: 2e9, rtts: count(1, 100 * MS) }, 'ICMP');
  expect(watch).toMatchObject({ isMet: true, protocol: 'ICMP', considered: 20 });
});

describe('why it could not come true', () => {
  test('where there was nothing, names no protocol', () => {
    expect(unjudgedText(watchOf('p99>1s'))).toBe(
      'p99>1s could not be evaluated: there were no RTTs',
    );
  });

  test('is said of the one that has come nearest', () => {
    const watch = watchOf('p99>1s');
    watch.acceptRtt(MS, 0, 'TCP');
    for (let at = 0; at < 7; at++) watch.acceptRtt(MS, at, 'ICMPv6');
    expect(unjudgedText(watch)).toBe(
      'p99>1s could not be evaluated: it needs 100 ICMPv6 RTTs, but there were at most 7',
    );
  });

  test('is not said where it could have of one', () => {
    const watch = watchOf('p50>1s');
    for (let at = 0; at < 7; at++) watch.acceptRtt(MS, at, 'TCP');
    for (let at = 0; at < 20; at++) watch.acceptRtt(MS, at, 'ICMP');
    expect(unjudgedText(watch)).toBeUndefined();
  });
});
