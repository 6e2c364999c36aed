/** Started as root, pping gives up what the run does not need: in all of its threads, for good, and without being any less useful. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isLoaded, NO_FILTERS, ppingFilters, programsOf } from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { CAP, NEEDED_SET, setOf } from '../../src/live/capabilities.js';
import { type Cli, here, linesOf, useCli } from '../helpers/command/cli.js';
import { installForAll } from '../helpers/command/installed.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const NOBODY = 'nobody';
const [uid = 0, gid = 0] = ['-u', '-g'].map((which) =>
  Number(execFileSync('id', [which, NOBODY], { encoding: 'utf8' })),
);
const READS = NEEDED_SET | setOf(CAP.DAC_READ_SEARCH);
const OVERRIDES = NEEDED_SET | setOf(CAP.DAC_OVERRIDE);
const DEADLINE_MS = 60_000;

const startCli = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let program: string;
let installed: string;

beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'pping-test-'));
  program = installForAll(installed);
  pair = await createVethPair({ ipv6: false });
  const server = await startServer(pair, serverAddresses.ipv4);
  startClient(pair, server, ['--connections', '3', '--interval', '15']);
});

afterAll(async () => {
  await pair?.close();
  rmSync(installed, { recursive: true, force: true });
});

function start(...args: string[]): Cli {
  return startCli(pair.client, ['-i', pair.interfaceName, '--format', 'ndjson', ...args], {
    program,
  });
}

const watch = (...args: string[]) => start(...args).watching();

/** What all threads of a process are and may do, each different answer once. */
function statesOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  const threads = readdirSync(folder);
  // Node has those of libuv and V8.
  expect(threads.length).toBeGreaterThan(5);
  const states = threads.map((thread) =>
    stateIn(readFileSync(`${folder}/${thread}/status`, 'utf8')),
  );
  return [...new Set(states)];
}

const FIELDS = [
  'Uid',
  'Gid',
  'Groups',
  'CapInh',
  'CapPrm',
  'CapEff',
  'CapBnd',
  'CapAmb',
  'NoNewPrivs',
];

function stateIn(status: string): string {
  const lines = FIELDS.map((field) => new RegExp(`^${field}:(.*)$`, 'm').exec(status)?.[1] ?? '');
  return lines.map((line) => line.trim().replace(/\s+/g, ' ')).join('; ');
}

/** As statesOf() has it: ids, groups, and the sets, of which root needs no inheritable and ambient ones. */
function state(user: number, group: number, groups: string, set: bigint): string {
  const ids = (id: number) => Array(4).fill(id).join(' ');
  const [none, all] = [0n, set].map((each) => each.toString(16).padStart(16, '0'));
  const handedDown = user === 0 ? none : all;
  return [ids(user), ids(group), groups, handedDown, all, all, all, handedDown, '1'].join('; ');
}

/** With the groups that we have. */
function asRoot(set = NEEDED_SET): string[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return [state(0, 0, /^Groups:(.*)$/m.exec(status)?.[1]?.trim() ?? '', set)];
}

const asNobody = () => [state(uid, gid, String(gid), NEEDED_SET)];

async function expectCleanEnd(cli: Cli): Promise<string[]> {
  const programs = programsOf(cli.pid);
  expect(programs.length).toBeGreaterThan(2);
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
  await until(() => !programs.some(isLoaded), 'the programs to go', DEADLINE_MS);
  expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
  return linesOf(stdout);
}

const rttsIn = (path: string) =>
  existsSync(path)
    ? linesOf(readFileSync(path, 'utf8')).filter((line) => line.includes('"rtt"'))
    : [];

describe.each(['tcx', 'clsact'])('%s', (attach) => {
  test('as root: three capabilities in each thread, RTTs, and a clean end', async () => {
    const cli = await watch('--attach', attach);
    await cli.printed(20);
    expect(statesOf(cli.pid)).toEqual(asRoot());
    await expectCleanEnd(cli);
  });

  test('--user: as that user, with its groups only', async () => {
    const cli = await watch('--attach', attach, '--user', NOBODY);
    await cli.printed(20);
    expect(statesOf(cli.pid)).toEqual(asNobody());
    await expectCleanEnd(cli);
  });
});

