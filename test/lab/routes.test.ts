/** A path whose delay changes while it is measured, against what the kernel itself believes of the same connections. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

const NEAR_US = 5_000;
const FAR_US = 30_000;
const WINDOW_S = 6;
const MS = 1e6;
/** A busy machine only ever adds. */
const TOLERANCE = 0.1;
/** Requests of several segments, which the peer's kernel acknowledges at once. */
const TRAFFIC = ['--connections', '4', '--interval', '20', '--request', '8000'];

interface Line {
  readonly type: string;
  readonly timestamp: number;
  readonly [field: string]: unknown;
}

jest.setTimeout(180_000);

const start = useCli();

let path: LabPath;
beforeEach(async () => {
  path = await createPath({ delayUs: NEAR_US, ipv6: false });
  // TCP's own window, as long as ours.
  await path.client.run(['sh', '-c', `echo ${WINDOW_S} >/proc/sys/net/ipv4/tcp_min_rtt_wlen`]);
});
afterEach(() => path?.close());

test('a longer way is told, and both the least RTT and queueing follow it', async () => {
  const server = await startServer(path, serverAddresses.ipv4);
  const client = startClient(path, server, TRAFFIC);
  const options = ['--rate', '50ms', '--min-window', `${WINDOW_S}s`, '--format', 'ndjson'];
  const cli = start(path.client, ['-i', path.interfaceName, ...options]);
  const objects = () => cli.stdout.map((line) => JSON.parse(line) as Line);
  const seconds = () => {
    const rtts = objects().filter(({ type }) => type === 'rtt');
    return ((rtts.at(-1)?.timestamp ?? 0) - (rtts[0]?.timestamp ?? 0)) / 1e9;
  };
  await until(() => seconds() > WINDOW_S / 2, 'RTTs of the shorter way');
  expect(objects().filter(({ type }) => type === 'route')).toEqual([]);
  await path.setDelay(FAR_US);
  const changed = Date.now() * MS;
  await until(() => cli.hasPrinted('"type":"route"'), 'the change');
  const told = Date.now() * MS;
  const believed = await kernelRtts(path.client, serverAddresses.ipv4);
  const last = objects().findLast(({ type }) => type === 'rtt') as Line;
  const shown = seconds();
  await until(() => seconds() > shown + WINDOW_S, 'RTTs of the longer way');
  const { stdout, stderr } = await cli.end('SIGINT');
  await client.stop();

  const routes = linesOf(stdout)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ type, match_on_egress: onEgress }) => type === 'route' && onEgress === false);
  expect(routes).toHaveLength(1);
  const [route] = routes as [Line];
  expect(route).toMatchObject({ src_ip: serverAddresses.ipv4 });
  expectNear(route.former_min_rtt, 2 * NEAR_US * 1000);
  expectNear(route.min_rtt, 2 * FAR_US * 1000);
  expect(told - changed).toBeGreaterThan(0.9 * WINDOW_S * 1e9);
  // It began with the tenth of the window in which the delay changed, or with the next.
  expect(Number(route.since) - changed).toBeGreaterThan(-0.2 * WINDOW_S * 1e9);

  const least = Math.min(...believed.map(({ minUs }) => minUs * 1000));
  expectNear(least, 2 * FAR_US * 1000);
  expectNear(last.min_rtt, least);
  const row = new RegExp(`^ {2}${serverAddresses.ipv4} .*$`, 'm').exec(stderr)?.[0] ?? '';
  const [, , , overall, median, , queueing] = row.trim().split(/ +/).map(Number);
  expectNear((overall ?? 0) * MS, 2 * NEAR_US * 1000);
  expect(median).toBeGreaterThan(2 * (FAR_US / 1000));
  expect(queueing).toBeLessThan(10);
});

/** Not below, and above by no more than what a machine adds. */
function expectNear(actual: unknown, reference: number): void {
  expect(actual).toBeGreaterThanOrEqual(0.999 * reference);
  expect(actual).toBeLessThan(reference * (1 + TOLERANCE) + MS);
}
