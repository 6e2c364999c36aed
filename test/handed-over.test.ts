/** What a process tells the one that it begins anew as. */
import { afterEach, expect, test } from '@jest/globals';
import { handOver, takeBack, takeHandedOver } from '../src/handed-over.js';
import { parseOptions } from '../src/options/options.js';

const VARIABLE = 'PPING_HANDED_OVER';

afterEach(takeBack);

test('is taken over once', () => {
  handOver({ fd: 5n }, 'known');
  expect(takeHandedOver()).toEqual({ needed: { fd: 5n }, known: 'known' });
  expect(takeHandedOver()).toBeUndefined();
  expect(process.env[VARIABLE]).toBeUndefined();
});

test('is not for another process', () => {
  handOver('needed', 'known');
  const { pid } = process;
  Object.defineProperty(process, 'pid', { value: pid + 1, configurable: true });
  try {
    expect(takeHandedOver()).toBeUndefined();
  } finally {
    Object.defineProperty(process, 'pid', { value: pid, configurable: true });
  }
});

test('is nothing where this is the beginning', () => {
  expect(takeHandedOver()).toBeUndefined();
});

test('is what is needed alone where there is no room in a variable', () => {
  handOver('needed', 'k'.repeat(128 << 10));
  expect(takeHandedOver()).toEqual({ needed: 'needed', known: undefined });
});

test('may be options, with all that they have', () => {
  const options = parseOptions([
    ...['-i', 'eth0', '-i', 'wg*', '--netns', 'blue', '--net', '10.0.0.0/8', '--port', '443'],
    ...['--exclude-net', '2001:db8::/32', '--until', 'p99>50ms/10s', '-s', '1h', '--stats', '1m'],
    ...['--metrics', '127.0.0.1:9100', '--cgroup', 'system.slice'],
  ]);
  handOver('needed', options);
  expect(takeHandedOver()).toStrictEqual({ needed: 'needed', known: options });
});
