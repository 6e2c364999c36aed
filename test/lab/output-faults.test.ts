/** An output that fails: the measurement goes on, what is missing is counted, and no line is torn. */
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { STACK_TRACE } from '../../lab/stack-trace.js';
import { Tmpfs } from '../../lab/tmpfs.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, type CliOptions, type Ended, linesOf, useCli } from '../helpers/command/cli.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const MiB = 1 << 20;
const PAGE = 4096;
const DEADLINE_MS = 120_000;
const FAILED = /^disk full: (\/.*|standard output)$/;
const TRAFFIC = ['--connections', '8', '--interval', '5'];
/** Some 25,000 RTTs a second, 8 MB of lines; with -l twice as many. */
const MORE_TRAFFIC = ['--connections', '30', '--interval', '0'];

const start = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let server: Service;

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  server = await startServer(pair, serverAddresses.ipv4);
  startClient(pair, server, TRAFFIC);
});

afterAll(() => pair?.close());

const every = (...args: string[]) => ['-i', pair.interfaceName, '--rate', '0', ...args];
const watch = (args: readonly string[], options?: CliOptions) =>
  start(pair.client, args, options).watching();

describe('a full disk', () => {
  let disk: Tmpfs;

  beforeEach(async () => {
    disk = await Tmpfs.create(64 * MiB);
  });

  afterEach(() => disk?.close());

  test('is told once; with room again all goes on, no line is torn, and what is missing is counted', async () => {
    const traffic = startClient(pair, server, MORE_TRAFFIC);
    disk.fill({ but: MiB });
    const file = disk.pathOf('run.ndjson');
    const cli = await watch(every('-o', file));
    await told(cli, FAILED);
    await dropping(cli);
    disk.free();
    await told(cli, /^output works again: \d+ lines lost so far$/);
    const ended = await cli.end('SIGINT');
    await traffic.stop();

    expect(ended.code).toBe(1);
    expect(ended.stderr).not.toMatch(STACK_TRACE);
    expect(linesOf(ended.stderr).filter((line) => FAILED.test(line))).toHaveLength(1);
    expect(linesOf(ended.stderr).at(-1)).toMatch(/^pping: disk full: \/.*run\.ndjson$/);
    const lines = wholeLinesIn(readFileSync(file, 'utf8'));
    expectCounted(lines, ended);
  });

  test('to the end: what is missing is counted; the next run begins on a line of its own', async () => {
    disk.fill({ but: 16 * PAGE });
    const file = disk.pathOf('run.ndjson');
    const cli = await watch(every('-o', file));
    await told(cli, FAILED);
    const before = samplesIn(await stateOf(cli));
    await until(async () => samplesIn(await stateOf(cli)) > before, 'more RTTs');
    const ended = await cli.end('SIGINT');
    expect(ended.code).toBe(1);
    expect(linesOf(ended.stderr).at(-1)).toMatch(/^pping: disk full: \/.*run\.ndjson$/);

    const text = readFileSync(file, 'utf8');
    expect(text).toHaveLength(16 * PAGE);
    const { written, dropped } = countsOf(ended);
    expect(linesOf(text).length).toBe(written - dropped);
    disk.free();
    expect(await start(pair.client, every('-o', file, '-c', '5')).ended).toMatchObject({ code: 0 });
    const [last = ''] = text.split('\n').slice(-1);
    const lines = linesOf(readFileSync(file, 'utf8'));
    expect(lines.filter((line) => !isObject(line))).toEqual(last === '' ? [] : [last]);
  });

  test('and SIGHUP, where the disk is read-only by now: one line, and on with what is open', async () => {
    const file = disk.pathOf('run.ndjson');
    const cli = await watch(every('-o', file));
    const open = openSync(file, 'r');
    try {
      disk.coverReadOnly();
      process.kill(cli.pid, 'SIGHUP');
      await told(cli, /^\/.*: read-only file system; still writing to the open file$/);
      const ended = await cli.end('SIGINT');
      expect(ended.code).toBe(0);
      expect(wholeLinesIn(readFileSync(open, 'utf8'))).toHaveLength(countsOf(ended).written);
    } finally {
      closeSync(open);
    }
  });
});

describe('a device that is always full', () => {
  test.each([
    ['-o', ['-o', '/dev/full', '--format', 'ndjson'], []],
    ['standard output', [], ['bash', '-c', 'exec "$@" >/dev/full', 'bash']],
  ])('%s: the run goes on, and ends with one line and exit 1', async (_, args, through) => {
    const { code, stderr } = await start(pair.client, every('-c', '50', ...args), { through })
      .ended;
    const lines = linesOf(stderr);
    expect(code).toBe(1);
    expect(lines.filter((line) => FAILED.test(line))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('pping: '))).toEqual([lines.at(-1)]);
    expect(stderr).toMatch(/^50 samples of /m);
    expect(Number(/^(\d+) lines not written$/m.exec(stderr)?.[1])).toBeGreaterThanOrEqual(50);
    expect(stderr).not.toMatch(STACK_TRACE);
  });
});

