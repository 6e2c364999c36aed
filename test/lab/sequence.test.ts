/** Connections of real kernels without TCP timestamps, over a path that adds 10 ms each way. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_MS = (2 * DELAY_US) / 1_000;
const CONNECTIONS = 5;
/** Of the path's least, as the sender's kernel has it. */
const OFF_MS = 0.5;
const DEADLINE_MS = 120_000;

jest.setTimeout(180_000);

interface Sample {
  readonly type: string;
  readonly rtt: number;
  readonly by: string;
  readonly handshake?: true;
}

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
});
afterAll(() => path?.close());

test.each([
  ['server', '1', '0'],
  ['client', '0', '1'],
  ['both', '0', '0'],
])(
  'off at %s: none below the path, the least as the kernel has it',
  async (name, client, server) => {
    await path.client.run(['sysctl', '-qw', `net.ipv4.tcp_timestamps=${client}`]);
    await path.server.run(['sysctl', '-qw', `net.ipv4.tcp_timestamps=${server}`]);
    const output = file(`${name}.ndjson`);
    const watch = ['-i', path.interfaceName, '--rate', '0', '-o', output];
    const cli = await start(path.client, watch).watching();
    const service = await startServer(path, serverAddresses.ipv4);
    const load = ['--connections', String(CONNECTIONS), '--interval', '50'];
    const traffic = startClient(path, service, load);
    const least = (samples: readonly Sample[]) => Math.min(...samples.map(({ rtt }) => rtt / 1e6));
    const isNear = async () => {
      const kernel = Math.min(
        ...(await kernelRtts(path.client, serverAddresses.ipv4)).map((each) => each.minUs / 1_000),
      );
      return Math.abs(least(samplesIn(output)) - kernel) < OFF_MS;
    };
    await until(() => samplesIn(output).length > 20 * CONNECTIONS, 'samples', DEADLINE_MS);
    await until(isNear, "the least to be near the kernel's", DEADLINE_MS);
    await traffic.stop();
    const { code } = await cli.end('SIGINT');
    const samples = samplesIn(output);
    expect({ code, by: [...new Set(samples.map(({ by }) => by))] }).toEqual({
      code: 0,
      by: ['sequence'],
    });
    expect(samples.filter(({ handshake }) => handshake).length).toBeGreaterThanOrEqual(CONNECTIONS);
    expect(least(samples)).toBeGreaterThanOrEqual(LEAST_MS);
  },
);

function samplesIn(output: string): Sample[] {
  return linesOf(readFileSync(output, 'utf8'))
    .filter((line) => line.startsWith('{"type":"rtt"') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Sample);
}
