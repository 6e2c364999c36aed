/** Interfaces of several network namespaces, watched by one run from outside of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  linksOf,
  MAPS_OF_RUN,
  mapsOfSize,
  NO_FILTERS,
  OWN_MAP_SIZE,
  ppingFilters,
} from '../../lab/attached.js';
import { building } from '../../lab/cleanup.js';
import { interfaceName } from '../../lab/endpoints.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { here, linesOf, useCli } from '../helpers/command/cli.js';
import {
  BRIDGE,
  type ContainerHost,
  containerAddresses,
  createContainerHost,
  outsideAddress,
  PORTS,
} from '../helpers/lab/container-host.js';
import { makePatient } from '../helpers/lab/patient.js';
import {
  expectAsCaptured,
  expectLonger,
  readingsOf,
  startCaptures,
} from '../helpers/lab/readings.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const CONNECTIONS = 3;
const REQUESTS = 15;
const AMOUNT = ['--connections', CONNECTIONS, '--requests', REQUESTS].map(String);
const STAYING = [...AMOUNT, '--interval', '12'];
const startCli = useCli();
const inFolder = useTemporaryFolder();

describe('a host with containers', () => {
  let lab: ContainerHost;
  beforeEach(async () => {
    lab = await createContainerHost(1_000);
    await Promise.all([lab.server, ...lab.containers].map(makePatient));
  });
  afterEach(() => lab?.close());

  const wordsOf = (namespaces: readonly Namespace[]) =>
    namespaces.flatMap(({ pid }) => ['--netns', String(pid)]);

  async function talk(client: Namespace, server: Namespace, address: string): Promise<void> {
    const service = await startServer({ server }, address);
    expect(await startClient({ client }, service, STAYING).summary).toMatchObject({ failed: 0 });
  }

  test.each([['tcx'], ['clsact']])(
    'each RTT in each of them is that of the capture there: %s',
    async (attach) => {
      const { host, server, containers } = lab;
      const [first, second, third] = containers as [Namespace, Namespace, Namespace];
      const ports = [...PORTS, BRIDGE];
      const ends = [
        await startCaptures(host, ports, inFolder, String(host.pid)),
        ...(await Promise.all(
          containers.map((each) =>
            startCaptures(each, [interfaceName], inFolder, String(each.pid)),
          ),
        )),
      ];
      const names = [...ports, interfaceName].flatMap((name) => ['--interface', `${name}*`]);
      const asked = [...names, ...wordsOf([host, ...containers]), '--rate', '0'];
      const cli = await startCli(here, [
        ...asked,
        '--attach',
        attach,
        '--format',
        'ndjson',
      ]).watching();
      await Promise.all([
        talk(first, server, outsideAddress),
        talk(second, first, containerAddresses[0] ?? ''),
        talk(third, server, outsideAddress),
      ]);
      const { code, stdout, stderr } = await cli.end('SIGINT');
      expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
      const captured = new Map(
        (await Promise.all(ends.map((end) => end()))).flatMap((each) => [...each]),
      );
      const readings = readingsOf(stdout, captured);
      const readingOf = (ns: Namespace, name: string) => {
        const reading = readings.get(`${ns.pid}/${name}`);
        if (!reading) throw new Error(`nothing of ${name}`);
        return reading;
      };
      for (const [at, container] of containers.entries()) {
        const isOwn = (address: string) => address === containerAddresses[at];
        const inside = readingOf(container, interfaceName);
        expectAsCaptured(inside, (address) => !isOwn(address), isOwn);
        expectAsCaptured(readingOf(host, PORTS[at] ?? ''), isOwn);
      }
      const compared = (container: Namespace, port: string, responder: string) =>
        expectLonger({
          farther: readingOf(container, interfaceName),
          nearer: readingOf(host, port),
          responders: [responder],
        });
      expect([
        compared(first, PORTS[0], outsideAddress),
        compared(second, PORTS[1], containerAddresses[0] ?? ''),
        compared(third, PORTS[2], outsideAddress),
      ]).toEqual([CONNECTIONS, CONNECTIONS, CONNECTIONS]);
      for (const container of containers) {
        expect(await ppingFilters(container, interfaceName)).toEqual(NO_FILTERS);
      }
    },
  );

  test('whose connections they are, and what it costs, in each of them', async () => {
    const { server, containers } = lab;
    const [first, second] = containers as [Namespace, Namespace, Namespace];
    const asked = ['-i', 'any', ...wordsOf([first, second]), '--rate', '0', '--who', '--self-cost'];
    const cli = await startCli(here, [...asked, '--format', 'ndjson']).watching();
    await Promise.all([talk(first, server, outsideAddress), talk(second, server, outsideAddress)]);
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const objects = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    const rtts = objects.filter(({ type }) => type === 'rtt');
    const processes = (ns: Namespace) =>
      new Set(rtts.filter(({ netns }) => netns === String(ns.pid)).map(({ pid }) => pid));
    const both = [processes(first), processes(second)];
    expect(both.map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set(both.flatMap((pids) => [...pids])).size).toBe(2);
    const summary = objects.at(-1) as { self_cost: Record<string, number>; counters: object };
    const { egress, ingress } = summary.counters as Record<string, number>;
    // All that packets meet first, and what is behind that: each ran once for a packet.
    expect(summary.self_cost).toMatchObject({ egress_packets: egress, ingress_packets: ingress });
  });
});

describe('namespaces that come and go', () => {
  /** Of no other test: all namespaces of the machine are looked at. */
  const NAME = `w${process.pid % 100_000}`;
  const [A, B] = [`${NAME}a`, `${NAME}b`];

  /** Two that are linked with each other. */
  const createPair = () =>
    building(async (cleanup) => {
      const create = async () => {
        const namespace = await createNamespace();
        cleanup.add(() => namespace.close());
        return namespace;
      };
      const [one, other] = [await create(), await create()];
      const peer = ['peer', 'name', B, 'netns', String(other.pid)];
      await one.run(['ip', 'link', 'add', A, 'type', 'veth', ...peer]);
      const set = async (ns: Namespace, name: string, address: string) => {
        await ns.run(['ip', 'addr', 'add', `${address}/24`, 'dev', name]);
        await ns.run(['ip', 'link', 'set', name, 'up']);
      };
      await set(one, A, '10.80.0.1');
      await set(other, B, '10.80.0.2');
      return { one, other, close: () => cleanup.run() };
    });

  let pair: Awaited<ReturnType<typeof createPair>>;
  afterEach(() => pair?.close());

  async function talk(): Promise<void> {
    const server = await startServer({ server: pair.other }, '10.80.0.2');
    const client = startClient({ client: pair.one }, server, STAYING);
    expect(await client.summary).toMatchObject({ failed: 0 });
  }

  test('are found, and nothing of pping holds one that goes', async () => {
    const asked = ['-i', `${NAME}?`, '--netns', 'all', '--rate', '0', '--format', 'ndjson'];
    const cli = await startCli(here, asked).said('no interface matches ');
    pair = await createPair();
    const { one, other } = pair;
    const labels = [`${one.pid}/${A}`, `${other.pid}/${B}`];
    await until(() => labels.every((each) => cli.stderr.join().includes(each)), 'both watched');
    expect(linksOf(cli.pid)).toHaveLength(4);
    await talk();
    await until(() => cli.hasPrinted(`"netns":"${one.pid}","interface":"${A}"`), 'RTTs');
    await one.close();
    // With the namespace its end of the link goes, and the other end with that: unless somebody holds it.
    const isLinkGone = async () => !(await other.run(['ip', '-o', 'link'])).includes(B);
    await until(isLinkGone, 'the link gone');
    const detached = () => cli.stdout.filter((line) => line.includes('"change":"detached"'));
    await until(() => detached().length === labels.length, 'both told');
    const { code, stdout, stderr } = await cli.end('SIGINT');
    expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
    const objects = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    const changes = objects.filter(({ type }) => type === 'interface');
    for (const [netns, name] of [
      [one.pid, A],
      [other.pid, B],
    ]) {
      const its = changes.filter((each) => each.netns === String(netns) && each.interface === name);
      expect(its.map(({ change }) => change)).toEqual(['attached', 'detached']);
    }
    expect(objects.at(-1)?.interfaces).toHaveLength(2);
  });

  test('one that has its name again is watched again', async () => {
    pair = await createPair();
    const { other } = pair;
    const named = NAME;
    const attach = () => execFileSync('ip', ['netns', 'attach', named, String(other.pid)]);
    attach();
    try {
      const words = ['--netns', named, '--netns', String(pair.one.pid)];
      const cli = await startCli(here, ['-i', `${NAME}?`, ...words]).watching();
      expect(cli.stderr.join()).toContain(`${named}/${B}`);
      execFileSync('ip', ['netns', 'delete', named]);
      await cli.said(`interface ${named}/${B} is gone: 1 interface left`);
      attach();
      await cli.said(`now also watching ${named}/${B}`);
      expect((await cli.end('SIGINT')).code).toBe(0);
    } finally {
      // Where it fails while there is none, that is not what is to be told.
      spawnSync('ip', ['netns', 'delete', named]);
    }
  });

  test.each([['tcx'], ['clsact']])(
    'kill -9 leaves nothing that the next run does not clear: %s',
    async (attach) => {
      pair = await createPair();
      const { one, other } = pair;
      const words = [one, other].flatMap(({ pid }) => ['--netns', String(pid)]);
      const asked = ['-i', `${NAME}?`, ...words, '--attach', attach];
      const cli = await startCli(here, [...asked, '--max-flows', String(OWN_MAP_SIZE)]).watching();
      await until(() => cli.stderr.join().includes(B), 'both watched');
      expect(mapsOfSize(OWN_MAP_SIZE)).toBe(MAPS_OF_RUN);
      await cli.end('SIGKILL');
      // Filters stay, but what they would go on with does not.
      await until(() => mapsOfSize(OWN_MAP_SIZE) === 0, 'maps gone');
      await talk();
      const left = attach === 'tcx' ? 0 : 1;
      expect((await ppingFilters(one, A)).egress).toHaveLength(left);
      const next = await startCli(here, [...asked, '-c', '1']).watching();
      await Promise.all([talk(), next.ended]);
      expect((await next.ended).code).toBe(0);
      expect(await ppingFilters(one, A)).toEqual(NO_FILTERS);
      expect(await ppingFilters(other, B)).toEqual(NO_FILTERS);
    },
  );
});