test('a FIFO whose reader stops: memory is bounded; what it missed is counted, and no line is torn', async () => {
  const traffic = startClient(pair, server, MORE_TRAFFIC);
  const pipe = new NamedPipe(inFolder('pipe'));
  try {
    const cli = await watch(every('-l', '-o', pipe.path, '--format', 'ndjson'));
    const before = mostResidentMiB(cli);
    await dropping(cli);
    // 75 MB more than were buffered; what a run takes for itself, ring buffers among it, is 30 to 48.
    await until(async () => droppedIn(await stateOf(cli)) > 250_000, 'losses', DEADLINE_MS);
    expect(mostResidentMiB(cli) - before).toBeLessThan(72);

    const first = await pipe.read(18 * MiB); // more than was buffered: it goes on
    const rest = pipe.readAll();
    const ended = await cli.end('SIGINT');
    expect(ended.code).toBe(0);
    const lines = wholeLinesIn(Buffer.concat([first, await rest]).toString());
    expectCounted(lines, ended);
  } finally {
    pipe.close();
    await traffic.stop();
  }
});

describe('a file that is taken away', () => {
  test('is told; after SIGHUP the lines are in a new one', async () => {
    const file = inFolder('run.ndjson');
    const cli = await watch(every('-o', file));
    rmSync(file);
    await told(cli, new RegExp(`^${file} was deleted: .*; SIGHUP recreates it$`));
    process.kill(cli.pid, 'SIGHUP');
    await until(() => sizeOf(file) > 0, 'the new file');
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr.match(/ was deleted: /g)).toHaveLength(1);
    expect(wholeLinesIn(readFileSync(file, 'utf8')).at(-1)).toMatchObject({ final: true });
  });

  test('SIGHUP finds a FIFO in its place that nobody reads: one line, and on with the file', async () => {
    const [file, moved] = [inFolder('run.ndjson'), inFolder('moved.ndjson')];
    const cli = await watch(every('-o', file));
    renameSync(file, moved);
    new NamedPipe(file).close();
    process.kill(cli.pid, 'SIGHUP');
    await told(cli, /^\/.*: no reader on this FIFO; still writing to the open/);
    const ended = await cli.end('SIGINT');
    expect(ended.code).toBe(0);
    expect(wholeLinesIn(readFileSync(moved, 'utf8'))).toHaveLength(countsOf(ended).written);
  });
});

describe('standard error', () => {
  test.each(['2>/dev/full', '2>&-', '2> >(:)'])(
    'that takes nothing (%s) changes nothing about the data',
    async (elsewhere) => {
      const through = ['bash', '-c', `exec "$@" ${elsewhere}`, 'bash'];
      const args = every('-c', '20', '--stats', '10ms', '--format', 'ndjson');
      const { code, stdout } = await start(pair.client, args, { through }).ended;
      expect(code).toBe(0);
      expect(wholeLinesIn(stdout).filter(({ type }) => type === 'rtt')).toHaveLength(20);
    },
  );

  test('that nobody reads holds up neither the measurement nor its end', async () => {
    const pipe = new NamedPipe(inFolder('pipe'));
    try {
      pipe.fill();
      const through = ['bash', '-c', `exec "$@" 2>${pipe.path}`, 'bash'];
      const cli = start(pair.client, every('--stats', '10ms'), { through });
      await cli.printed(100);
      await cli.printed(100);
      expect((await cli.end('SIGINT')).code).toBe(0);
    } finally {
      pipe.close();
    }
  });
});

/** Waits for a line on standard error. */
function told(cli: Cli, line: RegExp): Promise<void> {
  return until(() => cli.stderr.some((each) => line.test(each)), String(line), DEADLINE_MS);
}

/** Waits until lines are dropped. */
function dropping(cli: Cli): Promise<void> {
  return until(async () => droppedIn(await stateOf(cli)) > 0, 'lines dropped', DEADLINE_MS);
}

/** What kill -USR1 says. */
async function stateOf(cli: Cli): Promise<string> {
  const before = cli.stderr.length;
  process.kill(cli.pid, 'SIGUSR1');
  const answer = () => cli.stderr.slice(before);
  await until(
    // A busy machine may lose events, too.
    () => answer().some((line) => /^no events lost$| not written| lost \(/.test(line)),
    'the state',
    DEADLINE_MS,
  );
  return answer().join('\n');
}

const samplesIn = (text: string) => Number(/^(\d+) samples? of /m.exec(text)?.[1]);
const droppedIn = (text: string) =>
  Number(/(?:^|, )(\d+) lines? not written/m.exec(text)?.[1] ?? 0);

/** Lines that were handed to the output, one per RTT, flow and summary; and those that are missing there. */
function countsOf({ stderr }: Ended): { written: number; dropped: number } {
  const last = (what: RegExp) =>
    Array.from(stderr.matchAll(what)).at(-1)?.slice(1).map(Number) ?? [];
  const [samples = Number.NaN, flows = Number.NaN] = last(/^(\d+) samples? of (\d+) flows?$/gm);
  const [dropped = 0] = last(/(?:^|, )(\d+) lines? not written/gm);
  return { written: samples + flows + 1, dropped };
}

/**
 * What was not dropped is there. A busy machine may lose events, too: up to a line a second says so, and a flow that was
 * not measured has a line at the end. These are neither RTTs nor flows.
 */
function expectCounted(lines: readonly object[], ended: Ended): void {
  const { written, dropped } = countsOf(ended);
  const more = lines.length - (written - dropped);
  expect(more).toBeGreaterThanOrEqual(0);
  expect(more).toBeLessThan(DEADLINE_MS / 1_000);
  expect(lines.at(-1)).toMatchObject({ type: 'summary', dropped_lines: dropped });
}

/** Throws where one is no object, or the last not whole. */
function wholeLinesIn(text: string): { readonly type?: string }[] {
  expect(text.endsWith('\n')).toBe(true);
  return linesOf(text).map((line) => JSON.parse(line));
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

function mostResidentMiB({ pid }: Cli): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
