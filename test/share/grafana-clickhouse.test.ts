/** Each query of the dashboard for ClickHouse, as Grafana's data source sends it, answered by ClickHouse itself. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { linesOf } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import {
  type Choice,
  firstChoice,
  interpolated,
  type PanelQuery,
  queriesOf,
  readDashboard,
} from '../helpers/documents/dashboards.js';
import { dnsCapture } from '../helpers/packets/dns-capture.js';
import { ClickHouse, hasClickHouse } from '../helpers/upload/clickhouse.js';

jest.setTimeout(240_000);

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const DAY_S = 86_400;
const INTERVAL_S = 60;
/** What `format` is for a graph over time. */
const TIME_SERIES = 0;
/** Of quantiles: what a t-digest of few values and a bucket are off by. */
const MOST_OFF = 0.05;

type Row = Readonly<Record<string, unknown>>;

const dashboard = readDashboard('pping-clickhouse');
const here = hasClickHouse ? describe : describe.skip;

here(hasClickHouse ? 'ClickHouse' : 'ClickHouse (skipped: tools/clickhouse gets it)', () => {
  let folder: string;
  let server: ClickHouse;
  let lines: readonly string[];
  let first: Choice;
  /** With answers that are left out at first. */
  let everything: Choice;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pping-grafana-'));
    server = await ClickHouse.start(join(folder, 'server'));
    await server.createTables();
    lines = [...(await replayed(join(folder, 'run.ndjson'))), ...(await resolved(folder))];
    const body = lines.join('\n');
    const sent = await fetch(server.insertUrl, { method: 'POST', headers: server.headers, body });
    expect(sent.status).toBe(200);
    first = await firstChoice(dashboard, async (query, choice) => {
      const rows = await rowsOf(String(query), choice);
      return rows.flatMap((row) => Object.values(row).map(String));
    });
    everything = { ...first, answer: ['ack', 'handshake', 'reply', 'data'] };
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  /** @param isNarrowed whether the interface is chosen, and not all of them */
  const rowsOf = (sql: string, choice: Choice, isNarrowed = false) =>
    server.query<Row>(expanded(sql, choice, isNarrowed));
  const ask = ({ target, choice }: PanelQuery, isNarrowed = false) =>
    rowsOf(String(target.rawSql), choice, isNarrowed);

  test('the variables offer what is there', () => {
    expect(first).toMatchObject({ database: 'pping', interface: ['eth0'], netns: ['web'] });
    expect(first).toMatchObject({ side: ['beyond', 'behind'] });
    expect(first).toMatchObject({ answer: ['ack', 'handshake', 'reply'], protocol: 'TCP' });
  });

  test('every query has rows, and time goes on in what is a graph', async () => {
    const queries = queriesOf(dashboard, everything);
    expect(queries.length).toBeGreaterThan(21);
    for (const query of queries) {
      const rows = await ask(query);
      expect([query.panel.title, rows.length > 0]).toEqual([query.panel.title, true]);
      expect(rows.flatMap((row) => Object.values(row))).not.toContain(null);
      if (query.target.format !== TIME_SERIES) continue;
      const times = rows.map(({ t }) => String(t));
      expect(times).toEqual([...times].sort());
    }
  });

  test('every query looks only at what is chosen', async () => {
    const narrow = { interface: ['eth0'], netns: ['web'], prefix: '10.77.0', side: ['beyond'] };
    for (const query of queriesOf(dashboard, { ...everything, ...narrow })) {
      const text = JSON.stringify(await ask(query, true));
      expect([query.panel.title, text]).not.toEqual([query.panel.title, '[]']);
      expect([query.panel.title, text]).toEqual([
        query.panel.title,
        expect.not.stringMatching(/fd77|behind/),
      ]);
    }
    const others = [
      ...[{ interface: ['eth1'] }, { netns: ['db'] }, { prefix: '192.' }],
      ...[{ side: ["it's unknown"] }, { side: ['unknown'] }],
    ];
    for (const other of others) {
      for (const query of queriesOf(dashboard, { ...everything, ...other })) {
        expect([query.panel.title, await ask(query, true)]).toEqual([query.panel.title, []]);
      }
    }
  });

  test('answers with data are left out, unless they are chosen', async () => {
    const answers = async (choice: Choice) => {
      const rows = await ask(queryOf('Longest RTTs', choice));
      return new Set(rows.map(({ answer }) => answer));
    };
    expect(await answers(first)).toEqual(new Set(['ack', 'handshake']));
    expect(await answers(everything)).toContain('data');
  });

  test('of QUIC they are not: RTTs of its spin bit have no others', async () => {
    const ofQuic = lines
      .filter((line) => line.includes('"answer":"data"'))
      .map((line) => line.replace('"protocol":"TCP"', '"protocol":"QUIC"'));
    const body = ofQuic.join('\n');
    await fetch(server.insertUrl, { method: 'POST', headers: server.headers, body });
    const rows = await ask(queryOf('Longest RTTs', { ...first, protocol: 'QUIC' }));
    expect(new Set(rows.map(({ answer }) => answer))).toEqual(new Set(['data']));
    expect(rows).toHaveLength(Math.min(ofQuic.length, 20));
  });

  test.each([0, 1])('the worst networks have the figures of their RTTs (table %#)', async (at) => {
    const rows = await ask(queryOf('Worst networks', everything, at));
    const expected = new Map<string, number[]>();
    for (const { type, src_ip, match_on_egress, rtt } of lines.map((line) => JSON.parse(line))) {
      if (type !== 'rtt') continue;
      const network = src_ip.includes(':') ? 'fd77::/48' : '10.77.0.0/24';
      const key = `${network} ${match_on_egress ? 'behind' : 'beyond'}`;
      expected.set(key, [...(expected.get(key) ?? []), rtt / 1e9]);
    }
    expect(rows).toHaveLength(expected.size);
    for (const row of rows) {
      const rtts = expected.get(`${row.prefix ?? row['network or owner']} ${row.side}`) ?? [];
      rtts.sort((a, b) => a - b);
      expect(Number(row.RTTs)).toBe(rtts.length);
      expect(Number(row.shortest)).toBeCloseTo(rtts[0] as number, 9);
      const median = rtts[Math.ceil(rtts.length / 2) - 1] as number;
      expect(Math.abs(Number(row.p50) / median - 1)).toBeLessThan(MOST_OFF);
    }
  });

  test.each([
    ['Slowest resolvers', 0, { responses: 12, unanswered: 1 / 13 }],
    ['Resolvers that fail', 0, { queries: 13, SERVFAIL: 1 / 13, unanswered: 1 / 13 }],
    ['Slowest resolvers', 1, { answered: 12, 'unanswered queries': 1 / 13 }],
  ])('%s have the figures of their queries (table %i)', async (title, at, figures) => {
    const rows = await ask(queryOf(title, everything, at));
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      for (const [name, value] of Object.entries({ ...figures, failed: 1 / 13 })) {
        expect([name, Number(row[name])]).toEqual([name, expect.closeTo(value, 6)]);
      }
      if (title === 'Resolvers that fail') continue;
      expect(Math.abs(Number(row.p50) / 0.0155 - 1)).toBeLessThan(MOST_OFF);
      expect(Number(row.longest)).toBeCloseTo(0.021, 9);
    }
  });

  function queryOf(title: string, choice: Choice, at = 0): PanelQuery {
    const found = queriesOf(dashboard, choice).filter(({ panel }) => panel.title === title);
    return found[at] as PanelQuery;
  }

  /** As the data source does it: its macros, and the dashboard's variables. */
  function expanded(sql: string, choice: Choice, isNarrowed: boolean): string {
    const from = Math.floor(Number(JSON.parse(lines[0] ?? '').timestamp) / 1e9) - DAY_S;
    const within = (column: string) =>
      `${column} >= toDateTime(${from}) AND ${column} <= toDateTime(${from + 2 * DAY_S})`;
    return interpolated(
      sql
        .replace(/\$__conditionalAll\((.*), \$\w+\)/g, (_, condition) =>
          isNarrowed ? condition : '1=1',
        )
        .replace(/\$__timeFilter\((\w+)\)/g, (_, column) => within(column))
        .replaceAll('$__interval_s', String(INTERVAL_S)),
      choice,
    );
  }
});

