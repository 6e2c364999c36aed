/** Interfaces that come, go and change while one run watches them. */
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { linksOf } from '../../lab/attached.js';
import { configure, type Endpoints, isUp, serverAddresses } from '../../lab/endpoints.js';
import { createNamespace } from '../../lab/netns.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { batch } from '../helpers/kernel/links.js';
import { makePatient } from '../helpers/lab/patient.js';
import { expectAsCaptured, readingsOf, startCaptures } from '../helpers/lab/readings.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

/** Wide enough for whatever else the machine does. */
const DEADLINE_MS = 60_000;
/** Of those that come and go together. */
const GROUP = '7';
const METHODS = ['tcx', 'clsact'] as const;

const startCli = useCli();
const inFolder = useTemporaryFolder();
/** Joined by an interface that is always there. */
let pair: Endpoints;
let service: Service;

beforeEach(async () => {
  pair = await createVethPair({ ipv6: false });
  service = await startServer(pair, '0.0.0.0');
});
afterEach(() => pair?.close());

const ip = (...args: string[]) => pair.client.run(['ip', ...args]);

/** One more interface between the two, with a network of that number. */
async function addLink(name: string, network: number): Promise<void> {
  const { client, server } = pair;
  const peerName = `peer${network}`;
  const peer = ['peer', 'name', peerName, 'netns', String(server.pid)];
  await ip('link', 'add', name, 'type', 'veth', ...peer);
  await configure(client, { ipv4: `10.80.${network}.1`, ipv6: '' }, false, name);
  await configure(server, { ipv4: `10.80.${network}.2`, ipv6: '' }, false, peerName);
  await until(() => isUp(client, name), `${name} up`);
}

const start = (...args: string[]) =>
  startCli(pair.client, [...args, '--rate', '0', '--format', 'ndjson']);

interface Line {
  readonly type: string;
  readonly interface: string;
  readonly change?: string;
  readonly src_ip?: string;
  readonly [field: string]: unknown;
}

function objects(lines: readonly string[], type: string): Line[] {
  return lines
    .filter((line) => line.startsWith(`{"type":"${type}"`))
    .map((line) => JSON.parse(line) as Line);
}

/** What was told of interfaces, without the times. */
function changes(lines: readonly string[]): Omit<Line, 'timestamp' | 'type'>[] {
  return objects(lines, 'interface').map(({ type, timestamp, ...rest }) => rest);
}

/** RTTs of an interface that are of a connection made now, by its network. */
async function expectRtts(cli: Cli, name: string, network: number): Promise<void> {
  const before = cli.stdout.length;
  const address = `10.80.${network}.2`;
  await startClient(pair, { ...service, address }, ['--requests', '2']).summary;
  const isNew = (each: Line) => each.interface === name && each.src_ip === address;
  await until(() => objects(cli.stdout.slice(before), 'rtt').some(isNew), 'RTTs', DEADLINE_MS);
}

/** That is the last that was told of an interface, whatever the reason. */
async function told(cli: Cli, change: object): Promise<void> {
  const last = () => changes(cli.stdout).at(-1);
  const text = JSON.stringify(change);
  await until(() => JSON.stringify({ ...last(), reason: undefined }) === text, text, DEADLINE_MS);
}

