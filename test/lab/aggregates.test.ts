/** --aggregate over real traffic: what the aggregates have adds up to what the run has. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { fetchIn } from '../helpers/lab/prometheus.js';
import { type ReadSample, readExposition } from '../helpers/output/exposition.js';

jest.setTimeout(240_000);

interface Aggregate {
  readonly type: string;
  readonly side: 'beyond' | 'behind';
  readonly prefix?: string;
  readonly interface: string;
  readonly reported: number;
  readonly samples: number;
  readonly rtt_min: number;
  readonly rtt_max: number;
  readonly buckets: readonly (readonly [from: number, count: number])[];
}

const start = useCli();
const OPTIONS = ['--rate', '10ms', '-l', '--aggregate', '200ms'];

let pair: Endpoints;
let service: Service;

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  service = await startServer(pair, serverAddresses.ipv4);
});

afterAll(() => pair?.close());

const objectsIn = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
const aggregatesIn = (lines: readonly string[]): Aggregate[] =>
  objectsIn(lines).filter(({ type }) => type === 'aggregate');
const reportedIn = (aggregates: readonly Aggregate[]) =>
  aggregates.reduce((sum, { reported }) => sum + reported, 0);

/** Connections that come and go, for some intervals. */
async function watchTraffic(...args: readonly string[]) {
  const options = ['-i', pair.interfaceName, ...OPTIONS, '--format', 'ndjson', ...args];
  const cli = await start(pair.client, options).watching();
  const client = startClient(pair, service, ['--connections', '5', '--interval', '15']);
  await until(() => reportedIn(aggregatesIn(cli.stdout)) > 60, 'RTTs');
  await client.stop();
  const { code, stdout } = await cli.end('SIGINT');
  expect(code).toBe(0);
  return objectsIn(linesOf(stdout));
}

test('each RTT is in one bucket of one aggregate, and told by nothing else', async () => {
  const objects = await watchTraffic();
  const aggregates = objects.filter(({ type }) => type === 'aggregate');
  const summary = objects.at(-1);
  expect(new Set(objects.map(({ type }) => type))).toEqual(new Set(['aggregate', 'summary']));
  const inBuckets = (each: Aggregate) => each.buckets.reduce((sum, [, count]) => sum + count, 0);
  for (const each of aggregates) expect(inBuckets(each)).toBe(each.reported);
  expect(summary).toMatchObject({ final: true, reported: reportedIn(aggregates) });
  const { matched, handshake_matched: handshakes } = summary.counters;
  expect(reportedIn(aggregates)).toBe(matched + handshakes);
  for (const side of ['beyond', 'behind'] as const) {
    const ofSide: Aggregate[] = aggregates.filter((each) => each.side === side);
    expect(ofSide.length).toBeGreaterThan(1);
    expect(new Set(ofSide.map(({ prefix }) => prefix))).toEqual(new Set(['10.77.0.0/24']));
    expect(summary[side]).toMatchObject({
      samples: reportedIn(ofSide),
      rtt_min: Math.min(...ofSide.map((each) => each.rtt_min)),
      rtt_max: Math.max(...ofSide.map((each) => each.rtt_max)),
    });
  }
});

test('what the connections have carried is in it, to the last packet', async () => {
  const objects = await watchTraffic('--aggregate-by', 'none');
  const aggregates = objects.filter(({ type, side }) => type === 'aggregate' && side === 'beyond');
  const sum = (field: string) => aggregates.reduce((all, each) => all + (each[field] as number), 0);
  const { egress, ingress, not_ip: notIp, not_tcp: notTcp, lingering } = objects.at(-1).counters;
  // ARP is of no connection, and what comes late of none that there still is.
  const packets = sum('sent_packets') + sum('rec_packets');
  expect(packets).toBe(egress + ingress - notIp - notTcp - lingering);
  expect(sum('sent_bytes')).toBeGreaterThan(0);
});

test('with --events there is a line for each, too', async () => {
  const objects = await watchTraffic('--events');
  const rtts = objects.filter(({ type }) => type === 'rtt');
  const aggregates = objects.filter(({ type }) => type === 'aggregate');
  expect(rtts).toHaveLength(reportedIn(aggregates));
  expect(objects.at(-1)).toMatchObject({ reported: rtts.length });
});

test('of several interfaces each is told by its name', async () => {
  const objects = await watchTraffic('-i', 'lo', '--aggregate-by', 'interface');
  const aggregates: Aggregate[] = objects.filter(({ type }) => type === 'aggregate');
  expect(new Set(aggregates.map((each) => each.interface))).toEqual(new Set([pair.interfaceName]));
  expect(aggregates.filter(({ prefix }) => prefix !== undefined)).toEqual([]);
  expect(objects.at(-1)).toMatchObject({ type: 'summary', reported: reportedIn(aggregates) });
});

test('in metrics of several interfaces, too, as of the end of the last interval', async () => {
  const options = ['-i', pair.interfaceName, '-i', 'lo', ...OPTIONS, '--format', 'ndjson'];
  const metrics = ['--metrics', '--metrics-by', 'prefix', 'port', String(service.port)];
  const cli = await start(pair.client, [...options, ...metrics]).watching();
  const client = startClient(pair, service, ['--connections', '5', '--interval', '15']);
  await until(() => reportedIn(aggregatesIn(cli.stdout)) > 60, 'RTTs');
  await client.stop();
  let counts: readonly ReadSample[] = [];
  await until(async () => {
    const { body } = await fetchIn(pair.client, 'http://127.0.0.1:9747/metrics');
    counts = readExposition(body).get('pping_samples_total')?.samples ?? [];
    const sum = counts.reduce((all, { value }) => all + value, 0);
    return sum === reportedIn(aggregatesIn(cli.stdout));
  }, 'metrics of all intervals that were told');
  const labels = { interface: pair.interfaceName, prefix: '10.77.0.0/24' };
  expect(counts.map((count) => count.labels)).toEqual(
    expect.arrayContaining(['beyond', 'behind'].map((side) => ({ ...labels, side }))),
  );
  expect(counts).toHaveLength(2);
  expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
});
