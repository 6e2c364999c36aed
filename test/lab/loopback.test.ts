/** The loopback interface, where each packet passes both hooks. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

const REQUESTS = 12;

jest.setTimeout(180_000);

const start = useCli();
let machine: Namespace;

beforeEach(async () => {
  machine = await createNamespace();
});

afterEach(() => machine.close());

test.each(['127.0.0.1', '::1'])('of %s: each packet once, and both ends are beyond', async (ip) => {
  const server = await startServer({ server: machine }, ip);
  const before = await packetsSent();
  const watch = ['-i', 'lo', '--rate', '0', '--no-handshake', '--format', 'ndjson'];
  const cli = await start(machine, watch).watching();
  const requests = ['--requests', String(REQUESTS), '--interval', '10'];
  await startClient({ client: machine }, server, requests).summary;
  await until(async () => (await connections()) === '', 'the end of the connection');
  const sent = (await packetsSent()) - before;
  const { code, stdout } = await cli.end('SIGINT');

  const lines = linesOf(stdout).map((line) => JSON.parse(line));
  const rtts = lines.filter(({ type }) => type === 'rtt');
  const ofRequests = rtts.filter(({ src_port }) => src_port === server.port);
  expect(code).toBe(0);
  // A request that comes within a timer tick of the one before has no TSval of its own.
  expect(ofRequests.length).toBeGreaterThan(REQUESTS / 2);
  // And the FIN's.
  expect(ofRequests.length).toBeLessThanOrEqual(REQUESTS + 1);
  for (const rtt of rtts) expect(rtt).toMatchObject({ match_on_egress: false });
  expect(lines.at(-1)).toMatchObject({ type: 'summary', counters: { egress: sent, ingress: 0 } });
  const packets = rtts.map(({ sent_packets, rec_packets }) => sent_packets + rec_packets);
  expect(Math.max(...packets)).toBeLessThanOrEqual(sent);
});

/** By the interface. */
async function packetsSent(): Promise<number> {
  const links = JSON.parse(await machine.run(['ip', '-json', '-s', 'link', 'show', 'dev', 'lo']));
  return links[0].stats64.tx.packets;
}

/** Those that still have something to send. */
function connections(): Promise<string> {
  return machine.run(['ss', '-Htn', 'state', 'connected', 'exclude', 'time-wait']);
}
