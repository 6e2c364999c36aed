/** --aggregate with --protocol dns, over a capture: response times are told by themselves, and never among RTTs. */
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { replayHere } from '../helpers/command/in-process.js';
import { dnsCapture } from '../helpers/packets/dns-capture.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const BEGIN = 1_700_000_000_000_000_000n;
const CLIENT = '10.0.0.1';
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** 1, 2, 3 and 4 ms, of which one is SERVFAIL; 50 ms and NXDOMAIN, and one that is not answered. */
const EXCHANGES = [
  {
    client: CLIENT,
    resolver: '192.0.2.53',
    answers: [{ ms: 1 }, { ms: 2 }, { ms: 3, rcode: SERVFAIL }, { ms: 4 }],
  },
  { client: CLIENT, resolver: '198.51.100.53', answers: [{ ms: 50, rcode: NXDOMAIN }, undefined] },
];

const inFolder = useTemporaryFolder();
let capture: string;
beforeEach(() => {
  capture = inFolder('dns.pcap');
  writeFileSync(capture, dnsCapture(BEGIN, EXCHANGES));
});

async function replayed(...args: readonly string[]) {
  const interval = args.includes('--aggregate') ? [] : ['--aggregate', '1h'];
  const options = ['--local', CLIENT, '--cleanup-interval', '1s', ...interval, ...args];
  const { code, stdout, stderr } = await replayHere(['-r', capture, ...options]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { lines: stdout.trim().split('\n'), stderr };
}

const objects = async (...args: readonly string[]) =>
  (await replayed('--format', 'ndjson', ...args)).lines.map((line) => JSON.parse(line));

describe('for programs', () => {
  test('there is an object of each resolver network, and nothing of single queries', async () => {
    const [slow, fast, summary, ...more] = await objects('--protocol', 'dns');
    expect(more).toEqual([]);
    const none = { formerr: 0, notimp: 0, refused: 0, other_rcodes: 0, truncated_responses: 0 };
    const common = { type: 'dns_aggregate', side: 'beyond', protocol: 'DNS', ...none };
    expect(slow).toMatchObject({
      ...{ ...common, prefix: '198.51.100.0/24', responses: 1, unanswered: 1, ambiguous: 0 },
      ...{ noerror: 0, servfail: 0, nxdomain: 1, response_time_sum: 50e6 },
      ...{ response_time_min: 50e6, response_time_p99: 50e6, response_time_max: 50e6 },
    });
    expect(fast).toMatchObject({
      ...{ ...common, prefix: '192.0.2.0/24', responses: 4, unanswered: 0, noerror: 3 },
      ...{ servfail: 1, response_time_sum: 10e6, response_time_min: 1e6, response_time_max: 4e6 },
    });
    const counts: [from: number, count: number][] = fast.buckets;
    expect(counts.map(([, count]) => count)).toEqual([1, 1, 1, 1]);
    for (const object of [slow, fast]) {
      expect(Object.keys(object).filter((name) => /rtt|sent_|rec_|samples/.test(name))).toEqual([]);
    }
    expect(summary).toMatchObject({
      ...{ type: 'summary', samples: 0, reported: 0 },
      dns: {
        ...{ queries: 6, responses: 5, unanswered: 1, ...none, noerror: 3, servfail: 1 },
        ...{ nxdomain: 1, response_time_min: 1e6, response_time_max: 50e6 },
      },
      counters: { dns_answered: 5, dns_unanswered: 1 },
    });
    expect(Object.keys(summary.dns).filter((name) => /resolver/.test(name))).toEqual([]);
  });

  test('beside TCP none is among the RTTs', async () => {
    const told = await objects('--protocol', 'tcp,dns');
    expect(told.map(({ type }) => type)).toEqual(['dns_aggregate', 'dns_aggregate', 'summary']);
  });

  test('with --events each query is told as well, and counted once', async () => {
    const told = await objects('--protocol', 'dns', '--events');
    expect(told.filter(({ type }) => type === 'dns')).toHaveLength(6);
    expect(told.at(-1)).toMatchObject({ dns: { responses: 5 } });
  });

  test('a resolver by itself', async () => {
    const told = await objects('--protocol', 'dns', '--aggregate-v4', '32');
    expect(told.slice(0, 2).map(({ prefix }) => prefix)).toEqual([
      '198.51.100.53/32',
      '192.0.2.53/32',
    ]);
  });

  test('with --anonymize none is told as it is', async () => {
    const told = await objects('--protocol', 'dns', '--anonymize', 'prefix');
    const prefixes = told.slice(0, 2).map(({ prefix }) => prefix);
    expect(prefixes).toEqual(['198.51.100.0/24', '192.0.2.0/24']);
    // With a random key, one of a thousand is as it was (Crypto-PAn).
    const key = inFolder('key');
    writeFileSync(key, Buffer.alloc(32, 'k'), { mode: 0o600 });
    const hash = ['--anonymize', 'hash', '--anonymize-key', key];
    const hashed = await objects('--protocol', 'dns', ...hash);
    for (const { prefix } of hashed.slice(0, 2)) expect(prefixes).not.toContain(prefix);
  });
});

describe('--until', () => {
  /** Of one resolver: 30 of 3 ms, 10 of them SERVFAIL, and 10 without an answer. */
  beforeEach(() => {
    const answers = Array.from({ length: 30 }, (_, at) =>
      at % 3 === 0 ? { ms: 3, rcode: SERVFAIL } : { ms: 3 },
    );
    const resolver = '192.0.2.53';
    const unanswered = Array(10).fill(undefined);
    const exchanges = [{ client: CLIENT, resolver, answers: [...answers, ...unanswered] }];
    writeFileSync(capture, dnsCapture(BEGIN, exchanges));
  });

  const OF_DNS = ['--protocol', 'dns', '--local', CLIENT, '--cleanup-interval', '1s'];
  const ended = (...args: readonly string[]) => replayHere(['-r', capture, ...OF_DNS, ...args]);

  test.each([
    [
      'dns-median>2ms',
      /^ended: dns-median was (2\.9[5-9]|3\.0[0-5])\d* ms over 30 response times$/m,
    ],
    ['dns-failed>20%', /^ended: dns-failed was 25\.0 % of 40 queries$/m],
    ['dns-unanswered>=25%', /^ended: dns-unanswered was 25\.0 % of 40 queries$/m],
  ])('%s is judged of what the core has counted', async (condition, message) => {
    const { code, stderr } = await ended('--aggregate', '1h', '--until', condition);
    expect(stderr).toMatch(message);
    expect(code).toBe(10);
  });

  test.each(['dns-median>4ms', 'dns-failed>40%', 'dns-unanswered>25%'])(
    '%s does not come true, as of single queries',
    async (condition) => {
      for (const how of [[], ['--aggregate', '1h'], ['--aggregate', '1h', '--events']]) {
        expect(await ended(...how, '-q', '--until', condition)).toMatchObject({ code: 0 });
      }
    },
  );
});

describe('for people', () => {
  test('resolvers have a table of their own', async () => {
    const { lines } = await replayed('--protocol', 'tcp,dns');
    expect(lines).toEqual([
      'time      side     protocol samples p50_ms p90_ms p99_ms max_ms overdue retrans  prefix',
      expect.stringMatching(/ {2}beyond {3}- +0 +- +- +- +- +0 +-$/),
      'time      side     protocol responses p50_ms p90_ms p99_ms max_ms unanswered SERVFAIL NXDOMAIN REFUSED  prefix',
      expect.stringMatching(/ {2}beyond {3}DNS +5 +2\.98 +50\.0 +50\.0 +50\.0 +1 +1 +1 +0 {2}all$/),
      expect.stringMatching(/ 1 +50\.0 +50\.0 +50\.0 +50\.0 +1 +0 +1 +0 {2}198\.51\.100\.0\/24$/),
      expect.stringMatching(/ 4 +\S+ +\S+ +\S+ +4\.00 +0 +1 +0 +0 {2}192\.0\.2\.0\/24$/),
    ]);
  });

  test('of DNS alone it is the only one', async () => {
    const { lines, stderr } = await replayed('--protocol', 'dns');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain(' responses ');
    expect(stderr).toMatch(/DNS: 5 responses, p50 2\.9[89] ms, /);
  });

  test('an interval without any has dashes', async () => {
    const { lines } = await replayed('--protocol', 'dns', '--aggregate', '5s');
    expect(lines.filter((line) => line.startsWith('time '))).toHaveLength(4);
    expect(lines[5]).toMatch(/ {2}beyond +DNS +0 +- +- +- +- +0 +0 +0 +0$/);
  });
});
