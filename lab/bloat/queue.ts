import { clientAddresses, interfaceName as usualName } from '../endpoints.js';
import type { Namespace } from '../netns.js';
import type { LabPath } from '../path.js';

const IFB = 'ifb0';
/** A modem of the kind that has far too large a buffer. */
const SHAPE = ['rate', '20mbit', 'burst', '32kb', 'latency', '400ms'];

/**
 * A slow link with a long queue in front of the server, as a modem has it: what arrives there goes
 * through another device's queue first. Not at the client itself, whose TCP keeps its own queues short.
 */
export async function addQueue({ client, server, interfaceName }: LabPath): Promise<void> {
  // BBR would leave the queue half empty; most senders are not as polite.
  const route = ['ip', 'route', 'change', '10.77.0.0/24', 'dev', interfaceName];
  await client.run([...route, 'src', clientAddresses.ipv4, 'congctl', 'cubic']);
  await slowDown(server, interfaceName);
}

/** The same link, without what its senders have to do with it. */
export async function slowDown(server: Namespace, interfaceName = usualName): Promise<void> {
  const all = ['protocol', 'all', 'u32', 'match', 'u32', '0', '0'];
  const through = ['action', 'mirred', 'egress', 'redirect', 'dev', IFB];
  await server.run(['ip', 'link', 'add', IFB, 'type', 'ifb']);
  await server.run(['ip', 'link', 'set', IFB, 'up']);
  await server.run(['tc', 'qdisc', 'add', 'dev', IFB, 'root', 'tbf', ...SHAPE]);
  await server.run(['tc', 'qdisc', 'add', 'dev', interfaceName, 'ingress']);
  await server.run([
    ...['tc', 'filter', 'add', 'dev', interfaceName, 'parent', 'ffff:'],
    ...all,
    ...through,
  ]);
}

/** What waits in it now, in bytes. */
export async function queuedBytes({ server }: LabPath): Promise<number> {
  const shown = await server.run(['tc', '-s', '-json', 'qdisc', 'show', 'dev', IFB]);
  const [qdisc] = JSON.parse(shown) as { backlog: number }[];
  if (qdisc === undefined) throw new Error(`no queue on ${IFB}`);
  return qdisc.backlog;
}
