// A namespace that forwards, and hosts that are linked to it.
import { type Addresses, configure, interfaceName, isUp } from './endpoints.js';
import type { Namespace } from './netns.js';
import { until } from './until.js';

const FORWARD =
  'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding';

export async function forward(router: Namespace): Promise<void> {
  await router.run(['sh', '-c', FORWARD]);
}

/** Makes the link to a host, which then reaches all else by way of the router. */
export async function joinHost(
  router: Namespace,
  name: string,
  own: Addresses,
  host: Namespace,
  theirs: Addresses,
): Promise<void> {
  const peer = ['peer', 'name', interfaceName, 'netns', String(host.pid)];
  await router.run(['ip', 'link', 'add', name, 'type', 'veth', ...peer]);
  await configure(router, own, true, name);
  // What it asks its neighbours from on behalf of others.
  await router.run(['ip', 'addr', 'add', 'fe80::1/64', 'dev', name, 'nodad']);
  await configure(host, theirs, true);
  await routeBy(host, own);
  await until(() => isUp(router, name), `${name} up`);
}

/** Where a host is linked to a bridge. */
export interface BridgePort {
  /** That it has a link to, in the router. */
  readonly bridge: string;
  /** The router's end of the link. */
  readonly port: string;
}

/** Makes the link to a host, of which the router's end is a port of a bridge. */
export async function joinBridge(
  router: Namespace,
  { bridge, port }: BridgePort,
  own: Addresses,
  host: Namespace,
  theirs: Addresses,
): Promise<void> {
  const peer = ['peer', 'name', interfaceName, 'netns', String(host.pid)];
  await router.run(['ip', 'link', 'add', port, 'type', 'veth', ...peer]);
  await router.run(['ip', 'link', 'set', port, 'master', bridge, 'up']);
  await configure(host, theirs, true);
  await routeBy(host, own);
  await until(() => isUp(router, port), `${port} up`);
}

/** Whatever a host has no link to, it reaches by way of the router. */
export async function routeBy(host: Namespace, { ipv4, ipv6 }: Addresses): Promise<void> {
  await host.run(['ip', 'route', 'add', 'default', 'via', ipv4]);
  await host.run(['ip', '-6', 'route', 'add', 'default', 'via', ipv6]);
}
