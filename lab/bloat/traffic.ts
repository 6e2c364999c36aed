import { serverAddresses } from '../endpoints.js';
import type { LabPath } from '../path.js';
import { type Service, startClient, startServer } from '../services.js';

export interface Services {
  readonly ipv4: Service;
  readonly ipv6: Service;
}

/** Requests and replies as of somebody at work; they end with the path. */
export async function startTraffic(path: LabPath): Promise<Services> {
  const [ipv4, ipv6] = await Promise.all([
    startServer(path, serverAddresses.ipv4, 8080),
    startServer(path, serverAddresses.ipv6, 8080),
  ]);
  startClient(path, ipv4, ['--connections', '3', '--interval', '60']);
  startClient(path, ipv6, ['--connections', '2', '--interval', '80']);
  startClient(path, ipv4, ['--mode', 'short', '--interval', '400']);
  return { ipv4, ipv6 };
}

/** As much as the link takes and the queue holds, for so long. */
export async function upload(path: LabPath, { ipv4 }: Services, seconds: number): Promise<void> {
  const options = ['--mode', 'bulk', '--rate', '60', '--window', '4000000'];
  await startClient(path, ipv4, [...options, '--seconds', String(seconds)]).summary;
}
