/** Others end the packets' way before pping, or something takes them past it: it sees them all the same, or says who. */
import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { NO_FILTERS, ppingFilters, programsOf } from '../../lab/attached.js';
import { end } from '../../lab/child.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { attachForeign, compileForeign } from '../helpers/kernel/foreign.js';
import { testWithTcx } from '../helpers/kernel/tcx.js';
import { compileBpf } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** The machine may be slow. */
const DEADLINE_MS = 60_000;
/** Of one that stands in front on one hook, as NDJSON tells it. */
const MOVED = { type: 'visibility', change: 'moved', interface: 'pp0' };

jest.setTimeout(300_000);

const startCli = useCli();
const file = useTemporaryFolder();
let pair: Endpoints;
let traffic: RunningClient;
let foreign: readonly string[];

beforeEach(async () => {
  pair = await createVethPair({ ipv6: false });
  const server = await startServer(pair, serverAddresses.ipv4);
  traffic = startClient(pair, server, ['--connections', '3', '--interval', '15']);
  foreign = compileForeign(file('foreign.o'), 'TC_ACT_OK');
});

afterEach(async () => {
  await traffic?.stop();
  await pair?.close();
});

function start(...args: string[]): Promise<Cli> {
  const watch = ['-i', pair.interfaceName, '--rate', '10ms', '--format', 'ndjson'];
  return startCli(pair.client, [...watch, ...args]).watching();
}

function tc(...args: string[]): Promise<string> {
  return pair.client.run(['tc', ...args]);
}

/** Resolves with the first such object that is on stdout by now, or comes. */
async function told(cli: Cli, fields: object): Promise<object> {
  const wanted = () =>
    sightings(cli).find((sighting) =>
      Object.entries(fields).every(([name, value]) => sighting[name] === value),
    );
  await until(() => wanted() !== undefined, JSON.stringify(fields), DEADLINE_MS);
  return wanted() as object;
}

function sightings(cli: Cli): Record<string, unknown>[] {
  const lines = cli.stdout.filter((line) => line.startsWith('{"type":"visibility"'));
  return lines.map((line) => JSON.parse(line));
}

/** It measures from now on, both directions seen. @returns what it said at its end */
async function expectToMeasure(cli: Cli): Promise<string> {
  await until(() => rttsOf(cli) > 0, 'an RTT', DEADLINE_MS);
  const before = rttsOf(cli);
  await until(() => rttsOf(cli) >= before + 20, 'RTTs', DEADLINE_MS);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  return stderr;
}

function rttsOf(cli: Cli): number {
  return cli.stdout.filter((line) => line.startsWith('{"type":"rtt"')).length;
}

function attachWithTcx(isInFront?: boolean): Promise<ChildProcess> {
  return attachForeign(pair.client, file('foreign.o'), pair.interfaceName, isInFront);
}

/** The id of the foreign program. */
function idOf(holder: ChildProcess): number {
  return programsOf(holder.pid ?? 0)[0] ?? 0;
}

describe('a TCX program that ends the chain', () => {
  testWithTcx('is there before: seen on ingress at once, on egress after moving', async () => {
    const holder = await attachWithTcx();
    const cli = await start();
    const programs = [{ id: idOf(holder), name: 'foreign' }];
    expect(await told(cli, MOVED)).toMatchObject({ ...MOVED, hook: 'egress', programs });
    const stderr = await expectToMeasure(cli);
    expect(sightings(cli)).toHaveLength(1);
    // Told as it happens, and in the summary.
    const line = `TCX program ${idOf(holder)} (foreign) ran before pping on egress of pp0; `;
    expect(linesOf(stderr).filter((each) => each.startsWith(line))).toHaveLength(2);
  });

  testWithTcx('comes later: pping goes in front on ingress, then on egress', async () => {
    const cli = await start();
    await cli.printed(5);
    const holder = await attachWithTcx(true);
    const programs = [{ id: idOf(holder), name: 'foreign' }];
    expect(await told(cli, { ...MOVED, hook: 'ingress' })).toMatchObject({ programs });
    expect(await told(cli, { ...MOVED, hook: 'egress' })).toMatchObject({ programs });
    await expectToMeasure(cli);
  });

  testWithTcx('comes again: pping does not fight, and says who hides the packets', async () => {
    const cli = await start();
    await cli.printed(5);
    await attachWithTcx();
    await told(cli, { ...MOVED, hook: 'ingress' });
    const second = await attachWithTcx();
    const programs = [{ id: idOf(second), name: 'foreign' }];
    const hook = 'ingress';
    expect(await told(cli, { change: 'preceded', hook })).toMatchObject({ programs });
    const hidden = await told(cli, { change: 'hidden', hook });
    expect(hidden).toMatchObject({ cause: 'program', programs, seen_packets: 0 });
    const silence = /^no RTT for 5 s: .*; running before pping: (.*)$/;
    const said = () => cli.stderr.map((line) => silence.exec(line)?.[1]).find((each) => each);
    await until(() => said() !== undefined, 'silence', DEADLINE_MS);
    expect(said()).toBe(`TCX program ${idOf(second)} (foreign) on ingress`);
    await end(second);
    await expectToMeasure(cli);
  });

  testWithTcx('stands before clsact filters, which cannot get in front: who is told', async () => {
    const holder = await attachWithTcx();
    const cli = await start('--attach', 'clsact');
    const programs = [{ id: idOf(holder), name: 'foreign' }];
    for (const hook of ['ingress', 'egress']) {
      expect(await told(cli, { change: 'preceded', hook })).toMatchObject({ programs });
      expect(await told(cli, { change: 'hidden', hook })).toMatchObject({ programs });
    }
    expect((await cli.end('SIGINT')).code).toBe(0);
  });

  testWithTcx('--until with a loss is not met by what is hidden', async () => {
    await attachWithTcx();
    const cli = await start('--attach', 'clsact', '--until', 'events-lost>0');
    await told(cli, { change: 'hidden', hook: 'ingress' });
    expect((await cli.end('SIGINT')).code).toBe(0);
  });
});