test('it is the same process, with the same command line', async () => {
  const cli = await watch('--user', NOBODY);
  const line = readFileSync(`/proc/${cli.pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  expect(line.slice(0, 4)).toEqual(['node', '--inspect-port=[ff02::1]:9229', program, '-i']);
  expect(line.slice(-2)).toEqual(['--user', NOBODY]);
});

describe('whose connections they are', () => {
  const named = (cli: Cli) =>
    cli.stdout.some((line) => line.includes('"cgroup":') && line.includes('"pid":'));

  test.each([
    ['as root, which keeps what it reads names with', [], () => asRoot(READS)],
    ['as another user, which walks', ['--user', NOBODY], asNobody],
  ] as const)('%s', async (_, args, states) => {
    const cli = await watch('--who', '--rate', '0', ...args);
    await until(() => named(cli), 'names', DEADLINE_MS);
    expect(statesOf(cli.pid)).toEqual(states());
    await expectCleanEnd(cli);
  });
});

test('what pping costs is measured by what root has switched on', async () => {
  const cli = await watch('--self-cost', '--user', NOBODY);
  await cli.printed(20);
  expect(statesOf(cli.pid)).toEqual(asNobody());
  const { stderr } = await cli.end('SIGINT');
  expect(stderr).toMatch(/^cost of pping: \d.* per packet on egress/m);
});

describe('an output', () => {
  /** Moves it away, as logrotate does. */
  async function rotate(cli: Cli, path: string): Promise<void> {
    await until(() => rttsIn(path).length > 0, 'RTTs', DEADLINE_MS);
    renameSync(path, `${path}.1`);
    process.kill(cli.pid, 'SIGHUP');
  }

  const ownerOf = (path: string) => {
    const { uid, gid, mode } = statSync(path);
    return [uid, gid, (mode & 0o777).toString(8)];
  };

  test("as root, in a folder of root's alone: opened anew", async () => {
    const path = inFolder('run.ndjson');
    const cli = await watch('-o', path);
    await rotate(cli, path);
    await until(() => rttsIn(path).length > 0, 'RTTs in the new file', DEADLINE_MS);
    expect(statesOf(cli.pid)).toEqual(asRoot());
    expect(ownerOf(path)).toEqual([0, 0, '640']);
    await expectCleanEnd(cli);
  });

  test('as root, in a folder that only another user may write to: likewise, with what that takes', async () => {
    mkdirSync(inFolder('theirs'), { mode: 0o700 });
    chownSync(inFolder('theirs'), uid, gid);
    const path = inFolder('theirs/run.ndjson');
    const cli = await watch('-o', path);
    await rotate(cli, path);
    await until(() => rttsIn(path).length > 0, 'RTTs in the new file', DEADLINE_MS);
    expect(statesOf(cli.pid)).toEqual(asRoot(OVERRIDES));
    await expectCleanEnd(cli);
  });

  test('as root, on a device: nothing is kept for it', async () => {
    const cli = await watch('-o', '/dev/null');
    expect(statesOf(cli.pid)).toEqual(asRoot());
    await expectCleanEnd(cli);
  });

  test("--user, in a folder of root's alone: made there, as the user's own; SIGHUP says that it cannot again", async () => {
    chmodSync(inFolder(''), 0o755);
    const path = inFolder('run.ndjson');
    const cli = await watch('-o', path, '--user', NOBODY);
    expect(ownerOf(path)).toEqual([uid, gid, '640']);
    await rotate(cli, path);
    await cli.said(`${path}: `);
    expect(cli.stderr.at(-1)).toMatch(/^\/.*: permission denied; still writing to the open file$/);
    const before = rttsIn(`${path}.1`).length;
    await until(() => rttsIn(`${path}.1`).length > before, 'more RTTs', DEADLINE_MS);
    await expectCleanEnd(cli);
  });

  test("--user, in that user's folder: opened anew, and theirs", async () => {
    chownSync(inFolder(''), uid, gid);
    const path = inFolder('run.ndjson');
    const cli = await watch('-o', path, '--user', NOBODY);
    await rotate(cli, path);
    await until(() => rttsIn(path).length > 0, 'RTTs in the new file', DEADLINE_MS);
    expect(ownerOf(path)).toEqual([uid, gid, '640']);
    await expectCleanEnd(cli);
  });

  test('--user: a file that was there stays whose it is', async () => {
    chmodSync(inFolder(''), 0o755);
    const path = inFolder('run.ndjson');
    await start('-o', path, '-c', '1').ended;
    const { code } = await start('-o', path, '-c', '1', '--user', NOBODY).ended;
    expect([code, ...ownerOf(path)]).toEqual([0, 0, 0, '640']);
  });
});

describe('--user that cannot be', () => {
  const notRoot = ['setpriv', '--reuid=64321', '--regid=64321', '--clear-groups'];

  async function expectRefusal(cli: Cli, code: number, text: string): Promise<void> {
    const ended = await cli.ended;
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([code, '', `pping: ${text}\n`]);
  }

  test('an unknown name: one line, and no file is made', async () => {
    const path = inFolder('run.ndjson');
    const text = '--user: there is no user no\\u001bone; getent passwd shows those there are';
    await expectRefusal(start('-o', path, '--user', 'no\u001bone'), 2, text);
    expect(existsSync(path)).toBe(false);
  });

  test('with a capture', async () => {
    const cli = startCli(here, ['-r', 'x', '--user', NOBODY], { program });
    await expectRefusal(cli, 2, '--user cannot be used with -r');
  });

  test('by somebody who is not root', async () => {
    const args = ['-i', pair.interfaceName, '--user', NOBODY];
    const cli = startCli(pair.client, args, { program, through: notRoot });
    await expectRefusal(cli, 1, '--user: only root can become another user');
  });

  test.each([
    ['by root, which then keeps what it has', [], 0],
    ['by another user', ['--user', NOBODY], 1],
  ])('where there is no /proc: %s', async (_, args, code) => {
    const hide = 'mount -t tmpfs none /proc && exec "$@"';
    const through = ['unshare', '--mount', 'bash', '-c', hide, 'bash', process.execPath];
    const words = ['-i', pair.interfaceName, '-c', '1', ...args];
    const { code: ended, stderr } = await startCli(pair.client, words, { program, through }).ended;
    expect([ended, linesOf(stderr)[0]]).toEqual([
      code,
      code === 0
        ? expect.stringContaining('watching ')
        : 'pping: --user takes /proc, which is not mounted here',
    ]);
  });

  test('pping is where that user cannot read it', async () => {
    const folder = inFolder('private');
    mkdirSync(folder, { mode: 0o700 });
    const hidden = installForAll(folder);
    chmodSync(folder, 0o700);
    const cli = startCli(pair.client, ['-i', pair.interfaceName, '--user', NOBODY], {
      program: hidden,
    });
    const text = `--user: nobody cannot read ${hidden}, which is a part of pping; install pping and Node where all can`;
    await expectRefusal(cli, 1, text);
    // Root without --user can.
    const seen = startCli(pair.client, ['-i', pair.interfaceName, '-c', '1'], { program: hidden });
    expect(await seen.ended).toMatchObject({ code: 0 });
  });

  test('as root, pping in a folder that only another user can read', async () => {
    const folder = inFolder('private');
    mkdirSync(folder);
    const hidden = installForAll(folder);
    chownSync(folder, uid, gid);
    chmodSync(folder, 0o700);
    const cli = await startCli(pair.client, ['-i', pair.interfaceName], {
      program: hidden,
    }).watching();
    expect(statesOf(cli.pid)).toEqual(asRoot(READS));
    expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
  });
});
