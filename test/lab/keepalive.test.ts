/** Connections of real kernels that say nothing, over a path whose delay is known, and changes while they are idle. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAYS_US = [10_000, 30_000] as const;
/** Of the path's least, as the sender's kernel has it. */
const OFF_MS = 0.5;
const DEADLINE_MS = 120_000;
const PORT = 7_777;

const SERVER = `
import socket
listener = socket.create_server(('', ${PORT}))
print('listening', flush=True)
connection = listener.accept()[0]
while said := connection.recv(100):
    connection.send(said)
`;
/**
 * An exchange, and then nothing for a while but what the kernel asks once a second. On a busy machine one may be
 * answered after the next: then the next exchange settles what is answered.
 */
const CLIENT = `
import select, socket, sys
connection = socket.create_connection((sys.argv[1], ${PORT}))
connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
is_over = False
while not is_over:
    connection.send(b'hello')
    connection.recv(100)
    is_over = bool(select.select([sys.stdin], [], [], 12)[0])
`;

jest.setTimeout(300_000);

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAYS_US[0], ipv6: false });
});
afterAll(() => path?.close());

interface Sample {
  readonly type: string;
  readonly unmeasured_src?: string;
  readonly unmeasured_dest?: string;
  readonly rtt: number;
  readonly by: string;
  readonly keep_alive?: true;
}

test.each([
  ['with timestamps', '1'],
  ['without', '0'],
])('%s: each RTT of an idle connection is that of the path', async (name, timestamps) => {
  await path.client.run(['sysctl', '-qw', `net.ipv4.tcp_timestamps=${timestamps}`]);
  await path.setDelay(DELAYS_US[0]);
  const output = file(`${name}.ndjson`);
  const watch = ['-i', path.interfaceName, '--rate', '0', '-o', output];
  const cli = await start(path.client, watch).watching();
  const server = path.server.spawn(['python3', '-c', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  const script = ['python3', '-c', CLIENT, serverAddresses.ipv4];
  const client = path.client.spawn(script, { stdio: ['pipe', 'ignore', 'inherit'] });
  const kernelsLeast = async () =>
    Math.min(...(await kernelRtts(path.client, serverAddresses.ipv4)).map(({ minUs }) => minUs));
  const idle = () => samplesIn(output).filter(({ keep_alive: isProbe }) => isProbe);
  const least = (samples: readonly Sample[]) => Math.min(...samples.map(({ rtt }) => rtt / 1e6));
  await until(() => idle().length >= 3, 'samples of an idle connection', DEADLINE_MS);
  const isNear = async () => Math.abs(least(idle()) - (await kernelsLeast()) / 1e3) < OFF_MS;
  await until(isNear, "the least to be near the kernel's", DEADLINE_MS);
  expect(least(idle())).toBeGreaterThanOrEqual((2 * DELAYS_US[0]) / 1e3);

  await path.setDelay(DELAYS_US[1]);
  const longer = (2 * DELAYS_US[1]) / 1e3;
  const since = idle().length;
  // The first may have been on its way.
  const later = () => idle().slice(since + 1);
  await until(() => later().length >= 3 && least(later()) - longer < OFF_MS, 'more', DEADLINE_MS);
  expect(least(later())).toBeGreaterThanOrEqual(longer);
  client.stdin?.end();
  await until(() => linesIn(output, '"flow_event":"closing"').length > 0, 'its end', DEADLINE_MS);
  const { code } = await cli.end('SIGINT');
  // Linux echoes no TSval of what lies before the window.
  expect({ code, by: [...new Set(idle().map(({ by }) => by))] }).toEqual({
    code: 0,
    by: ['sequence'],
  });
  // The server was measured; the client is this machine.
  const [closing] = linesIn(output, '"flow_event":"closing"');
  expect([closing?.unmeasured_src, closing?.unmeasured_dest]).toEqual(['local', undefined]);
});

function samplesIn(output: string): Sample[] {
  return linesIn(output, '{"type":"rtt"');
}

function linesIn(output: string, what: string): Sample[] {
  return linesOf(readFileSync(output, 'utf8'))
    .filter((line) => line.includes(what) && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Sample);
}