describe('a clsact filter that returns OK', () => {
  const dev = () => ['dev', pair.interfaceName];
  const filter = (hook: string, pref: number) => [
    'filter',
    'add',
    ...dev(),
    hook,
    'pref',
    `${pref}`,
  ];

  test.each([1, 7])(
    'is there before, pref %d: ingress at once, egress after moving',
    async (pref) => {
      await tc('qdisc', 'add', ...dev(), 'clsact');
      for (const hook of ['ingress', 'egress']) await tc(...filter(hook, pref), ...foreign);
      const cli = await start('--attach', 'clsact');
      const programs = [{ id: expect.any(Number), name: 'foreign.o:[tc]', pref }];
      expect(await told(cli, MOVED)).toMatchObject({ hook: 'egress', programs });
      await expectToMeasure(cli);
      expect(sightings(cli)).toHaveLength(1);
      expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
    },
  );

  test('comes later: pping goes in front on ingress, then on egress', async () => {
    const cli = await start('--attach', 'clsact');
    await cli.printed(5);
    for (const hook of ['ingress', 'egress']) await tc(...filter(hook, 9), ...foreign);
    const programs = [{ id: expect.any(Number), name: 'foreign.o:[tc]', pref: 9 }];
    expect(await told(cli, { ...MOVED, hook: 'ingress' })).toMatchObject({ programs });
    expect(await told(cli, { ...MOVED, hook: 'egress' })).toMatchObject({ programs });
    await expectToMeasure(cli);
  });

  test('a killed run that had gone in front leaves what the next one takes away', async () => {
    await tc('qdisc', 'add', ...dev(), 'clsact');
    await tc(...filter('ingress', 7), ...foreign);
    const killed = await start('--attach', 'clsact');
    await killed.printed(5);
    await killed.end('SIGKILL');
    const next = await start('--attach', 'clsact');
    const { ingress } = await ppingFilters(pair.client, pair.interfaceName);
    expect(ingress).toEqual(['0x50500000']);
    await expectToMeasure(next);
    expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
    expect(await tc('filter', 'show', ...dev(), 'ingress')).toContain('foreign.o:[tc]');
  });

  test('of another kind in the first place: nobody can get in front, and who it is is told', async () => {
    await tc('qdisc', 'add', ...dev(), 'clsact');
    const anything = ['protocol', 'ip', 'u32', 'match', 'u32', '0', '0', 'flowid', '1:1'];
    await tc(...filter('ingress', 1), ...anything);
    const cli = await start('--attach', 'clsact');
    const programs = [{ name: 'u32', pref: 1 }];
    const hook = 'ingress';
    expect(await told(cli, { change: 'preceded', hook })).toMatchObject({ programs });
    const hidden = await told(cli, { change: 'hidden', hook });
    expect(hidden).toMatchObject({ cause: 'program', programs });
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^hidden on ingress of pp0: in \d+ s the interface counted \d+ packets \(.*\) and pping 0: filter of pref 1 \(u32\) runs first and stops them$/m,
    );
  });
});

describe('what is not to be got in front of', () => {
  test('an XDP program that takes packets away is named by its id', async () => {
    compileBpf(XDP_DROP, file('drop.o'));
    startFlood();
    const cli = await start();
    await cli.printed(5);
    const xdp = (...what: string[]) =>
      pair.client.run(['ip', 'link', 'set', 'dev', pair.interfaceName, 'xdpgeneric', ...what]);
    await xdp('obj', file('drop.o'), 'sec', 'xdp');
    const links = await pair.client.run(['ip', '-json', 'link', 'show', 'dev', pair.interfaceName]);
    const { id } = JSON.parse(links)[0].xdp.prog;
    const hidden = await told(cli, { change: 'hidden', hook: 'ingress' });
    expect(hidden).toMatchObject({ cause: 'xdp', xdp: id, programs: [] });
    expect((await cli.end('SIGINT')).code).toBe(0);
    await xdp('off');
  });
});

describe('where all is well', () => {
  test.each([[[]], [['--attach', 'clsact']]])(
    'nothing is told, also beside another run and of merged packets: %j',
    async (args) => {
      const server = await startServer(pair, serverAddresses.ipv4);
      const bulk = startClient(pair, server, ['--mode', 'bulk', '--rate', '200']);
      startFlood();
      const runs = [await start(...args, '-s', '8'), await start(...args, '-s', '8')];
      for (const { code, stdout } of await Promise.all(runs.map((cli) => cli.ended))) {
        expect(code).toBe(0);
        expect(stdout).toContain('"type":"rtt"');
        expect(stdout).not.toContain('"type":"visibility"');
      }
      await bulk.stop();
    },
  );
});

/** 100 packets a second to the client, whether they arrive or not. */
function startFlood(): void {
  const code = `
    const socket = require('node:dgram').createSocket('udp4');
    socket.bind(0, '${serverAddresses.ipv4}', () => {
      socket.setMulticastInterface('${serverAddresses.ipv4}');
      setInterval(() => socket.send('flood', 9, '224.0.0.1'), 10);
    });`;
  pair.server.spawn([process.execPath, '-e', code], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const XDP_DROP = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop(struct xdp_md *packet)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
`;
