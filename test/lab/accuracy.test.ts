/** What pping prints, against what the lab adds and what the kernel itself believes, in the same run. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
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
/**
 * Requests of several segments: the peer's kernel acknowledges those at once
 * (RFC 9293, 3.8.6.3), so that its application's think time is in no RTT.
 */
const TRAFFIC = ['--connections', String(CONNECTIONS), '--interval', '20', '--request', '8000'];

jest.setTimeout(60_000);

let path: LabPath;
beforeEach(async () => {
  path = await createPath({ delayUs: DELAY_US });
});
afterEach(() => path.close());

test.each(Object.entries(serverAddresses))('RTTs over %s', async (_, address) => {
  const server = await startServer(path, address);
  const client = startClient(path, server, TRAFFIC);
  const rtts = await measure();
  // The least: a mean is moved by single stalls, which on a busy machine are many.
  const believed = (await kernelRtts(path.client, address)).map(({ minUs }) => minUs * 1000);
  await client.stop();

  expect(rtts).toHaveLength(SAMPLES);
  expect(believed).toHaveLength(CONNECTIONS);
  expect(Math.min(...rtts)).toBeGreaterThanOrEqual(TRUE_MINIMUM_NS);
  expectNear(median(rtts), TRUE_MINIMUM_NS + (await relayLatenessNs()));
  expectNear(Math.min(...rtts), Math.min(...believed));
});

test('the delay is followed as it grows and shrinks', async () => {
  const server = await startServer(path, serverAddresses.ipv4);
  const client = startClient(path, server, TRAFFIC);
  for (const delayUs of [25_000, 5_000]) {
    await path.setDelay(delayUs);
    const rtts = await measure('--no-handshake', '--rate', '50ms');
    // Packets that were on their way when the delay changed were not delayed by it.
    const settled = rtts.slice(SAMPLES / 3);
    expectNear(median(settled), 2 * delayUs * 1000 + (await relayLatenessNs()));
  }
  await client.stop();
});

/** Runs pping at the client's end until it has its samples. @returns the RTTs in ns */
async function measure(...options: string[]): Promise<number[]> {
  const command = [
    pping,
    '-i',
    path.interfaceName,
    '--rate',
    '0',
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

/** What the delay line says it added beyond the delay, both ways. */
async function relayLatenessNs(): Promise<number> {
  const { aToB, bToA } = await path.stats();
  return (aToB.lateUs.p50 + bToA.lateUs.p50) * 1000;
}

function expectNear(actual: number, reference: number): void {
  const tolerance = Math.max(reference * TOLERANCE, TOLERANCE_NS);
  expect(Math.abs(actual - reference)).toBeLessThanOrEqual(tolerance);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
