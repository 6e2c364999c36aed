/**
 * Connections of every kind at once over a path of a known delay, what pping says of them, and what
 * the path itself says.
 */
import { expect } from '@jest/globals';
import { addQueue, queuedBytes } from '../../../lab/bloat/queue.js';
import { serverAddresses } from '../../../lab/endpoints.js';
import { createPath, type LabPath } from '../../../lab/path.js';
import { type Service, startClient, startServer } from '../../../lab/services.js';
import { until } from '../../../lab/until.js';
import { addUsecAddresses, usecServerAddresses } from '../../../lab/usec-timestamps.js';
import { Cli, linesOf } from '../command/cli.js';
import { startCapture } from './tcpdump.js';
import { type WireFlow, wireFlows } from './wire.js';

export const DELAYS_MS = [1, 5, 25, 100] as const;
export const LOADS = ['idle', 'loaded'] as const;
export const KINDS = [
  { kind: 'IPv4, 1 kHz', hz: 1e3, address: serverAddresses.ipv4 },
  { kind: 'IPv6, 1 kHz', hz: 1e3, address: serverAddresses.ipv6 },
  { kind: 'IPv4, 1 MHz', hz: 1e6, address: usecServerAddresses.ipv4 },
  { kind: 'IPv6, 1 MHz', hz: 1e6, address: usecServerAddresses.ipv6 },
] as const;
/** Where both ends are told to have no timestamps. */
export const BARE_KINDS = [
  { kind: 'IPv4', hz: 0, address: serverAddresses.ipv4 },
  { kind: 'IPv6', hz: 0, address: serverAddresses.ipv6 },
] as const;

/** Of connections between an address and the client. */
export interface BudgetKind {
  readonly kind: string;
  /** Of the timestamps; 0 where there are none. */
  readonly hz: number;
  readonly address: string;
}

/** Of each kind, in each situation. */
export const CONNECTIONS = 6;
/** Of each connection, the handshake's included. */
export const SAMPLES = 11;
/** Segments in pairs: the peer's kernel acknowledges those at once (RFC 9293, 3.8.6.3). */
const TRAFFIC = [
  ...['--connections', String(CONNECTIONS), '--requests', String(SAMPLES - 1)],
  ...['--request', '2000', '--interval', '60'],
];
/** What the upload keeps in the queue, above what is on the way: 40 ms of 20 Mbit/s. */
const STANDING_BYTES = 100_000;
const BYTES_PER_MS = 2_500;
/** That much of it is a load. */
export const LOADED_NS = 10e6;

const LEAST_LOOKS = 5;
/** Congestion control may be slow to fill a long path. */
const QUEUE_DEADLINE_MS = 30_000;

export interface Situation {
  readonly delayMs: number;
  readonly load: (typeof LOADS)[number];
}

/** One RTT, in ns. */
export interface Sample {
  /** By pping. */
  readonly rtt: number;
  /** By tcpdump's capture at the same interface. */
  readonly reference: number;
  /** By the delay line's capture: what the path certainly took. */
  readonly least: number;
}

export interface MeasuredFlow extends Pick<WireFlow, 'clockHz' | 'sentAgain'> {
  readonly samples: readonly Sample[];
}

export interface Budget {
  of(situation: Situation, address: string): readonly MeasuredFlow[];
  /** What fills the queue, from its beginning. */
  upload(situation: Situation): readonly MeasuredFlow[];
}

/**
 * @param kinds of connections that this machine can have
 * @param file where a file of that name can be written
 * @param delaysMs one way
 */
export async function measureBudget(
  kinds: readonly BudgetKind[],
  file: (name: string) => string,
  delaysMs: readonly number[] = DELAYS_MS,
): Promise<Budget> {
  const captures = { path: file('path.pcap'), interface: file('interface.pcap') };
  const path = await createPath({ delayUs: 0, capture: captures.path });
  try {
    if (kinds.some(({ hz }) => hz === 1e6)) await addUsecAddresses(path);
    if (kinds.every(({ hz }) => hz === 0)) await endTimestamps(path);
    await addQueue(path);
    const [watched, bulk] = await Promise.all([startServer(path, '::'), startServer(path, '::')]);
    const filter = `tcp port ${watched.port} or tcp port ${bulk.port}`;
    const endCapture = await startCapture(
      path.client,
      path.interfaceName,
      captures.interface,
      filter,
    );
    const services = kinds.map(({ address }) => ({ address, port: watched.port }));
    const reported = await watchAll(path, services, bulk, delaysMs);
    await endCapture();
    await path.stats(); // the path's is complete
    const references = await wireFlows(captures.interface, filter);
    const least = await wireFlows(captures.path, filter);
    return compare(reported, watched.port, references, least);
  } finally {
    await path.close();
  }
}

type ReportedBySituation = ReadonlyMap<string, readonly Reported[]>;

