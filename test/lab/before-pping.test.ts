/** Whose connections are that were there before pping, and those that were idle for longer than it keeps them, behind a bridge. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  addresses,
  BRIDGE,
  forwardedPorts,
  PORTS,
  serverPorts,
  UPLINK,
} from '../../lab/behind-bridge/places.js';
import type { BehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import { PATIENCE, until } from '../../lab/until.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import {
  type FlowLine,
  type Judgement,
  type Verdict,
  verdictOf,
} from '../helpers/lab/attributed.js';
import { LastingClient, LastingServer } from '../helpers/lab/lasting.js';
import type { Resident, Residents } from '../helpers/lab/residents.js';
import {
  type Connections,
  INTERFACES,
  type Interface,
  truthsAt,
  type Whose,
} from '../helpers/lab/seen-where.js';
import { settle } from '../helpers/lab/settled.js';
import type { Accepted } from '../helpers/lab/tellers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000 * PATIENCE);

/** By each process. */
const COUNT = 5;
const VERSIONS = ['ipv4', 'ipv6'] as const;
const ALL: readonly Resident[] = ['host', 'first', 'second', 'inFirst', 'inSecond'];
const OUTSIDE = forwardedPorts.first;

/** What connections meet on their way: see lab/behind-bridge.ts. */
interface Way {
  readonly name: string;
  readonly from: readonly Resident[];
  readonly to: 'internet' | 'service';
  readonly port: number;
  readonly first: number;
}

const WAYS: readonly Way[] = [
  { name: 'hidden', from: ALL, to: 'internet', port: serverPorts.hidden, first: 0 },
  // Both ends are changed.
  { name: 'service', from: ALL, to: 'service', port: serverPorts.hidden, first: 0 },
  { name: 'routed', from: ['first', 'second'], to: 'internet', port: serverPorts.routed, first: 0 },
  // From the same address and ports in both.
  {
    ...{ name: 'equal', from: ['inFirst', 'inSecond'], to: 'internet' },
    ...{ port: serverPorts.hidden, first: 20_000 },
  },
];

const cleanup = new Cleanup();
let lab: BehindBridgeLab;
let residents: Residents;
let clients: LastingClient[];
let connections: Connections;

// One for all: nothing of it has pping seen.
beforeAll(async () => {
  ({ lab, residents } = await settle(cleanup));
  clients = [];
  connections = await connect();
});

afterAll(() => cleanup.run());

const start = useCli();
const inFolder = useTemporaryFolder();

const internet = () => ({
  namespace: lab.internet,
  cgroup: { command: (argv: readonly string[]) => [...argv] },
});

async function connect(): Promise<Connections> {
  const opened: Accepted[] = [];
  for (const port of [serverPorts.hidden, serverPorts.routed]) {
    const server = await LastingServer.start(internet(), port);
    for (const way of WAYS.filter((each) => each.port === port)) {
      for (const version of VERSIONS) {
        const to = { address: addresses[way.to][version], port };
        opened.push(...(await holdAll(way.from, { ...way, to, version }, server)));
      }
    }
  }
  const server = await LastingServer.start(residents.homes.first, OUTSIDE);
  return { opened, forwarded: await comeIn(server), within: await meet(server) };
}

interface Held {
  readonly name: string;
  readonly version: 'ipv4' | 'ipv6';
  readonly to: { readonly address: string; readonly port: number };
  readonly first?: number;
}

/** By one process of each resident. */
async function holdAll(
  from: readonly Resident[],
  { name, version, to, first = 0 }: Held,
  server: LastingServer,
): Promise<Accepted[]> {
  const accepted: Accepted[] = [];
  for (const [index, resident] of from.entries()) {
    const home = residents.homes[resident];
    const own = `${name}${version.slice(3)}${index}`;
    const client = await LastingClient.start(home, { to, count: COUNT, name: own, first });
    clients.push(client);
    const { held } = client;
    const caller = client.self(home.cgroup.path);
    const seen = await server.accepted(held.map(({ name }) => name));
    for (const { name, from: peer, to: there } of seen) {
      const its = held.find((each) => each.name === name);
      if (its) accepted.push({ peer, own: there, caller, from: its.from, to: its.to });
    }
  }
  return accepted;
}

/** Through a port forward, to the first container. */
async function comeIn(server: LastingServer): Promise<Connections['forwarded']> {
  const { pid } = server;
  const self = { pid, comm: 'python3', cgroup: residents.homes.first.cgroup.path };
  const forwarded: Connections['forwarded'][number][] = [];
  for (const version of VERSIONS) {
    const to = { address: addresses.host[version], port: OUTSIDE };
    const holding = { to, count: COUNT, name: `in${version.slice(3)}` };
    const client = await LastingClient.start(internet(), holding);
    clients.push(client);
    for (const { from, to: called } of client.held) {
      forwarded.push({ called: { from, to: called, server: self, lifetimeUs: 0 }, listener: pid });
    }
  }
  return forwarded;
}

/** To the first container, by others of this machine: both ends are on it. */
async function meet(server: LastingServer): Promise<Accepted[]> {
  const accepted: Accepted[] = [];
  for (const version of VERSIONS) {
    const to = { address: addresses.innerService[version], port: OUTSIDE };
    const from = ['host', 'second', 'inSecond'] as const;
    accepted.push(...(await holdAll(from, { name: 'meet', version, to }, server)));
  }
  return accepted;
}

const all = (word: string) => Promise.all(clients.map((client) => client.say(word)));

/** While all connections are used. */
async function using<T>(act: () => Promise<T>): Promise<T> {
  await all('use');
  try {
    return await act();
  } finally {
    await all('rest');
  }
}

