/** What was counted, and why there is no RTT, told by the real command. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { countersOf } from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { type RunningClient, type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { FATES } from '../../src/core/counters.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

const DEADLINE_MS = 60_000;

jest.setTimeout(180_000);

const start = useCli();
let pair: Endpoints;
let watch: readonly string[];

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  watch = ['-i', pair.interfaceName, '--rate', '10ms'];
});
afterAll(() => pair?.close());

interface Summary {
  readonly final: boolean;
  readonly samples: number;
  readonly reported: number;
  readonly unanswered: number;
  readonly waiting: number;
  readonly counters: Readonly<Record<string, number>>;
}

test('what pping itself costs is measured only for the run, and close to what it sees', async () => {
  const server = await startServer(pair, serverAddresses.ipv4);
  const isOn = () => readFileSync('/proc/sys/kernel/bpf_stats_enabled', 'utf8').trim();
  const before = isOn();
  const args = [...watch, '--format', 'ndjson', '--self-cost'];
  const cli = await start(pair.client, args).watching();
  const began = performance.now();
  const client = startClient(pair, server, ['--connections', '5', '--interval', '3']);
  await cli.printed(200);
  const leastNs = (performance.now() - began) * 1e6;
  const { code, stdout, stderr } = await cli.end('SIGINT');
  await client.stop();
  expect([code, isOn()]).toEqual([0, before]);
  const last = JSON.parse(linesOf(stdout).at(-1) ?? '');
  const { self_cost: cost, counters } = last;
  // The accounting begins just after the programs were attached.
  expect(cost.egress_packets).toBeLessThanOrEqual(counters.egress);
  expect(cost.egress_packets).toBeGreaterThan(0.5 * counters.egress);
  expect(cost.ingress_packets).toBeGreaterThan(0.5 * counters.ingress);
  expect(cost.egress_ns / cost.egress_packets).toBeGreaterThan(10);
  expect(cost.egress_ns / cost.egress_packets).toBeLessThan(100_000);
  expect(cost.elapsed_ns).toBeGreaterThan(leastNs);
  expect(cost.reader_ns).toBeGreaterThan(0);
  expect(stderr).toMatch(/\ncost of pping: \d+ ns per packet on egress, \d+ ns on ingress; /);
});

describe('what was counted', () => {
  test('is told at intervals and at the end, and adds up', async () => {
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = startClient(pair, server, ['--connections', '5', '--interval', '3']);
    const args = [...watch, '--format', 'ndjson', '--report-interval', '50ms'];
    const cli = await start(pair.client, [...args, '--stats', '200ms']).watching();
    const isEnough = () => {
      const all = summariesIn(cli.stdout);
      const last = all.at(-1);
      return all.length >= 3 && last !== undefined && last.samples > last.reported;
    };
    await until(isEnough, 'three summaries, and lines of several RTTs', DEADLINE_MS);
    const { code, stdout } = await cli.end('SIGINT');
    await client.stop();
    expect(code).toBe(0);

    const summaries = summariesIn(linesOf(stdout));
    expect(summaries.map(({ final }) => final).indexOf(true)).toBe(summaries.length - 1);
    expect(linesOf(stdout).at(-1)).toContain('"type":"summary"');
    const last = summaries.at(-1) as Summary;
    const { counters } = last;
    const count = (name: string) => counters[name] ?? Number.NaN;
    const fates = FATES.map((name) => count(name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)));
    expect(fates.reduce((a, b) => a + b)).toBe(count('egress') + count('ingress'));
    const dropped = count('ambiguous') + count('superseded') + count('below_resolution');
    expect(count('remembered')).toBe(count('matched') + last.unanswered + last.waiting + dropped);

    const rtts = linesOf(stdout)
      .filter((line) => line.startsWith('{"type":"rtt"'))
      .map((line) => JSON.parse(line) as { samples?: number });
    expect(last.reported).toBe(rtts.length);
    expect(last.samples).toBe(rtts.reduce((sum, { samples = 1 }) => sum + samples, 0));
    expect(last.samples).toBe(count('matched') + count('handshake_matched'));
    expect(last.samples).toBeGreaterThan(last.reported);
  });

  test('is told to people as lines that add up', async () => {
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = startClient(pair, server, ['--connections', '5', '--interval', '3']);
    const cli = await start(pair.client, [...watch, '-v', '--stats', '100ms']).watching();
    const atIntervals = /^\d\d:\d\d:\d\d\.\d{6} {2}\d+ samples? of \d+ flows?/;
    const told = () => cli.stderr.filter((line) => atIntervals.test(line)).length;
    await until(() => told() >= 2 && cli.stdout.length >= 20, 'numbers twice', DEADLINE_MS);
    const { code, stderr: all } = await cli.end('SIGINT');
    await client.stop();
    expect(code).toBe(0);
    const stderr = all.slice(all.search(/^\d+ samples of /m));
    const packets = Number(
      /^(\d+) packets, [\d.]+ k?B \(\d+ egress, \d+ ingress\)$/m.exec(stderr)?.[1],
    );
    const fates = Array.from(stderr.matchAll(/^ {2}\S.*? +(\d+) +[\d.]+ %$/gm), ([, n]) =>
      Number(n),
    );
    expect(fates.reduce((a, b) => a + b, 0)).toBe(packets);
    expect(stderr).toMatch(
      /^\d+ identifiers remembered: \d+ answered, \d+ unanswered, \d+ still waiting(;.*)?$/m,
    );
  });
});

describe('why there is no RTT', () => {
  test('timestamps asked for, and none there: says so once', async () => {
    await pair.client.run(['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/tcp_timestamps']);
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = await startTalking(server);
    const { code, stderr } = await start(pair.client, [...watch, '--no-sequence', '-s', '13'])
      .ended;
    await client.stop();
    await pair.client.run(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/tcp_timestamps']);
    expect(code).toBe(0);
    expect(linesOf(stderr).filter((line) => line.startsWith('no RTT for 5 s: '))).toEqual([
      expect.stringMatching(
        /: only \d+ TCP packets without timestamps.*; --no-sequence excludes these/,
      ),
    ]);
  });

  test('of a run that is over within 5 s, it is told at its end', async () => {
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = await startTalking(server);
    const cli = start(pair.client, [...watch, '--port', '9', '-q']);
    await until(() => hasCounted(cli.pid), 'packets', DEADLINE_MS);
    const { code, stdout, stderr } = await cli.end('SIGINT');
    await client.stop();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^0 samples of 0 flows$/m)]);
    expect(stderr).toMatch(/^no RTT in this run: the filter matches none of \d+ packets\n$/);
  });

  test('is not asked while RTTs come', async () => {
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = await startTalking(server);
    const { stderr } = await start(pair.client, [...watch, '-s', '7']).ended;
    await client.stop();
    expect(stderr).not.toContain('no RTT');
  });
});

/** Once there are packets: what a run says depends on how many it has seen when it says so. */
async function startTalking(server: Service): Promise<RunningClient> {
  const client = startClient(pair, server, ['--connections', '2', '--interval', '20']);
  const talking = () => kernelRtts(pair.client, server.address);
  await until(async () => (await talking()).length === 2, 'connections', DEADLINE_MS);
  return client;
}

/** With --quiet nothing says that it watches. */
function hasCounted(pid: number): boolean {
  try {
    return countersOf(pid).ingress > 9;
  } catch {
    return false; // it has no map yet
  }
}

function summariesIn(lines: readonly string[]): Summary[] {
  return lines
    .filter((line) => line.startsWith('{"type":"summary"'))
    .map((line) => JSON.parse(line) as Summary);
}
