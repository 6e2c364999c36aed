import { serverAddresses } from '../endpoints.js';
import type { LabPath } from '../path.js';
import { startClient, startServer } from '../services.js';

/** A few connections as an operator would meet them; they end with the path. */
export async function startTraffic(path: LabPath): Promise<void> {
  const [ipv4, ipv6] = await Promise.all([
    startServer(path, serverAddresses.ipv4, 8080),
    startServer(path, serverAddresses.ipv6, 8080),
  ]);
  startClient(path, ipv4, ['--connections', '1', '--interval', '150']);
  startClient(path, ipv6, ['--connections', '1', '--interval', '200']);
  startClient(path, ipv4, ['--mode', 'short', '--interval', '900']);
}
