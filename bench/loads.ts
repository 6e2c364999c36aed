// What monitors are measured under: TCP between two namespaces that a veth pair joins.
import { building } from '../lab/cleanup.js';
import { type Endpoints, serverAddresses } from '../lab/endpoints.js';
import { startClient, startServer } from '../lab/services.js';
import { createVethPair } from '../lab/veth.js';

export const LOADS = {
  bulk: {
    title: '4 bulk flows',
    options: ['--mode', 'bulk', '--connections', '4', '--rate', '10000', '--window', '1048576'],
  },
  requests: {
    title: '1,000 request/response connections',
    options: ['--mode', 'persistent', '--connections', '1000', '--interval', '40'],
  },
} as const;

export type LoadName = keyof typeof LOADS;

/** Runs until it is closed. Monitors watch the client's end. */
export function startLoad(name: LoadName): Promise<Endpoints> {
  return building(async (cleanup) => {
    const pair = await createVethPair({ ipv6: false });
    cleanup.add(() => pair.close());
    const server = await startServer(pair, serverAddresses.ipv4);
    startClient(pair, server, LOADS[name].options);
    return { ...pair, close: () => cleanup.run() };
  });
}
