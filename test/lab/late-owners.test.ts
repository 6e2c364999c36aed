/** Whose connections they are, where no program can be at the root of the cgroups: sockets are noted once they have opened. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { UPLINK } from '../../lab/behind-bridge/places.js';
import type { BehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import { PATIENCE } from '../../lab/until.js';
import { type Cli, type CliOptions, linesOf, useCli } from '../helpers/command/cli.js';
import { preloaded, WITHOUT_SOCK_OPS } from '../helpers/command/preload.js';
import { useCgroups } from '../helpers/kernel/cgroup.js';
import { type FlowLine, type Judge, verdictOf } from '../helpers/lab/attributed.js';
import { counterIn, having, losingSyns, settingOf } from '../helpers/lab/having.js';
import type { Residents } from '../helpers/lab/residents.js';
import {
  type Connections,
  INTERFACES,
  type Interface,
  judge,
  truthsAt,
  type Whose,
} from '../helpers/lab/seen-where.js';
import { settle } from '../helpers/lab/settled.js';
import type { Accepted } from '../helpers/lab/tellers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000 * PATIENCE);

const CONNECTIONS = 250;
const MANNERS = [
  'nowait',
  'thread',
  'worker',
  'again',
  'fast',
  'mptcp',
  'mapped',
  'parent',
] as const;
const LATE = 'owners are known only once a connection is open';
const NAMELESS = 'no names of other containers';
/** As in a container without --cgroupns=host: only its own part of cgroup2 is there. */
const IN_OWN_CGROUPS = `
  awk '$3 == "cgroup2" { print $2 }' /proc/self/mounts |
    while read -r each; do umount --lazy "$each"; done
  mkdir "$0" && mount -t cgroup2 none "$0" && exec "$@"
`;

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
const makeCgroupHere = useCgroups();

function watch(names: readonly string[], options: CliOptions, ...args: string[]): Promise<Cli> {
  const interfaces = names.flatMap((name) => ['-i', name]);
  const output = ['--rate', '0', '-o', inFolder('whose.ndjson')];
  return start(lab.host, [...interfaces, '--who', ...output, ...args], options).watching();
}

const watchLate = (names: readonly string[], ...args: string[]) =>
  watch(names, { env: preloaded(WITHOUT_SOCK_OPS) }, ...args);

/** Those about flows, once it has ended. */
async function linesBy(cli: Cli): Promise<FlowLine[]> {
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain(LATE);
  expect(stderr).toContain('no events lost');
  const text = readFileSync(inFolder('whose.ndjson'), 'utf8');
  const lines = linesOf(text).map((line) => JSON.parse(line) as FlowLine);
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
  by: Judge<Whose> = judge,
): void {
  for (const name of names) {
    const truths = truthsAt(name, connections, residents);
    const at = lines.filter((line) => line.interface === undefined || line.interface === name);
    const right = { right: truths.length, wrong: 0, missing: 0, unexpected: 0, examples: [] };
    expect({ name, ...verdictOf(at, truths, by) }).toEqual({ name, ...right });
  }
}

test(`of ${CONNECTIONS} connections and those that come in each tells whose it is, wherever it is seen`, async () => {
  const cli = await watchLate(INTERFACES);
  const connections = await connect(CONNECTIONS);
  const lines = await linesBy(cli);
  const [said] = cli.stderr;
  expect(said).toMatch(
    new RegExp(`^${LATE}: a sock_ops program at /.* allows no other program .*EPERM`),
  );
  expectRight(INTERFACES, lines, connections);
});

test(`whatever way they connect: ${MANNERS.join(', ')}`, async () => {
  const cli = await watchLate(INTERFACES);
  // The second one has the server's cookie for Fast Open.
  const opened = await having([settingOf(lab.internet, 'tcp_fastopen', [3, 1])], () =>
    residents.openInManners(MANNERS, 2),
  );
  const lines = await linesBy(cli);
  expectRight(INTERFACES, lines, { opened, forwarded: [] });
  expect(await counterIn(lab.internet, 'TcpExtTCPFastOpenPassive')).toBeGreaterThan(0);
});

test('that come in with data in their SYN', async () => {
  const cli = await watchLate(INTERFACES);
  const settings = [
    settingOf(lab.containers[0], 'tcp_fastopen', [3, 1]),
    settingOf(lab.internet, 'tcp_fastopen', [3, 1]),
  ];
  const forwarded = await having(settings, () => residents.comeIn(CONNECTIONS, 'fast'));
  expectRight(INTERFACES, await linesBy(cli), { opened: [], forwarded });
  expect(await counterIn(lab.containers[0], 'TcpExtTCPFastOpenPassive')).toBeGreaterThan(0);
});

test('with SYNs that are lost before they reach the uplink, and behind it', async () => {
  const cli = await watchLate(INTERFACES);
  const losses = [losingSyns(lab.host, 'forward'), losingSyns(lab.internet, 'input')];
  const opened = await having(losses, () => residents.openInManners(['plain'], 1));
  expectRight(INTERFACES, await linesBy(cli), { opened, forwarded: [] });
});

test('with SYN cookies, of which the kernel makes sockets', async () => {
  const cli = await watchLate([UPLINK]);
  const cookies = settingOf(lab.containers[0], 'tcp_syncookies', [2, 1]);
  const forwarded = await having([cookies], () => residents.comeIn(20));
  expectRight([UPLINK], await linesBy(cli), { opened: [], forwarded });
});

test('--container: its own and those of what is in it are measured, and no others', async () => {
  const { first, inFirst } = residents.homes;
  const cli = await watchLate([UPLINK], '--container', 'a'.repeat(12));
  const { opened, forwarded } = await connect(CONNECTIONS);
  const wanted = [first.cgroup.path, inFirst.cgroup.path];
  const isWanted = ({ caller }: Accepted) => wanted.includes(caller.cgroup);
  const lines = await linesBy(cli);
  expectRight([UPLINK], lines, { opened: opened.filter(isWanted), forwarded });
});

test('in a cgroup namespace of its own: the process of each, and of no other cgroup its name', async () => {
  const { command } = makeCgroupHere('pping');
  const unshare = [
    'unshare',
    '--cgroup',
    '--mount',
    'sh',
    '-c',
    IN_OWN_CGROUPS,
    inFolder('cgroup'),
  ];
  const cli = await watch(INTERFACES, { through: command(unshare) });
  const opened = await residents.open(CONNECTIONS);
  const lines = await linesBy(cli);
  expect(cli.stderr[0]).toMatch(new RegExp(`^${NAMELESS}, and ${LATE}: .*--cgroupns=host$`));
  expect(cli.stderr.at(-2)).toMatch(/^not attributed: \d+ flows without a cgroup name$/);
  expectRight(INTERFACES, lines, { opened, forwarded: [] }, judgeNameless);
});

const judgeNameless: Judge<Whose> = (lines, { processes: [process] }) => {
  if (lines.some(({ pid, cgroup }) => pid === undefined && cgroup === undefined)) return 'missing';
  const isRight = lines.every(
    ({ pid, comm, cgroup }) =>
      pid === process?.pid && comm === process?.comm && cgroup === undefined,
  );
  return isRight ? 'right' : 'wrong';
};
