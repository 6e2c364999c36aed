/** Connections in a VXLAN of real kernels, watched from below and on the device itself. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { clientAddresses, serverAddresses } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_NS = 2 * DELAY_US * 1_000;
const CONNECTIONS = 5;
const SAMPLES = 100;
const VNI = 4242;
const INNER = { client: '10.99.0.1', server: '10.99.0.2' } as const;
const DEVICE = 'inner0';
const DEADLINE_MS = 120_000;

jest.setTimeout(180_000);

interface Sample {
  readonly rtt: number;
  readonly match_on_egress: boolean;
  readonly dest_ip: string;
  readonly tunnel?: string;
  readonly tunnel_id?: number;
}

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
  const { client, server } = path;
  await addVxlan(client, clientAddresses.ipv4, serverAddresses.ipv4, INNER.client);
  await addVxlan(server, serverAddresses.ipv4, clientAddresses.ipv4, INNER.server);
});
afterAll(() => path?.close());

async function addVxlan(at: Namespace, local: string, remote: string, inner: string) {
  const ends = ['local', local, 'remote', remote, 'dev', path.interfaceName];
  const vxlan = ['type', 'vxlan', 'id', String(VNI), 'dstport', '4789', ...ends];
  await at.run(['ip', 'link', 'add', DEVICE, ...vxlan]);
  await at.run(['ip', 'address', 'add', `${inner}/24`, 'dev', DEVICE]);
  await at.run(['ip', 'link', 'set', DEVICE, 'up']);
}

test.each([
  ['alone', []],
  ['with owners', ['--who']],
  ['with owners and NAT', ['--who', '--nat']],
])('--tunnels %s: as many as on the device within, none below the path', async (name, more) => {
  const outputs = { below: file(`${name}-below.ndjson`), within: file(`${name}-within.ndjson`) };
  const common = ['--rate', '0', '-o'];
  const below = await start(path.client, [
    ...['-i', path.interfaceName, '--tunnels', ...more],
    ...[...common, outputs.below],
  ]).watching();
  const within = await start(path.client, [
    ...['-i', DEVICE, ...common, outputs.within],
  ]).watching();
  const service = await startServer(path, INNER.server);
  const load = ['--connections', String(CONNECTIONS), '--interval', '50'];
  const traffic = startClient(path, service, load);
  for (const output of Object.values(outputs)) {
    await until(() => samplesIn(output).length > SAMPLES, 'samples', DEADLINE_MS);
  }
  await traffic.stop();
  expect([(await below.end('SIGINT')).code, (await within.end('SIGINT')).code]).toEqual([0, 0]);
  const samples = samplesIn(outputs.below);
  const agreement = samples.length / samplesIn(outputs.within).length;
  expect(Math.abs(agreement - 1)).toBeLessThan(0.05);
  expect(Math.min(...samples.map(({ rtt }) => rtt))).toBeGreaterThanOrEqual(LEAST_NS);
  const tunnels = new Set(samples.map((each) => `${each.tunnel} ${each.tunnel_id}`));
  expect([...tunnels]).toEqual([`vxlan ${VNI}`]);
});

test('without --tunnels what is in them is left alone', async () => {
  const output = file('without.ndjson');
  const cli = await start(path.client, [
    ...['-i', path.interfaceName, '--rate', '0', '-o', output],
  ]).watching();
  const service = await startServer(path, INNER.server);
  await startClient(path, service, ['--requests', '3']).summary;
  const { code } = await cli.end('SIGINT');
  expect({ code, samples: samplesIn(output) }).toEqual({ code: 0, samples: [] });
});

function samplesIn(output: string): Sample[] {
  return linesOf(readFileSync(output, 'utf8'))
    .filter((line) => line.startsWith('{"type":"rtt"') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Sample);
}
