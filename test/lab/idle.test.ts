/** Times that nothing is measured by are taken from the kernel's timer tick: how long is idle? */
import { expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { useCli } from '../helpers/command/cli.js';

const TIMEOUT_NS = 1_000_000_000n;
/** The longest timer tick there is (HZ = 100), and one more for the clock's reading. */
const TICKS_NS = 20_000_000n;

jest.setTimeout(240_000);

const start = useCli();

test('an idle flow is forgotten after --flow-timeout, and not before', async () => {
  const pair = await createVethPair({ ipv6: false });
  try {
    const args = ['--rate', '0', '--flow-timeout', '1s', '--cleanup-interval', '50ms'];
    const cli = start(pair.client, ['-i', pair.interfaceName, '--format', 'ndjson', ...args]);
    await cli.watching();
    const server = await startServer(pair, serverAddresses.ipv4);
    const client = startClient(pair, server, ['--interval', '3600000']);
    const isClosed = (line: string) => eventOf(line).reason === 'flow timeout';
    await until(() => cli.stdout.some(isClosed), 'the flow to be forgotten');
    const events = cli.stdout.map(eventOf);
    const end = events.findIndex(({ reason }) => reason === 'flow timeout');
    const last = events.slice(0, end).findLast(({ type }) => type === 'rtt');
    const idle = (events[end]?.timestamp ?? 0n) - (last?.timestamp ?? 0n);
    expect(idle).toBeGreaterThan(TIMEOUT_NS - TICKS_NS);
    expect(idle).toBeLessThan(10n * TIMEOUT_NS);
    await client.stop();
  } finally {
    await pair.close();
  }
});

function eventOf(line: string): { type: string; reason?: string; timestamp: bigint } {
  const { type, reason } = JSON.parse(line);
  return { type, reason, timestamp: BigInt(/"timestamp":(\d+)/.exec(line)?.[1] ?? 0) };
}
