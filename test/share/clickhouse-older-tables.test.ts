/** Tables of ClickHouse that an older schema has made: how they get what the newer one has, as docs/http-output.md says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { codeBlocksIn, readDocument } from '../helpers/documents/documents.js';
import { ClickHouse, hasClickHouse, statementsIn } from '../helpers/upload/clickhouse.js';

jest.setTimeout(240_000);

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');

const here = hasClickHouse ? describe : describe.skip;

here(hasClickHouse ? 'ClickHouse' : 'ClickHouse (skipped: tools/clickhouse gets it)', () => {
  let folder: string;
  let server: ClickHouse;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pping-clickhouse-older-'));
    server = await ClickHouse.start(join(folder, 'server'));
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test.each<[string, Older]>([
    ['a namespace', { hasProtocol: true, hasDns: true }],
    ['DNS', { hasProtocol: true, hasDns: false }],
    ['a protocol', { hasProtocol: false, hasDns: false }],
  ])('tables from before there was %s get it, and keep what they have', async (_, older) => {
    const { hasProtocol } = older;
    await server.execute('DROP DATABASE IF EXISTS pping');
    for (const statement of olderSchema(older)) await server.execute(statement);
    const args = ['-r', CAPTURE, '--aggregate', '2s', '--events'];
    await server.receive(args);
    const side = "if(match_on_egress = 1, 'behind', 'beyond')";
    const before = await rowsBySide(server, side, hasProtocol ? 'protocol' : "'TCP'");
    expect(before.flat().length).toBeGreaterThan(5);

    const statements = migration(older);
    for (const statement of statements.first) await server.execute(statement);
    for (const statement of statementsIn('schema.sql')) await server.execute(statement);
    for (const statement of statements.second) await server.execute(statement);
    expect(await rowsBySide(server, 'side', 'protocol')).toEqual(before);
    const tables = await server.query("SELECT name FROM system.tables WHERE name LIKE '%before'");
    expect(tables).toEqual([]);
    // The same lines are the same rows; minutes have them twice.
    await server.receive(args);
    const [rtts, aggregates] = await rowsBySide(server, 'side', 'protocol');
    expect([rtts, aggregates]).toEqual(before.slice(0, 2));
  });
});

/** How many rows there are of each side and protocol: of RTTs, aggregates and minutes. */
function rowsBySide(server: ClickHouse, side: string, protocol: string) {
  const query = (what: string, table: string, where: string) =>
    server.query(
      `SELECT ${where} AS s, ${protocol} AS p, ${what} AS n FROM pping.${table} GROUP BY s, p ORDER BY s, p`,
    );
  return Promise.all([
    query('count()', 'rtts FINAL', side),
    query('count()', 'aggregates FINAL', 'side'),
    query('countMerge(samples)', 'minutes', side),
  ]);
}

interface Older {
  readonly hasProtocol: boolean;
  readonly hasDns: boolean;
}

/** As it was before there were namespaces and sides of RTTs. */
function olderSchema({ hasProtocol, hasDns }: Older): string[] {
  return statementsIn('schema.sql')
    .filter((statement) => hasDns || !/EXISTS pping\.\w*dns/.test(statement))
    .map((statement) => olderStatement(statement, hasProtocol));
}

function olderStatement(statement: string, hasProtocol: boolean): string {
  const [, name = ''] = /EXISTS pping\.(?:lines_to_)?(\w+)/.exec(statement) ?? [];
  let older = statement.replace('Nullable(UInt8)', 'UInt8');
  if (['rtts', 'minutes', 'dns'].includes(name)) {
    older = older
      .replace(/^ +transform\(.* AS side,$/gm, '    match_on_egress,')
      .replace(/^ +side String,$/gm, '    match_on_egress UInt8,')
      .replace(/ side,/g, ' match_on_egress,');
  }
  if (name !== 'dns') older = withoutNamespace(older, name);
  if (hasProtocol) return older;
  return older
    .replace(/^ +protocol String,\n/gm, '')
    .replace(/^ +(if\(lines\.protocol.* AS )?protocol,\n/gm, '')
    .replace(/ protocol,/g, '');
}

function withoutNamespace(statement: string, name: string): string {
  if (name !== 'rtts' && name !== 'minutes') return statement;
  return statement.replace(/^ +netns( String)?,\n/gm, '').replace(/ netns,/g, '');
}

/** The statements of docs/http-output.md, before and after schema.sql. */
function migration({ hasProtocol, hasDns }: Older) {
  const blocks = codeBlocksIn(readDocument('docs/http-output.md'));
  const statementsOf = (begin: string) =>
    (blocks.find((block) => block.startsWith(begin)) ?? '')
      .split(/;\n/)
      .filter((each) => each !== '' && (hasDns || !/dns/.test(each)));
  const [first, second] = ['DROP TABLE', 'INSERT INTO pping.rtts'].map(statementsOf) as [
    string[],
    string[],
  ];
  if (hasProtocol) return { first, second };
  const alter = statementsOf('ALTER TABLE pping.aggregates');
  return {
    first: [...first, ...alter],
    second: second.map((each) => each.replace(' protocol,', " 'TCP',")),
  };
}
