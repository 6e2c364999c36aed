/** share/clickhouse/ with ClickHouse itself: what pping sends arrives, once, and the queries answer with it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { linesOf } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import { codeBlocksIn, readDocument } from '../helpers/documents/documents.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { ClickHouse, hasClickHouse, statementsIn } from '../helpers/upload/clickhouse.js';
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

  test('a replay: each RTT is a row, and the minutes have its quantiles', async () => {
    await server.createTables();
    await runHere(['-r', CAPTURE, '-o', inFolder('run.ndjson')]);
    const rtts = linesOf(readFileSync(inFolder('run.ndjson'), 'utf8'))
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'rtt');
    const { code, stderr } = await server.receive(['-r', CAPTURE]);
    expect({ code, secret: /s3cret/.test(stderr) }).toEqual({ code: 0, secret: false });

    const rows = await server.query(
      'SELECT toString(sum(rtt)) AS sum, count() AS n FROM pping.rtts',
    );
    const sum = rtts.reduce((total, { rtt }) => total + rtt, 0);
    expect(rows).toEqual([{ sum: String(sum), n: String(rtts.length) }]);
    const minutes = await server.query(
      "SELECT prefix, answer, countMerge(samples) AS n, minMerge(least) AS least FROM pping.minutes WHERE side = 'beyond' GROUP BY prefix, answer ORDER BY prefix, answer",
    );
    const beyond = (host: RegExp, kind: string) =>
      rtts
        .filter(({ src_ip, answer }) => host.test(src_ip) && answer === kind)
        .filter(({ match_on_egress }) => !match_on_egress)
        .map(({ rtt }) => rtt);
    const prefixes = [['10.77.0.0/24', /^10\./] as const, ['fd77::/48', /^fd77/] as const];
    const expected = prefixes.flatMap(([prefix, host]) =>
      ['ack', 'data', 'handshake'].map((answer) => {
        const found = beyond(host, answer);
        return { prefix, answer, n: String(found.length), least: String(Math.min(...found)) };
      }),
    );
    expect(minutes).toEqual(expected.filter(({ n }) => n !== '0'));
    const queries = statementsIn('queries.sql').filter((query) => !query.includes('.dns'));
    expect(queries).toHaveLength(5);
    // The capture is not of today.
    for (const query of queries) {
      expect((await server.query(query.replace('today()', '0'))).length).toBeGreaterThan(0);
    }
  });

  test('aggregates of a replay: a row for each, with its histogram', async () => {
    await server.createTables();
    const args = ['-r', CAPTURE, '--aggregate', '2s'];
    await runHere([...args, '-o', inFolder('aggregates.ndjson')]);
    const aggregates = linesOf(readFileSync(inFolder('aggregates.ndjson'), 'utf8'))
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'aggregate');
    expect(aggregates.length).toBeGreaterThan(4);
    await server.receive(args);
    // As a batch that is sent twice.
    await server.receive(args);
    const rows = await server.query<Record<string, unknown>>(
      `SELECT toUInt32(time) AS second, ${AGGREGATE_FIELDS.join(', ')}, bucket_starts, bucket_counts FROM pping.aggregates FINAL`,
    );
    expect(sorted(rows)).toEqual(sorted(aggregates.map(rowOf)));
    const [slowest = ''] = codeBlocksIn(readDocument('docs/fleet.md')).filter((code) =>
      code.startsWith('SELECT '),
    );
    const prefixes = (await server.query<{ prefix: string }>(slowest)).map(({ prefix }) => prefix);
    expect(prefixes.sort()).toEqual(['10.77.0.0/24', 'fd77::/48']);
  });

  test('aggregates of several owners with equal counts are a row each, however often they are sent', async () => {
    await server.createTables();
    const known = [1000, 0].map((uid) => `"owner":"known","cgroup":"/a","uid":${uid}`);
    const lines = [...known, '"owner":"absent"', '"owner":"unknown"'].map(ownedBy);
    for (const line of [...lines, ...lines]) {
      const sent = { method: 'POST', headers: server.headers, body: line };
      expect((await fetch(server.insertUrl, sent)).status).toBe(200);
    }
    const rows = await server.query(
      'SELECT owner, uid, toUInt32(rec_packets) AS packets FROM pping.aggregates FINAL ORDER BY owner, uid',
    );
    expect(rows).toEqual([
      { owner: 'absent', uid: null, packets: 7 },
      { owner: 'known', uid: 0, packets: 7 },
      { owner: 'known', uid: 1000, packets: 7 },
      { owner: 'unknown', uid: null, packets: 7 },
    ]);
  });

  test('RTTs of several protocols are apart, and what names none is TCP', async () => {
    await server.createTables();
    const rtt = (protocol: string, flow: number) =>
      lineOf(7, flow).replace('"rtt":', `"protocol":"${protocol}","rtt":`);
    const counted = (more: string) => ownedBy(`${more}"prefix":"192.0.2.0/24"`);
    const lines = [
      ...[rtt('TCP', 1), rtt('ICMP', 2), rtt('ICMP', 3)],
      ...[counted(''), counted('"protocol":"ICMP",')],
    ];
    for (const body of lines) {
      const sent = await fetch(server.insertUrl, { method: 'POST', headers: server.headers, body });
      expect(sent.status).toBe(200);
    }
    const by = (what: string, table: string) =>
      server.query(
        `SELECT protocol, ${what} AS n FROM ${table} GROUP BY protocol ORDER BY protocol`,
      );
    const told = (icmp: number, tcp: number) => [
      { protocol: 'ICMP', n: String(icmp) },
      { protocol: 'TCP', n: String(tcp) },
    ];
    expect(await by('count()', 'pping.rtts FINAL')).toEqual(told(2, 1));
    expect(await by('countMerge(samples)', 'pping.minutes')).toEqual(told(2, 1));
    expect(await by('count()', 'pping.aggregates FINAL')).toEqual(told(1, 1));
  });

  test('RTTs and minutes are of a namespace and a side, which may be unknown', async () => {
    await server.createTables();
    const line = lineOf(7, 1);
    const lines = [
      line,
      line.replace('"match_on_egress":false', '"match_on_egress":true'),
      line.replace(',"match_on_egress":false', ''),
      line.replace('"interface"', '"netns":"web","interface"'),
    ];
    // Each as a batch that is sent twice.
    for (const body of [...lines, ...lines]) {
      const sent = await fetch(server.insertUrl, { method: 'POST', headers: server.headers, body });
      expect(sent.status).toBe(200);
    }
    const by = (what: string, table: string) =>
      server.query(
        `SELECT netns, side, ${what} AS n FROM ${table} GROUP BY netns, side ORDER BY netns, side`,
      );
    const row = (netns: string, side: string, n: string) => ({ netns, side, n });
    const rows = (n: string) => [
      ...['behind', 'beyond', 'unknown'].map((side) => row('', side, n)),
      row('web', 'beyond', n),
    ];
    expect(await by('count()', 'pping.rtts FINAL')).toEqual(rows('1'));
    expect(await by('countMerge(samples)', 'pping.minutes')).toEqual(rows('2'));
  });

  test('an aggregate of a container has its names', async () => {
    await server.createTables();
    const names = { container: 'c0', container_name: 'app', pod: '8f', pod_name: 'cart' };
    const owner = { owner: 'known', cgroup: '/a', ...names, namespace: 'shop' };
    const body = ownedBy(JSON.stringify(owner).slice(1, -1));
    await fetch(server.insertUrl, { method: 'POST', headers: server.headers, body });
    const columns = Object.keys(owner).join(', ');
    expect(await server.query(`SELECT ${columns} FROM pping.aggregates`)).toEqual([owner]);
  });

  test('a million RTTs, and a server that is restarted twice: every line is there once', async () => {
    await server.createTables();
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

const AGGREGATE_FIELDS = [
  ...['length', 'side', 'prefix', 'samples', 'reported', 'overdue', 'rtt_sum', 'rtt_min'],
  ...['rtt_max'],
];

/** As ClickHouse has it, whose JSON has large numbers as text. */
function rowOf(aggregate: Record<string, unknown>): Record<string, unknown> {
  const textOf = (name: string) => String(aggregate[name === 'length' ? 'interval' : name] ?? 0);
  const buckets = aggregate.buckets as readonly (readonly [from: number, count: number])[];
  return {
    second: Math.floor(Number(aggregate.timestamp) / 1e9),
    ...Object.fromEntries(AGGREGATE_FIELDS.map((name) => [name, textOf(name)])),
    bucket_starts: buckets.map(([from]) => String(from)),
    bucket_counts: buckets.map(([, count]) => String(count)),
  };
}

function sorted(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** An aggregate whose connections are idle. @param owner its fields */
function ownedBy(owner: string): string {
  return `{"type":"aggregate","timestamp":${START},"interval":1,"side":"beyond",${owner},"rec_packets":7,"buckets":[]}\n`;
}

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
