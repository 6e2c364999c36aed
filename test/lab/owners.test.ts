/** Whose connections they are: of processes in cgroups that the test has made. */
import { cpSync, mkdirSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { repositoryRoot } from '../../lab/places.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { findCgroupMount } from '../../src/owners/cgroup-mount.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { type TestCgroup, useCgroups } from '../helpers/kernel/cgroup.js';
import { type Hurried, HurriedProgram } from '../helpers/lab/hurried.js';
import { fetchIn } from '../helpers/lab/prometheus.js';
import { readExposition } from '../helpers/output/exposition.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const CONTAINER = '3fa1c0ffee12'.padEnd(64, '5');
const ADDRESS = serverAddresses.ipv4;

interface Line {
  readonly type: string;
  readonly timestamp: number;
  readonly flow_event?: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_port: number;
  readonly cgroup?: string;
  readonly unit?: string;
  readonly container?: string;
  readonly pid?: number;
  readonly comm?: string;
  readonly uid?: number;
}

let pair: Endpoints;

beforeEach(async () => {
  pair = await createVethPair({ ipv6: false });
});

// First: what still runs in a cgroup ends with it.
afterEach(() => pair?.close());

const start = useCli();
const inFolder = useTemporaryFolder();
const makeCgroup = useCgroups();

const watch = (place: Namespace, ...args: string[]): Promise<Cli> =>
  start(place, [
    '-i',
    pair.interfaceName,
    '--format',
    'ndjson',
    '--who',
    '--rate',
    '0',
    ...args,
  ]).watching();

/** About flows. */
function linesIn(stdout: readonly string[]): Line[] {
  const lines = stdout.map((line) => JSON.parse(line) as Line);
  return lines.filter(({ type }) => type === 'rtt' || type === 'flow');
}

async function endOf(cli: Cli): Promise<Line[]> {
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  return linesIn(linesOf(stdout));
}

/** In one of the namespaces, each line's port of the client. */
function clientPort({ src_ip, src_port, dest_port }: Line): number {
  return src_ip === ADDRESS ? dest_port : src_port;
}

function byPort(lines: readonly Line[]): Map<number, Line[]> {
  const groups = new Map<number, Line[]>();
  for (const line of lines) {
    const port = clientPort(line);
    groups.set(port, [...(groups.get(port) ?? []), line]);
  }
  return groups;
}

/** As `client`, but within the cgroup. */
function clientIn(cgroup: TestCgroup): Endpoints {
  const spawn: Namespace['spawn'] = (argv, options) =>
    pair.client.spawn(cgroup.command(argv), options);
  return { ...pair, client: { ...pair.client, spawn } };
}

describe('1,000 processes that live for a moment, of two cgroups', () => {
  const NAMES = ['alpha', 'beta'] as const;
  const COUNT = 500;

  test('each connection has its own cgroup, process and name; the server has the server of each', async () => {
    const program = new HurriedProgram(inFolder('hurried'));
    const cgroups = [makeCgroup(`docker-${CONTAINER}.scope`), makeCgroup('checkout.service')];
    const serving = makeCgroup('shop.service');
    const server = await program.serve(pair.server, serving, ADDRESS);
    const [ours, theirs] = await Promise.all([watch(pair.client), watch(pair.server)]);

    const hurried = await Promise.all(
      cgroups.map((cgroup, index) => {
        const what = { address: ADDRESS, port: server.port, count: COUNT };
        return program.connect([pair.client, cgroup], { ...what, name: NAMES[index] ?? '' });
      }),
    );
    const lifetimes = hurried.flat().map(({ lifetimeUs }) => lifetimeUs);
    lifetimes.sort((a, b) => a - b);
    console.info(`half of the processes lived for at most ${lifetimes[COUNT]} us`);

    const atClient = byPort(await endOf(ours));
    const atServer = byPort(await endOf(theirs));
    expect(atClient.size).toBe(2 * COUNT);
    expect(atServer.size).toBe(2 * COUNT);
    for (const [index, each] of hurried.entries()) {
      const own = ownerOf(cgroups[index], index);
      for (const process of each) {
        expectOwner(atClient.get(process.port), process, own);
        expectServer(atServer.get(process.port), serving, server.pid);
      }
    }
  });

  const ownerOf = (cgroup: TestCgroup | undefined, index: number) => ({
    cgroup: cgroup?.path,
    unit: index === 0 ? `docker-${CONTAINER}.scope` : 'checkout.service',
    container: index === 0 ? CONTAINER : undefined,
    uid: 0,
  });

  /** Opened, the RTT of its handshake, and closed; all say whose. */
  function expectOwner(lines: readonly Line[] = [], { pid, comm }: Hurried, own: object): void {
    expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['flow', 'rtt', 'flow']));
    for (const line of lines) {
      const { cgroup, unit, container, uid } = line;
      const told = { cgroup, unit, container, uid, pid: line.pid, comm: line.comm };
      expect(told).toEqual({ ...own, pid, comm });
    }
  }

  /** Its connections are closed as soon as it could be asked for: perhaps it was quick enough. */
  function expectServer(lines: readonly Line[] = [], { path }: TestCgroup, pid: number): void {
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect([line.cgroup, line.unit, line.uid]).toEqual([path, 'shop.service', 0]);
      expect([undefined, pid]).toContain(line.pid);
    }
  }
});

