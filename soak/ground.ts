// Where a soak takes place: two namespaces joined by a veth pair, and a small file system.
import { readFileSync } from 'node:fs';
import { building } from '../lab/cleanup.js';
import type { Endpoints } from '../lab/endpoints.js';
import type { Namespace } from '../lab/netns.js';
import { Tmpfs } from '../lab/tmpfs.js';
import { until } from '../lab/until.js';
import { createVethPair } from '../lab/veth.js';

export interface Ground extends Endpoints {
  /** For the monitor's output. */
  readonly disk: Tmpfs;
}

/** Of the client's network; nobody has it, and no ARP request asks for it. */
export const NOBODY = '10.77.0.3';
const ROOM = 48 << 20;

export function createGround(): Promise<Ground> {
  return building(async (cleanup) => {
    const disk = await Tmpfs.create(ROOM);
    cleanup.add(() => disk.close());
    const pair = await createVethPair();
    cleanup.add(() => pair.close());
    const ground = { ...pair, disk, close: () => cleanup.run() };
    // Or the ports of connections that ended in the last minute are all there are.
    await writeSettings(pair.client, {
      'net/ipv4/ip_local_port_range': '1024 65535',
      'net/ipv4/tcp_tw_reuse': '1',
      [`net/ipv6/conf/${pair.interfaceName}/keep_addr_on_down`]: '1',
    });
    await addNobody(ground);
    return ground;
  });
}

/** Also to be done again after the interface was down. */
export async function addNobody({ client, server, interfaceName }: Endpoints): Promise<void> {
  const shown = await server.run(['ip', '-json', 'link', 'show', 'dev', interfaceName]);
  const [{ address }] = JSON.parse(shown) as [{ address: string }];
  const neighbour = [NOBODY, 'lladdr', address, 'dev', interfaceName, 'nud', 'permanent'];
  await client.run(['ip', 'neigh', 'replace', ...neighbour]);
}

/** Packets, as the kernel counts them at an interface. */
export interface InterfaceCounts {
  readonly received: number;
  /** Those that the other end did not take included. */
  readonly sent: number;
}

/** At the client's end, once none has crossed it for so long. */
export async function packetsCrossed(
  { client, interfaceName }: Endpoints,
  silenceMs: number,
): Promise<InterfaceCounts> {
  const read = () => {
    const counts = parseInterfaceCounts(
      readFileSync(`/proc/${client.pid}/net/dev`, 'utf8'),
      interfaceName,
    );
    if (!counts) throw new Error(`no interface ${interfaceName}`);
    return counts;
  };
  let counts = read();
  let since = performance.now();
  await until(
    () => {
      const now = read();
      if (now.sent !== counts.sent || now.received !== counts.received) since = performance.now();
      counts = now;
      return performance.now() - since >= silenceMs;
    },
    `no packet for ${silenceMs} ms`,
    SILENCE_DEADLINE_MS,
  );
  return counts;
}

const SILENCE_DEADLINE_MS = 60_000;

/** @param text /proc/net/dev */
export function parseInterfaceCounts(text: string, name: string): InterfaceCounts | undefined {
  const fields = new RegExp(`^ *${name}: *(.*)$`, 'm').exec(text)?.[1]?.trim().split(/ +/);
  if (!fields) return undefined;
  const at = (index: number) => Number(fields[index]);
  return { received: at(RECEIVED), sent: at(SENT) + at(SENT_DROPPED) };
}

const RECEIVED = 1;
const SENT = 9;
const SENT_DROPPED = 11;

export async function writeSettings(
  ns: Namespace,
  settings: Record<string, string>,
): Promise<void> {
  const lines = Object.entries(settings).map(
    ([name, value]) => `echo ${value} > /proc/sys/${name}`,
  );
  await ns.run(['sh', '-ec', lines.join('\n')]);
}
