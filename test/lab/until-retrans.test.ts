/** A live run that ends once too much is sent again, and not before. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { useCli } from '../helpers/command/cli.js';
import { makePatient } from '../helpers/lab/patient.js';

jest.setTimeout(180_000);

const start = useCli();
const BULK = ['--mode', 'bulk', '--rate', '20', '--window', '200000'];
/** Nor probes for what a busy machine is slow to acknowledge. */
const NO_PROBES = ['sysctl', '-qw', 'net.ipv4.tcp_early_retrans=0'];
let path: LabPath;

beforeEach(async () => {
  path = await createPath({ delayUs: 1_000, ipv6: false });
});
afterEach(() => path?.close());

async function startTraffic(): Promise<void> {
  const server = await startServer(path, serverAddresses.ipv4);
  startClient(path, server, BULK);
}

const watch = (condition: string, seconds: number) => [
  ...['-i', path.interfaceName, '-q', '-s', String(seconds), '--until', condition],
];

test('where nothing is lost it goes on to its end', async () => {
  await makePatient(path.client);
  await path.client.run(NO_PROBES);
  await startTraffic();
  const { code, stderr } = await start(path.client, watch('retrans>1%/2s', 4)).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).not.toContain('ended: ');
});

test('where much is lost it ends with exit code 10, and the summary says how much', async () => {
  await startTraffic();
  await path.setFaults({ lost: 50, early: 0 });
  const { code, stdout, stderr } = await start(path.client, watch('retrans>1%/2s', 60)).ended;
  expect({ code, stderr }).toMatchObject({ code: 10 });
  expect(stderr).toMatch(/^ended: retrans was \d+\.\d % over \d+(\.\d)? [km]B in the last 2s$/im);
  expect(stdout).toMatch(/^\d+ packets? retransmitted \(\d+(\.\d)? % of bytes\)/m);
});