describe('metrics by owner', () => {
  test('count as many RTTs of each as there are lines with it', async () => {
    const service = await startServer(pair, ADDRESS);
    const owners = [`docker-${CONTAINER}.scope`, 'shop.service'].map(makeCgroup);
    const cli = await watch(pair.client, '--metrics', '--metrics-by', 'owner');
    const requests = ['--requests', '20', '--interval', '10'];
    await Promise.all(
      owners.map((owner) => startClient(clientIn(owner), service, requests).summary),
    );
    const isClosing = ({ flow_event }: Line) => flow_event === 'closing';
    await until(() => linesIn(cli.stdout).filter(isClosing).length === owners.length, 'closings');
    const { body } = await fetchIn(pair.client, 'http://127.0.0.1:9747/metrics');
    const counts = readExposition(body).get('pping_samples_total')?.samples ?? [];
    const rtts = (await endOf(cli)).filter(({ type }) => type === 'rtt');
    const labelled = ({ labels, value }: (typeof counts)[number]) => [labels.owner, value] as const;
    const counted = new Map<string | undefined, number>();
    for (const [owner, count] of counts.map(labelled))
      counted.set(owner, (counted.get(owner) ?? 0) + count);
    const container = rtts.filter(({ container }) => container === CONTAINER);
    const unit = rtts.filter(({ unit }) => unit === 'shop.service');
    expect(container.length + unit.length).toBe(rtts.length);
    expect(container.length).toBeGreaterThan(10);
    expect(Object.fromEntries(counted)).toEqual({
      [`container ${CONTAINER.slice(0, 12)}`]: container.length,
      'shop.service': unit.length,
    });
    expect(counts.filter(({ labels }) => labels.interface !== undefined)).toEqual([]);
  });
});

