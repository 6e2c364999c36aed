import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  foreignTc,
  isLoaded,
  linksOf,
  NO_FILTERS,
  ppingFilters,
  programsOf,
} from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { STACK_TRACE } from '../../lab/stack-trace.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { PRIORITY } from '../../src/libbpf/clsact-order.js';
import { expectCleanEnd } from '../helpers/command/clean-end.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { preloaded } from '../helpers/command/preload.js';
import { compileForeign } from '../helpers/kernel/foreign.js';
import { METHODS, testWithTcx } from '../helpers/kernel/tcx.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const [FIRST, SECOND] = ['0x50500000', '0x50500001'] as const;
const OUR_PLACE = ['pref', String(PRIORITY), 'handle', FIRST];

jest.setTimeout(180_000);

describe('how a run ends', () => {
  const startCli = useCli();
  const file = useTemporaryFolder();
  let pair: Endpoints;
  let traffic: RunningClient;
  let watch: readonly string[];

  beforeEach(async () => {
    pair = await createVethPair({ ipv6: false });
    watch = ['-i', pair.interfaceName, '--rate', '10ms'];
    const server = await startServer(pair, serverAddresses.ipv4);
    traffic = startClient(pair, server, ['--connections', '3', '--interval', '15']);
  });

  afterEach(async () => {
    await traffic?.stop();
    await pair?.close();
  });

  /** Attached and reporting. */
  async function start(...args: string[]): Promise<Cli> {
    return (await startCli(pair.client, [...watch, ...args]).watching()).printed(5);
  }

  function filters() {
    return ppingFilters(pair.client, pair.interfaceName);
  }

  async function packetsSent(): Promise<number> {
    const show = ['ip', '-s', '-j', 'link', 'show', pair.interfaceName];
    return JSON.parse(await pair.client.run(show))[0].stats64.tx.packets;
  }

  function tc(...args: string[]): Promise<string> {
    return pair.client.run(['tc', ...args]);
  }

  test.each(
    METHODS.flatMap((method) => [[method, 'SIGINT'] as const, [method, 'SIGTERM'] as const]),
  )('%s, %s: a summary, exit 0, nothing stays attached', async (method, signal) => {
    const cli = await start('--attach', method);
    const programs = programsOf(cli.pid);
    expect(programs).toHaveLength(3);
    expectCleanEnd(await cli.end(signal));
    await until(() => !programs.some(isLoaded), 'the programs to go');
    expect(await filters()).toEqual(NO_FILTERS);
  });

  test.each(METHODS)('%s, SIGINT twice while the output is stuck: exit 130', async (method) => {
    const pipe = new NamedPipe(file('pipe'));
    pipe.fill();
    const args = [...watch, '--attach', method, '-o', pipe.path];
    const cli = await startCli(pair.client, args, { env: preloaded(LONGER_WAITS) }).watching();
    const programs = programsOf(cli.pid);
    expect(linksOf(cli.pid)).toHaveLength(method === 'tcx' ? 2 : 0);
    // Enough to have RTTs to write: without one it ends at the first signal.
    const before = await packetsSent();
    await until(async () => (await packetsSent()) > before + 100, 'traffic');
    process.kill(cli.pid, 'SIGINT');
    await until(async () => (await filters()).egress.length === 0, 'the filters to go');
    await until(() => linksOf(cli.pid).length === 0, 'the links to go');
    const { code, stderr } = await cli.end('SIGINT');
    const told = [/^watching /, /^up to \d+ lines? not written$/];
    expect([code, linesOf(stderr)]).toEqual([130, told.map((line) => expect.stringMatching(line))]);
    await until(() => !programs.some(isLoaded), 'the programs to go');
    expect(await filters()).toEqual(NO_FILTERS);
    pipe.close();
  });

  testWithTcx('kill -9 leaves nothing where links are used', async () => {
    const cli = await start('--attach', 'tcx');
    const programs = programsOf(cli.pid);
    expect(programs.filter(isLoaded)).toHaveLength(3);
    expect((await cli.end('SIGKILL')).signal).toBe('SIGKILL');
    await until(() => !programs.some(isLoaded), 'the programs to go');
  });

  test('filters left by kill -9 are replaced by the next run, which leaves none', async () => {
    const killed = await start('--attach', 'clsact');
    const leftBehind = programsOf(killed.pid);
    await killed.end('SIGKILL');
    expect(await filters()).toEqual({ egress: [FIRST], ingress: [FIRST] });
    expect(leftBehind.filter(isLoaded)).toHaveLength(2);

    const next = await start('--attach', 'clsact');
    expect(await filters()).toEqual({ egress: [FIRST], ingress: [FIRST] });
    await until(() => !leftBehind.some(isLoaded), 'the left programs to go');
    expectCleanEnd(await next.end('SIGINT'));
    expect(await filters()).toEqual(NO_FILTERS);
  });

  test("a killed run's leftover is not taken for a living one's filters", async () => {
    const killed = await start('--attach', 'clsact');
    const living = await start('--attach', 'clsact');
    await killed.end('SIGKILL');
    const next = await start('--attach', 'clsact');
    expect(await filters()).toEqual({ egress: [FIRST, SECOND], ingress: [FIRST, SECOND] });
    await living.printed(5);
    expectCleanEnd(await next.end('SIGINT'));
    expect(await filters()).toEqual({ egress: [SECOND], ingress: [SECOND] });
    await living.printed(5);
    expectCleanEnd(await living.end('SIGINT'));
    expect(await filters()).toEqual(NO_FILTERS);
  });

  test("others' filters and qdiscs stay as they are, even in pping's place", async () => {
    const dev = ['dev', pair.interfaceName];
    const nobody = ['protocol', 'ip', 'u32', 'match', 'ip', 'dst', '203.0.113.9'];
    const program = compileForeign(file('foreign.o'));
    await tc('qdisc', 'add', ...dev, 'root', 'handle', '7:', 'pfifo', 'limit', '777');
    await tc('qdisc', 'add', ...dev, 'clsact');
    await tc('filter', 'add', ...dev, 'egress', 'pref', '7', ...nobody);
    await tc('filter', 'add', ...dev, 'ingress', 'pref', '60000', ...nobody);
    await tc('filter', 'add', ...dev, 'egress', ...OUR_PLACE, ...program);
    const before = await foreignTc(pair.client, pair.interfaceName);

    const killed = await start('--attach', 'clsact');
    expect(await filters()).toEqual({ egress: [SECOND], ingress: [SECOND] });
    await killed.end('SIGKILL');
    const next = await start('--attach', 'clsact');
    expect(await filters()).toEqual({ egress: [SECOND], ingress: [SECOND] });
    expect(await foreignTc(pair.client, pair.interfaceName)).toBe(before);
    expectCleanEnd(await next.end('SIGTERM'));
    expect(await filters()).toEqual(NO_FILTERS);
    expect(await foreignTc(pair.client, pair.interfaceName)).toBe(before);
  });

  const watchedBy = (one: string, other: string) => async () => {
    const first = await start('--attach', one);
    const second = await start('--attach', other);
    await Promise.all([first.printed(5), second.printed(5)]);
    expectCleanEnd(await first.end('SIGINT'));
    await second.printed(5);
    expectCleanEnd(await second.end('SIGINT'));
    expect(await filters()).toEqual(NO_FILTERS);
  };
  const title = 'two runs watch one interface at once:';
  test(`${title} clsact and clsact`, watchedBy('clsact', 'clsact'));
  testWithTcx(`${title} tcx and tcx`, watchedBy('tcx', 'tcx'));
  testWithTcx(`${title} tcx and clsact`, watchedBy('tcx', 'clsact'));

  test('the reader leaves after the first line: exit 0', async () => {
    const through = ['bash', '-c', `"$@" | head -n 1; ${EXIT_AS_FIRST}`, 'bash'];
    const { code, stdout, stderr } = await startCli(pair.client, watch, { through }).ended;
    expect(linesOf(stdout)).toHaveLength(1);
    expect(stderr).toMatch(
      /^\d+ samples? of \d+ flows?\nbeyond pp0: \d+ samples?\n {2}RTT in ms /m,
    );
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(code).toBe(0);
  });

  test.each(METHODS)('%s, the reader of data and messages leaves: exit 0', async (method) => {
    const through = ['bash', '-c', `"$@" 2>&1 | head -n 2; ${EXIT_AS_FIRST}`, 'bash'];
    const args = [...watch, '--attach', method];
    const { code, stdout, stderr } = await startCli(pair.client, args, { through }).ended;
    expect(linesOf(stdout)).toHaveLength(2);
    expect([code, stderr]).toEqual([0, '']);
    expect(await filters()).toEqual(NO_FILTERS);
  });

  test.each(['>&-', '<&- >&-'])(
    'without a stdout (%s) it runs and ends as ever',
    async (closing) => {
      const through = ['bash', '-c', `exec "$@" ${closing}`, 'bash'];
      const cli = startCli(pair.client, [...watch, '-c', '5'], { through });
      const ended = await cli.ended;
      expectCleanEnd(ended);
      expect(ended.stdout).toBe('');
    },
  );
});

/** The end waits 2 s for a reader; here it would for as long as the test. */
const LONGER_WAITS = `
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (call, ms, ...args) => setTimeout(call, ms === 2000 ? 1e9 : ms, ...args);
`;
/** Of a pipeline. */
const EXIT_AS_FIRST = 'exit $PIPESTATUS';
