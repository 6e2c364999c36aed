/**
 * A host with containers: their interfaces are ports of a bridge, and it hides them behind its own address.
 *
 *   containers[0] --- port0 +-----+
 *   containers[1] --- port1 | br0 |  masquerades  up0 ~~~ line +-----+ out0 --- server
 *   containers[2] --- port2 +-----+                            | br1 |
 *                                                              +-----+
 * All that has a name here is in the host. Between up0 and line packets take a known time.
 */
import { building } from '../../../lab/cleanup.js';
import { configure, interfaceName, isUp } from '../../../lab/endpoints.js';
import { createNamespace, type Namespace } from '../../../lab/netns.js';
import { startRelay } from '../../../lab/relay.js';
import { checkRequirements } from '../../../lab/requirements.js';
import { until } from '../../../lab/until.js';

export const PORTS = ['port0', 'port1', 'port2'] as const;
export const [BRIDGE, UPLINK, LINE, OUTER] = ['br0', 'up0', 'line', 'out0'] as const;
export const hostAddresses = { inner: '10.79.1.1', outer: '10.79.0.1' } as const;
export const containerAddresses = PORTS.map((_, at) => `10.79.1.${2 + at}`);
export const outsideAddress = '10.79.0.2';

export interface ContainerHost {
  readonly host: Namespace;
  readonly containers: readonly Namespace[];
  readonly server: Namespace;
  close(): Promise<void>;
}

/** @param delayUs from up0 to line, one way */
export function createContainerHost(delayUs: number): Promise<ContainerHost> {
  return building(async (cleanup) => {
    checkRequirements();
    const relay = await startRelay(delayUs);
    cleanup.add(() => relay.close());
    const create = async () => {
      const namespace = await createNamespace();
      cleanup.add(() => namespace.close());
      return namespace;
    };
    const [host, server] = [await create(), await create()];
    const containers = await Promise.all(PORTS.map(create));
    await relay.moveDevice('a', host.pid, UPLINK);
    await relay.moveDevice('b', host.pid, LINE);
    await join(host, server, OUTER);
    for (const [at, container] of containers.entries())
      await join(host, container, PORTS[at] ?? '');
    await host.run(['sh', '-c', SET_UP]);
    await configureAll({ host, containers, server });
    return { host, containers, server, close: () => cleanup.run() };
  });
}

const SET_UP = `
  set -e
  echo 1 > /proc/sys/net/ipv4/ip_forward
  # A bridge that only bridges: conntrack would meet each connection a second time, with the same addresses.
  filter=/proc/sys/net/bridge/bridge-nf-call-iptables
  [ ! -e $filter ] || echo 0 > $filter
  bridge() {
    bridge=$1; shift
    ip link add $bridge type bridge
    for port; do ip link set $port master $bridge up; done
    ip link set $bridge up
  }
  bridge ${BRIDGE} ${PORTS.join(' ')}
  bridge br1 ${LINE} ${OUTER}
  nft 'table ip nat {
    chain out {
      type nat hook postrouting priority srcnat
      oifname "${UPLINK}" masquerade
    }
  }'
`;

async function join(host: Namespace, other: Namespace, name: string): Promise<void> {
  const peer = ['peer', 'name', interfaceName, 'netns', String(other.pid)];
  await host.run(['ip', 'link', 'add', name, 'type', 'veth', ...peer]);
}

async function configureAll({
  host,
  containers,
  server,
}: Omit<ContainerHost, 'close'>): Promise<void> {
  const set = (ns: Namespace, ipv4: string, name?: string) =>
    configure(ns, { ipv4, ipv6: '' }, false, name);
  await set(host, hostAddresses.inner, BRIDGE);
  await set(host, hostAddresses.outer, UPLINK);
  await set(server, outsideAddress);
  for (const [at, container] of containers.entries()) {
    await set(container, containerAddresses[at] ?? '');
    await container.run(['ip', 'route', 'add', 'default', 'via', hostAddresses.inner]);
  }
  // Ports of their own: then masquerading keeps them.
  for (const [at, ns] of [host, ...containers].entries()) {
    const ports = `net.ipv4.ip_local_port_range=${40_000 + 1_000 * at} ${40_999 + 1_000 * at}`;
    await ns.run(['sysctl', '-qw', ports]);
  }
  for (const name of [...PORTS, BRIDGE, UPLINK, LINE, OUTER]) {
    await until(() => isUp(host, name), `${name} up`);
  }
}