describe('a long connection', () => {
  test('gets the process that has accepted it, which the kernel could not see', async () => {
    const serving = makeCgroup('shop.service');
    const spawn: Namespace['spawn'] = (argv, options) =>
      pair.server.spawn(serving.command(argv), options);
    const server = { ...pair, server: { ...pair.server, spawn } };
    const service = await startServer(server, ADDRESS);
    const client = startClient(pair, service, ['--interval', '10']);
    const cli = await watch(pair.server);
    await until(() => cli.hasPrinted('"pid":'), 'the process');
    await client.stop();
    const lines = await endOf(cli);
    const known = lines.filter(({ pid }) => pid !== undefined);
    expect(new Set(lines.map(({ cgroup }) => cgroup))).toEqual(new Set([serving.path]));
    expect(new Set(known.map(({ comm }) => comm))).toEqual(new Set(['node']));
    // From the first one on, all of them.
    expect(lines.slice(-known.length)).toEqual(known);
  });

  test('keeps the name of a cgroup that is removed meanwhile; who asks later gets none, which is counted', async () => {
    const cgroup = makeCgroup('gone.service');
    const service = await startServer(pair, ADDRESS);
    const cli = await watch(pair.client);
    const client = startClient(clientIn(cgroup), service, ['--interval', '10']);
    await until(() => cli.hasPrinted('"pid":'), 'the process');
    const [{ pid = 0 } = {}] = linesIn(cli.stdout);
    moveToRoot(pid);
    await until(() => remove(cgroup.directory), 'the cgroup to be gone');
    await cli.printed(10);
    const late = await watch(pair.client, '--stats', '100ms');
    await late.printed(20);
    const ended = await late.end('SIGINT');
    const lines = linesIn(linesOf(ended.stdout));
    await client.stop();
    expect(new Set((await endOf(cli)).map(({ unit }) => unit))).toEqual(new Set(['gone.service']));
    expect(new Set(lines.map((line) => line.cgroup))).toEqual(new Set([undefined]));
    expect(ended.stderr).toMatch(/^not attributed: .*\b1 flow without a cgroup name/m);
  });
});

describe('filters', () => {
  test.each([
    ['--cgroup, with all below it', (cgroup: TestCgroup) => ['--cgroup', parentOf(cgroup.path)]],
    ['--cgroup, as a directory', (cgroup: TestCgroup) => ['--cgroup', cgroup.directory]],
    ['--container', () => ['--container', CONTAINER.slice(0, 12)]],
  ])('%s: only these are measured, from their first packet on', async (_, args) => {
    const [wanted, other] = [makeCgroup(`docker-${CONTAINER}.scope`), makeCgroup('b.service')];
    const service = await startServer(pair, ADDRESS);
    const cli = await watch(pair.client, ...args(wanted));
    const clients = [other, wanted].map((cgroup) =>
      startClient(clientIn(cgroup), service, ['--mode', 'short', '--requests', '20']),
    );
    for (const { summary } of clients) await summary;
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const lines = linesIn(linesOf(stdout));
    expect(new Set(lines.map(({ cgroup }) => cgroup))).toEqual(new Set([wanted.path]));
    const opened = lines.filter(({ flow_event }) => flow_event === 'opening');
    expect(opened).toHaveLength(20);
    const { filtered } = JSON.parse(linesOf(stdout).at(-1) ?? '').counters;
    // Of each of the other's connections the last ACK of the handshake, the request, the answer, the end.
    expect(filtered).toBeGreaterThan(20 * 4);
  });

  test.each(['client', 'server'] as const)('--pid of the %s', async (end) => {
    const service = await startServer(pair, ADDRESS);
    const others = startClient(pair, await startServer(pair, ADDRESS), ['--interval', '5']);
    const cli = await watch(pair[end]);
    const client = startClient(pair, service, ['--interval', '5']);
    const isIt = (line: Line) => line.pid !== undefined && hasPort(line, service.port);
    const found = () => linesIn(cli.stdout).find(isIt)?.pid;
    await until(() => found() !== undefined, 'the process');
    const pid = found();
    await cli.end('SIGINT');
    const filtered = await watch(pair[end], '--pid', String(pid), '-c', '20');
    const { code, stdout } = await filtered.ended;
    await Promise.all([client.stop(), others.stop()]);
    expect(code).toBe(0);
    const lines = linesIn(linesOf(stdout));
    expect(new Set(lines.map(({ pid }) => pid))).toEqual(new Set([pid]));
    expect(lines.every((line) => hasPort(line, service.port))).toBe(true);
  });

  test('--pid of a process that ends: that is said, and the run goes on', async () => {
    const service = await startServer(pair, ADDRESS);
    const client = startClient(pair, service, ['--interval', '5']);
    const cli = await watch(pair.client);
    const found = () => linesIn(cli.stdout).find((line) => line.pid !== undefined)?.pid;
    await until(() => found() !== undefined, 'the process');
    const pid = found();
    await cli.end('SIGINT');
    const filtered = await watch(pair.client, '--pid', String(pid));
    await until(() => filtered.hasPrinted('"type":"rtt"'), 'an RTT');
    await client.stop();
    await filtered.said('process ');
    const { code, stderr } = await filtered.end('SIGINT');
    expect(code).toBe(0);
    const said = `process ${pid} has ended: no new connections are measured for --pid ${pid}`;
    expect(linesOf(stderr).filter((line) => line.startsWith('process '))).toEqual([said]);
  });

  test.each([
    [['--cgroup', '/no/such'], 'pping: --cgroup: no cgroup /no/such'],
    [
      ['--container', 'ffffffff'],
      'pping: --container: no container matches ffffffff by name or start of the id',
    ],
    [['--pid', '4194304'], 'pping: --pid: no process 4194304'],
  ])('%j is refused, in one line', async (args, message) => {
    const { code, stderr } = await start(pair.client, ['-i', pair.interfaceName, ...args]).ended;
    expect(code).toBe(2);
    expect(linesOf(stderr)[0]).toContain(message);
  });
});

