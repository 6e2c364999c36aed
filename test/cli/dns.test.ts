/** DNS as the command tells it, of a capture: each figure is known. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type DnsMessage, dnsFrame } from '../../lab/kernel/dns-packets.js';
import { here, useCli } from '../helpers/command/cli.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const start = useCli();
const file = useTemporaryFolder();
const CLIENT = { address: '192.0.2.1', port: 40_000 };
const RESOLVER = { address: '198.51.100.53', port: 53 };
const NAME = ['www', 'example', 'org'];
const BEGIN = 1_700_000_000_000_000_000n;
const MS = 1_000_000n;

/** Five queries, one second apart, answered after 10, 20, 30, 40 ms, and not at all. */
function capture(name = 'dns.pcap'): string {
  const packets = [1, 2, 3, 4, 5].flatMap((id) => {
    const time = BEGIN + BigInt(id) * 1000n * MS;
    const from = { ...CLIENT, port: CLIENT.port + id };
    const query = { time, frame: dnsFrame(from, RESOLVER, { id, name: NAME }) };
    const answer: DnsMessage = { id, name: NAME, response: true, rcode: id === 2 ? 3 : 0 };
    const response = {
      time: time + BigInt(id) * 10n * MS,
      frame: dnsFrame(RESOLVER, from, answer),
    };
    return id === 5 ? [query] : [query, response];
  });
  const last = {
    time: BEGIN + 60_000n * MS,
    frame: dnsFrame(CLIENT, RESOLVER, { id: 9, name: NAME }),
  };
  const path = file(name);
  writeFileSync(path, pcap([...packets, last], { nanoseconds: true }));
  return path;
}

async function replay(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const cli = start(here, ['-r', capture(), '--protocol', 'dns', ...args]);
  const { code, stdout, stderr } = await cli.ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { stdout, stderr: stderr.replaceAll(/\n +/g, ' ') };
}

