/** Whose connections they are, behind a bridge and all that changes addresses: what processes say, against what pping tells. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  addresses,
  BRIDGE,
  forwardedPorts,
  PORTS,
  UPLINK,
} from '../../lab/behind-bridge/places.js';
import type { BehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import { interfaceName } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { startClient, startServer } from '../../lab/services.js';
import { PATIENCE, until } from '../../lab/until.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { type FlowLine, keyOf, keyOfFlow, verdictOf } from '../helpers/lab/attributed.js';
import { counterIn, having, losingSyns, settingOf } from '../helpers/lab/having.js';
import { endsAt, judgeEnds } from '../helpers/lab/innermost.js';
import type { Residents } from '../helpers/lab/residents.js';
import {
  type Connections,
  INTERFACES,
  type Interface,
  judge,
  truthsAt,
} from '../helpers/lab/seen-where.js';
import { settle } from '../helpers/lab/settled.js';
import { startCapture } from '../helpers/lab/tcpdump.js';
import type { Accepted } from '../helpers/lab/tellers.js';
import {
  isOne,
  pairsOf,
  type TwinsPair,
  TwinsProgram,
  verdictOfPair,
} from '../helpers/lab/twins.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000 * PATIENCE);

/** In all, of those that are opened. A guest is slow. */
const CONNECTIONS = Number(process.env.PPING_TEST_CONNECTIONS ?? 5_000);
const FEW_CONNECTIONS = CONNECTIONS / 20;
const CLOSED_PORT = 1;
const LASTING = 83;
const TWINS = 84;
/** One in twenty or so connects within the 64 ns of which the kernel makes one sequence number. */
const TWINS_AT_ONCE = 200;
const MANNERS = [
  ...['plain', 'nowait', 'thread', 'worker', 'again', 'fast', 'mptcp', 'mapped', 'parent'],
] as const;

const cleanup = new Cleanup();
let lab: BehindBridgeLab;
let residents: Residents;

// One for all: it takes longer than most tests.
beforeAll(async () => {
  ({ lab, residents } = await settle(cleanup));
  await residents.serve();
});

afterAll(() => cleanup.run());

const start = useCli();
const inFolder = useTemporaryFolder();

const watch = (names: readonly string[], file: string, ...args: string[]): Promise<Cli> => {
  const interfaces = names.flatMap((name) => ['-i', name]);
  return start(lab.host, [...interfaces, '--who', '--rate', '0', '-o', file, ...args]).watching();
};

/** Those about flows, once it has ended. */
async function linesBy(cli: Cli, file: string): Promise<FlowLine[]> {
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const lines = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as FlowLine);
  return lines.filter(({ flow_id }) => flow_id !== undefined);
}

async function connect(count: number): Promise<Connections> {
  const opened = await residents.open(count);
  return { opened, forwarded: await residents.comeIn(count) };
}

function expectRight(
  names: readonly Interface[],
  lines: readonly FlowLine[],
  connections: Connections,
): void {
  const byName = (of: (name: Interface) => object) =>
    Object.fromEntries(names.map((name) => [name, of(name)]));
  const truths = (name: Interface) => truthsAt(name, connections, residents);
  const at = (name: Interface) => lines.filter((line) => line.interface === name);
  const right = (name: Interface) => ({ right: truths(name).length, wrong: 0, missing: 0 });
  expect(byName((name) => verdictOf(at(name), truths(name), judge))).toEqual(
    byName((name) => ({ ...right(name), unexpected: 0, examples: [] })),
  );
}

test(`of ${CONNECTIONS} connections and those that come in each tells whose it is, wherever it is seen`, async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch(INTERFACES, file);
  const connections = await connect(CONNECTIONS);
  const lines = await linesBy(cli, file);

  expectVariety(connections);
  expectRight(INTERFACES, lines, connections);
});

test.each([
  [UPLINK, []],
  [UPLINK, ['--nat']],
  [BRIDGE, []],
  [PORTS[0], []],
] as const)('%s in a run of its own %j', async (name, args) => {
  const file = inFolder('whose.ndjson');
  const cli = await watch([name], file, ...args);
  const connections = await connect(FEW_CONNECTIONS);
  expectRight([name], await linesBy(cli, file), connections);
});

