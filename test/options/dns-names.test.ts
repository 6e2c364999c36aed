/** --dns-names, and what it goes with. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseOptions } from '../../src/options/options.js';

const parse = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]);
const NAMES = '--dns-names';

test('names are not told, unless asked for', () => {
  expect(parse('--protocol', 'dns')).toMatchObject({ filter: { dnsNames: false } });
});

test.each(['dns', 'tcp,dns', 'all'])('with --protocol %s', (protocol) => {
  expect(parse('--protocol', protocol, NAMES)).toMatchObject({ filter: { dnsNames: true } });
});

test('with a filter that asks for DNS', () => {
  expect(parse(NAMES, 'dns')).toMatchObject({ filter: { protocols: ['dns'], dnsNames: true } });
  expect(parse(NAMES, 'tcp or dns')).toMatchObject({ filter: { dnsNames: true } });
});

describe('refused', () => {
  test.each([
    [[NAMES], /^--dns-names needs --protocol dns/],
    [[NAMES, '--protocol', 'tcp,icmp'], /^--dns-names needs --protocol dns/],
    [[NAMES, 'icmp'], /^--dns-names needs --protocol dns/],
    [[NAMES, '--protocol', 'all', 'tcp'], /^--dns-names needs --protocol dns/],
    [
      [NAMES, '--protocol', 'dns', '--anonymize', 'hash'],
      /^--dns-names cannot be used with --anonymize/,
    ],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
