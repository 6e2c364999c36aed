/** The unit's capabilities are enough for the real command, and not one of them is too many. */
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { detachLink, NO_FILTERS, ppingFilters } from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { missingRequirement } from '../../lab/requirements.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { installForAll } from '../helpers/command/installed.js';
import { setting } from '../helpers/command/unit.js';
import { fetchIn } from '../helpers/lab/prometheus.js';
import { batchesIn, SERVER_URL, startCollector } from '../helpers/upload/server-process.js';

/** Nobody's. */
const UID = '64321';
const CAPABILITIES = setting('AmbientCapabilities').map((name) =>
  name.replace('CAP_', '').toLowerCase(),
);

jest.setTimeout(180_000);

test('what is given is what may be had at most', () => {
  expect(setting('CapabilityBoundingSet')).toEqual(setting('AmbientCapabilities'));
  expect(setting('NoNewPrivileges')).toEqual(['yes']);
});

const missing = missingRequirement();
const on = missing === undefined ? describe : describe.skip;

on(`as the unit runs it${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const start = useCli();
  let pair: Endpoints;
  let folder: string;
  let program: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pping-test-'));
    program = installForAll(folder);
    pair = await createVethPair({ ipv6: false });
    const server = await startServer(pair, serverAddresses.ipv4);
    startClient(pair, server, ['--connections', '3', '--interval', '15']);
  });

  afterAll(async () => {
    await pair?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function watch(capabilities: readonly string[], attach: string, ...more: string[]) {
    const args = ['-i', pair.interfaceName, '--attach', attach, '--format', 'ndjson', ...more];
    return start(pair.client, args, { program, through: unprivileged(capabilities) });
  }

  function run(capabilities: readonly string[], attach: string, ...more: string[]) {
    return watch(capabilities, attach, '-c', '5', ...more).ended;
  }

  test.each(['tcx', 'clsact'])('%s: RTTs, with these capabilities only', async (attach) => {
    const { code, stdout, stderr } = await run(CAPABILITIES, attach);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`watching pp0 (${attach})`)]);
    const samples = linesOf(stdout).filter((line) => line.includes('"type":"rtt"'));
    expect(samples).toHaveLength(5);
  });

  test('any: RTTs of all interfaces, with these capabilities', async () => {
    const through = unprivileged(CAPABILITIES);
    const args = ['-i', 'any', '--format', 'ndjson', '-c', '5'];
    const { code, stdout } = await start(pair.client, args, { program, through }).ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).filter((line) => line.includes('"interface":"pp0"'))).not.toEqual([]);
  });

  test.each(['127.0.0.1:9747', '[::1]:9747'])('metrics at %s', async (address) => {
    const cli = await watch(CAPABILITIES, 'auto', '--metrics', address).watching();
    // The first line may be that a flow has opened.
    await until(() => cli.hasPrinted('"type":"rtt"'), 'an RTT');
    const { status, body } = await fetchIn(pair.client, `http://${address}/metrics`);
    expect([status, body]).toEqual([200, expect.stringContaining('pping_rtt_seconds_count')]);
    expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
  });

  test('lines by HTTP, and a spool', async () => {
    const taken = join(folder, 'taken');
    const kill = await startCollector(pair.client, taken);
    const spool = join(folder, 'state');
    mkdirSync(spool);
    chownSync(spool, Number(UID), Number(UID));
    const more = ['-o', SERVER_URL, '--spool', join(spool, 'spool')];
    const { code } = await run(CAPABILITIES, 'auto', ...more);
    await kill();
    const lines = batchesIn(taken).flatMap(linesOf);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('"type":"rtt"'))).toHaveLength(5);
  });

  test.each([
    ['tcx', 'TCX link'],
    ['clsact', 'filter'],
  ])('%s: it notices that it was taken off, with these capabilities', async (attach, what) => {
    const cli = await watch(CAPABILITIES, attach).watching();
    if (attach === 'tcx') detachLink(cli.pid, 'ingress');
    else await pair.client.run(['tc', 'filter', 'del', 'dev', pair.interfaceName, 'ingress']);
    const { code, stderr } = await cli.ended;
    const fault = `pping: another program removed pping's ${what} from pp0's ingress`;
    expect([code, linesOf(stderr).at(-1)]).toEqual([1, fault]);
  });

  test.each(['tcx', 'clsact'])('%s: two runs take no notice of each other', async (attach) => {
    const runs: Cli[] = [];
    for (const _ of ['first', 'second']) {
      runs.push(await watch(CAPABILITIES, attach, '--stats', '1s').watching());
    }
    const summaries = (cli: Cli) =>
      cli.stdout.filter((line) => line.startsWith('{"type":"summary"')).length;
    // As often as a summary is due, each looks for others.
    const before = runs.map(summaries);
    const isOver = () => runs.every((cli, place) => summaries(cli) >= (before[place] ?? 0) + 4);
    await until(isOver, 'summaries', 60_000);
    for (const cli of runs) {
      const { code, stdout } = await cli.end('SIGINT');
      expect([code, stdout]).toEqual([0, expect.not.stringContaining('"visibility"')]);
    }
  });

  test.each(CAPABILITIES.flatMap((left) => [['tcx', left] as const, ['clsact', left] as const]))(
    '%s: not without %s',
    async (attach, left) => {
      const others = CAPABILITIES.filter((name) => name !== left);
      const { code, stdout, stderr } = await run(others, attach);
      expect([code, stdout]).toEqual([1, '']);
      expect(linesOf(stderr)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^pping: cannot load the BPF programs without CAP_${left.toUpperCase()} \\((EPERM|EACCES)\\); `,
          ),
        ),
      ]);
    },
  );

  test('clsact: the next run takes away what killed ones have left', async () => {
    const args = ['-i', pair.interfaceName, '--attach', 'clsact'];
    const options = { program, through: unprivileged(CAPABILITIES) };
    const killed = [start(pair.client, args, options), start(pair.client, args, options)];
    await Promise.all(killed.map((cli) => cli.watching()));
    await Promise.all(killed.map((cli) => cli.end('SIGKILL')));
    const left = (await ppingFilters(pair.client, pair.interfaceName)).egress;
    expect(left).toHaveLength(2);
    expect(await run(CAPABILITIES, 'clsact')).toMatchObject({ code: 0 });
    expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
  });

  test('what fails when it is attached already leaves no filter', async () => {
    const { code, stdout, stderr } = await run(CAPABILITIES, 'clsact', '--self-cost');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^pping: cannot enable the kernel's run-time statistics: .*\n$/);
    expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
  });
});

/** As an unprivileged user with ambient capabilities, which is what systemd makes of the unit. */
function unprivileged(capabilities: readonly string[]): string[] {
  const set = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const user = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--no-new-privs'];
  const sets = [`--bounding-set=${set}`, `--inh-caps=${set}`, `--ambient-caps=${set}`];
  return ['setpriv', ...user, ...sets];
}
