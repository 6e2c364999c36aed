// A machine with containers on a bridge, which it hides behind its own address, and all else that
// changes addresses on the way of their connections.
//
//   nested[0] --- in0 containers[0] --- port0 +-----+------+
//                                             | br0 | host | wan0 --- internet
//   nested[1] --- in0 containers[1] --- port1 +-----+------+
//
// A container is a router as well: the one in it is hidden behind it, and they have the same address.
import { addresses, BRIDGE, inside, PORTS, UPLINK } from './behind-bridge/places.js';
import { containerRules, hostRules } from './behind-bridge/rules.js';
import { building, type Cleanup } from './cleanup.js';
import { configure } from './endpoints.js';
import { createNamespace, type Namespace } from './netns.js';
import { checkRequirements } from './requirements.js';
import { forward, joinBridge, joinHost, routeBy } from './router.js';

export interface BehindBridgeLab {
  readonly host: Namespace;
  readonly internet: Namespace;
  readonly containers: readonly [Namespace, Namespace];
  /** In the container at the same place. */
  readonly nested: readonly [Namespace, Namespace];
  close(): Promise<void>;
}

export function createBehindBridgeLab(): Promise<BehindBridgeLab> {
  return building(async (cleanup) => {
    checkRequirements();
    const create = () => createIn(cleanup);
    const [internet, host] = [await create(), await create()];
    const containers = [await create(), await create()] as const;
    const nested = [await create(), await create()] as const;
    await connectHost(host, internet);
    for (const at of [0, 1] as const) {
      const [container, port] = [containers[at], { bridge: BRIDGE, port: PORTS[at] }];
      await joinBridge(host, port, addresses.bridge, container, addresses.containers[at]);
      await translate(container, containerRules);
      await joinHost(container, inside, addresses.inside, nested[at], addresses.nested);
      // Of its own: then the container, which has others, hides it behind the same.
      const own = PORTS_OF_NESTED[at];
      await nested[at].run(['sysctl', '-qw', `net.ipv4.ip_local_port_range=${own}`]);
      await container.run(['sysctl', '-qw', `net.ipv4.ip_local_port_range=${PORTS_OF_CONTAINERS}`]);
    }
    return { host, internet, containers, nested, close: () => cleanup.run() };
  });
}

async function createIn(cleanup: Cleanup): Promise<Namespace> {
  const namespace = await createNamespace();
  cleanup.add(() => namespace.close());
  return namespace;
}

async function connectHost(host: Namespace, internet: Namespace): Promise<void> {
  await host.run(['ip', 'link', 'add', BRIDGE, 'type', 'bridge']);
  await configure(host, addresses.bridge, true, BRIDGE);
  await translate(host, hostRules);
  await joinHost(host, UPLINK, addresses.host, internet, addresses.internet);
  await routeBy(host, addresses.internet);
}

async function translate(router: Namespace, rules: string): Promise<void> {
  await forward(router);
  await router.run(['nft', rules]);
  await router.run(['sh', '-c', SETTINGS]);
}

const PORTS_OF_CONTAINERS = '30000 44999';
/**
 * Others in each: the kernel chooses by the addresses, which are the same, and what both connect at the same moment from
 * the same port would have the same sequence number.
 */
const PORTS_OF_NESTED = ['45000 52499', '52500 59999'] as const;

/**
 * Ports that a connection was hidden behind are free with its RST. A bridge that only bridges: conntrack
 * would meet each connection a second time.
 */
const SETTINGS = `
  echo 0 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close
  for each in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do
    [ ! -e $each ] || echo 0 > $each
  done
`;
