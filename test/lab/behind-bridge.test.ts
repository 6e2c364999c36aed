/** Whose connections they are, behind a bridge and all that changes addresses: what processes say, against what pping tells. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BRIDGE, PORTS, UPLINK } from '../../lab/behind-bridge/places.js';
import { type BehindBridgeLab, createBehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import { interfaceName } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { makeCgroup, type TestCgroup } from '../helpers/kernel/cgroup.js';
import { type FlowLine, type Judgement, keyOf, verdictOf } from '../helpers/lab/attributed.js';
import { Residents } from '../helpers/lab/residents.js';
import {
  type Connections,
  INTERFACES,
  type Interface,
  truthsAt,
  type Whose,
} from '../helpers/lab/seen-where.js';
import { makeStranger } from '../helpers/lab/stranger.js';
import type { Accepted } from '../helpers/lab/tellers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(300_000);

/** In all, of those that are opened. A guest is slow. */
const CONNECTIONS = Number(process.env.PPING_TEST_CONNECTIONS ?? 5_000);
const FEW_CONNECTIONS = CONNECTIONS / 20;
const CLOSED_PORT = 1;
const MANNERS = [
  ...['plain', 'nowait', 'thread', 'worker', 'again', 'fast', 'mptcp', 'mapped', 'parent'],
] as const;

const cleanup = new Cleanup();
let lab: BehindBridgeLab;
let residents: Residents;

// One for all: it takes longer than most tests.
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pping-test-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const cgroups: TestCgroup[] = [];
  cleanup.add(() => Promise.all(cgroups.map((cgroup) => cgroup.remove())).then(() => {}));
  // Closed first: what still runs in a cgroup ends with it.
  lab = await createBehindBridgeLab();
  cleanup.add(() => lab.close());
  await makeStranger(lab.internet, interfaceName, join(folder, 'stranger.o'));
  residents = new Residents(lab, join(folder, 'tellers'), (name) => {
    const cgroup = makeCgroup(name);
    cgroups.push(cgroup);
    return cgroup;
  });
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
  expect(stderr).toContain('no event lost');
  const lines = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as FlowLine);
  return lines.filter(({ flow_id }) => flow_id !== undefined);
}

/**
 * Who has opened a connection is known from its first line on. Who accepts one is asked behind the handshake, of
 * which there may be lines by then; its process may be another one's, or over before it is looked for.
 */
function judge(lines: readonly FlowLine[], { cgroup, processes, listener }: Whose): Judgement {
  const isTold = (line: FlowLine) => line.cgroup !== undefined || line.pid !== undefined;
  const first = listener === undefined ? 0 : lines.findIndex(isTold);
  const judgements = lines.slice(first).map((line) => {
    if (!isTold(line)) return 'missing';
    const isProcess = processes.some(({ pid, comm }) => pid === line.pid && comm === line.comm);
    if (line.cgroup !== cgroup || (line.pid !== undefined && !isProcess)) return 'wrong';
    return isProcess || listener !== undefined ? 'right' : 'missing';
  });
  return (['wrong', 'missing'] as const).find((each) => judgements.includes(each)) ?? 'right';
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

test.each([UPLINK, BRIDGE, PORTS[0]] as const)('%s in a run of its own', async (name) => {
  const file = inFolder('whose.ndjson');
  const cli = await watch([name], file);
  const connections = await connect(FEW_CONNECTIONS);
  expectRight([name], await linesBy(cli, file), connections);
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

/** What is so for a while: how it begins, and how it ends. */
interface Setting {
  readonly namespace: Namespace;
  readonly begin: readonly string[];
  readonly end: readonly string[];
}

async function having<T>(settings: readonly Setting[], act: () => Promise<T>): Promise<T> {
  try {
    for (const { namespace, begin } of settings) await namespace.run(begin);
    return await act();
  } finally {
    for (const { namespace, end } of settings) await namespace.run(end);
  }
}

function settingOf(namespace: Namespace, name: string, [during, after]: [number, number]): Setting {
  const argv = (value: number) => ['sysctl', '-qw', `net.ipv4.${name}=${value}`];
  return { namespace, begin: argv(during), end: argv(after) };
}

/** Every third one, from the first on. */
function losingSyns(namespace: Namespace, hook: 'forward' | 'input'): Setting {
  const rules = `
    table inet losses {
      chain losses {
        type filter hook ${hook} priority 0
        tcp flags & (syn | ack) == syn numgen inc mod 3 0 drop
      }
    }
  `;
  return { namespace, begin: ['nft', rules], end: ['nft', 'delete table inet losses'] };
}

/** Of the kernel. */
async function counterIn(namespace: Namespace, name: string): Promise<number> {
  const line = (await namespace.run(['nstat', '-asz', name]))
    .split('\n')
    .find((each) => each.startsWith(name));
  return Number(line?.split(/ +/)[1]);
}

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
