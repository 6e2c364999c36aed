/** What pping prints, against what the lab adds and what the kernel itself believes, in the same run. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { type KernelRtt, kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { pping } from '../../lab/places.js';
import { startClient, startServer } from '../../lab/services.js';

const DELAY_US = 12_500;
const TRUE_MINIMUM_NS = 2 * DELAY_US * 1000;
/** Of the reference, or 200 us: whichever is larger. */
const TOLERANCE = 0.1;
const TOLERANCE_NS = 200_000;
const SAMPLES = 300;
const CONNECTIONS = 8;
/** For a machine that has stalled to come to rest, and how long it may take. */
const REST_MS = 1_000;
const PATIENCE_MS = 240_000;
/**
 * Requests of several segments: the peer's kernel acknowledges those at once
 * (RFC 9293, 3.8.6.3), so that its application's think time is in no RTT.
 */
const TRAFFIC = ['--connections', String(CONNECTIONS), '--interval', '20', '--request', '8000'];

jest.setTimeout(PATIENCE_MS + 60_000);

let path: LabPath;
beforeEach(async () => {
  path = await createPath({ delayUs: DELAY_US });
});
afterEach(() => path.close());

test.each(Object.entries(serverAddresses))('RTTs over %s', async (_, address) => {
  const { rtts, believed } = await measureWhenCalm(address);

  expect(rtts).toHaveLength(SAMPLES);
  expect(believed).toHaveLength(CONNECTIONS);
  expect(Math.min(...rtts)).toBeGreaterThanOrEqual(TRUE_MINIMUM_NS);
  expectNear(quantile(rtts, 0.5), TRUE_MINIMUM_NS);
  expectNear(Math.min(...rtts), Math.min(...believed.map(({ minUs }) => minUs * 1000)));
});

test('the delay is followed as it grows and shrinks', async () => {
  const server = await startServer(path, serverAddresses.ipv4);
  const client = startClient(path, server, TRAFFIC);
  for (const delayUs of [25_000, 5_000]) {
    await path.setDelay(delayUs);
    const rtts = await measure('50ms', '--no-handshake');
    // Packets that were on their way when the delay changed were not delayed by it.
    const settled = rtts.slice(SAMPLES / 3);
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(2 * delayUs * 1000);
    // Stalls of the machine only ever add.
    expectNear(quantile(settled, 0.1), 2 * delayUs * 1000);
  }
  await client.stop();
});

/**
 * A machine that stalls delays packets more than the lab means to. What the
 * kernel believes of the same connections tells, independently of pping: only a
 * run in which it is near the lab's delay can be compared with that.
 */
async function measureWhenCalm(
  address: string,
): Promise<{ rtts: number[]; believed: KernelRtt[] }> {
  const server = await startServer(path, address);
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const client = startClient(path, server, TRAFFIC);
    const rtts = await measure('0');
    const believed = await kernelRtts(path.client, address);
    await client.stop();
    const smoothed = believed.map(({ smoothedUs }) => smoothedUs * 1000);
    if (quantile(smoothed, 0.5) <= TRUE_MINIMUM_NS * (1 + TOLERANCE)) return { rtts, believed };
    await delay(REST_MS);
  }
  throw new Error(`the machine stalled for ${PATIENCE_MS} ms: nothing to compare with`);
}

/** Runs pping at the client's end until it has its samples. @returns the RTTs in ns */
async function measure(rate: string, ...options: string[]): Promise<number[]> {
  const command = [
    pping,
    '-i',
    path.interfaceName,
    '--rate',
    rate,
    '-c',
    String(SAMPLES),
    '--format',
    'ndjson',
  ];
  const output = await path.client.run([...command, ...options]);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; rtt: number })
    .filter(({ type }) => type === 'rtt')
    .map(({ rtt }) => rtt);
}

function expectNear(actual: number, reference: number): void {
  const tolerance = Math.max(reference * TOLERANCE, TOLERANCE_NS);
  expect(Math.abs(actual - reference)).toBeLessThanOrEqual(tolerance);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(values.length * part)] ?? Number.NaN;
}
