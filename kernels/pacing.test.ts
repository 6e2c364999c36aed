/** RTTs of a sender that fq holds back: needs a kernel with fq and netem (make test-kernels). */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { median } from '../bench/statistics.js';
import { type Endpoints, serverAddresses } from '../lab/endpoints.js';
import { startTransfer } from '../lab/transfer/start.js';
import { createVethPair } from '../lab/veth.js';
import { linesOf, useCli } from '../test/helpers/command/cli.js';

const PATH_MS = 20;
/**
 * Of what its window allows per RTT, in percent: the two segments of 1448 bytes that TCP sends at least
 * have 133 ms to themselves then (of ten in 20 ms), and more than two of them wait in fq.
 */
const PACING = '3';
/** Far above what a slow guest adds to the path, and far below that wait. */
const MOST_MS = 80;
const SAMPLES = 25;
const BYTES = 1 << 30;

jest.setTimeout(300_000);

const start = useCli();
let pair: Endpoints;

beforeEach(async () => {
  execFileSync('modprobe', ['--all', 'sch_fq', 'sch_netem']);
  pair = await createVethPair({ ipv6: false });
  const { client, server, interfaceName: name } = pair;
  const ratios = ['ss', 'ca'].map((phase) => `net.ipv4.tcp_pacing_${phase}_ratio=${PACING}`);
  await client.run(['sysctl', '-qw', ...ratios]);
  await client.run(['tc', 'qdisc', 'add', 'dev', name, 'root', 'fq']);
  await server.run(['tc', 'qdisc', 'add', 'dev', name, 'root', 'netem', 'delay', `${PATH_MS}ms`]);
});

afterEach(() => pair.close());

test('have the path in them, not the wait for their time to leave', async () => {
  const watch = ['-i', pair.interfaceName, '--rate', '0', '--format', 'ndjson', '--no-handshake'];
  const cli = await start(pair.client, [...watch, '-c', String(SAMPLES)]).watching();
  const transfer = await startTransfer(pair, serverAddresses.ipv4, { bytes: BYTES, seed: 1 });
  transfer.allow(BYTES);
  const { code, stdout } = await cli.ended;
  const events = linesOf(stdout).map((line) => JSON.parse(line));
  const rtts = events.filter(({ type }) => type === 'rtt').map(({ rtt }) => rtt / 1e6);
  expect([code, rtts.length]).toEqual([0, SAMPLES]);
  expect(Math.min(...rtts)).toBeGreaterThanOrEqual(PATH_MS);
  expect(median(rtts)).toBeLessThan(MOST_MS);
});
