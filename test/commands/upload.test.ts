/** A replay whose lines are sent to a server. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { linesOf } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { makeCertificate } from '../helpers/upload/certificates.js';
import { Collector } from '../helpers/upload/collector.js';

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const inFolder = useTemporaryFolder();
let server: Collector;

beforeEach(async () => {
  server = await Collector.start();
});
afterEach(() => server.stop());

const replay = (...args: string[]) => runHere(['-r', CAPTURE, ...args]);

/** What the same replay writes to a file. */
async function expected(): Promise<string[]> {
  await replay('-o', inFolder('run.ndjson'));
  return linesOf(readFileSync(inFolder('run.ndjson'), 'utf8'));
}

test('sends what it would write to a file', async () => {
  const { code, stderr } = await replay('-o', server.url);
  expect(code).toBe(0);
  expect(server.lines).toEqual(await expected());
  expect(stderr).not.toContain(server.url);
});

test('a server that fails for a moment gets all', async () => {
  server.turns = [{ status: 503 }, 'reset'];
  const { code, stderr } = await replay('-o', server.url);
  expect(code).toBe(0);
  expect(server.lines).toEqual(await expected());
  expect(stderr).toMatch(/^http:\/\/localhost:\d+\/insert: answered 503; retrying$/m);
  expect(stderr).toMatch(/^output works again: nothing was lost$/m);
});

test('a server that refuses for good ends it, with one line', async () => {
  server.always = { status: 404, body: 'no such table: rtts\nStack trace:' };
  const { code, stderr } = await replay('-o', server.url);
  expect(code).toBe(1);
  const told = linesOf(stderr).filter((line) => line.includes('no such table'));
  expect(told).toEqual([
    expect.stringMatching(
      /^pping: http:\/\/localhost:\d+\/insert: answered 404: no such table: rtts(; \d+ lines dropped)?$/,
    ),
  ]);
  expect(stderr).toMatch(/^\d+ lines not written$/m);
  expect(stderr).not.toContain('Stack trace');
});

test('without a server the spool has all; the next replay sends it first', async () => {
  await server.stop();
  const spool = ['--spool', inFolder('spool')];
  expect((await replay('-o', server.url, ...spool)).code).toBe(0);
  expect(readdirSync(inFolder('spool')).length).toBeGreaterThan(0);
  await server.listen();
  expect((await replay('-o', server.url, ...spool)).code).toBe(0);
  const once = await expected();
  expect(server.lines).toEqual([...once, ...once]);
  expect(readdirSync(inFolder('spool'))).toEqual([]);
});

test('what cannot be read from the spool is missing: one line says so, exit 1', async () => {
  mkdirSync(inFolder('spool'));
  symlinkSync('/etc/passwd', inFolder('spool/000000000001-7.ndjson.gz'));
  const { code, stderr } = await replay('-o', server.url, '--spool', inFolder('spool'));
  const fault = `${inFolder('spool')}: too many symbolic links encountered`;
  expect(code).toBe(1);
  expect(stderr).toMatch(`pping: ${fault}\n`);
  expect(stderr).toMatch(/^7 lines not written$/m);
  expect(server.lines).toEqual(await expected());
});

test('TLS, and headers from a file', async () => {
  const secure = await Collector.start(makeCertificate(inFolder('.'), 'localhost'));
  try {
    writeFileSync(inFolder('headers'), 'X-ClickHouse-User: pping\n', { mode: 0o600 });
    const args = ['--http-ca', inFolder('authority.pem'), '--http-headers', inFolder('headers')];
    expect((await replay('-o', secure.url, ...args)).code).toBe(0);
    expect(secure.lines).toEqual(await expected());
    expect(secure.requests[0]?.headers).toMatchObject({ 'x-clickhouse-user': 'pping' });
  } finally {
    await secure.stop();
  }
});

test.each([
  [['--http-headers', '/none'], '/none: no such file'],
  [['--http-ca', '/none'], '/none: no such file'],
  [['--http-ca', CAPTURE], `${CAPTURE}: no PEM certificates in it`],
  [['--spool', '/none/spool'], '/none/spool: no such directory'],
])('%j cannot be used: one line, exit 2', async (args, message) => {
  const { code, stderr } = await replay('-o', 'https://localhost:1/', ...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `pping: ${message}\n` });
  expect(existsSync('/none')).toBe(false);
});
