/** pping on the kernel that a guest runs (make test-kernels), with what a host's tests cannot do. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { isLoaded, ppingFilters, programsOf } from '../lab/attached.js';
import { end } from '../lab/child.js';
import { type Endpoints, serverAddresses } from '../lab/endpoints.js';
import { type RunningClient, startClient, startServer } from '../lab/services.js';
import { until } from '../lab/until.js';
import { createVethPair } from '../lab/veth.js';
import { type Cli, useCli } from '../test/helpers/command/cli.js';
import { attachForeign, compileForeign } from '../test/helpers/kernel/foreign.js';
import { hasTcx } from '../test/helpers/kernel/tcx.js';
import { useTemporaryFolder } from '../test/helpers/runner/temporary.js';

const HOUR_MS = 3_600_000;
/** How far the clock may be from where it was put, and how long an RTT may take: guests are slow. */
const SLACK_MS = 60_000;
/** Besides the pair's. */
const OTHER = 'pp1';
const METHOD = hasTcx ? 'tcx' : 'clsact';

jest.setTimeout(300_000);

const startCli = useCli();
const file = useTemporaryFolder();
let pair: Endpoints;
let traffic: RunningClient;

// One for all: in a guest it takes seconds to make.
beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  const server = await startServer(pair, serverAddresses.ipv4);
  // Little of it: in a guest it takes much of the time there is.
  traffic = startClient(pair, server, ['--connections', '2', '--interval', '300']);
});

afterAll(async () => {
  await traffic?.stop();
  await pair?.close();
});

test(`RTTs with ${METHOD}, unasked; a killed run leaves nothing that the next one does not clear`, async () => {
  const killed = await start();
  expect(killed.stderr[0]).toMatch(`watching pp0 (${METHOD})`);
  const programs = programsOf(killed.pid);
  expect(programs).toHaveLength(3);
  await killed.end('SIGKILL');
  await until(() => programs.filter(isLoaded).length === (hasTcx ? 0 : 2), 'the end');
  expect(await filters()).toBe(hasTcx ? 0 : 2);

  const next = await start();
  await until(() => !programs.some(isLoaded), 'the left programs to go');
  const { code, stderr } = await next.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('\nno events lost\n')]);
  expect(await filters()).toBe(0);
});

test('over two interfaces, of which one goes and comes again; what a killed run leaves on both, the next clears', async () => {
  const { client, server } = pair;
  const peer = ['peer', 'name', OTHER, 'netns', String(server.pid)];
  const add = () => client.run(['ip', 'link', 'add', OTHER, 'up', 'type', 'veth', ...peer]);
  await add();
  const killed = await start('-i', OTHER);
  expect(killed.stderr[0]).toMatch(`watching pp0 ${OTHER} (${METHOD})`);
  await killed.end('SIGKILL');
  await until(async () => (await filters(OTHER)) === (hasTcx ? 0 : 2), 'the end');

  const next = await start('-i', 'pp*', '--format', 'ndjson');
  expect(await filters(OTHER)).toBe(hasTcx ? 0 : 2);
  await client.run(['ip', 'link', 'delete', OTHER]);
  await until(() => next.hasPrinted('"change":"detached"'), 'to tell that it is gone', SLACK_MS);
  await add();
  await until(() => next.hasPrinted('"change":"attached"'), 'to tell that it is back', SLACK_MS);
  expect(await next.end('SIGINT')).toMatchObject({ code: 0 });
  expect([await filters(), await filters(OTHER)]).toEqual([0, 0]);
  await client.run(['ip', 'link', 'delete', OTHER]);
});