describe('a server of which a filter wants the connections', () => {
  const COUNT = 20;

  /** With a client in another cgroup, and what was told of its connections. */
  async function watchServer(place: Namespace, name: string, address: string) {
    const program = new HurriedProgram(inFolder('hurried'));
    const [serving, other] = [makeCgroup('shop.service'), makeCgroup('other.service')];
    const { port } = await program.serve(pair.server, serving, address);
    const args = ['-i', name, '--format', 'ndjson', '--who', '--rate', '0', '-l'];
    const cli = await start(pair.server, [...args, '--cgroup', serving.path]).watching();
    await program.connect([place, other], { address, port, count: COUNT, name: 'x' });
    const lines = await endOf(cli);
    expect(new Set(lines.map(({ cgroup }) => cgroup))).toEqual(new Set([serving.path]));
    return lines.filter(({ flow_event }) => flow_event === 'opening');
  }

  test('is known though its SYN-ACKs, with SYN cookies, come from no socket', async () => {
    await pair.server.run(['sysctl', '-qw', 'net.ipv4.tcp_syncookies=2']);
    expect(await watchServer(pair.client, pair.interfaceName, ADDRESS)).toHaveLength(COUNT);
  });

  test('is known on lo, where the client, which is not wanted, comes first', async () => {
    expect(await watchServer(pair.server, 'lo', '127.0.0.1')).toHaveLength(COUNT);
  });
});

test('a cgroup that is made anew is followed by the filter', async () => {
  const program = new HurriedProgram(inFolder('hurried'));
  const { port } = await program.serve(pair.server, { command: (argv) => [...argv] }, ADDRESS);
  const cgroup = makeCgroup('shop.service');
  const cli = await watch(pair.client, '--cgroup', cgroup.path);
  const connect = (name: string) =>
    program.connect([pair.client, cgroup], { address: ADDRESS, port, count: 3, name });
  await connect('before');
  await until(() => remove(cgroup.directory), 'the cgroup to be gone');
  mkdirSync(cgroup.directory);
  await cli.said('a selected cgroup was recreated');
  await connect('after');
  const comms = (await endOf(cli)).map(({ comm = '' }) => comm.replace(/-\d$/, ''));
  expect(new Set(comms)).toEqual(new Set(['before', 'after']));
});

