// TCP timestamps that tick at 1 MHz (Linux 6.7): between a second pair of addresses, whose route has
// the feature tcp_usec_ts. The ip of Debian 12 has no word for that, but restores a route as it was
// saved: the feature is added in between.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ending } from './child.js';
import { type Endpoints, interfaceName } from './endpoints.js';
import { createNamespace, type Namespace } from './netns.js';

export const usecClientAddresses = { ipv4: '10.77.1.1', ipv6: 'fd77:1::1' } as const;
export const usecServerAddresses = { ipv4: '10.77.1.2', ipv6: 'fd77:1::2' } as const;

const NETWORK_4 = '10.77.1.0/24';
const NETWORK_6 = 'fd77:1::/64';

/** linux/rtnetlink.h */
const RTA_METRICS = 8;
const RTAX_FEATURES = 12;
const RTAX_FEATURE_TCP_USEC_TS = 1 << 4;
/** What `ip route save` begins with, before the message. */
const MAGIC_BYTES = 4;

/** Connections between these addresses have timestamps of 1 MHz, from both ends. */
export async function addUsecAddresses({ client, server }: Endpoints): Promise<void> {
  for (const [end, own] of [
    [client, usecClientAddresses],
    [server, usecServerAddresses],
  ] as const) {
    await end.run(['ip', 'addr', 'add', `${own.ipv4}/24`, 'dev', interfaceName]);
    await end.run(['ip', 'addr', 'add', `${own.ipv6}/64`, 'dev', interfaceName, 'nodad']);
    await useUsecTimestamps(end, NETWORK_4);
    await useUsecTimestamps(end, NETWORK_6);
  }
}

/** Why this kernel has no such timestamps, in its own words; undefined when it has. */
export async function missingUsecTimestamps(): Promise<string | undefined> {
  const namespace = await createNamespace();
  try {
    await namespace.run(['ip', 'route', 'add', NETWORK_4, 'dev', 'lo']);
    await useUsecTimestamps(namespace, NETWORK_4);
    return undefined;
  } catch (failure) {
    if (failure instanceof FeatureRefused) return failure.message;
    throw failure;
  } finally {
    await namespace.close();
  }
}

class FeatureRefused extends Error {}

/** Replaces the one route to the network by one that has the feature as well. */
async function useUsecTimestamps(ns: Namespace, network: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pping-route-'));
  const route = join(folder, 'route');
  const ip = ['ip', network.includes(':') ? '-6' : '-4', 'route'];
  try {
    const [saved, problem] = await runOn(ns, [...ip, 'save', 'root', network], route, 'w');
    if (!saved) throw new Error(`ip route save: ${problem}`);
    writeFileSync(route, withFeature(readFileSync(route)));
    await ns.run([...ip, 'del', network]);
    const [restored, refusal] = await runOn(ns, [...ip, 'restore'], route, 'r');
    if (!restored) throw new FeatureRefused(`no route feature tcp_usec_ts: ${refusal}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** With the file as stdin or stdout. @returns whether it went well, and else what was said */
async function runOn(
  ns: Namespace,
  argv: readonly string[],
  file: string,
  mode: 'r' | 'w',
): Promise<[boolean, string]> {
  const descriptor = openSync(file, mode);
  try {
    const [stdin, stdout] =
      mode === 'r' ? ([descriptor, 'ignore'] as const) : (['ignore', descriptor] as const);
    const child = ns.spawn(argv, { stdio: [stdin, stdout, 'pipe'] });
    const [said, { code }] = await Promise.all([
      child.stderr ? text(child.stderr) : '',
      ending(child),
    ]);
    return [code === 0, said.trim()];
  } finally {
    closeSync(descriptor);
  }
}

/** The saved route, a netlink message, with one more attribute: a metric in its list of metrics. */
function withFeature(saved: Buffer): Buffer {
  const message = saved.subarray(MAGIC_BYTES);
  const metric = attribute(RTAX_FEATURES, native(RTAX_FEATURE_TCP_USEC_TS));
  const longer = Buffer.concat([message, attribute(RTA_METRICS, metric)]);
  longer.set(native(longer.length), 0);
  return Buffer.concat([saved.subarray(0, MAGIC_BYTES), longer]);
}

function attribute(type: number, payload: Buffer): Buffer {
  const head = new Uint16Array([4 + payload.length, type]);
  return Buffer.concat([new Uint8Array(head.buffer), payload]);
}

/** In the byte order of this machine, as netlink has it. */
function native(word: number): Buffer {
  return Buffer.from(new Uint32Array([word]).buffer);
}
