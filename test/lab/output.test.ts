import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { pping } from '../../lab/places.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const RTT_LINE =
  /^\d\d:\d\d:\d\d\.\d{6} {2,}\d+\.\d{3} ms {2,}\d+\.\d{3} ms {2}TCP 10\.77\.0\.1:\d+ > 10\.77\.0\.2:\d+$/;
const FLOW_LINE =
  /^\d\d:\d\d:\d\d\.\d{6} {2}TCP [\d.:]+ > [\d.:]+ (opened|opened \(SYN\)|already open|(FIN|RST) from (src|dest)|ports reused)$/;
const SUMMARY =
  /^(\d+) samples? of (\d+) flows?\nbeyond pp0: \1 samples?\n {2}RTT in ms .*\n {2}\D+ +\d+ +[\d.]+ +([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+$/m;
const UNMEASURED = /^ {2}10\.77\.0\.2: \d+ of \d+ flows and \S+ %? ?of bytes measured \(.+\)$/;
const RTT_FIELDS = [
  ...['type', 'timestamp', 'interface', 'flow_id', 'src_ip', 'src_port', 'dest_ip', 'dest_port'],
  ...['protocol', 'rtt', 'min_rtt', 'srtt', 'rttvar', 'sent_packets', 'sent_bytes'],
  ...['rec_packets', 'rec_bytes', 'match_on_egress', 'by', 'answer'],
];
const FIN = / FIN from (src|dest)$/;
const SAMPLES = 13;
/** Longer than a busy machine lets nobody talk. */
const SECONDS = 3;

jest.setTimeout(180_000);

describe('output of real traffic', () => {
  const start = useCli();
  const file = useTemporaryFolder();
  let pair: Endpoints;
  let watch: readonly string[];

  beforeAll(async () => {
    pair = await createVethPair({ ipv6: false });
    watch = ['-i', pair.interfaceName, '--rate', '10ms'];
    const server = await startServer(pair, serverAddresses.ipv4);
    startClient(pair, server, ['--connections', '3', '--interval', '15']);
    startClient(pair, server, ['--mode', 'short', '--interval', '30']);
  });

  afterAll(() => pair?.close());

  test('for people: the classic shape, and no colours in a pipe', async () => {
    const cli = await start(pair.client, watch).watching();
    await until(() => cli.stdout.some((line) => FIN.test(line)), 'a connection to end');
    await cli.printed(SAMPLES);
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    for (const line of linesOf(stdout)) {
      expect(line).toMatch(/ ms {2}/.test(line) ? RTT_LINE : FLOW_LINE);
    }
    expect(stdout).toMatch(/ (opened|already open)$/m);
  });

  test.each([
    [{ NO_COLOR: '' }, [], true],
    [{ NO_COLOR: '1' }, [], false],
    [{ NO_COLOR: '' }, ['--no-color'], false],
  ])('on a terminal with %j and %j: colours are %p', async (env, args, colored) => {
    const through = ['script', '--quiet', '--return', '/dev/null', '--command'];
    const command = ['exec "$PPING"', ...watch, '-c', '3', ...args].join(' ');
    const options = { through, program: command, env: { TERM: 'xterm', ...env, PPING: pping } };
    const { code, stdout } = await start(pair.client, [], options).ended;
    expect(code).toBe(0);
    expect(stdout.includes('\u001b[')).toBe(colored);
  });

  test.each([1, 5, SAMPLES])('-c %d gives exactly as many samples', async (count) => {
    const args = [...watch, '--format', 'ndjson', '-c', String(count)];
    const { code, stdout, stderr } = await start(pair.client, args).ended;
    expect(code).toBe(0);
    expect(samplesOf(linesOf(stdout))).toHaveLength(count);
    expect(SUMMARY.exec(stderr)?.[1]).toBe(String(count));
  });

  test('-s ends by itself, with a summary of what was printed', async () => {
    const began = performance.now();
    const args = [...watch, '--format', 'ndjson', '-s', String(SECONDS)];
    const { code, stdout, stderr } = await start(pair.client, args).ended;
    expect(performance.now() - began).toBeGreaterThan(1_000 * SECONDS);
    expect(code).toBe(0);

    const lines = linesOf(stdout);
    expect(lines.at(-1)).toMatch(/^{"type":"summary",.*"final":true,/);
    const opened = lines.filter((line) => line.includes('"flow_event":"opening"'));
    const [, samples, flows, ...percentiles] = SUMMARY.exec(stderr) ?? [];
    expect(samples).toBe(String(samplesOf(lines).length));
    expect(flows).toBe(String(opened.length));
    const [p50, p90, p99] = percentiles.map(Number);
    expect(p50).toBeGreaterThan(0);
    expect(p50).toBeLessThanOrEqual(p90 ?? 0);
    expect(p90).toBeLessThanOrEqual(p99 ?? 0);
    const told = linesOf(stderr);
    expect(told[0]).toMatch(/^watching pp0 \((tcx|clsact)\) for 3s, .*10ms; Ctrl-C ends sooner$/);
    const packets = told.findIndex((line) => / packets, /.test(line));
    const pictures = told.slice(4, packets);
    expect(pictures.some((line) => /^ {2} *[\d.]+-[\d.]+ ms {2}█+/.test(line))).toBe(true);
    const peers = pictures.findIndex((line) => line.startsWith('  peer, ms'));
    expect(pictures[peers]).toMatch(
      /^ {2}peer, ms +flows +samples +min +p50 +p99 +queueing +retrans$/,
    );
    expect(pictures[peers + 1]).toMatch(/^ {2}10\.77\.0\.2 +\d+ +\d+( +[\d.]+){4} +(-|[\d.]+%)$/);
    // A connection that opened as the run ended has nothing measured yet: then a line says so.
    expect(pictures.slice(peers + 2)).toEqual(
      pictures.slice(peers + 2, peers + 3).map(() => expect.stringMatching(UNMEASURED)),
    );
    expect(told.slice(packets)).toEqual([
      expect.stringMatching(/^\d+ packets, [\d.]+ k?B \(\d+ egress, \d+ ingress\)$/),
      expect.stringMatching(/^measurable: \d+ % of packets and \d+ % of bytes$/),
      ...told
        .slice(packets + 2, -1)
        .map(() => expect.stringMatching(/^(not measurable: | {2}).+$/)),
      'no events lost',
    ]);
  });

  test('-o appends NDJSON, and says nothing on stdout', async () => {
    const output = file('run.ndjson');
    const args = [...watch, '-l', '-c', String(SAMPLES), '-o', output];
    const began = BigInt(Date.now()) * 1_000_000n;
    expect(await start(pair.client, args).ended).toMatchObject({ code: 0, stdout: '' });
    const first = readFileSync(output, 'utf8');
    expect(await start(pair.client, args).ended).toMatchObject({ code: 0, stdout: '' });
    const ended = BigInt(Date.now() + 1) * 1_000_000n;
    const both = readFileSync(output, 'utf8');

    expect(both.startsWith(first)).toBe(true);
    for (const text of [first, both.slice(first.length)]) {
      const lines = linesOf(text);
      expect(samplesOf(lines)).toHaveLength(SAMPLES);
      expect(wrongMinima(lines)).toEqual([]);
      for (const line of lines) expectWithin(timestampOf(line), began, ended);
    }
    for (const sample of samplesOf(linesOf(both))) expectSample(sample);
  });
});

interface Sample {
  readonly flow_id: number;
  readonly src_ip: string;
  readonly rtt: number;
  readonly min_rtt: number;
  readonly handshake?: true;
}

/** Every line is JSON, a sample or not. */
function samplesOf(lines: readonly string[]): Sample[] {
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'rtt') as Sample[];
}

function expectSample(sample: Sample): void {
  const { handshake, ...rest } = sample;
  expect([undefined, true]).toContain(handshake);
  expect(Object.keys(rest)).toEqual(RTT_FIELDS);
  const positive = expect.any(Number);
  const fromServer = sample.src_ip === serverAddresses.ipv4;
  expect(sample).toMatchObject({
    interface: 'pp0',
    src_ip: expect.stringMatching(/^10\.77\.0\.[12]$/),
    src_port: positive,
    dest_port: positive,
    protocol: 'TCP',
    srtt: positive,
    rttvar: positive,
    match_on_egress: !fromServer,
  });
  expect(sample.rtt).toBeGreaterThan(0);
}

/** Those whose min_rtt is not the least RTT of their flow's direction so far. */
function wrongMinima(lines: readonly string[]): Sample[] {
  const least = new Map<string, number>();
  return samplesOf(lines).filter((sample) => {
    const direction = `${sample.flow_id} ${sample.src_ip}`;
    const expected = Math.min(sample.rtt, least.get(direction) ?? Number.POSITIVE_INFINITY);
    least.set(direction, expected);
    return sample.min_rtt !== expected;
  });
}

/** All its digits: JSON.parse would round it. */
function timestampOf(line: string): bigint {
  return BigInt(/"timestamp":(\d{19}),/.exec(line)?.[1] ?? 0);
}

function expectWithin(value: bigint, least: bigint, most: bigint): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}
