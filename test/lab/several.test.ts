/** Real connections across several interfaces of one machine, all watched by one run, and captured at each. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { configure } from '../../lab/endpoints.js';
import {
  createNatLab,
  innerInterfaces,
  type NatLab,
  natAddresses,
  outerInterface,
} from '../../lab/nat.js';
import type { Namespace } from '../../lab/netns.js';
import { startClient, startServer } from '../../lab/services.js';
import { useCli } from '../helpers/command/cli.js';
import {
  BRIDGE,
  type ContainerHost,
  containerAddresses,
  createContainerHost,
  hostAddresses,
  LINE,
  OUTER,
  outsideAddress,
  PORTS,
  UPLINK,
} from '../helpers/lab/container-host.js';
import { makePatient } from '../helpers/lab/patient.js';
import {
  type Crossing,
  expectAsCaptured,
  expectLonger,
  type Reading,
  readingsOf,
  startCaptures,
} from '../helpers/lab/readings.js';
import { startTuns } from '../helpers/lab/tuns.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

/** A request at a time: then each packet answers those before it, wherever it is seen. */
const CONNECTIONS = 3;
const REQUESTS = 15;
const AMOUNT = ['--connections', CONNECTIONS, '--requests', REQUESTS].map(String);
const STAYING = [...AMOUNT, '--interval', '12'];
const COMING_AND_GOING = ['--mode', 'short', ...STAYING];

const sum = (counts: readonly number[]) => counts.reduce((all, each) => all + each, 0);
/** Of a route: see makePatient(). */
const LATE = ['rto_min', '20s'];

const startCli = useCli();
const inFolder = useTemporaryFolder();

/** One run over these interfaces while there is traffic, and captures at each of them. */
async function watch(
  ns: Namespace,
  watched: readonly string[],
  names: readonly string[],
  traffic: () => Promise<unknown>,
): Promise<(name: string) => Reading> {
  const endCaptures = await startCaptures(ns, names, inFolder);
  const cli = await startCli(ns, [...watched, '--rate', '0', '--format', 'ndjson']).watching();
  await traffic();
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
  const readings = readingsOf(stdout, await endCaptures());
  return (name) => readings.get(name) as Reading;
}

async function talk(
  client: Namespace,
  server: Namespace,
  address: string,
  options: readonly string[],
): Promise<void> {
  const service = await startServer({ server }, address);
  expect(await startClient({ client }, service, options).summary).toMatchObject({ failed: 0 });
}

describe('a router with two networks behind it, and two ways out', () => {
  const [FIRST, SECOND] = natAddresses.clients;
  const { server: SERVER } = natAddresses;
  /** Packets begin with their IP header there. */
  const TUNNEL = 'tun0';
  const TUNNELLED = {
    router: { ipv4: '10.78.3.1', ipv6: 'fd78:3::1' },
    server: { ipv4: '10.78.3.2', ipv6: 'fd78:3::2' },
  };
  const BEYOND: Readonly<Record<string, { readonly ipv4: string; readonly ipv6: string }>> = {
    [innerInterfaces[0]]: FIRST,
    [innerInterfaces[1]]: SECOND,
    [outerInterface]: SERVER,
    [TUNNEL]: TUNNELLED.server,
  };
  let lab: NatLab;

  beforeEach(async () => {
    lab = await createNatLab({ translate: false });
    await addTunnel();
    await Promise.all([...lab.clients, lab.server].map(makePatient));
  });
  afterEach(() => lab?.close());

  async function addTunnel(): Promise<void> {
    const { router, server } = lab;
    await startTuns(router, [TUNNEL, 'other']);
    await router.run(['ip', 'link', 'set', 'other', 'netns', String(server.pid), 'name', TUNNEL]);
    await configure(router, TUNNELLED.router, true, TUNNEL);
    await configure(server, TUNNELLED.server, true, TUNNEL);
    // What came by it goes back by it.
    await server.run(['ip', 'route', 'add', 'default', 'dev', TUNNEL, 'table', '3', ...LATE]);
    await server.run(['ip', 'rule', 'add', 'from', TUNNELLED.server.ipv4, 'table', '3']);
  }

  test('each RTT of each interface is that of the capture there', async () => {
    const { router, server, clients } = lab;
    const [first, second] = clients;
    const names = Object.keys(BEYOND);
    const readingOf = await watch(
      router,
      names.flatMap((name) => ['-i', name]),
      names,
      () =>
        Promise.all([
          talk(first, server, SERVER.ipv4, STAYING),
          talk(second, server, SERVER.ipv6, COMING_AND_GOING),
          talk(second, server, TUNNELLED.server.ipv4, STAYING),
          talk(first, server, TUNNELLED.server.ipv4, COMING_AND_GOING),
          talk(first, second, SECOND.ipv4, STAYING),
          talk(server, first, FIRST.ipv6, COMING_AND_GOING),
        ]),
    );
    const beyond = (name: string) => Object.values(BEYOND[name] ?? {});
    for (const name of names) {
      expectAsCaptured(readingOf(name), (address) => beyond(name).includes(address));
    }
    const pairs = names.flatMap((one) => names.map((other) => [one, other] as const));
    const compared = pairs
      .filter(([farther, nearer]) => farther !== nearer)
      .map(([farther, nearer]) =>
        expectLonger({
          farther: readingOf(farther),
          nearer: readingOf(nearer),
          responders: beyond(nearer),
        }),
      );
    // Of six times traffic, both ways of each connection.
    expect(sum(compared)).toBe(6 * CONNECTIONS + 6 * CONNECTIONS * REQUESTS);
  });
});