/** When the capture begins. */
const BEGIN = 1_795_245_300_000_000_000n;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** The same of DNS queries: on each side a resolver of IPv4, and one of IPv6. */
async function resolved(folder: string): Promise<string[]> {
  const capture = join(folder, 'dns.pcap');
  const ends = ['10.77.0', 'fd77:'].flatMap((network) => {
    const [here, there] = [1, 2].map(
      (host) => network + (network.includes(':') ? ':' : '.') + host,
    );
    return [
      [here, there],
      [there, here],
    ] as [string, string][];
  });
  const exchanges = ends.map(([client, resolver]) => ({ client, resolver, answers: ANSWERS }));
  writeFileSync(capture, dnsCapture(BEGIN, exchanges));
  const local = ['--local', '10.77.0.1', '--local', 'fd77::1', '-l'];
  const options = ['--cleanup-interval', '1s', '--aggregate', '2s', '--events'];
  const path = join(folder, 'dns.ndjson');
  return replayed(path, ['-r', capture, ...local, '--protocol', 'dns', ...options]);
}

/** Twelve responses, one of them SERVFAIL, one NXDOMAIN, which is no failure, and a query without one. */
const ANSWERS = [
  ...Array.from({ length: 12 }, (_, at) => ({ ms: 10 + at, rcode: [SERVFAIL, NXDOMAIN][at] ?? 0 })),
  undefined,
];

/** The lines of a replay, with the names that an interface and its namespace have in a live run. */
async function replayed(
  path: string,
  args: readonly string[] = ['-r', CAPTURE, '--aggregate', '2s', '--events'],
): Promise<string[]> {
  await runHere([...args, '-o', path]);
  const lines = linesOf(readFileSync(path, 'utf8'));
  return lines.map((line) => line.replace('{', '{"interface":"eth0","netns":"web",'));
}
