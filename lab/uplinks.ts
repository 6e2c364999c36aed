// A router with two uplinks, equally long, one of them slow.
//
//                    +--------+ wan0 --- delay --------------------------- servers[0]
//   client --- lan0 -+ router |
//                    +--------+ wan1 --- delay --- 20 Mbit/s, a queue --- servers[1]
import { slowDown } from './bloat/queue.js';
import { building, type Cleanup } from './cleanup.js';
import { type Addresses, configure, interfaceName, isUp } from './endpoints.js';
import { createNamespace, type Namespace } from './netns.js';
import { startRelay } from './relay.js';
import { checkRequirements } from './requirements.js';
import { forward, joinHost, routeBy } from './router.js';
import { until } from './until.js';

export interface UplinksLab {
  readonly client: Namespace;
  readonly router: Namespace;
  readonly servers: readonly [Namespace, Namespace];
  close(): Promise<void>;
}

/** The router's interfaces. */
export const uplinks = ['wan0', 'wan1'] as const;
export const lan = 'lan0';

export const uplinkAddresses = {
  client: { ipv4: '10.78.1.2', ipv6: 'fd78:1::2' },
  servers: [
    { ipv4: '192.0.2.2', ipv6: '2001:db8:0:2::2' },
    { ipv4: '198.51.100.2', ipv6: '2001:db8:0:3::2' },
  ],
} as const;

const ROUTER = {
  lan: { ipv4: '10.78.1.1', ipv6: 'fd78:1::1' },
  uplinks: [
    { ipv4: '192.0.2.1', ipv6: '2001:db8:0:2::1' },
    { ipv4: '198.51.100.1', ipv6: '2001:db8:0:3::1' },
  ],
} as const;

/** @param delayUs of either uplink, one way */
export function createUplinksLab(delayUs: number): Promise<UplinksLab> {
  return building(async (cleanup) => {
    checkRequirements();
    const create = () => createIn(cleanup);
    const router = await create();
    const servers = [await create(), await create()] as const;
    await forward(router);
    for (const at of [0, 1] as const) {
      const relay = await startRelay(delayUs);
      cleanup.add(() => relay.close());
      await relay.moveDevice('a', router.pid, uplinks[at]);
      await relay.moveDevice('b', servers[at].pid, interfaceName);
      await join(router, at, servers[at]);
    }
    await slowDown(servers[1]);
    // Closed first, while there is someone to say goodbye to.
    const client = await create();
    await joinHost(router, lan, ROUTER.lan, client, uplinkAddresses.client);
    // BBR would leave the queue half empty; most senders are not as polite.
    const byRouter = ['default', 'via', ROUTER.lan.ipv4];
    await client.run(['ip', 'route', 'change', ...byRouter, 'congctl', 'cubic']);
    return { client, router, servers, close: () => cleanup.run() };
  });
}

async function createIn(cleanup: Cleanup): Promise<Namespace> {
  const namespace = await createNamespace();
  cleanup.add(() => namespace.close());
  return namespace;
}

async function join(router: Namespace, at: 0 | 1, server: Namespace): Promise<void> {
  const own: Addresses = ROUTER.uplinks[at];
  await configure(router, own, true, uplinks[at]);
  await configure(server, uplinkAddresses.servers[at], true);
  await routeBy(server, own);
  await until(() => isUp(router, uplinks[at]), `${uplinks[at]} up`);
}
