// The two ends of every lab network: what they are called and how they become ready.
import type { Namespace } from './netns.js';
import { connectProgram } from './places.js';
import { until } from './until.js';

/** One a second. */
const MOST_SOLICITATIONS = 60;

/** Two namespaces with one link between them. */
export interface Endpoints {
  readonly client: Namespace;
  readonly server: Namespace;
  /** The interface at both ends. */
  readonly interfaceName: string;
  close(): Promise<void>;
}

export const interfaceName = 'pp0';
export const clientAddresses = { ipv4: '10.77.0.1', ipv6: 'fd77::1' } as const;
export const serverAddresses = { ipv4: '10.77.0.2', ipv6: 'fd77::2' } as const;

export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Brings one end up. `nodad`: an address that is usable at once. */
export async function configure(
  ns: Namespace,
  own: Addresses,
  ipv6: boolean,
  name = interfaceName,
): Promise<void> {
  await ns.run(['ip', 'link', 'set', name, 'addrgenmode', 'none', 'up']);
  await ns.run(['ip', 'addr', 'add', `${own.ipv4}/24`, 'dev', name]);
  await ask(ns, 'ipv4', name);
  if (!ipv6) return;
  await ns.run(['ip', 'addr', 'add', `${own.ipv6}/64`, 'dev', name, 'nodad']);
  await ask(ns, 'ipv6', name);
}

/** For a neighbor, as often as it takes: after three times of a second, where a machine stalls, it would be unreachable. */
async function ask(ns: Namespace, version: keyof Addresses, name: string): Promise<void> {
  const settings = ['mcast_solicit', 'ucast_solicit'].map(
    (which) => `net/${version}/neigh/${name}/${which}=${MOST_SOLICITATIONS}`,
  );
  await ns.run(['sysctl', '-q', '-w', ...settings]);
}

/** Returns once a TCP SYN of the client is answered by the server's kernel. */
export async function ready({ client, server }: Endpoints, ipv6: boolean): Promise<void> {
  await until(async () => (await isUp(client)) && (await isUp(server)), 'both links up');
  await connectTimes(client, serverAddresses.ipv4, 1);
  if (ipv6) await connectTimes(client, serverAddresses.ipv6, 1);
}

/**
 * How long TCP connects take, in microseconds. Without a server the kernel answers with RST, which
 * takes as long: nothing needs to listen, and port 9 (discard) does not.
 * @param ownPort that they come from, one after the other; any by itself
 */
export async function connectTimes(
  from: Namespace,
  address: string,
  count: number,
  port = 9,
  ownPort = 0,
): Promise<number[]> {
  const numbers = [port, count, ownPort].map(String);
  const argv = [process.execPath, connectProgram, address, ...numbers];
  return JSON.parse(await from.run(argv)) as number[];
}

export async function isUp(ns: Namespace, name = interfaceName): Promise<boolean> {
  const links = JSON.parse(await ns.run(['ip', '-json', 'link', 'show', 'dev', name]));
  return (links as { flags: string[] }[])[0]?.flags.includes('LOWER_UP') === true;
}
