/** What protocols do not have is refused, instead of never being there. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseOptions } from '../../src/options/options.js';

const parse = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]);

function expectRefused(args: readonly string[], message: RegExp): void {
  expect(() => parse(...args)).toThrow(UsageError);
  expect(() => parse(...args)).toThrow(message);
}

describe('--until retrans', () => {
  test.each(['icmp', 'quic', 'tcp,quic', 'all'])('is refused with --protocol %s', (words) => {
    expectRefused(
      ['--protocol', words, '--until', 'p99>1s', '--until', 'retrans<1%'],
      /^--until 'retrans<1%' is judged where TCP alone is measured/,
    );
  });

  test('and with a filter that names others', () => {
    expectRefused(['--until', 'retrans<1%', 'quic'], /where TCP alone is measured/);
  });

  test('is taken of TCP', () => {
    expect(parse('--until', 'retrans<1%')).toBeDefined();
    expect(parse('--protocol', 'all', '--until', 'retrans<1%', 'tcp', 'port', '443')).toBeDefined();
    expect(parse('--protocol', 'all', '--until', 'p99>1s')).toBeDefined();
  });
});
