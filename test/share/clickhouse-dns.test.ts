/** share/clickhouse/ with ClickHouse itself: what pping sends of DNS arrives, once, and the queries answer with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { dnsCapture } from '../helpers/packets/dns-capture.js';
import { ClickHouse, hasClickHouse, statementsIn } from '../helpers/upload/clickhouse.js';

jest.setTimeout(240_000);

const BEGIN = 1_700_000_000_000_000_000n;
const CLIENT = '10.0.0.1';
const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const [FAST, SLOW, GONE] = ['192.0.2.53', '198.51.100.53', '2001:db8:1::53'] as const;

/** Times in ms: of FAST 1 to 20, two of them SERVFAIL; of SLOW 100 to 119, one REFUSED, one NXDOMAIN; GONE does not answer. */
const EXCHANGES = [
  { client: CLIENT, resolver: FAST, answers: timed(1, [SERVFAIL, SERVFAIL]) },
  { client: CLIENT, resolver: SLOW, answers: timed(100, [REFUSED, NXDOMAIN]) },
  { client: 'fd00::1', resolver: GONE, answers: [undefined, undefined, undefined] },
];

function timed(first: number, rcodes: readonly number[]) {
  return Array.from({ length: 20 }, (_, at) => ({ ms: first + at, rcode: rcodes[at] ?? 0 }));
}

const here = hasClickHouse ? describe : describe.skip;