test('--nat: wherever it is seen, the ends as its opener has them, also behind NAT within NAT', async () => {
  const file = inFolder('ends.ndjson');
  const cli = await watch(INTERFACES, file, '--nat');
  const { opened, forwarded } = await connect(FEW_CONNECTIONS);
  const connections = { opened, forwarded, within: await residents.meet(FEW_CONNECTIONS) };
  const lines = await linesBy(cli, file);
  const verdicts = INTERFACES.map((name) => {
    const at = lines.filter((line) => line.interface === name);
    return verdictOf(at, endsAt(name, connections, residents), judgeEnds);
  });
  const right = INTERFACES.map((name) => endsAt(name, connections, residents).length);
  expect(verdicts).toEqual(
    right.map((count) => ({ right: count, wrong: 0, missing: 0, unexpected: 0, examples: [] })),
  );
});

test('within a container: its own, and those of what is in it', async () => {
  const file = inFolder('whose.ndjson');
  const args = ['-i', interfaceName, '--who', '--rate', '0', '-o', file];
  const cli = await start(lab.containers[0], args).watching();
  const connections = await connect(FEW_CONNECTIONS);
  const truths = truthsAt(PORTS[0], connections, residents);
  const verdict = { right: truths.length, wrong: 0, missing: 0, unexpected: 0, examples: [] };
  expect(verdictOf(await linesBy(cli, file), truths, judge)).toEqual(verdict);
});

test('with both ends on this machine it is the one that has connected', async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch(INTERFACES, file);
  const within = await residents.meet(FEW_CONNECTIONS);
  expectRight(INTERFACES, await linesBy(cli, file), { opened: [], forwarded: [], within });
});

test('of a connection that came in and lasts the process that has accepted it', async () => {
  const file = inFolder('whose.ndjson');
  const { namespace, cgroup } = residents.homes.first;
  const spawn: Namespace['spawn'] = (argv, options) =>
    namespace.spawn(cgroup.command(argv), options);
  const port = forwardedPorts.last;
  await startServer({ server: { ...namespace, spawn } }, '0.0.0.0', port);
  const cli = await watch([UPLINK], file);
  const at = { address: addresses.host.ipv4, port };
  const client = startClient({ client: lab.internet }, at, ['--interval', '10']);
  await until(() => readFileSync(file, 'utf8').includes('"pid":'), 'the process');
  await client.stop();
  const { pid, comm, cgroup: path } = (await linesBy(cli, file)).at(-1) ?? {};
  expect([comm, path]).toEqual(['node', cgroup.path]);
  expect(readFileSync(join(cgroup.directory, 'cgroup.procs'), 'utf8').split('\n')).toContain(
    String(pid),
  );
});

test('--container: its own and those of what is in it are measured, and no others', async () => {
  const file = inFolder('whose.ndjson');
  const { first, inFirst } = residents.homes;
  const cli = await watch([UPLINK], file, '--container', 'a'.repeat(12));
  const { opened, forwarded } = await connect(FEW_CONNECTIONS);
  const wanted = [first.cgroup.path, inFirst.cgroup.path];
  const isWanted = ({ caller }: Accepted) => wanted.includes(caller.cgroup);
  const connections = { opened: opened.filter(isWanted), forwarded };
  expectRight([UPLINK], await linesBy(cli, file), connections);
});

test('--pid of a process in a container: its new connections, and no others', async () => {
  const file = inFolder('whose.ndjson');
  const at = { address: addresses.internet.ipv4, port: LASTING };
  await startServer({ server: lab.internet }, '0.0.0.0', LASTING);
  const [own, other] = lab.nested.map((client) =>
    startClient({ client }, at, ['--mode', 'short', '--interval', '20']),
  );
  const any = await watch([UPLINK], file);
  await until(() => readFileSync(file, 'utf8').includes('"pid":'), 'a process');
  const { pid } = (await linesBy(any, file)).find((line) => line.pid !== undefined) ?? {};
  const its = await watch([UPLINK], inFolder('its.ndjson'), '--pid', String(pid), '-c', '40');
  expect(await its.ended).toMatchObject({ code: 0 });
  await Promise.all([own?.stop(), other?.stop()]);
  const lines = linesOf(readFileSync(inFolder('its.ndjson'), 'utf8')).map((line) =>
    JSON.parse(line),
  );
  const told = lines.filter(({ flow_id }) => flow_id !== undefined);
  expect(new Set(told.map((line) => line.pid))).toEqual(new Set([pid]));
});

test(`whatever way they connect: ${MANNERS.join(', ')}`, async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch(INTERFACES, file);
  // The second one has the server's cookie for Fast Open.
  const opened = await having([settingOf(lab.internet, 'tcp_fastopen', [3, 1])], () =>
    residents.openInManners(MANNERS, 2),
  );
  const lines = (await linesBy(cli, file)).filter((line) => !isOfClosedPort(line));
  expectRight(INTERFACES, lines, { opened, forwarded: [] });
  expect(await counterIn(lab.internet, 'TcpExtTCPFastOpenPassive')).toBeGreaterThan(0);
  expect(await counterIn(lab.host, 'MPTcpExtMPCapableSYNTX')).toBeGreaterThan(0);
});

