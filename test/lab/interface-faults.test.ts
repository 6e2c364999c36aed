/** What befalls an interface, or pping's programs on it, while they are at work. */
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
import {
  detachLink,
  foreignTc,
  isLoaded,
  NO_FILTERS,
  ppingFilters,
  programsOf,
} from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { createNamespace } from '../../lab/netns.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { STACK_TRACE } from '../../lab/stack-trace.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { PRIORITY } from '../../src/libbpf/clsact-order.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { compileForeign } from '../helpers/kernel/foreign.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const METHODS = ['tcx', 'clsact'] as const;
const DEADLINE_MS = 60_000;
const OUR_PLACE = ['pref', String(PRIORITY), 'handle', '0x50500000'];

jest.setTimeout(180_000);

const startCli = useCli();
const file = useTemporaryFolder();
let pair: Endpoints;
let traffic: RunningClient;

async function setUp(): Promise<void> {
  pair = await createVethPair({ ipv6: false });
  const server = await startServer(pair, serverAddresses.ipv4);
  traffic = startClient(pair, server, ['--connections', '3', '--interval', '15']);
}

async function tearDown(): Promise<void> {
  traffic?.kill(); // a test may have taken its link away
  await pair?.close();
}

/** Attached and reporting. */
async function start(method: string): Promise<Cli> {
  const watch = ['-i', pair.interfaceName, '--rate', '10ms', '--format', 'ndjson'];
  const cli = startCli(pair.client, [...watch, '--attach', method]);
  return (await cli.watching()).printed(5);
}

/** To the interface, in the client's namespace. */
function link(...change: string[]): Promise<string> {
  return pair.client.run(['ip', 'link', 'set', 'dev', pair.interfaceName, ...change]);
}

function tc(...args: string[]): Promise<string> {
  return pair.client.run(['tc', ...args]);
}

/** It says why, in one line, and writes what it had; the kernel has nothing of it any more. */
async function expectFault(cli: Cli, befall: () => unknown, fault: string): Promise<void> {
  const programs = programsOf(cli.pid);
  expect(programs.filter(isLoaded)).toHaveLength(3);
  await befall();
  const { code, stdout, stderr } = await cli.ended;
  expect(linesOf(stderr).at(-1)).toBe(`pping: ${fault}`);
  expect(code).toBe(1);
  expect(stderr).not.toMatch(STACK_TRACE);
  const samples = linesOf(stdout).filter((line) => line.startsWith('{"type":"rtt"'));
  expect(stderr).toMatch(new RegExp(`^${samples.length} samples of `, 'm'));
  expect(stderr).toContain('\nno events lost\n');
  expect(linesOf(stdout).at(-1)).toContain('"type":"summary"');
  // A link or a filter would hold its program.
  await until(() => !programs.some(isLoaded), 'the programs to go');
}

describe('a fault of the interface', () => {
  beforeEach(setUp);
  afterEach(tearDown);

  test.each(METHODS)('%s: it is deleted', async (method) => {
    const remove = () => pair.client.run(['ip', 'link', 'delete', pair.interfaceName]);
    await expectFault(await start(method), remove, 'interface pp0 is gone');
  });

  test.each([
    ['tcx', 'interface pp0 is gone: it was moved to another network namespace'],
    ['clsact', 'interface pp0 is gone'],
  ])('%s: it is moved to another namespace', async (method, fault) => {
    const other = await createNamespace();
    try {
      await expectFault(await start(method), () => link('netns', String(other.pid)), fault);
      expect(await ppingFilters(other, pair.interfaceName)).toEqual(NO_FILTERS);
    } finally {
      await other.close();
    }
  });

  test.each(METHODS)('%s: down, up, and another name: it goes on', async (method) => {
    const cli = await start(method);
    await link('down');
    await link('up');
    await samplesAfter(cli, Date.now());
    await link('down');
    await link('name', 'lan0', 'up');
    const told = 'interface pp0 was renamed to lan0; the output keeps the name pp0';
    await until(() => cli.stderr.includes(told), 'the new name', DEADLINE_MS);
    await samplesAfter(cli, Date.now());
    const { code, stdout, stderr } = await cli.end('SIGINT');
    expect([code, stderr.split('\n').filter((line) => line === told)]).toEqual([0, [told]]);
    const interfaces = linesOf(stdout).map((line) => JSON.parse(line).interface);
    expect(new Set(interfaces)).toEqual(new Set(['pp0']));
  });
});

describe('another program', () => {
  beforeAll(setUp);
  afterAll(tearDown);

  test.each([
    [['ingress'], "filter from pp0's ingress"],
    [['ingress', 'egress'], "filters from pp0's egress and ingress"],
  ])('removes filters: %j', async (hooks, what) => {
    const cli = await start('clsact');
    const remove = async () => {
      // It is not to look while only one of them is gone.
      process.kill(cli.pid, 'SIGSTOP');
      for (const hook of hooks) await tc('filter', 'del', 'dev', pair.interfaceName, hook);
      process.kill(cli.pid, 'SIGCONT');
    };
    const fault = `another program removed pping's ${what}`;
    await expectFault(cli, remove, fault);
    expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
  });

  test("puts a filter of its own in pping's place, which stays", async () => {
    const program = compileForeign(file('foreign.o'));
    const dev = ['dev', pair.interfaceName, 'egress'];
    const replace = () => tc('filter', 'replace', ...dev, ...OUR_PLACE, ...program);
    const fault = "another program removed pping's filter from pp0's egress";
    await expectFault(await start('clsact'), replace, fault);
    expect(await foreignTc(pair.client, pair.interfaceName)).toContain(' foreign.o:[tc] ');
  });

  test('removes the clsact qdisc', async () => {
    const remove = () => tc('qdisc', 'del', 'dev', pair.interfaceName, 'clsact');
    const fault = 'another program removed the clsact qdisc from pp0';
    await expectFault(await start('clsact'), remove, fault);
  });

  test.each(['egress', 'ingress'] as const)('detaches the TCX link at %s', async (hook) => {
    const cli = await start('tcx');
    const fault = `another program removed pping's TCX link from pp0's ${hook}`;
    await expectFault(cli, () => detachLink(cli.pid, hook), fault);
  });

  test('does so right before the end: that is said, too', async () => {
    const cli = await start('tcx');
    detachLink(cli.pid, 'egress');
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(1);
    expect(linesOf(stderr)).toContain(
      "pping: another program removed pping's TCX link from pp0's egress",
    );
  });
});

/** Of packets after that time (ms since the epoch). */
async function samplesAfter(cli: Cli, time: number): Promise<void> {
  const isAfter = (line: string) =>
    line.startsWith('{"type":"rtt"') && JSON.parse(line).timestamp > time * 1e6;
  await until(() => cli.stdout.some(isAfter), 'RTTs again', DEADLINE_MS);
}
