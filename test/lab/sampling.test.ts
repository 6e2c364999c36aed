/** Fairness: one bulk flow and many thin ones, against a second pping that samples everything. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 25_000;
const THIN_FLOWS = 200;
const RATE_MS = 100;
/** Of each thin flow, as the rate allows; a busy machine takes longer for that. */
const ENOUGH = 60;
const LOOK_MS = 500;
const DEADLINE_MS = 120_000;
/** At both ends of the run: not both were watching, or not all was answered. */
const MARGIN_NS = 700_000_000n;

jest.setTimeout(180_000);

interface Sample {
  readonly flow: string;
  readonly sent: bigint;
  readonly rtt: number;
}

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;
let bulkPort: number;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
  const [thin, bulk] = await Promise.all([
    startServer(path, serverAddresses.ipv4),
    startServer(path, serverAddresses.ipv4),
  ]);
  bulkPort = bulk.port;
  startClient(path, thin, ['--connections', String(THIN_FLOWS), '--interval', '60']);
  startClient(path, bulk, ['--mode', 'bulk', '--rate', '10']);
});
afterAll(() => path?.close());

test('every thin flow gets its samples, and the bulk flow no more than its rate', async () => {
  const watch = ['-i', path.interfaceName, '--no-handshake'];
  const reference = await start(path.client, [
    ...watch,
    '--rate',
    '0',
    '-o',
    file('all.ndjson'),
  ]).watching();
  const sampled = await start(path.client, [
    ...watch,
    ...['--rate', `${RATE_MS}ms`, '--stats', '100ms', '--cleanup-interval', '100ms'],
    ...['-o', file('sampled.ndjson')],
  ]).watching();
  await until(isEnoughSince(BigInt(Date.now()) * 1_000_000n), 'samples', DEADLINE_MS);
  const ends = await Promise.all([reference.end('SIGINT'), sampled.end('SIGINT')]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);

  const all = samplesIn(file('all.ndjson'));
  const taken = samplesIn(file('sampled.ndjson'));
  const window = commonWindow(all, taken);
  const possible = byFlow(all.filter(window));
  const got = byFlow(taken.filter(window));
  const thinFlows = [...possible.keys()].filter((flow) => !isBulk(flow));
  expect(thinFlows).toHaveLength(THIN_FLOWS);

  const starved = thinFlows
    .map((flow) => {
      const could = greedy(possible.get(flow) ?? []);
      return { flow, could, got: got.get(flow)?.length ?? 0 };
    })
    .filter(({ could, got }) => could < 10 || got < 0.9 * could);
  expect(starved).toEqual([]);

  const bulk = [...got].filter(([flow]) => isBulk(flow));
  expect(bulk).toHaveLength(1);
  const [, bulkTimes = []] = bulk[0] ?? [];
  expect(bulkTimes.length).toBeLessThanOrEqual(intervalsIn(bulkTimes) + 2);

  // What waits has been sent within the longest RTT: a machine that stalls makes it long, and many wait at once.
  const mostMs = taken.reduce((most, { rtt }) => Math.max(most, rtt), 0) / 1e6;
  const waiting = waitingIdentifiers(file('sampled.ndjson'));
  expect(Math.max(...waiting)).toBeGreaterThan(0);
  expect(Math.max(...waiting)).toBeLessThan(((THIN_FLOWS + 1) * mostMs * 2) / RATE_MS);
});

/** Whether every thin flow could have been sampled often enough since then. */
function isEnoughSince(time: bigint): () => Promise<boolean> {
  return async () => {
    await delay(LOOK_MS);
    const flows = byFlow(samplesIn(file('all.ndjson')).filter(({ sent }) => sent > time));
    const thin = [...flows].filter(([flow]) => !isBulk(flow));
    return thin.length === THIN_FLOWS && thin.every(([, times]) => greedy(times) >= ENOUGH);
  };
}

function isBulk(flow: string): boolean {
  return flow.startsWith(`${bulkPort}+`);
}

function samplesIn(name: string): Sample[] {
  return linesOf(readFileSync(name, 'utf8'))
    .filter((line) => line.startsWith('{"type":"rtt"'))
    .map((line) => {
      const { src_port, dest_port, rtt } = JSON.parse(line);
      const timestamp = BigInt(/"timestamp":(\d+)/.exec(line)?.[1] ?? 0);
      return { flow: `${src_port}+${dest_port}`, sent: timestamp - BigInt(rtt), rtt };
    });
}

function byFlow(samples: readonly Sample[]): Map<string, bigint[]> {
  const flows = new Map<string, bigint[]>();
  for (const { flow, sent } of samples) {
    const times = flows.get(flow);
    if (times) times.push(sent);
    else flows.set(flow, [sent]);
  }
  for (const times of flows.values()) times.sort((a, b) => Number(a - b));
  return flows;
}

/** Whether a sample was sent while both surely watched. */
function commonWindow(...runs: readonly Sample[][]): (sample: Sample) => boolean {
  const sent = runs.map((run) => run.map((sample) => sample.sent).sort((a, b) => Number(a - b)));
  const first = sent.map((times) => times[0] ?? 0n).reduce((a, b) => (a > b ? a : b));
  const last = sent.map((times) => times.at(-1) ?? 0n).reduce((a, b) => (a < b ? a : b));
  return (sample) => sample.sent >= first + MARGIN_NS && sample.sent <= last - MARGIN_NS;
}

/** How many samples a flow could get, taking the first and then each as soon as the rate allows. */
function greedy(times: readonly bigint[]): number {
  let taken = 0;
  let last = -(1n << 62n);
  for (const time of times) {
    if (time - last < BigInt(RATE_MS) * 1_000_000n) continue;
    last = time;
    taken++;
  }
  return taken;
}

function intervalsIn(times: readonly bigint[]): number {
  return Number((times.at(-1) ?? 0n) - (times[0] ?? 0n)) / (RATE_MS * 1e6);
}

/** At each --stats. */
function waitingIdentifiers(name: string): number[] {
  return linesOf(readFileSync(name, 'utf8'))
    .filter((line) => line.startsWith('{"type":"summary"'))
    .map((line) => JSON.parse(line).counters)
    .map(({ remembered, matched, unanswered }) => remembered - matched - unanswered);
}
