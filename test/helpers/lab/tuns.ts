/** Interfaces whose packets begin with their IP header. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { building } from '../../../lab/cleanup.js';
import {
  clientAddresses,
  configure,
  type Endpoints,
  interfaceName,
  ready,
  serverAddresses,
} from '../../../lab/endpoints.js';
import { createNamespace, type Namespace } from '../../../lab/netns.js';
import { checkRequirements } from '../../../lab/requirements.js';
import { compileHelper } from '../runner/compile.js';

/** Two devices in the namespace, joined to each other; they live as long as the namespace. */
export async function startTuns(
  namespace: Namespace,
  names: readonly [string, string],
  linkType?: number,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pping-tuns-'));
  try {
    const program = join(folder, 'tuns');
    compileHelper('lab/tuns.c', program);
    const kind = linkType === undefined ? [] : [String(linkType)];
    const child = namespace.spawn([program, ...names, ...kind], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const failed = once(child, 'exit').then(() => Promise.reject(new Error('no TUN devices')));
    failed.catch(() => {}); // it ends some day, too
    if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), failed]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Two namespaces joined by a pair of TUN devices. */
export function createTunPair(): Promise<Endpoints> {
  return building(async (cleanup) => {
    checkRequirements();
    const server = await createNamespace();
    cleanup.add(() => server.close());
    const client = await createNamespace();
    cleanup.add(() => client.close());
    await startTuns(client, [interfaceName, 'other']);
    const move = ['ip', 'link', 'set', 'dev', 'other', 'netns', String(server.pid)];
    await client.run([...move, 'name', interfaceName]);
    await configure(client, clientAddresses, true);
    await configure(server, serverAddresses, true);
    const pair: Endpoints = { client, server, interfaceName, close: () => cleanup.run() };
    await ready(pair, true);
    return pair;
  });
}