test('others end the way of packets before pping starts, and while it runs: it goes in front', async () => {
  const server = await startServer(pair, serverAddresses.ipv4);
  // Enough of it to judge by.
  const more = startClient(pair, server, ['--connections', '2', '--interval', '60']);
  const foreign = compileForeign(file('foreign.o'), 'TC_ACT_OK');
  const first = await addForeign(foreign, '7');
  const cli = await start('--format', 'ndjson');
  await until(() => hasMoved(cli, 'egress'), 'to move on egress', SLACK_MS);

  const second = await addForeign(foreign, '3');
  await until(() => hasMoved(cli, 'ingress'), 'to move on ingress', SLACK_MS);
  const hidden = '"change":"hidden","hook":"egress","cause":"program"';
  await until(() => cli.hasPrinted(hidden), 'to tell who it is on egress', SLACK_MS);
  expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
  await Promise.all([first(), second(), more.stop()]);
});

test('times of day follow the system clock when it is set, RTTs do not', async () => {
  const cli = await startAt('0', '--format', 'ndjson');
  for (const step of [HOUR_MS, -HOUR_MS]) {
    const before = cli.stdout.length;
    const set = Date.now() + step;
    setClock(set);
    const isNear = ({ timestamp }: Rtt) => Math.abs(timestamp / 1e6 - set) < SLACK_MS;
    await until(() => rtts(cli, before).some(isNear), 'times of the new day');
  }
  for (const { rtt } of rtts(cli, 0)) {
    expect(rtt).toBeGreaterThan(0);
    expect(rtt).toBeLessThan(SLACK_MS * 1e6);
  }
  expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
});

test('of a connection met in mid-stream, the process is found by its socket', async () => {
  const cli = await start('--who', '--format', 'ndjson');
  await until(() => cli.hasPrinted('"comm":"node"'), 'the process', SLACK_MS);
  expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
});

test('with all that --nat asks, where the kernel can be asked', async () => {
  execFileSync('modprobe', ['nf_conntrack']);
  const cli = await start('--nat', '--who');
  expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
});

interface Rtt {
  /** Nanoseconds, both. */
  readonly timestamp: number;
  readonly rtt: number;
}

/** In front of all, at both hooks, as pping itself attaches here. @returns what takes it off */
async function addForeign(
  program: readonly string[],
  pref: string,
): Promise<() => Promise<unknown>> {
  const { client, interfaceName } = pair;
  if (hasTcx) {
    const holder = await attachForeign(client, file('foreign.o'), interfaceName, true);
    return () => end(holder);
  }
  const tc = (...args: string[]) => client.run(['tc', ...args]);
  const filters = ['ingress', 'egress'].map((hook) => ['dev', interfaceName, hook, 'pref', pref]);
  await tc('qdisc', 'replace', 'dev', interfaceName, 'clsact');
  for (const filter of filters) await tc('filter', 'add', ...filter, ...program);
  return () => Promise.all(filters.map((filter) => tc('filter', 'del', ...filter)));
}

function hasMoved(cli: Cli, hook: string): boolean {
  return cli.hasPrinted(`"change":"moved","hook":"${hook}"`);
}

/** Attached, and reporting. */
function start(...args: string[]): Promise<Cli> {
  return startAt('10ms', ...args);
}

async function startAt(rate: string, ...args: string[]): Promise<Cli> {
  const watch = ['-i', pair.interfaceName, '--rate', rate, ...args];
  return (await startCli(pair.client, watch).watching()).printed(5);
}

async function filters(name = pair.interfaceName): Promise<number> {
  const { egress, ingress } = await ppingFilters(pair.client, name);
  return egress.length + ingress.length;
}

/** From a line on. */
function rtts(cli: Cli, first: number): Rtt[] {
  const events = cli.stdout.slice(first).map((line) => JSON.parse(line));
  return events.filter(({ type }) => type === 'rtt') as Rtt[];
}

/** Of this machine: only where it is a guest of make test-kernels, which nobody else uses. */
function setClock(ms: number): void {
  const isGuest = readFileSync('/proc/cmdline', 'utf8').split(/\s+/).includes('pping.guest');
  if (!isGuest) throw new Error('the clock is set in guests only: make test-kernels');
  execFileSync('date', ['--set', `@${ms / 1_000}`]);
}