describe('a host with containers behind a bridge', () => {
  const DELAY_US = 2_000;
  const BETWEEN_NS = 2 * DELAY_US * 1_000;
  const OWN: readonly string[] = Object.values(hostAddresses);
  const BEYOND: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(PORTS.map((port, at) => [port, [containerAddresses[at] ?? '']])),
    [BRIDGE]: containerAddresses,
    [UPLINK]: [outsideAddress],
    [LINE]: [hostAddresses.outer],
    [OUTER]: [outsideAddress],
  };
  let lab: ContainerHost;

  beforeEach(async () => {
    lab = await createContainerHost(DELAY_US);
    await Promise.all([lab.host, lab.server, ...lab.containers].map(makePatient));
  });
  afterEach(() => lab?.close());

  test('any: each RTT of each interface is that of the capture there', async () => {
    const { host, server, containers } = lab;
    const [first, second, third] = containers as [Namespace, Namespace, Namespace];
    const names = [...PORTS, BRIDGE, UPLINK, LINE, OUTER];
    const readingOf = await watch(host, ['-i', 'any'], names, () =>
      Promise.all([
        talk(first, server, outsideAddress, STAYING),
        talk(second, server, outsideAddress, COMING_AND_GOING),
        talk(third, first, containerAddresses[0] ?? '', STAYING),
        talk(host, server, outsideAddress, STAYING),
        talk(host, third, containerAddresses[2] ?? '', COMING_AND_GOING),
        talk(second, host, hostAddresses.inner, STAYING),
      ]),
    );
    for (const name of names) {
      const isBeyond = (address: string) => BEYOND[name]?.includes(address) === true;
      const isOwn = (address: string) => !isBeyond(address) && OWN.includes(address);
      expectAsCaptured(readingOf(name), isBeyond, isOwn);
    }
    const atBridge = [...readingOf(BRIDGE).captured.keys()];
    const masqueraded = (flow: string) =>
      containerAddresses.reduce((name, own) => name.replace(own, hostAddresses.outer), flow);
    const asBefore = (flow: string) => atBridge.find((name) => masqueraded(name) === flow) ?? '';
    const compare = (farther: string, nearer: string, how: Partial<Crossing> = {}) =>
      expectLonger({
        farther: readingOf(farther),
        nearer: readingOf(nearer),
        responders: BEYOND[nearer] ?? [],
        ...how,
      });
    const [stay, go] = [CONNECTIONS, CONNECTIONS * REQUESTS];
    const both = stay + go;
    // With the host itself, of which only one side is told.
    const own = stay;
    const out = { responders: [outsideAddress] };
    const back = { responders: [hostAddresses.outer], nameAtNearer: asBefore };
    expect([
      compare(PORTS[0], BRIDGE, out),
      compare(PORTS[1], BRIDGE, out),
      compare(BRIDGE, UPLINK, { nameAtNearer: masqueraded }),
      compare(UPLINK, LINE, { ...out, between: BETWEEN_NS }),
      compare(LINE, OUTER),
      compare(LINE, BRIDGE, { ...back, between: BETWEEN_NS }),
      compare(BRIDGE, PORTS[0]),
      compare(BRIDGE, PORTS[1]),
      compare(PORTS[2], PORTS[0]),
      compare(PORTS[0], PORTS[2]),
    ]).toEqual([stay, go, both, own + both, own + both, both, stay, own + go, stay, stay]);
  });
});
