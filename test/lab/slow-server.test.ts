/** A live run at both ends of a path: a server that takes its time, and acknowledgements that are delayed. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { IN_FOURS } from '../helpers/lab/answered.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 12_500;
const PATH_NS = 2_000 * DELAY_US;
const MS = 1e6;
const THINK_MS = 20;
/** Linux delays acknowledgements by 40 ms, in ticks of its clock. */
const DELAYED_NS = 35 * MS;
const DEADLINE_MS = 120_000;

interface Rtts {
  readonly reported: number;
  readonly rtt_min: number;
  readonly rtt_p50: number;
  readonly rtt_p90: number;
}

interface Side extends Rtts {
  readonly path: Rtts & { readonly answers: string };
  readonly answers: { readonly [answer: string]: Rtts };
}

interface Line {
  readonly type: string;
  readonly answer?: string;
  readonly beyond?: Side;
}

jest.setTimeout(300_000);

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;
let service: Service;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
  service = await startServer(path, serverAddresses.ipv4);
});
afterAll(() => path?.close());

function linesIn(output: string): Line[] {
  return linesOf(readFileSync(output, 'utf8'))
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}

/** What pping beyond the interface of an end says while `work` is done there. */
async function watch(end: 'client' | 'server', work: (output: string) => Promise<void>) {
  const output = file(`${end}.ndjson`);
  const args = ['-i', path.interfaceName, '--rate', '0', '-o', output];
  const cli = await start(path[end], args).watching();
  await work(output);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  const beyond = linesIn(output).at(-1)?.beyond;
  if (beyond === undefined) throw new Error(`no RTT: ${stderr}`);
  return { beyond, stderr };
}

test('at the client, short connections tell the path, and long ones what the server takes', async () => {
  const load = ['--connections', '3', '--interval', '0', '--think', String(THINK_MS)];
  let believed = Number.NaN;
  const { beyond, stderr } = await watch('client', async (output) => {
    const both = [[], ['--mode', 'short']].map((more) =>
      startClient(path, service, [...load, ...more]),
    );
    const has = (answer: string, least: number) => () =>
      linesIn(output).filter((line) => line.answer === answer).length >= least;
    await until(has('handshake', 50), 'handshakes', DEADLINE_MS);
    await until(has('data', 50), 'answers with data', DEADLINE_MS);
    const kernel = await kernelRtts(path.client, serverAddresses.ipv4);
    believed = Math.min(...kernel.map(({ minUs }) => 1_000 * minUs));
    await Promise.all(both.map((client) => client.stop()));
  });

  const { handshake, data } = beyond.answers;
  expect(beyond.path.answers).toBe('kernel');
  expect(beyond.rtt_min).toBeGreaterThanOrEqual(PATH_NS);
  expect(handshake?.rtt_min).toBeLessThan(believed + MS);
  expect(believed).toBeGreaterThanOrEqual(PATH_NS);
  expect(data?.rtt_min).toBeGreaterThan(PATH_NS + (THINK_MS - 1) * MS);
  expect(beyond.path.rtt_p50).toBeLessThan(PATH_NS + (THINK_MS / 2) * MS);
  expect(stderr).toMatch(
    /^beyond pp0: \d+ samples\n {2}RTT in ms .*\n {2}ACKs and handshakes +\d+ .*\n {2}answers with data +\d+ /m,
  );
});

test('at the server, the next requests tell the path, and the last replies the delay of ACKs', async () => {
  const { beyond, stderr } = await watch('server', async () => {
    const server = [service.address, String(service.port)];
    await path.client.run(['python3', '-c', IN_FOURS, ...server, '1', '0']);
  });

  const { ack, data } = beyond.answers;
  expect(beyond.path.answers).toBe('data');
  expect(beyond.rtt_min).toBeGreaterThanOrEqual(PATH_NS);
  expect(ack?.rtt_p90).toBeGreaterThan(PATH_NS + DELAYED_NS);
  expect(data?.rtt_p50).toBeLessThan(PATH_NS + DELAYED_NS / 2);
  expect(stderr).toMatch(
    /^beyond pp0: \d+ samples\n {2}RTT in ms .*\n {2}answers with data +\d+ .*\n {2}ACKs and handshakes +\d+ /m,
  );
});
