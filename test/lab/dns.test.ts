/** Response times of DNS, against what dig itself says, over a path whose delay is known. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { dig, NAMES, requireDns, startFailing, startResolver } from '../helpers/lab/dns.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_NS = 2 * DELAY_US * 1000;
const COUNT = 15;

jest.setTimeout(240_000);

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  requireDns();
  path = await createPath({ delayUs: DELAY_US });
  await startFailing(path.server);
  await startResolver(path.server);
});
afterAll(() => path?.close());

interface Line {
  readonly type: string;
  readonly query_id: number;
  readonly response_time?: number;
  readonly waited?: number;
  readonly rcode?: string;
  readonly [field: string]: unknown;
}

/** What is told of what `ask` does, at the client, and the summary for people, its lines unwrapped. */
async function told(
  ask: () => Promise<void>,
  options: readonly string[] = [],
): Promise<{ lines: readonly Line[]; said: string }> {
  const output = file('dns.ndjson');
  const watch = ['-i', path.interfaceName, '--protocol', 'dns', '-o', output, ...options];
  const cli = await start(path.client, watch).watching();
  await ask();
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const lines = linesOf(readFileSync(output, 'utf8')).map((line) => JSON.parse(line) as Line);
  return {
    lines: lines.filter(({ type }) => !['summary', 'interval'].includes(type)),
    said: stderr.replaceAll(/\n +/g, ' '),
  };
}

describe.each([
  ['IPv4', serverAddresses.ipv4],
  ['IPv6', serverAddresses.ipv6],
])('over %s', (_, address) => {
  test('each response time is within the time that dig says, and none is below the path', async () => {
    const dug = new Map<number, number>();
    const { lines, said } = await told(async () => {
      for (let query = 0; query < COUNT; query++) {
        const { id, queryTime, status } = await dig(path.client, address, [NAMES.known, 'A']);
        expect(status).toBe('NOERROR');
        dug.set(id, queryTime);
      }
    });
    const common = {
      type: 'dns',
      protocol: 'DNS',
      src_ip: address,
      src_port: 53,
      rcode: 'NOERROR',
    };
    expect(lines).toHaveLength(COUNT);
    for (const line of lines) expect(line).toMatchObject({ ...common, match_on_egress: false });
    expect(new Set(lines.map(({ query_id: id }) => id))).toEqual(new Set(dug.keys()));
    const times = lines.map(({ response_time: time = 0 }) => time);
    expect(times.filter((time) => time < LEAST_NS)).toEqual([]);
    const most = (id: number) => ((dug.get(id) ?? 0) + 1) * 1000;
    expect(lines.filter((line) => (line.response_time ?? 0) > most(line.query_id))).toEqual([]);
    expect(said).toMatch(
      new RegExp(`DNS: ${COUNT} responses, p50 \\d+\\.\\d+ ms, .*ms resolver, ms `),
    );
  });

  test('response codes, what was asked for, and what had no room', async () => {
    const { lines, said } = await told(async () => {
      await dig(path.client, address, [NAMES.unknown, 'AAAA']);
      await dig(path.client, address, [NAMES.refused, 'MX']);
      await dig(path.client, address, [NAMES.failing, 'A']);
      await dig(path.client, address, ['+ignore', '+noedns', NAMES.large.toUpperCase(), 'TXT']);
      await dig(path.client, address, ['+noedns', NAMES.large, 'TXT']);
    }, ['--dns-names']);
    const large = { rcode: 'NOERROR', truncated: true, query_name: NAMES.large, query_type: 'TXT' };
    expect(lines).toMatchObject([
      { rcode: 'NXDOMAIN', query_name: NAMES.unknown, query_type: 'AAAA' },
      { rcode: 'REFUSED', query_name: NAMES.refused, query_type: 'MX' },
      { rcode: 'SERVFAIL', query_name: NAMES.failing, query_type: 'A' },
      large,
      // Then it asks over TCP, which is no response time of DNS.
      large,
    ]);
    expect(said).toMatch(
      /DNS: 5 responses, .*; 20 % NXDOMAIN, 20 % REFUSED, 20 % SERVFAIL, 40 % truncated resolver, ms /,
    );
    expect(said).toMatch(new RegExp(` ${address} +5 +0 +2 +(?:[2-9]\\d\\.\\d|\\d{3,}) `));
    expect(said).toContain(` ${address}: 1 REFUSED, 1 SERVFAIL`);
  });
});

describe('sent again while it waits', () => {
  /** As long as a busy machine may need between two system calls of one process. */
  const SLOW_US = 500_000;
  let usual: LabPath;
  beforeAll(async () => {
    usual = path;
    path = await createPath({ delayUs: SLOW_US });
    await startResolver(path.server);
  });
  afterAll(() => {
    path.close();
    path = usual;
  });

  test('it has no time', async () => {
    const { lines, said } = await told(async () => {
      await path.client.run([process.execPath, '--eval', TWICE, serverAddresses.ipv4]);
      await dig(path.client, serverAddresses.ipv4, [NAMES.known]);
    });
    expect(lines).toMatchObject([{ rcode: 'NOERROR', response_time: expect.any(Number) }]);
    expect(said).toMatch(/DNS: 1 response, .*; 1 answered after a retransmission resolver, /);
  });
});

test('where nobody listens, it is told that it was not answered', async () => {
  const { lines, said } = await told(async () => {
    const nobody = dig(path.client, serverAddresses.ipv4, ['-p', '5300', NAMES.known]);
    await expect(nobody).rejects.toThrow();
    await unanswered();
  }, ['--dns-port', '5300', '--timestamp-timeout', '1s', '--cleanup-interval', '1s']);
  expect(lines).toMatchObject([{ src_port: 5300, waited: expect.any(Number) }]);
  expect(lines[0]?.rcode).toBeUndefined();
  expect(lines[0]?.waited).toBeGreaterThanOrEqual(1e9);
  expect(said).toMatch(/DNS: 0 responses; 1 unanswered/);
});

/** Resolves once that is told. */
async function unanswered(): Promise<void> {
  await until(() => readFileSync(file('dns.ndjson'), 'utf8').includes('"waited"'), 'it to be told');
}

/** A query, sent twice from one port; ends with the second response. */
const TWICE = `
  const socket = require('node:dgram').createSocket('udp4');
  const query = Buffer.from('12340100000100000000000003777777047465737400' + '00010001', 'hex');
  let responses = 0;
  socket.on('message', () => { if (++responses === 2) socket.close(); });
  // At once: the first response must not be back before.
  socket.bind(() => [1, 2].forEach(() => socket.send(query, 53, process.argv[1])));
`;