/** From when it is told on. On interfaces of its own namespace a host's connection has its process a moment later. */
function judge(lines: readonly FlowLine[], { cgroup, processes }: Whose): Judgement {
  const told = lines.slice(lines.findIndex((line) => line.cgroup !== undefined));
  const isProcess = ({ pid, comm }: FlowLine) =>
    processes.some((each) => each.pid === pid && each.comm === comm);
  const last = told.at(-1);
  if (last?.cgroup === undefined) return 'missing';
  if (!told.every((line) => line.cgroup === cgroup && (line.pid === undefined || isProcess(line))))
    return 'wrong';
  return isProcess(last) ? 'right' : 'missing';
}

const watch = (names: readonly string[], file: string, ...args: string[]): Promise<Cli> => {
  const interfaces = names.flatMap((name) => ['-i', name]);
  return start(lab.host, [...interfaces, '--who', '-o', file, ...args]).watching();
};

function linesIn(file: string): FlowLine[] {
  const lines = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as FlowLine);
  return lines.filter(({ flow_id }) => flow_id !== undefined);
}

function verdicts(names: readonly Interface[], file: string, of: Connections): Verdict[] {
  const lines = linesIn(file);
  return names.map((name) => {
    const own = names.length === 1 ? lines : lines.filter((line) => line.interface === name);
    return verdictOf(own, truthsAt(name, of, residents), judge);
  });
}

/** Once each is told, or is going to be no more. */
async function expectRight(
  names: readonly Interface[],
  of: Connections,
  cli: Cli,
  file: string,
): Promise<void> {
  const isTold = () => verdicts(names, file, of).every(({ missing }) => missing === 0);
  await until(isTold, 'an owner of each').catch(() => {});
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const right = (name: Interface) => truthsAt(name, of, residents).length;
  const expected = names.map((name) => ({ right: right(name), wrong: 0, missing: 0 }));
  expect(verdicts(names, file, of)).toMatchObject(
    expected.map((each) => ({ ...each, unexpected: 0, examples: [] })),
  );
}

test('each tells whose it is, wherever it is seen', async () => {
  const file = inFolder('whose.ndjson');
  await using(async () => {
    const cli = await watch(INTERFACES, file);
    await expectRight(INTERFACES, connections, cli, file);
  });
});

test.each([
  [UPLINK, []],
  [UPLINK, ['--nat']],
  [BRIDGE, []],
  [PORTS[0], []],
] as const)('%s in a run of its own %j', async (name, args) => {
  const file = inFolder('whose.ndjson');
  await using(async () => {
    const cli = await watch([name], file, ...args);
    await expectRight([name], connections, cli, file);
  });
});

test('--container: its own and those of what is in it are measured, and no others', async () => {
  const file = inFolder('whose.ndjson');
  const { first, inFirst } = residents.homes;
  const wanted = [first.cgroup.path, inFirst.cgroup.path];
  const opened = connections.opened.filter(({ caller }) => wanted.includes(caller.cgroup));
  await using(async () => {
    const cli = await watch([UPLINK], file, '--container', 'a'.repeat(12));
    await expectRight([UPLINK], { ...connections, opened }, cli, file);
  });
});

test('--pid: those of one process, and no others', async () => {
  const file = inFolder('whose.ndjson');
  const pid = connections.opened.find(({ caller }) => caller.comm.startsWith('service'))?.caller
    .pid;
  const opened = connections.opened.filter(({ caller }) => caller.pid === pid);
  expect(opened).toHaveLength(COUNT);
  await using(async () => {
    const cli = await watch([BRIDGE, UPLINK], file, '--pid', String(pid));
    await expectRight([BRIDGE, UPLINK], { opened, forwarded: [] }, cli, file);
  });
});

test('RTTs that are counted by owner are counted as those of each cgroup', async () => {
  const file = inFolder('counted.ndjson');
  const { second, inSecond } = residents.homes;
  const wanted = [second.cgroup.path, inSecond.cgroup.path];
  const counted = () =>
    new Set(linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line).cgroup));
  await using(async () => {
    const args = ['--aggregate', '500ms', '--aggregate-by', 'owner', '-o', file];
    const cli = await start(lab.host, ['-i', UPLINK, ...args]).watching();
    await until(() => wanted.every((cgroup) => counted().has(cgroup)), 'RTTs of each');
    expect((await cli.end('SIGINT')).code).toBe(0);
  });
});

test('what was idle for longer than the flow timeout tells whose it is when it goes on', async () => {
  const file = inFolder('whose.ndjson');
  // Longer than a busy machine keeps a process waiting: each is to time out once, and none while it is used.
  const timeouts = ['--flow-timeout', '10s', '--cleanup-interval', '200ms'];
  const cli = await watch([UPLINK], file, ...timeouts);
  const truths = truthsAt(UPLINK, connections, residents);
  const hasTimedOut = (line: FlowLine) => 'reason' in line && line.reason === 'flow timeout';
  await all('once');
  await until(() => linesIn(file).filter(hasTimedOut).length === truths.length, 'all timeouts');
  const before = new Set(linesIn(file).map(({ flow_id }) => flow_id));
  const anew = () => linesIn(file).filter(({ flow_id }) => !before.has(flow_id));
  const isTold = () => verdictOf(anew(), truths, judge).missing === 0;
  await using(() => until(isTold, 'an owner of each').catch(() => {}));
  const { code } = await cli.end('SIGINT');
  expect(code).toBe(0);
  const counts = { right: truths.length, wrong: 0, missing: 0, unexpected: 0, examples: [] };
  expect(verdictOf(anew(), truths, judge)).toEqual(counts);
});