test('with SYNs that are lost before they reach the uplink, and behind it', async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch(INTERFACES, file);
  const losses = [losingSyns(lab.host, 'forward'), losingSyns(lab.internet, 'input')];
  const opened = await having(losses, () => residents.openInManners(['plain'], 1));
  expectRight(INTERFACES, await linesBy(cli, file), { opened, forwarded: [] });
});

test('with SYN cookies, of which the kernel makes sockets', async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch([UPLINK, BRIDGE], file);
  const cookies = settingOf(lab.containers[0], 'tcp_syncookies', [2, 1]);
  const forwarded = await having([cookies], () => residents.comeIn(FEW_CONNECTIONS));
  expectRight([UPLINK, BRIDGE], await linesBy(cli, file), { opened: [], forwarded });
});

test("without timestamps those of which both ends are changed are nobody's, and all others right", async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch([UPLINK], file);
  const settings = Object.values(residents.homes).map(({ namespace }) =>
    settingOf(namespace, 'tcp_timestamps', [0, 1]),
  );
  const connections = await having(settings, () => connect(FEW_CONNECTIONS));
  const changed = connections.opened.filter(
    ({ peer, own, from, to }) => peer.address !== from.address && own.address !== to.address,
  );
  const truths = truthsAt(UPLINK, connections, residents);
  const counts = { right: truths.length - changed.length, wrong: 0, missing: changed.length };
  expect(changed.length).toBeGreaterThan(0);
  expect(verdictOf(await linesBy(cli, file), truths, judge)).toMatchObject(counts);
});

test('of two with one sequence number, from the same ends in two namespaces, none is told as the other', async () => {
  const file = inFolder('whose.ndjson');
  const cli = await watch([BRIDGE], file);
  const { inFirst, inSecond } = residents.homes;
  const to = { address: addresses.internet.ipv4, port: TWINS };
  await startServer({ server: lab.internet }, '0.0.0.0', TWINS);
  const twins = new TwinsProgram(inFolder('twins'));
  const pairs: TwinsPair[] = [];
  for (let first = 20_000; !pairs.some(isOne); first += TWINS_AT_ONCE) {
    const capture = inFolder(`${first}.pcap`);
    const endCapture = await startCapture(lab.host, BRIDGE, capture, 'tcp[tcpflags] = tcp-syn');
    const ports = { first, count: TWINS_AT_ONCE };
    await twins.connect([inFirst, inSecond], to, ports, inFolder(`${first}.meeting`));
    await endCapture();
    pairs.push(...(await pairsOf(capture, to, ports)));
  }
  const lines = await linesBy(cli, file);
  const told = new Map(lines.map((line) => [keyOfFlow(line), line.cgroup]));
  const judged = pairs.map((pair) => ({ pair, ...verdictOfPair(pair, told, [inFirst, inSecond]) }));
  expect(judged.filter(({ isWrong, isFine }) => isWrong || !isFine)).toEqual([]);
});

/** Where nobody listens: `again` has been there first. */
function isOfClosedPort({ src_port, dest_port }: FlowLine): boolean {
  return src_port === CLOSED_PORT || dest_port === CLOSED_PORT;
}

/** That the lab has done what it is for. */
function expectVariety({ opened, forwarded }: Connections): void {
  const { lifetimesUs } = residents;
  const quick = lifetimesUs.filter((us) => us < 20_000).length;
  const median = lifetimesUs[Math.floor(lifetimesUs.length / 2)];
  console.info(
    `${opened.length} opened, by processes of which half lived for at most ${median} us, and ${quick} ` +
      `less than 20 ms; ${forwarded.length} came in`,
  );
  const repeated = (keys: readonly string[]) => keys.length - new Set(keys).size;
  const wires = opened.map(({ peer, own }) => keyOf([peer, own]));
  expect(repeated(wires)).toBeGreaterThan(opened.length / 10);
  const { inFirst, inSecond } = residents.homes;
  const endsOf = (home: typeof inFirst) =>
    opened
      .filter(({ caller }) => caller.cgroup === home.cgroup.path)
      .map(({ from, to }) => keyOf([from, to]));
  const ofFirst = new Set(endsOf(inFirst));
  expect(endsOf(inSecond).filter((ends) => ofFirst.has(ends)).length).toBeGreaterThan(0);
}
