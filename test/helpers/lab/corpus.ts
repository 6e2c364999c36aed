/**
 * Captures of what real kernels send each other, of many kinds, at both ends of a path that delays
 * frames, loses some and puts others out of order. Which kind a connection is of its server's port tells.
 */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { building } from '../../../lab/cleanup.js';
import { configure, connectTimes, type Endpoints } from '../../../lab/endpoints.js';
import { createNamespace } from '../../../lab/netns.js';
import { createPath, type LabPath } from '../../../lab/path.js';
import type { Faults } from '../../../lab/relay.js';
import { type Service, startClient, startServer } from '../../../lab/services.js';
import { inOrder } from '../packets/segments.js';
import { startCapture } from './tcpdump.js';

export interface Kind {
  readonly name: string;
  readonly faults?: Faults;
  /** Below net.ipv4, at both ends, for both address families. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The algorithm of congestion control at both ends, over IPv4. */
  readonly congestion?: string;
  readonly isIpv6?: boolean;
  /** See lab/traffic/options.ts. */
  readonly traffic: readonly string[];
  /** In Python, instead: it is given the server's address and port, and then the traffic. */
  readonly script?: string;
  /** Of what carries to the server no more than this (tc's tbf); behind bridges only, and not captured there. */
  readonly queue?: readonly string[];
  /** One of so many segments to the server: captured, but not received. */
  readonly dropped?: number;
}

export interface Corpus {
  /** By the end that it was taken at; in the order of time. */
  readonly captures: Readonly<Record<End, Buffer>>;
  /** By the server's port. */
  readonly kinds: ReadonlyMap<number, Kind>;
}

export const ENDS = ['client', 'server'] as const;
export type End = (typeof ENDS)[number];

/** One way. */
export const DELAY_US = 5_000;
const FIRST_PORT = 5_001;
const NO_FAULTS = { lost: 0, early: 0 };
const FILTER = `tcp portrange ${FIRST_PORT}-${FIRST_PORT + 999}`;

/**
 * @param file where a file of that name can be written
 * @param at whether what TCP sends at once is captured as one segment (GSO), at the sender
 */
export async function makeCorpus(
  kinds: readonly Kind[],
  file: (name: string) => string,
  at: 'wire' | 'merged' = 'wire',
): Promise<Corpus> {
  const network = await (at === 'wire' ? atPath() : behindBridges());
  try {
    const ends = await Promise.all(
      ENDS.map((end) => startCapture(network[end], network.device, file(`${end}.pcap`), FILTER)),
    );
    for (const [index, kind] of kinds.entries()) await run(network, kind, FIRST_PORT + index);
    await Promise.all(ends.map((end) => end()));
    await checkFaults(network.path, kinds);
  } finally {
    await network.close();
  }
  const read = (end: End) => inOrder(readFileSync(file(`${end}.pcap`)));
  return {
    captures: { client: read('client'), server: read('server') },
    kinds: new Map(kinds.map((kind, index) => [FIRST_PORT + index, kind])),
  };
}

/** Where the connections' ends are, and what is captured. */
interface Network extends Pick<Endpoints, 'client' | 'server'> {
  readonly path: LabPath;
  readonly device: string;
  /** Of the addresses; the rest is the end's digit. */
  readonly prefix: { readonly ipv4: string; readonly ipv6: string };
  close(): Promise<void>;
}

const DIGITS = { client: 1, server: 2 } as const;
const BRIDGE = 'br0';

async function atPath(): Promise<Network> {
  const path = await createPath({ delayUs: DELAY_US });
  const { client, server, interfaceName: device } = path;
  const prefix = { ipv4: '10.77.0.', ipv6: 'fd77::' };
  return { path, client, server, device, prefix, close: () => path.close() };
}

/** Hosts behind bridges: a veth takes merged segments, and they are cut where they enter the path. */
function behindBridges(): Promise<Network> {
  return building(async (cleanup) => {
    const path = await createPath({ delayUs: DELAY_US });
    cleanup.add(() => path.close());
    const server = await createNamespace();
    cleanup.add(() => server.close());
    const client = await createNamespace();
    cleanup.add(() => client.close());
    const [device, prefix] = ['pp7', { ipv4: '10.77.0.1', ipv6: 'fd77::1' }];
    const network = { path, client, server, device, prefix, close: () => cleanup.run() };
    for (const end of ENDS) await putBehindBridge(network, end);
    for (const isIpv6 of [false, true]) {
      await connectTimes(client, addressOf(network, 'server', isIpv6), 1);
    }
    return network;
  });
}

