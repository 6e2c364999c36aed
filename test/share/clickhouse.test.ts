/** share/clickhouse/ with ClickHouse itself: what pping sends arrives, once, and the queries answer with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { linesOf } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import { codeBlocksIn, readDocument } from '../helpers/documents/documents.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { ClickHouse, hasClickHouse } from '../helpers/upload/clickhouse.js';
import { sinkTo, spoolIn, UploadLog } from '../helpers/upload/sinks.js';

jest.setTimeout(600_000);

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const FLOWS = 1_000;
/** Lines of each flow: a million in all. */
const ROUNDS = 1_000;
const STOPS = [250, 500];
const RESTARTS = [350, 600];
const DEADLINE_MS = 300_000;
const START = 1_790_000_000_000_000_000n;
const STEP = 1_000_000n;

const inFolder = useTemporaryFolder();
const textOf = (name: string) =>
  readFileSync(join(repositoryRoot, 'share/clickhouse', name), 'utf8');
/** Without comments; each stands alone. */
const statementsIn = (name: string) =>
  textOf(name)
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

const here = hasClickHouse ? describe : describe.skip;

here(hasClickHouse ? 'ClickHouse' : 'ClickHouse (skipped: tools/clickhouse gets it)', () => {
  let folder: string;
  let server: ClickHouse;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pping-clickhouse-'));
    server = await ClickHouse.start(join(folder, 'server'));
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  const empty = async () => {
    await server.execute('DROP DATABASE IF EXISTS pping');
    for (const statement of statementsIn('schema.sql')) await server.execute(statement);
  };

  test('a replay: each RTT is a row, and the minutes have its quantiles', async () => {
    await empty();
    await runHere(['-r', CAPTURE, '-o', inFolder('run.ndjson')]);
    const rtts = linesOf(readFileSync(inFolder('run.ndjson'), 'utf8'))
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'rtt');
    const headers = Object.entries(server.headers).map((pair) => pair.join(': '));
    writeFileSync(inFolder('headers'), headers.join('\n'), { mode: 0o600 });
    const args = ['--http-headers', inFolder('headers'), '-o', server.insertUrl];
    const { code, stderr } = await runHere(['-r', CAPTURE, ...args]);
    expect({ code, secret: /s3cret/.test(stderr) }).toEqual({ code: 0, secret: false });

    const rows = await server.query(
      'SELECT toString(sum(rtt)) AS sum, count() AS n FROM pping.rtts',
    );
    const sum = rtts.reduce((total, { rtt }) => total + rtt, 0);
    expect(rows).toEqual([{ sum: String(sum), n: String(rtts.length) }]);
    const minutes = await server.query(
      'SELECT prefix, countMerge(samples) AS n, minMerge(least) AS least FROM pping.minutes WHERE match_on_egress = 0 GROUP BY prefix ORDER BY prefix',
    );
    const beyond = (host: RegExp) =>
      rtts
        .filter(({ src_ip, match_on_egress }) => host.test(src_ip) && !match_on_egress)
        .map(({ rtt }) => rtt);
    const expected = [/^10\./, /^fd77/].map(beyond);
    expect(minutes).toEqual(
      [['10.77.0.0/24', expected[0]] as const, ['fd77::/48', expected[1]] as const].map(
        ([prefix, found = []]) => ({
          prefix,
          n: String(found.length),
          least: String(Math.min(...found)),
        }),
      ),
    );
    const queries = statementsIn('queries.sql');
    expect(queries).toHaveLength(5);
    // The capture is not of today.
    for (const query of queries) {
      expect((await server.query(query.replace('today()', '0'))).length).toBeGreaterThan(0);
    }
  });

  test('aggregates, in the tables of docs/fleet.md: each interval is a row, and the query answers', async () => {
    await empty();
    const blocks = codeBlocksIn(readDocument('docs/fleet.md'));
    const tables = blocks.filter((code) => code.startsWith('CREATE '));
    expect(tables).toHaveLength(3);
    for (const table of tables) await server.execute(table.replace(/;\s*$/, ''));
    const aggregate = ['-r', CAPTURE, '--aggregate', '1s'];
    await runHere([...aggregate, '-o', inFolder('aggregates.ndjson')]);
    const told = linesOf(readFileSync(inFolder('aggregates.ndjson'), 'utf8'))
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'aggregate');
    const headers = Object.entries(server.headers).map((pair) => pair.join(': '));
    writeFileSync(inFolder('headers'), headers.join('\n'), { mode: 0o600 });
    const url = server.insertUrl.replace('pping.lines', 'pping.aggregate_lines');
    const { code } = await runHere([
      ...aggregate,
      '--http-headers',
      inFolder('headers'),
      '-o',
      url,
    ]);
    expect(code).toBe(0);

    const rows = await server.query(
      'SELECT count() AS n, sum(reported) AS rtts, sum(arraySum(counts)) AS counted FROM pping.aggregates',
    );
    const rtts = String(told.reduce((sum, { reported }) => sum + reported, 0));
    expect(rows).toEqual([{ n: String(told.length), rtts, counted: rtts }]);
    const [query = ''] = blocks.filter((code) => code.startsWith('SELECT '));
    expect(
      (await server.query<{ prefix: string }>(query)).map(({ prefix }) => prefix).sort(),
    ).toEqual(['10.77.0.0/24', 'fd77::/48']);
  });

  test('a million RTTs, and a server that is restarted twice: every line is there once', async () => {
    await empty();
    const log = new UploadLog();
    const spool = await spoolIn(inFolder('spool'), 1 << 30);
    const sink = sinkTo(server.insertUrl, {
      log,
      headers: Object.entries(server.headers),
      limits: { batchBytes: 1 << 20, mostDelay: 200 },
      spool,
    });
    for (let round = 0; round < ROUNDS; round++) {
      if (STOPS.includes(round)) await server.stop();
      if (RESTARTS.includes(round)) {
        const failed = log.retries.length;
        await until(() => log.retries.length > failed, 'the server to be missed');
        await server.restart();
      }
      sink.write(roundOf(round), FLOWS);
      await sink.room(AbortSignal.timeout(DEADLINE_MS));
    }
    await until(() => spool.isEmpty, 'the spool to be sent', DEADLINE_MS);
    await sink.close();
    expect({ dropped: sink.dropped, kept: log.kept }).toEqual({ dropped: 0, kept: 0 });
    const sum = 'toString(sum(rtt)) AS sum';
    const counts = `count() AS n, uniqExact(flow_id, timestamp) AS different, ${sum}`;
    const all = String(ROUNDS * FLOWS);
    expect(await server.query(`SELECT ${counts} FROM pping.rtts FINAL`)).toEqual([
      { n: all, different: all, sum: String((ROUNDS * FLOWS * (ROUNDS * FLOWS - 1)) / 2) },
    ]);
  });
});

/** A line of each flow. */
function roundOf(round: number): Buffer {
  const lines = Array.from({ length: FLOWS }, (_, flow) => lineOf(round * FLOWS + flow, flow));
  return Buffer.from(lines.join(''));
}

/** An RTT of that flow: the line's number is its time and its RTT. */
function lineOf(number: number, flow: number): string {
  const fields = `"timestamp":${START + BigInt(number) * STEP},"interface":"eth0","flow_id":${flow}`;
  const ends = '"src_ip":"192.0.2.1","src_port":443,"dest_ip":"10.0.0.1","dest_port":50000';
  return `{"type":"rtt",${fields},${ends},"rtt":${number},"min_rtt":1,"match_on_egress":false,"by":"timestamp"}\n`;
}