describe('where all processes are in one cgroup, as without systemd', () => {
  /** By the server's end, which has accepted, and by the client's, which has connected. */
  test('owners are processes, by name', async () => {
    const program = new HurriedProgram(inFolder('hurried'));
    const common = { command: (argv: readonly string[]) => [...argv] };
    const { port } = await program.serve(pair.server, common, ADDRESS);
    const args = ['-i', pair.interfaceName, '--who', '--rate', '0'];
    const cli = await start(pair.client, args).watching();
    for (const name of ['curl', 'wget']) {
      const places = [pair.client, intoRoot];
      await program.connect(places, { address: ADDRESS, port, count: 1, name });
    }
    const { stderr } = await cli.end('SIGINT');
    expect(stderr).toMatch(/^ {2}owner, ms +flows .*(\n .*)*\n {2}curl-0 +1 /m);
    expect(stderr).toMatch(/^ {2}owner, ms +flows .*(\n .*)*\n {2}wget-0 +1 /m);
  });

  test('who has accepted has its name within 100 ms of the first event', async () => {
    const service = await startServer(pair, ADDRESS);
    const cli = await watch(pair.server);
    for (let count = 1; count <= CONNECTIONS; count++) {
      startClient(pair, service, ['--interval', '5']);
      await until(() => namedIn(cli).length === count, 'the process');
    }
    const waits = namedIn(cli).sort((a, b) => a - b);
    console.info(
      `until the name is there: ${waits.map((ns) => (ns / 1e6).toFixed(0)).join(' ')} ms`,
    );
    // A busy machine is late more often than not.
    expect(waits[Math.floor(CONNECTIONS / 4)]).toBeLessThan(100e6);
    await cli.end('SIGINT');
  });

  const CONNECTIONS = 9;
  const intoRoot = {
    command: (argv: readonly string[]) => [
      ...['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', `${findCgroupMount()?.point}`],
      ...argv,
    ],
  };

  /** From the first event of each connection to the first with its process, in ns. */
  function namedIn(cli: Cli): number[] {
    return [...byPort(linesIn(cli.stdout)).values()].flatMap((lines) => {
      const named = lines.find(({ pid }) => pid !== undefined);
      return named ? named.timestamp - (lines[0]?.timestamp ?? 0) : [];
    });
  }
});

test('--who: in lines and in the summary; without it, in neither', async () => {
  const service = await startServer(pair, ADDRESS);
  const cgroup = makeCgroup(`docker-${CONTAINER}.scope`);
  const human = ['-i', pair.interfaceName, '-c', '5', '--rate', '0'];
  const [who, without] = await Promise.all([
    start(pair.client, [...human, '--who']).watching(),
    start(pair.client, human).watching(),
  ]);
  const client = startClient(clientIn(cgroup), service, ['--interval', '10']);
  const [withOwners, withoutOwners] = await Promise.all([who.ended, without.ended]);
  await client.stop();
  expect(linesOf(withOwners.stdout)).toEqual(
    linesOf(withOwners.stdout).map(() =>
      expect.stringMatching(/ {2}container 3fa1c0ffee12 node\[\d+\]$/),
    ),
  );
  expect(withOwners.stderr).toMatch(/^ {2}owner, ms +flows .*\n {2}container 3fa1c0ffee12 +1 +5 /m);
  expect(withoutOwners.stdout).not.toContain('container');
  expect(withoutOwners.stderr).not.toContain('owner');
});