here(hasClickHouse ? 'ClickHouse' : 'ClickHouse (skipped: tools/clickhouse gets it)', () => {
  let folder: string;
  let server: ClickHouse;
  let args: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pping-clickhouse-dns-'));
    server = await ClickHouse.start(join(folder, 'server'));
    const capture = join(folder, 'dns.pcap');
    writeFileSync(capture, dnsCapture(BEGIN, EXCHANGES));
    const local = ['--local', CLIENT, '--local', 'fd00::1'];
    args = ['-r', capture, ...local, '--protocol', 'tcp,dns', '--cleanup-interval', '1s'];
  });

  beforeEach(() => server.createTables());

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test('each query is a row, once', async () => {
    // As a batch that is sent twice.
    for (let time = 0; time < 2; time++)
      expect(await server.receive(args)).toMatchObject({ code: 0 });
    const rows = await server.query(
      "SELECT src_ip, prefix, rcode, count() AS n, sum(response_time) AS time, min(waited) >= 10000000000 AS waited FROM pping.dns FINAL WHERE src_port = 53 AND dest_ip != '' GROUP BY src_ip, prefix, rcode ORDER BY src_ip, rcode",
    );
    const row = (src_ip: string, prefix: string, rcode: string, n: number, ms: number) => ({
      ...{ src_ip, prefix, rcode, n: String(n) },
      ...{ time: String(ms * 1e6), waited: rcode === '' ? 1 : 0 },
    });
    expect(rows).toEqual([
      row(FAST, '192.0.2.0/24', 'NOERROR', 18, 207),
      row(FAST, '192.0.2.0/24', 'SERVFAIL', 2, 3),
      row(SLOW, '198.51.100.0/24', 'NOERROR', 18, 1_989),
      row(SLOW, '198.51.100.0/24', 'NXDOMAIN', 1, 101),
      row(SLOW, '198.51.100.0/24', 'REFUSED', 1, 100),
      row(GONE, '2001:db8:1::/48', '', 3, 0),
    ]);
    expect(await server.query('SELECT count() AS n FROM pping.rtts')).toEqual([{ n: '0' }]);
    expect(await server.query('SELECT count() AS n FROM pping.minutes')).toEqual([{ n: '0' }]);
  });

  test('where a capture does not say the side, it is unknown', async () => {
    const sides = () =>
      server.query('SELECT side, count() AS n FROM pping.dns FINAL GROUP BY side');
    await server.receive(args);
    expect(await sides()).toEqual([{ side: 'beyond', n: '43' }]);
    await server.createTables();
    const alone = ['--protocol', 'dns', '--cleanup-interval', '1s'];
    await server.receive([...args.slice(0, 2), ...alone]);
    expect(await sides()).toEqual([{ side: 'unknown', n: '43' }]);
  });

  test('aggregates are rows of their own, apart from those of RTTs', async () => {
    const options = [...args, '--aggregate', '1h'];
    for (let time = 0; time < 2; time++) await server.receive(options);
    const counts = 'responses, unanswered, noerror, servfail, refused, response_time_sum AS sum';
    const rows = await server.query(
      `SELECT prefix, side, ${counts}, arraySum(bucket_counts) AS n FROM pping.dns_aggregates FINAL ORDER BY prefix`,
    );
    const row = (prefix: string, numbers: Record<string, number>, n: number) => ({
      ...{ prefix, side: 'beyond' },
      ...Object.fromEntries(Object.entries(numbers).map(([name, each]) => [name, String(each)])),
      n: String(n),
    });
    const none = { responses: 0, unanswered: 0, noerror: 0, servfail: 0, refused: 0, sum: 0 };
    expect(rows).toEqual([
      row('192.0.2.0/24', { ...none, responses: 20, noerror: 18, servfail: 2, sum: 210e6 }, 20),
      row('198.51.100.0/24', { ...none, responses: 20, noerror: 18, refused: 1, sum: 2_190e6 }, 20),
      row('2001:db8:1::/48', { ...none, unanswered: 3 }, 0),
    ]);
    expect(await server.query('SELECT count() AS n FROM pping.dns')).toEqual([{ n: '0' }]);
    expect(await server.query('SELECT count() AS n FROM pping.aggregates')).toEqual([{ n: '0' }]);
  });

  test('the questions have the answers', async () => {
    await server.receive(args);
    await server.receive([...args, '--aggregate', '1h']);
    const [slowest, failing, when, counted] = await answers();
    expect(slowest).toEqual([
      expect.objectContaining({ resolver: SLOW, responses: '20' }),
      expect.objectContaining({ resolver: FAST, responses: '20' }),
    ]);
    expect(failing).toEqual([
      share(GONE, 3, { percent_unanswered: 100 }),
      share(FAST, 20, { percent_failed: 10, percent_servfail: 10 }),
      share(SLOW, 20, { percent_failed: 5, percent_refused: 5 }),
    ]);
    const sum = (name: string) => when?.reduce((all, row) => all + Number(row[name]), 0);
    expect(['queries', 'failed', 'unanswered'].map(sum)).toEqual([43, 3, 3]);
    expect(counted?.map(({ prefix, answered }) => [prefix, answered])).toEqual([
      ['198.51.100.0/24', '20'],
      ['192.0.2.0/24', '20'],
      ['2001:db8:1::/48', '0'],
    ]);
    expect(counted?.map((row) => [row.percent_failed, row.percent_unanswered])).toEqual([
      [5, 0],
      [10, 0],
      [0, 100],
    ]);
    const [p50] = (slowest?.[1]?.p50_p90_p99_ms ?? []) as number[];
    expect(p50).toBeGreaterThanOrEqual(10);
    expect(p50).toBeLessThanOrEqual(11);
  });

  test('shares of aggregates are of queries with a response time and unanswered ones', async () => {
    const row = "5, 'beyond', '192.0.2.0/24', 6, 2, 12, 3, 1, 2, [1000], [6]";
    await server.execute(
      `INSERT INTO pping.dns_aggregates (time, side, prefix, responses, unanswered, ambiguous, noerror, formerr, nxdomain, bucket_starts, bucket_counts) VALUES (${row})`,
    );
    const [, , , counted] = await answers();
    expect(counted).toMatchObject([{ percent_failed: 12.5, percent_unanswered: 25 }]);
  });

  /** Of those about DNS; the capture is not of today. */
  async function answers(): Promise<Record<string, unknown>[][]> {
    const queries = statementsIn('queries.sql').filter((query) => query.includes('.dns'));
    expect(queries).toHaveLength(4);
    const all: Record<string, unknown>[][] = [];
    for (const query of queries) all.push(await server.query(query.replace('today()', '0')));
    return all;
  }
});

function share(resolver: string, queries: number, shares: Record<string, number>) {
  const codes = { percent_failed: 0, percent_servfail: 0, percent_refused: 0 };
  const none = { ...codes, percent_unanswered: 0 };
  return { resolver, queries: String(queries), ...none, ...shares };
}