interface Reported {
  readonly rtt: number;
  /** As in the capture. */
  readonly flow: string;
  readonly address: string;
  readonly port: number;
}

function nameOf({ delayMs, load }: Situation): string {
  return `${delayMs} ms, ${load}`;
}

async function endTimestamps({ client, server }: LabPath): Promise<void> {
  for (const end of [client, server]) {
    await end.run(['sysctl', '-qw', 'net.ipv4.tcp_timestamps=0']);
  }
}

async function watchAll(
  path: LabPath,
  services: readonly Service[],
  bulk: Service,
  delaysMs: readonly number[],
): Promise<ReportedBySituation> {
  const reported = new Map<string, Reported[]>();
  for (const delayMs of delaysMs) {
    await path.setDelay(1000 * delayMs);
    for (const load of LOADS) {
      const startLoad = load === 'loaded' ? () => fillQueue(path, bulk, delayMs) : undefined;
      reported.set(nameOf({ delayMs, load }), await watch(path, services, startLoad));
    }
  }
  return reported;
}

/** An upload whose window is larger than the way by a standing queue. @returns what ends it */
async function fillQueue(
  path: LabPath,
  { port }: Service,
  delayMs: number,
): Promise<() => Promise<void>> {
  const address = serverAddresses.ipv4;
  const window = STANDING_BYTES + 2 * delayMs * BYTES_PER_MS;
  const options = ['--mode', 'bulk', '--rate', '60', '--window', String(window)];
  const client = startClient(path, { address, port }, options);
  await until(isStanding(path, 2 * delayMs), 'a standing queue', QUEUE_DEADLINE_MS);
  return async () => {
    await client.stop();
  };
}

/**
 * True once half of it was there each time that it was looked at for a whole round trip: the bursts
 * of a slow start are gone sooner, and a machine that stalls makes RTTs long, but no queue.
 */
function isStanding(path: LabPath, roundTripMs: number): () => Promise<boolean> {
  let since = performance.now();
  let looks = 0;
  return async () => {
    if ((await queuedBytes(path)) >= STANDING_BYTES / 2) {
      return ++looks >= LEAST_LOOKS && performance.now() - since >= roundTripMs;
    }
    since = performance.now();
    looks = 0;
    return false;
  };
}

/** Runs pping at the client's end while all connections open, do their work and close. */
async function watch(
  path: LabPath,
  services: readonly Service[],
  startLoad?: () => Promise<() => Promise<void>>,
): Promise<Reported[]> {
  const args = ['-i', path.interfaceName, '--rate', '0', '--format', 'ndjson'];
  const cli = await new Cli(path.client, args).watching();
  const endLoad = await startLoad?.();
  const clients = services.map((service) => startClient(path, service, TRAFFIC));
  const summaries = await Promise.all(clients.map(({ summary }) => summary));
  await endLoad?.();
  expect(summaries.map(({ failed }) => failed)).toEqual(services.map(() => 0));
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
  return linesOf(stdout)
    .filter((line) => line.startsWith('{"type":"rtt"'))
    .map(readSample);
}

function readSample(line: string): Reported {
  const { rtt, src_ip, src_port, dest_ip, dest_port } = JSON.parse(line);
  const flow = `${dest_ip}.${dest_port} > ${src_ip}.${src_port}`;
  return { rtt, flow, address: src_ip, port: src_port };
}

function compare(
  reported: ReportedBySituation,
  port: number,
  references: ReadonlyMap<string, WireFlow>,
  least: ReadonlyMap<string, WireFlow>,
): Budget {
  const flowsOf = (situation: Situation, isMeant: (sample: Reported) => boolean) => {
    const own = reported.get(nameOf(situation))?.filter(isMeant) ?? [];
    const names = new Set(own.map(({ flow }) => flow));
    return Array.from(names, (name) => {
      const rtts = own.filter(({ flow }) => flow === name).map(({ rtt }) => rtt);
      return combine(rtts, references.get(name), least.get(name));
    });
  };
  return {
    of: (situation, address) =>
      flowsOf(situation, (sample) => sample.address === address && sample.port === port),
    upload: (situation) => flowsOf(situation, (sample) => sample.port !== port),
  };
}

/**
 * Both have seen the connection from its SYN to its end: the n-th RTT of one is that of the other. In the delay line
 * other identifiers may wait at a time: there it is looked up by its identifier.
 */
function combine(
  rtts: readonly number[],
  reference: WireFlow | undefined,
  path: WireFlow | undefined,
): MeasuredFlow {
  const references = reference?.rtts ?? [];
  expect(rtts.length).toBe(references.length);
  return {
    clockHz: reference?.clockHz ?? Number.NaN,
    sentAgain: reference?.sentAgain ?? 0,
    samples: rtts.map((rtt, index) => ({
      rtt,
      reference: references[index] ?? Number.NaN,
      least: path?.least.get(reference?.identifiers[index] ?? Number.NaN) ?? Number.NaN,
    })),
  };
}