test('where the kernel cannot tell it is refused, in one line; a run without it needs nothing of it', async () => {
  const root = inFolder('pping');
  for (const each of ['bin', 'package.json', 'dist/pping', 'dist/bpf']) {
    cpSync(join(repositoryRoot, each), join(root, each), { recursive: true });
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  for (const object of ['tc_pping_owners.o', 'tc_pping_originals.o', 'socket_owners.o']) {
    writeFileSync(join(root, 'dist/bpf', object), 'not an object');
  }
  const program = join(root, 'bin/pping');
  const options = ['-i', pair.interfaceName, '-s', '500ms', '--format', 'ndjson'];

  const who = await start(pair.client, [...options, '--who'], { program }).ended;
  expect(who.code).toBe(1);
  expect(linesOf(who.stderr)[0]).toMatch(/^pping: cannot open the BPF object \S+_owners.o/);
  const without = await start(pair.client, options, { program }).ended;
  expect(without.code).toBe(0);
  expect(linesOf(without.stderr)[0]).toMatch(/^watching /);
  expect(JSON.parse(without.stdout)).not.toHaveProperty('attribution_gaps');
});

function hasPort({ src_port, dest_port }: Line, port: number): boolean {
  return src_port === port || dest_port === port;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function moveToRoot(pid: number): void {
  writeFileSync(`${findCgroupMount()?.point}/cgroup.procs`, String(pid));
}

/** Whether that was possible. */
function remove(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

describe('RTTs aggregated by owner', () => {
  interface Aggregate {
    readonly type: string;
    readonly side: string;
    readonly owner: string;
    readonly cgroup?: string;
    readonly unit?: string;
    readonly uid?: number;
    readonly reported: number;
    readonly sent_packets: number;
    readonly rec_packets: number;
  }

  /** For each unit, of all intervals. */
  function byUnit(lines: readonly Aggregate[]): Map<string | undefined, number> {
    const units = new Map<string | undefined, number>();
    for (const { unit, reported } of lines) units.set(unit, (units.get(unit) ?? 0) + reported);
    return units;
  }

  test('are those of their cgroups, with its names and the user, and no process is looked for', async () => {
    const cgroups = [makeCgroup('web.service'), makeCgroup('batch.service')];
    const server = await startServer(pair, ADDRESS);
    const options = ['-i', pair.interfaceName, '--format', 'ndjson', '--rate', '0'];
    const aggregated = ['--aggregate', '300ms', '--aggregate-by', 'owner'];
    const cli = await start(pair.client, [...options, ...aggregated]).watching();
    const clients = cgroups.map((cgroup, index) =>
      startClient(clientIn(cgroup), server, ['--connections', `${2 + index}`, '--interval', '20']),
    );
    const aggregates = () =>
      linesOf(cli.stdout.join('\n'))
        .map((line) => JSON.parse(line) as Aggregate)
        .filter(({ type }) => type === 'aggregate');
    const isEnough = () =>
      [...byUnit(aggregates()).values()].filter((each) => each > 30).length > 1;
    await until(isEnough, 'RTTs of both units');
    for (const client of clients) await client.stop();
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const objects = linesOf(stdout).map((line) => JSON.parse(line));
    const all: Aggregate[] = objects.filter(({ type }) => type === 'aggregate');
    const known = all.filter(({ owner }) => owner === 'known');
    expect(new Set(known.map(({ unit }) => unit))).toEqual(
      new Set(['web.service', 'batch.service']),
    );
    for (const { unit, cgroup, uid } of known) {
      expect({ cgroup, uid }).toEqual({
        cgroup: cgroups[unit === 'web.service' ? 0 : 1]?.path,
        uid: 0,
      });
    }
    // All that the clients have sent leaves with a socket.
    expect(known).toEqual(all);
    expect(objects.at(-1)).toMatchObject({
      type: 'summary',
      reported: all.reduce((sum, { reported }) => sum + reported, 0),
    });
    const packets = (field: 'sent_packets' | 'rec_packets') =>
      all.reduce((sum, each) => sum + each[field], 0);
    const { egress, ingress } = objects.at(-1).counters;
    expect(packets('sent_packets')).toBeLessThanOrEqual(egress);
    expect(packets('rec_packets')).toBeLessThanOrEqual(ingress);
    expect(packets('sent_packets')).toBeGreaterThan(0.9 * egress);
  });
});
