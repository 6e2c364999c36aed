/** With --anonymize no address of a host is in anything that a live run says: before NAT, in metrics, on the screen. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createNatLab, type NatLab, natAddresses, outerInterface } from '../../lab/nat.js';
import { pping } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { Pseudonyms } from '../../src/anonymization/anonymizers.js';
import { parseAddress } from '../../src/options/prefix.js';
import { addressText } from '../../src/text/address.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { installForAll } from '../helpers/command/installed.js';
import { useTmux } from '../helpers/command/tmux.js';
import { CallerProgram } from '../helpers/lab/callers.js';
import { fetchIn } from '../helpers/lab/prometheus.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const PORT = 80;
const CALLS = 20;
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const [CLIENT] = natAddresses.clients;
const { server: SERVER } = natAddresses;
const ROUTER = natAddresses.router.outer;
const VERSIONS = ['ipv4', 'ipv6'] as const;
/** Of all of the lab. */
const NETWORKS = /\b10\.78\.|\bfd78:/;
const HOSTS = /\b10\.78\.\d\.[12]\b|\bfd78:[12]?::[12]\b/;

const start = useCli();
const terminal = useTmux();
const inFolder = useTemporaryFolder();
let lab: NatLab;
let calls: CallerProgram;
let installed: string;
let program: string;

beforeAll(async () => {
  installed = mkdtempSync(join(tmpdir(), 'pping-test-'));
  program = installForAll(installed);
  lab = await createNatLab();
  calls = new CallerProgram(join(installed, 'callers'));
  await calls.answer(lab.server, PORT);
});

afterAll(async () => {
  await lab?.close();
  rmSync(installed, { recursive: true, force: true });
});

const call = (version: (typeof VERSIONS)[number], port: number) => {
  const to = { address: SERVER[version], port: PORT };
  return calls.call(lab.clients[0], { from: { address: CLIENT[version], port }, to }, CALLS);
};

const watch = (...args: readonly string[]) =>
  start(lab.router, ['-i', outerInterface, '--rate', '0', ...args], { program }).watching();

/** Not with a random key: one of some hundred leaves the networks of the lab as they are (Crypto-PAn). */
function anonymizing(how: string): string[] {
  if (how !== 'hash') return ['--anonymize', how];
  const key = inFolder('key');
  writeFileSync(key, KEY, { mode: 0o600 });
  return ['--anonymize', how, '--anonymize-key', key];
}

function pseudonymOf(text: string): string {
  const { address, ipVersion } = parseAddress(text);
  const pseudonyms = new Pseudonyms(KEY, { bitsV4: 24, bitsV6: 48 });
  return addressText(pseudonyms.addressOf(address, ipVersion), ipVersion);
}

test('a key that root alone can read: lines and metrics have pseudonyms, also of ends before NAT', async () => {
  const hash = ['--user', 'nobody', ...anonymizing('hash')];
  const told = ['--nat', '--label', 'host=router', '--metrics', '--metrics-by', 'prefix'];
  const cli = await watch('--format', 'ndjson', ...hash, ...told);
  for (const version of VERSIONS) await call(version, 40_000);
  const network = pseudonymOf(SERVER.ipv4).replace(/\.\d+$/, '.0/24');
  const counted = new RegExp(`^pping_rtt_seconds_count\\{.*prefix="${network}"`, 'm');
  let body = '';
  await until(async () => {
    ({ body } = await fetchIn(lab.router, 'http://127.0.0.1:9747/metrics'));
    return counted.test(body);
  }, 'RTTs in the metrics');
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect({ code, stderr }).toMatchObject({ code: 0 });

  for (const text of [stdout, stderr, body]) expect(text).not.toMatch(NETWORKS);
  const lines = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ host }) => host !== 'router')).toEqual([]);
  for (const version of VERSIONS) {
    const [router, client] = [ROUTER[version], CLIENT[version]].map(pseudonymOf);
    const asked = lines.filter(({ src_ip, orig_src_ip }) => src_ip === router && orig_src_ip);
    expect(asked.length).toBeGreaterThanOrEqual(CALLS);
    expect(new Set(asked.map(({ orig_src_ip }) => orig_src_ip))).toEqual(new Set([client]));
  }
  expect(body).toMatch(/^pping_packets_total\{.*host="router"/m);
});

test.each([
  ['prefix', HOSTS],
  ['hash', NETWORKS],
])('%s: what the kernel has counted, and the summary', async (how, real) => {
  const aggregates = ['--aggregate', '10s', '--events', '--format', 'ndjson'];
  const clis = [
    await watch(...anonymizing(how), '--verbose'),
    await watch(...anonymizing(how), ...aggregates),
  ];
  for (const version of VERSIONS) await call(version, 41_000);
  const [lines, objects] = await Promise.all(clis.map((cli) => cli.end('SIGINT')));
  for (const each of [lines, objects]) {
    expect(each).toMatchObject({ code: 0 });
    expect(`${each?.stdout}${each?.stderr}`).not.toMatch(real);
  }
  expect(objects?.stdout.match(/"type":"aggregate"/g)?.length).toBeGreaterThan(1);
  expect(lines?.stdout.match(/ opened$/gm)?.length).toBe(CALLS * VERSIONS.length);
});

test('the live view', async () => {
  const tmux = await terminal({ columns: 100, rows: 24 }, (argv) => lab.router.command(argv));
  await tmux.type(`${pping} -i ${outerInterface} --rate 0 --live --anonymize prefix`);
  await tmux.shows((lines) => lines.some((line) => line.startsWith('pping out0')));
  for (const version of VERSIONS) await call(version, 42_000);
  const isNetwork = (line: string) => /^> 10\.78\.0\.0 |^> fd78:: /.test(line);
  const peers = await tmux.shows((lines) => lines.filter(isNetwork).length === VERSIONS.length);
  expect(peers.join('\n')).not.toMatch(HOSTS);
});