/** How many descriptors of each kind the process holds open. */
function descriptors(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/fd`;
  const counts = new Map<string, number>();
  for (const fd of readdirSync(folder)) {
    try {
      const kind = readlinkSync(`${folder}/${fd}`).replace(/\d+/g, '');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    } catch {} // closed since
  }
  return counts;
}

describe('one that is not there yet', () => {
  test.each([
    ['w*', ['-i', 'w*']],
    ['any', ['-i', 'any', '--exclude-interface', 'pp0']],
  ])('%s: it comes, changes, goes, and comes again', async (word, words) => {
    const cli = await start(...words).said(`no interface matches ${word}`);
    await addLink('w1', 1);
    await told(cli, { interface: 'w1', change: 'attached' });
    await expectRtts(cli, 'w1', 1);
    await ip('link', 'set', 'w1', 'down');
    await ip('link', 'set', 'w1', 'name', 'z1', 'up');
    await told(cli, { interface: 'w1', change: 'renamed', to: 'z1' });
    await expectRtts(cli, 'z1', 1);
    const other = await createNamespace();
    try {
      await ip('link', 'set', 'z1', 'netns', String(other.pid));
      await told(cli, { interface: 'z1', change: 'detached' });
    } finally {
      await other.close();
    }
    await addLink('w1', 2);
    await told(cli, { interface: 'w1', change: 'attached' });
    await expectRtts(cli, 'w1', 2);
    await ip('link', 'delete', 'w1');
    await told(cli, { interface: 'w1', change: 'detached' });
    await until(() => cli.stderr.some((line) => line.endsWith('waiting for others')), 'the end');
    const { code, stdout, stderr } = await cli.end('SIGINT');
    expect([code, stderr]).toEqual([0, expect.stringContaining('\nno events lost\n')]);
    expect(changes(linesOf(stdout)).map(({ change, reason }) => reason ?? change)).toEqual([
      'attached',
      'renamed',
      'interface z1 is gone: it was moved to another network namespace',
      'attached',
      'interface w1 is gone',
    ]);
    // One that is up and was excluded has never been watched.
    const names = objects(linesOf(stdout), 'rtt').map((rtt) => rtt.interface);
    expect(new Set(names)).toEqual(new Set(['w1', 'z1']));
  });
});

test.each(METHODS)('%s: of two that were named one goes, and then the other', async (method) => {
  await addLink('w1', 1);
  const cli = await start('-i', 'pp0', '-i', 'w1', '--attach', method).watching();
  await expectRtts(cli, 'w1', 1);
  await ip('link', 'delete', 'w1');
  await told(cli, { interface: 'w1', change: 'detached' });
  const seen = cli.stdout.length;
  await startClient(pair, { ...service, address: serverAddresses.ipv4 }, ['--requests', '2'])
    .summary;
  const isNew = (each: Line) => each.interface === 'pp0';
  await until(() => objects(cli.stdout.slice(seen), 'rtt').some(isNew), 'RTTs of the other');
  await until(() => cli.stderr.includes('interface w1 is gone: 1 interface left'), 'to be told');
  await ip('link', 'delete', 'pp0');
  const { code, stderr } = await cli.ended;
  expect(code).toBe(1);
  const last = linesOf(stderr).filter((line) => line.startsWith('pping: '));
  expect(last).toEqual(['pping: interface pp0 is gone']);
  expect(linesOf(stderr).at(-1)).toBe(last[0]);
});

test('a hundred come and go at once: all are watched, and the others are measured as before', async () => {
  await makePatient(pair.client);
  await makePatient(pair.server);
  const endCapture = await startCaptures(pair.client, ['pp0'], inFolder);
  const cli = await start('-i', 'any').watching();
  const [before, links] = [descriptors(cli.pid), linksOf(cli.pid).length];
  const hasMore = () =>
    Array.from(descriptors(cli.pid)).some(([kind, count]) => count > (before.get(kind) ?? 0));
  const other = { ...service, address: serverAddresses.ipv4 };
  const traffic = startClient(pair, other, ['--connections', '3', '--interval', '12']);
  const names = Array.from({ length: 100 }, (_, at) => `w${at}`);
  const told = (change: string) =>
    new Set(
      changes(cli.stdout)
        .filter((each) => each.change === change)
        .map((each) => each.interface),
    );
  const { client, server } = pair;
  await batch(
    client,
    names.map(
      (name) =>
        `link add ${name} group ${GROUP} up type veth peer name ${name} netns ${server.pid}`,
    ),
  );
  await batch(
    server,
    names.map((name) => `link set ${name} up`),
  );
  await until(() => told('attached').size === names.length, 'all to be watched', DEADLINE_MS);
  expect(linksOf(cli.pid)).toHaveLength(links * (1 + names.length));
  // All in one step of the kernel's.
  await ip('link', 'delete', 'group', GROUP);
  await until(() => told('detached').size === names.length, 'all to be gone', DEADLINE_MS);
  expect((await traffic.stop()).failed).toBe(0);
  await until(() => !hasMore() && linksOf(cli.pid).length === links, 'all to be closed');
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('\nno events lost\n')]);
  const readings = readingsOf(stdout, await endCapture());
  for (const reading of readings.values()) {
    expectAsCaptured(
      reading,
      (address) => address === serverAddresses.ipv4,
      (address) => address !== serverAddresses.ipv4,
    );
  }
});
