// A machine with containers on a bridge, as Docker has them, and a client at some distance.
//
//                      +------+       +- veth3fa1c0f --- container
//   client --- delay --+ host +- br0 -+
//                      +------+       +- vethb7e09d2 --- container
import { building } from './cleanup.js';
import { type Addresses, configure, interfaceName, isUp } from './endpoints.js';
import { createNamespace, type Namespace } from './netns.js';
import { startRelay } from './relay.js';
import { checkRequirements } from './requirements.js';
import { forward, joinBridge, routeBy } from './router.js';
import { until } from './until.js';

export interface ContainersLab {
  readonly client: Namespace;
  readonly host: Namespace;
  /** Starts the one or the other. */
  start(at: 0 | 1): Promise<Namespace>;
  close(): Promise<void>;
}

/** The host's ends of their links. */
export const containerLinks = ['veth3fa1c0f', 'vethb7e09d2'] as const;

export const containerAddresses = [
  { ipv4: '172.17.0.2', ipv6: 'fd17::2' },
  { ipv4: '172.17.0.3', ipv6: 'fd17::3' },
] as const;

const CLIENT: Addresses = { ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const OUTER: Addresses = { ipv4: '10.77.0.2', ipv6: 'fd77::2' };
const BRIDGE: Addresses = { ipv4: '172.17.0.1', ipv6: 'fd17::1' };
const bridge = 'br0';

/** @param delayUs between the client and the host, one way */
export function createContainersLab(delayUs: number): Promise<ContainersLab> {
  return building(async (cleanup) => {
    checkRequirements();
    const create = async () => {
      const namespace = await createNamespace();
      cleanup.add(() => namespace.close());
      return namespace;
    };
    const relay = await startRelay(delayUs);
    cleanup.add(() => relay.close());
    const [client, host] = [await create(), await create()];
    await relay.moveDevice('a', client.pid, interfaceName);
    await relay.moveDevice('b', host.pid, interfaceName);
    await configure(client, CLIENT, true);
    await configure(host, OUTER, true);
    await routeBy(client, OUTER);
    await forward(host);
    await host.run(['ip', 'link', 'add', bridge, 'type', 'bridge']);
    await configure(host, BRIDGE, true, bridge);
    await until(() => isUp(host), 'the host up');
    const start = async (at: 0 | 1) => {
      const container = await create();
      const port = { bridge, port: containerLinks[at] };
      await joinBridge(host, port, BRIDGE, container, containerAddresses[at]);
      return container;
    };
    const close = async () => {
      // While there is someone to say goodbye to.
      await client.close();
      await cleanup.run();
    };
    return { client, host, start, close };
  });
}
