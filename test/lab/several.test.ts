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
import { makePatient } from '../helpers/lab/patient.js';
import {
  expectAsCaptured,
  expectLonger,
  type Reading,
  readingsOf,
  responderOf,
  startCaptures,
} from '../helpers/lab/readings.js';
import { startTuns } from '../helpers/lab/tuns.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(120_000);

/** A request at a time: then each packet answers those before it, wherever it is seen. */
const STAYING = ['--connections', '3', '--requests', '15', '--interval', '12'];
const COMING_AND_GOING = ['--mode', 'short', ...STAYING];

const startCli = useCli();
const inFolder = useTemporaryFolder();

/** Those that both have. */
function flowsAt(one: Reading, other: Reading): string[] {
  return [...one.reported.keys()].filter((flow) => other.reported.has(flow));
}

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
  expect([code, stderr]).toEqual([0, expect.stringContaining('no event lost')]);
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
    await server.run(['ip', 'route', 'add', 'default', 'dev', TUNNEL, 'table', '3']);
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
    const isBeyond = (name: string, address: string) =>
      Object.values(BEYOND[name] ?? {}).includes(address);
    for (const name of names) {
      expectAsCaptured(readingOf(name), (address) => isBeyond(name, address));
    }
    let crossing = 0;
    for (const [farther, nearer] of names.flatMap((one) =>
      names.map((other) => [one, other] as const),
    )) {
      for (const flow of flowsAt(readingOf(farther), readingOf(nearer))) {
        if (isBeyond(farther, responderOf(flow)) || !isBeyond(nearer, responderOf(flow))) continue;
        expectLonger(readingOf(farther), readingOf(nearer), [flow, flow]);
        crossing++;
      }
    }
    // Both ways of each connection: three that stay, or as many as requests.
    expect(crossing).toBe(2 * 3 * (3 + 3 * 15));
  });
});
