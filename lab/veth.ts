// Two namespaces joined by a plain veth pair: no delay, and an interface that can be deleted,
// taken down or made again while something watches it.
import { building } from './cleanup.js';
import {
  clientAddresses,
  configure,
  type Endpoints,
  interfaceName,
  ready,
  serverAddresses,
} from './endpoints.js';
import { createNamespace } from './netns.js';
import { checkRequirements } from './requirements.js';

export function createVethPair({ ipv6 = true } = {}): Promise<Endpoints> {
  return building(async (cleanup) => {
    checkRequirements();
    const server = await createNamespace();
    cleanup.add(() => server.close());
    const client = await createNamespace();
    cleanup.add(() => client.close());
    const pair: Endpoints = { client, server, interfaceName, close: () => cleanup.run() };
    await joinWithVeth(pair, ipv6);
    return pair;
  });
}

/** Makes the link, also again after a test deleted it. Both ends are born where they belong. */
export async function joinWithVeth(pair: Endpoints, ipv6 = true): Promise<void> {
  const { client, server } = pair;
  const peer = ['peer', 'name', interfaceName, 'netns', String(server.pid)];
  await client.run(['ip', 'link', 'add', interfaceName, 'type', 'veth', ...peer]);
  await configure(client, clientAddresses, ipv6);
  await configure(server, serverAddresses, ipv6);
  await ready(pair, ipv6);
}