function linesOf(stdout: string): Record<string, unknown>[] {
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('as NDJSON, with names, and in the summary', async () => {
  const { stdout } = await replay('--dns-names', '--format', 'ndjson');
  const lines = linesOf(stdout);
  const told = lines.filter(({ type }) => type === 'dns');
  expect(told.map(({ response_time: time, rcode, waited }) => [time, rcode, waited])).toEqual([
    [10e6, 'NOERROR', undefined],
    [20e6, 'NXDOMAIN', undefined],
    [30e6, 'NOERROR', undefined],
    [40e6, 'NOERROR', undefined],
    [undefined, undefined, expect.any(Number)],
  ]);
  for (const { query_name: name } of told.slice(0, 4)) expect(name).toBe('www.example.org');
  expect(lines.filter(({ type }) => type === 'rtt' || type === 'flow')).toEqual([]);
  expect(lines.at(-1)).toMatchObject({
    ...{ type: 'summary', samples: 0, reported: 0, flows: 0 },
    dns: {
      queries: 5,
      responses: 4,
      unanswered: 1,
      noerror: 3,
      nxdomain: 1,
      response_time_min: 10e6,
    },
    counters: { dns_query: 6, dns_response: 4, dns_answered: 4, dns_unanswered: 1 },
  });
});

test('for people', async () => {
  const { stdout, stderr } = await replay();
  expect(stdout).toMatch(
    / {3}20\.000 ms {4}NXDOMAIN {2}DNS 192\.0\.2\.1:40002 > 198\.51\.100\.53:53\n/,
  );
  expect(stderr).toMatch(
    /^DNS: 4 responses, p50 20\.0 ms, p90 40\.0 ms, p99 40\.0 ms; 25 % NXDOMAIN; 1 unanswered, 1 still waiting resolver, ms /m,
  );
  expect(stderr).not.toContain('no RTT');
});

test('the summary has a table of resolvers, NDJSON an object of each', async () => {
  const { stderr } = await replay();
  expect(stderr).toMatch(
    / resolver, ms +queries unanswered failed +min +p50 +p99 +max 198\.51\.100\.53 +5 +1 +0 +10\.0 +20\.0 +40\.0 +40\.0$/m,
  );
  const last = linesOf((await replay('--format', 'ndjson', '-q')).stdout).at(-1);
  expect(last).toMatchObject({
    dns: {
      resolver_count: 1,
      resolvers: [
        {
          ...{ src_ip: '198.51.100.53', src_port: 53, queries: 5, responses: 4, unanswered: 1 },
          ...{ response_time_min: 10e6, response_time_max: 40e6 },
        },
      ],
    },
  });
});

describe('--interval', () => {
  test('of DNS alone has its rows, and none of RTTs', async () => {
    const { stdout } = await replay('--interval', '2s');
    const [heading, ...rows] = stdout.trim().split('\n');
    expect(heading).toMatch(/^time +side +protocol samples p50_ms p90_ms p99_ms max_ms overdue/);
    expect(rows.every((row) => / DNS /.test(row))).toBe(true);
    const numbers = rows.map((row) => row.split(/ +/).slice(3, 9).join(' '));
    expect(numbers.slice(0, 2)).toEqual(['2 10.0 20.0 20.0 20.0 -', '2 30.0 40.0 40.0 40.0 -']);
    expect(rows.filter((row) => / DNS +0( +-){6} {2}1 unanswered$/.test(row))).toHaveLength(1);
  });

  test('beside others, in NDJSON and CSV, in objects and columns of its own', async () => {
    const both = ['--protocol', 'all', '--interval', '1m', '--by', 'peer'];
    const lines = linesOf((await replay(...both, '--format', 'ndjson')).stdout);
    const told = lines.filter(({ type }) => type === 'dns_interval');
    expect(told).toMatchObject([
      { side: 'unknown', resolver_count: 1, queries: 5, responses: 4, unanswered: 1 },
      { src_ip: '198.51.100.53', src_port: 53, response_time_max: 40e6 },
    ]);
    for (const line of lines)
      if (line.type === 'interval') expect(line).toMatchObject({ samples: 0 });
    const csv = (await replay(...both, '--format', 'csv')).stdout;
    expect(csv).toMatch(
      /,bytes,retransmitted_bytes,places,capture,src_port,resolver_count,queries,responses,/,
    );
    expect(csv).toMatch(
      /,unknown,DNS,198\.51\.100\.53,,,,,,,,,,,,,,,,,53,,5,4,1,3,0,0,1,0,0,0,0,10000000,/,
    );
  });
});

test('--until ends it, with exit code 10, and says what it was', async () => {
  const until = [...Array(10).keys()].flatMap((place) => ['-r', capture(`${place}.pcap`)]);
  const cli = start(here, [...until, '--protocol', 'dns', '-q', '--until', 'dns-median>=20ms']);
  const { code, stderr } = await cli.ended;
  expect(code).toBe(10);
  expect(stderr).toMatch(/^ended: dns-median was \d+\.\d+ ms over 21 response times$/m);
});

test('-c ends it after so many response times', async () => {
  const { stdout } = await replay('-c', '2', '--format', 'ndjson');
  expect(linesOf(stdout).filter(({ type }) => type === 'dns')).toHaveLength(2);
});

test('--anonymize hides the hosts', async () => {
  const { stdout } = await replay('--anonymize', 'prefix', '--format', 'ndjson');
  const [first] = linesOf(stdout);
  expect(first).toMatchObject({ type: 'dns', src_ip: '198.51.100.0', dest_ip: '192.0.2.0' });
});

test('alone it has no line of samples, and none says how often they are taken', async () => {
  const { stderr } = await replay();
  expect(stderr).toMatch(/^replaying [^\n,;]*; times of day are UTC\nDNS: 4 responses, /);
  expect(stderr).not.toMatch(/\bsamples?\b/);
  const ofOne = await replay('host', RESOLVER.address);
  expect(ofOne.stderr).toMatch(/^DNS: 4 responses, /m);
  expect(ofOne.stderr).not.toMatch(/\bsamples?\b/);
});
