/** ClickHouse itself, in a folder of the test's own. tools/clickhouse gets it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';
import { until } from '../../../lab/until.js';
import { type Outcome, runHere } from '../command/in-process.js';

const PROGRAM = join(repositoryRoot, 'build/clickhouse/usr/sbin/clickhouse-server');
const INSERT = 'INSERT INTO pping.lines FORMAT JSONEachRow';

export const hasClickHouse = existsSync(PROGRAM);

const USERS = `<yandex>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users><pping><password>s3cret</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></pping></users>
</yandex>`;

/** Of a file in share/clickhouse/, without comments; each stands alone. */
export function statementsIn(name: string): string[] {
  return readFileSync(join(repositoryRoot, 'share/clickhouse', name), 'utf8')
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

export class ClickHouse {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  /** Starts it, and waits until it answers. */
  static async start(folder: string): Promise<ClickHouse> {
    const server = new ClickHouse(folder, await freePort());
    const tcp = await freePort();
    mkdirSync(folder);
    writeFileSync(join(folder, 'users.xml'), USERS);
    writeFileSync(join(folder, 'config.xml'), server.#config(tcp));
    await server.restart();
    return server;
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** What pping sends to. */
  get insertUrl(): string {
    const query = new URLSearchParams({ query: INSERT, input_format_skip_unknown_fields: '1' });
    return `http://127.0.0.1:${this.#port}/?${query}`;
  }

  get headers(): Record<string, string> {
    return { 'X-ClickHouse-User': 'pping', 'X-ClickHouse-Key': 's3cret' };
  }

  /** Those of share/clickhouse/, empty. */
  async createTables(): Promise<void> {
    await this.execute('DROP DATABASE IF EXISTS pping');
    for (const statement of statementsIn('schema.sql')) await this.execute(statement);
  }

  /** Has pping send to it. @param args of a replay */
  async receive(args: readonly string[]): Promise<Outcome> {
    const file = join(this.#folder, 'headers');
    const headers = Object.entries(this.headers).map((pair) => pair.join(': '));
    writeFileSync(file, headers.join('\n'), { mode: 0o600 });
    return runHere([...args, '--http-headers', file, '-o', this.insertUrl]);
  }

  /** @returns the rows, as JSON has them */
  async query<Row>(sql: string): Promise<Row[]> {
    const text = await this.#post(`${sql} FORMAT JSON`);
    return (JSON.parse(text) as { data: Row[] }).data;
  }

  async execute(sql: string): Promise<void> {
    await this.#post(sql);
  }

  /** Also where it was stopped. */
  async restart(): Promise<void> {
    await this.stop();
    const args = [`--config-file=${join(this.#folder, 'config.xml')}`];
    this.#child = spawn(PROGRAM, args, { stdio: 'ignore', cwd: this.#folder });
    const isUp = () =>
      this.#post('SELECT 1').then(
        () => true,
        () => false,
      );
    await until(isUp, 'ClickHouse to answer');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async #post(sql: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/`, {
      method: 'POST',
      headers: this.headers,
      body: sql,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  }

  #config(tcp: number): string {
    return `<yandex>
      <logger><level>none</level></logger>
      <listen_host>127.0.0.1</listen_host>
      <http_port>${this.#port}</http_port><tcp_port>${tcp}</tcp_port>
      <path>${this.#folder}/data/</path><tmp_path>${this.#folder}/tmp/</tmp_path>
      <mark_cache_size>67108864</mark_cache_size>
      <users_config>users.xml</users_config>
      <default_profile>default</default_profile><default_database>default</default_database>
    </yandex>`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
