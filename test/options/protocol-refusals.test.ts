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
  test.each(['icmp', 'quic', 'icmp,quic', 'dns'])('is refused with --protocol %s', (words) => {
    expectRefused(
      ['--protocol', words, '--until', 'samples>1', '--until', 'retrans<1%'],
      /^--until 'retrans<1%' needs TCP: retransmissions of other protocols cannot be seen$/,
    );
  });

  test('and with a filter that names others alone', () => {
    expectRefused(['--until', 'retrans<1%', 'quic'], /needs TCP/);
  });

  test('is taken of TCP, also beside others', () => {
    for (const words of ['tcp', 'tcp,quic', 'all'])
      expect(parse('--protocol', words, '--until', 'retrans<1%')).toBeDefined();
    expect(parse('--until', 'retrans<1%', 'tcp or quic')).toBeDefined();
    expect(parse('--until', 'retrans<1%')).toBeDefined();
    expect(parse('--protocol', 'all', '--until', 'retrans<1%', 'tcp', 'port', '443')).toBeDefined();
    expect(parse('--protocol', 'all', '--until', 'p99>1s')).toBeDefined();
  });
});

describe('DNS alone has no RTTs', () => {
  test.each([
    [['--live', '-o', 'x.csv'], /^the format csv cannot be used for DNS alone/],
    [['-o', 'x.csv'], /^the format csv cannot be used for DNS alone/],
    [['--format', 'pping'], /^the format pping cannot be used for DNS alone/],
    [['--format', 'ppviz'], /^the format ppviz cannot be used for DNS alone/],
    [['--until', 'p99>1s'], /^--until 'p99>1s' cannot be used for DNS alone/],
    [
      ['--until', 'events-lost>1', '--until', 'samples>9'],
      /^--until 'samples>9' cannot be used for DNS alone/,
    ],
  ])('%j', (args, message) => {
    expectRefused(['--protocol', 'dns', ...args], message);
    expectRefused([...args, 'dns'], message);
    expect(parse('--protocol', 'dns,icmp', ...args)).toBeDefined();
  });

  test.each([
    [['-q']],
    [['--format', 'ndjson']],
    [['-c', '9']],
    [['--until', 'events-lost>1']],
    [['--until', 'dns-p99>1s/10s', '--until', 'dns-unanswered>5%']],
    [['--live']],
    [['--live', '-o', 'x.ndjson']],
    [['--live', '--aggregate', '2s']],
    [['--live', '--aggregate', '2s', '--events']],
    [['--interval', '1s']],
    [['--interval', '1s', '--by', 'peer']],
    [['--interval', '1s', '--format', 'ndjson']],
    [['--interval', '1s', '-o', 'x.csv']],
    [['--aggregate', '1s']],
    [['--aggregate', '1s', '--events']],
  ])('%j is taken', (args) => {
    expect(parse('--protocol', 'dns', ...args)).toBeDefined();
  });
});

describe('a condition on DNS', () => {
  test.each(['dns-p99>1s', 'dns-unanswered>5%', 'dns-failed>5%'])(
    '%s is refused where that is not measured',
    (condition) => {
      const message = new RegExp(`^--until '${condition}' needs --protocol dns$`);
      expectRefused(['--until', condition], message);
      expectRefused(['--until', condition, 'tcp'], message);
      expect(parse('--until', condition, '--protocol', 'all')).toBeDefined();
      expect(parse('--until', condition, 'dns')).toBeDefined();
    },
  );

  test.each(['dns-p99>1s', 'dns-unanswered>5%', 'dns-failed>5%'])(
    '%s of what is counted in intervals is of whole ones',
    (condition) => {
      const counted = ['--protocol', 'all', '--aggregate', '10s', '--until'];
      for (const span of ['', '/10s', '/30s for 1m']) {
        expect(parse(...counted, `${condition}${span}`)).toBeDefined();
      }
      for (const span of ['/15s', ' for 5s']) {
        const uneven = `${condition}${span}`;
        expectRefused(
          [...counted, uneven],
          /its durations must be multiples of 10s, unless --events/,
        );
        expect(parse(...counted, uneven, '--events')).toBeDefined();
      }
    },
  );
});

describe('a filter by owner takes any', () => {
  test.each([
    ['--pid', '7'],
    ['--cgroup', '/a'],
    ['--container', 'web'],
  ])('%s %s', (...args) => {
    for (const protocols of ['dns', 'icmp,quic,dns'])
      expect(parse(...args, '--protocol', protocols)).toBeDefined();
    expect(parse(...args, 'quic')).toBeDefined();
    expect(parse(...args, '--protocol', 'all')).toBeDefined();
    expect(parse(...args)).toBeDefined();
  });
});

describe('UDP ports', () => {
  test.each([
    [['--dns-port', '443'], /^UDP port 443 cannot be both --quic-port and --dns-port$/],
    [['--quic-port', '53'], /^UDP port 53 cannot be both/],
    [['--quic-port', '5300', '--dns-port', '5353,5300'], /^UDP port 5300 cannot be both/],
  ])('%j has two protocols', (args, message) => {
    expectRefused(args, message);
    expectRefused(['--protocol', 'quic,dns', ...args], message);
  });

  test('as many as there is room for, each counted once', () => {
    const ports = (most: number) => Array.from({ length: most }, (_, at) => at + 1).join(',');
    expect(parse('--dns-port', `53,${ports(7)},7`, 'dns')).toBeDefined();
    expectRefused(['--dns-port', ports(8)], /^--dns-port: at most 7 ports besides 53$/);
    expectRefused(['--quic-port', ports(8)], /^--quic-port: at most 7 ports besides 443$/);
  });
});

describe('UDP ports of a protocol that is not measured', () => {
  test.each([
    [['--dns-port', '5300'], /^--dns-port needs --protocol dns$/],
    [['--dns-port', '53'], /^--dns-port needs --protocol dns$/],
    [['--quic-port', '8443'], /^--quic-port needs --protocol quic$/],
    [['--quic-port', '8443', '--protocol', 'tcp,dns'], /^--quic-port needs --protocol/],
    [['--dns-port', '5300', '--protocol', 'all', 'quic'], /^--dns-port needs --protocol/],
    [['--protocol', 'dns', '--dns-port', '5300', '--quic-port', '8443'], /^--quic-port needs/],
  ])('%j is refused', (args, message) => {
    expectRefused(args, message);
  });

  test.each([
    [['--protocol', 'dns', '--dns-port', '5300']],
    [['--dns-port', '5300', 'dns']],
    [['--quic-port', '8443', 'tcp or quic']],
    [['--protocol', 'all', '--dns-port', '5300', '--quic-port', '8443']],
  ])('%j is taken', (args) => {
    expect(parse(...args)).toBeDefined();
  });
});

test('ports of what has none are refused, however they are asked for', () => {
  const message = /^no connection can match this: ICMP has no ports$/;
  expectRefused(['--protocol', 'icmp', '--port', '53'], message);
  expectRefused(['--port', '53', 'icmp'], message);
  expect(parse('--protocol', 'icmp,dns', '--port', '53')).toBeDefined();
  expect(parse('--protocol', 'icmp', '--exclude-port', '53')).toBeDefined();
});
