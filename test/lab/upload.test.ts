/** -o <URL>: a live run sends its lines by HTTP, to a server that comes and goes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { installForAll } from '../helpers/command/installed.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { batchesIn, SERVER_URL, startCollector } from '../helpers/upload/server-process.js';

jest.setTimeout(180_000);

const NOBODY = 'nobody';
const TOKEN = 'Bearer s3cret-token';
const DEADLINE_MS = 120_000;

const start = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let kill: (() => Promise<void>) | undefined;

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  const server = await startServer(pair, serverAddresses.ipv4);
  startClient(pair, server, ['--connections', '8', '--interval', '5']);
});
afterAll(() => pair?.close());
afterEach(() => stopCollector());

const watch = (...args: string[]) =>
  start(pair.client, ['-i', pair.interfaceName, '--rate', '1ms', '-o', SERVER_URL, ...args]);

async function collect(): Promise<void> {
  kill = await startCollector(pair.client, inFolder('taken'));
}

async function stopCollector(): Promise<void> {
  await kill?.();
  kill = undefined;
}

const told = (cli: Cli, text: string, times = 1) =>
  until(() => cli.stderr.filter((line) => line.includes(text)).length >= times, text, DEADLINE_MS);
const collected = () => batchesIn(inFolder('taken')).length;
const moreCollected = (than = collected()) =>
  until(() => collected() > than, 'more lines to come', DEADLINE_MS);
const lines = () =>
  batchesIn(inFolder('taken')).flatMap((batch) =>
    linesOf(batch).map((each) => JSON.parse(each) as Line),
  );
const spooled = () => readdirSync(inFolder('spool')).filter((name) => name.endsWith('.gz'));

interface Line {
  readonly type: string;
  readonly timestamp: string;
  readonly flow_id: number;
  readonly samples: number;
}

/** What docs/http-output.md says of copies: of a flow and a time there is one event of each type. */
function deduplicated(): Line[] {
  const seen = new Map(
    lines().map((line) => [`${line.type} ${line.flow_id} ${line.timestamp}`, line]),
  );
  return [...seen.values()];
}

function expectAllInOrder(all: readonly Line[]): void {
  const rtts = all.filter(({ type }) => type === 'rtt');
  expect(all.at(-1)).toMatchObject({ type: 'summary', final: true, dropped_lines: 0 });
  expect(rtts).toHaveLength(all.at(-1)?.samples ?? Number.NaN);
  const latest = new Map<number, string>();
  for (const { flow_id, timestamp } of rtts) {
    expect(timestamp > (latest.get(flow_id) ?? '')).toBe(true);
    latest.set(flow_id, timestamp);
  }
}

test('a server that is killed twice gets every line, in order; SIGHUP means nothing', async () => {
  await collect();
  const cli = await watch('--spool', inFolder('spool')).watching();
  for (const times of [1, 2]) {
    await moreCollected();
    await stopCollector();
    await told(cli, '; retrying', times);
    process.kill(cli.pid, 'SIGHUP');
    await until(() => spooled().length > 0, 'the spool', DEADLINE_MS);
    await collect();
    await told(cli, 'output works again: nothing was lost', times);
    await until(() => spooled().length === 0, 'the spool to be sent', DEADLINE_MS);
  }
  await moreCollected();
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:9911\/insert: connection refused; retrying$/m);
  expect(stderr).not.toContain('secret');
  expectAllInOrder(deduplicated());
});

test('without a server the spool has all, and the next run sends it', async () => {
  const cli = await watch('--spool', inFolder('spool')).watching();
  await told(cli, '; retrying');
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  const [, kept] =
    /^(\d+) lines kept in .*spool: the next run with this spool sends them$/m.exec(stderr) ?? [];
  await collect();
  const next = await watch('--spool', inFolder('spool'), '-c', '1', '--format', 'ndjson').ended;
  expect(next.code).toBe(0);
  const all = lines();
  const first = all.findIndex(({ type }) => type === 'summary');
  expect(String(first + 1)).toBe(kept);
  expectAllInOrder(all.slice(0, first + 1));
  expect(spooled()).toEqual([]);
});

test('without a server and a spool the lines are counted, and it is a fault', async () => {
  const cli = await watch().watching();
  await told(cli, '; retrying');
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\d+ lines not written$/m);
  expect(stderr.match(/; retrying$/gm)).toHaveLength(1);
  expect(linesOf(stderr).at(-1)).toBe('pping: http://127.0.0.1:9911/insert: connection refused');
});

test('--user reads the headers as root, and spools as the user; no secret is to be seen', async () => {
  const installed = await mkdtemp(join(tmpdir(), 'pping-test-'));
  // Nobody may come by it.
  const folder = await mkdtemp(join(tmpdir(), 'pping-test-'));
  execFileSync('chmod', ['755', folder]);
  try {
    const headers = inFolder('headers');
    writeFileSync(headers, `Authorization: ${TOKEN}\n`, { mode: 0o600 });
    const args = ['--user', NOBODY, '--http-headers', headers, '--spool', join(folder, 'spool')];
    const run = ['-i', pair.interfaceName, '--rate', '1ms', '-o', SERVER_URL, ...args];
    const cli = await start(pair.client, run, { program: installForAll(installed) }).watching();
    const uid = Number(execFileSync('id', ['-u', NOBODY], { encoding: 'utf8' }));
    expect(statSync(join(folder, 'spool')).uid).toBe(uid);
    await until(() => readdirSync(join(folder, 'spool')).length > 1, 'the spool', DEADLINE_MS);
    await collect();
    await told(cli, 'output works again');
    for (const what of ['environ', 'cmdline']) {
      expect(readFileSync(`/proc/${cli.pid}/${what}`, 'utf8')).not.toContain('s3cret');
    }
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).not.toContain('s3cret');
    const sent = linesOf(readFileSync(inFolder('taken/headers'), 'utf8'));
    const tokens = sent.map((line) => JSON.parse(line).authorization);
    expect(new Set(tokens)).toEqual(new Set([TOKEN]));
  } finally {
    rmSync(installed, { recursive: true });
    rmSync(folder, { recursive: true });
  }
});

test('a spool in a folder that root enters only by its capabilities is used all the same', async () => {
  const folder = inFolder('of-another');
  mkdirSync(folder, { mode: 0o700 });
  execFileSync('chown', [NOBODY, folder]);
  const cli = await watch('--spool', join(folder, 'spool')).watching();
  await until(() => readdirSync(join(folder, 'spool')).length > 1, 'the spool', DEADLINE_MS);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^\d+ lines kept in /m);
});