async function putBehindBridge(network: Network, end: End): Promise<void> {
  const { path, device, [end]: host } = network;
  const ip = (...args: string[]) => path[end].run(['ip', 'link', ...args]);
  await ip('add', BRIDGE, 'type', 'bridge');
  await ip('add', device, 'type', 'veth', 'peer', 'name', device, 'netns', String(host.pid));
  for (const port of [path.interfaceName, device]) await ip('set', port, 'master', BRIDGE, 'up');
  await ip('set', BRIDGE, 'up');
  const own = { ipv4: addressOf(network, end), ipv6: addressOf(network, end, true) };
  await configure(host, own, true, device);
}

function addressOf({ prefix }: Network, end: End, isIpv6 = false): string {
  return `${isIpv6 ? prefix.ipv6 : prefix.ipv4}${DIGITS[end]}`;
}

async function checkFaults(path: LabPath, kinds: readonly Kind[]): Promise<void> {
  const { aToB, bToA } = await path.stats();
  const faulty = kinds.filter(({ faults = NO_FAULTS }) => faults.lost + faults.early > 0);
  expect(aToB.lost + bToA.lost + aToB.early + bToA.early > 0).toBe(faulty.length > 0);
}

async function run(network: Network, kind: Kind, port: number): Promise<void> {
  const { faults = NO_FAULTS, settings = {} } = kind;
  const { path } = network;
  const address = addressOf(network, 'server', kind.isIpv6);
  const restore = await change(network, settings);
  if (kind.congestion !== undefined) await control(network, kind.congestion);
  if (kind.dropped !== undefined) await drop(network, port, kind.dropped);
  const queue = ['tc', 'qdisc', 'replace', 'dev', network.device, 'root'];
  if (kind.queue !== undefined) await path.server.run([...queue, 'tbf', ...kind.queue]);
  const service = await startServer(network, address, port);
  await path.setFaults(faults);
  await work(network, kind, service);
  if (kind.queue !== undefined) await path.server.run([...queue, 'noqueue']);
  await path.setFaults(NO_FAULTS);
  await restore();
}

async function work(network: Network, { name, traffic, script }: Kind, service: Service) {
  if (script === undefined) {
    const { failed } = await startClient(network, service, traffic).summary;
    expect({ name, failed }).toEqual({ name, failed: 0 });
  } else {
    const server = [service.address, String(service.port)];
    await network.client.run(['python3', '-c', script, ...server, ...traffic]);
  }
}

async function control(network: Network, algorithm: string): Promise<void> {
  for (const end of ENDS) {
    const from = ['src', addressOf(network, end), 'congctl', algorithm];
    const way = ['10.77.0.0/24', 'dev', network.device];
    await network[end].run(['ip', 'route', 'change', ...way, ...from]);
  }
}

/** One of so many segments, after they have been captured. */
async function drop({ server }: Network, port: number, one: number): Promise<void> {
  const hook = '{ type filter hook input priority 0; }';
  await server.run(['nft', `add table inet lab; add chain inet lab in ${hook}`]);
  const which = `tcp dport ${port} numgen inc mod ${one} ${one - 1}`;
  await server.run(['nft', `add rule inet lab in ${which} drop`]);
}

/** @returns what sets them as they were */
async function change(
  network: Network,
  settings: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const before: (readonly [End, string])[] = [];
  for (const [name, value] of Object.entries(settings)) {
    for (const end of ENDS) {
      const old = (await network[end].run(['sysctl', '-n', `net.ipv4.${name}`])).trim();
      before.push([end, `net.ipv4.${name}=${old}`]);
      await network[end].run(['sysctl', '-qw', `net.ipv4.${name}=${value}`]);
    }
  }
  return async () => {
    for (const [end, assignment] of before) await network[end].run(['sysctl', '-qw', assignment]);
  };
}
