/** Filters over real traffic, and in a replay of the same. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

jest.setTimeout(240_000);

const [ONE, OTHER] = [7_001, 7_002];
const CONNECTIONS = 2;
/** By when each connection has said something, and what is not wanted would have been told. */
const PACKETS = 300;

describe('of connections to two ports, over both IP versions', () => {
  const start = useCli();
  let pair: Endpoints;

  beforeAll(async () => {
    pair = await createVethPair({});
    for (const address of [serverAddresses.ipv4, serverAddresses.ipv6]) {
      for (const port of [ONE, OTHER]) {
        const server = await startServer(pair, address, port);
        startClient(pair, server, ['--connections', String(CONNECTIONS), '--interval', '15']);
      }
      const talking = () => kernelRtts(pair.client, address);
      await until(async () => (await talking()).length === 2 * CONNECTIONS, 'connections');
    }
  });

  afterAll(() => pair?.close());

  const eventsIn = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));

  /** That RTTs were measured to. */
  function endsIn(events: ReturnType<typeof eventsIn>): string[] {
    const rtts = events.filter(({ type }) => type === 'rtt');
    return [...new Set(rtts.map(({ src_ip, src_port }) => `${src_ip} ${src_port}`))].sort();
  }

  /** Until so many ends and packets were seen: the ends, and how many packets were left out. */
  async function watch(ends: number, ...args: string[]) {
    const options = ['-i', pair.interfaceName, '--format', 'ndjson', '--rate', '10ms'];
    const cli = await start(pair.client, [...options, '--stats', '100ms', ...args]).watching();
    await until(() => {
      const events = eventsIn(cli.stdout);
      const packets = events.findLast(({ type }) => type === 'summary')?.counters.egress ?? 0;
      return packets > PACKETS && endsIn(events).length >= ends;
    }, `${ends} ends`);
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const events = eventsIn(linesOf(stdout));
    const { filtered, egress } = events.at(-1).counters;
    return { ends: endsIn(events), filtered, egress };
  }

  const [V4, V6] = [serverAddresses.ipv4, serverAddresses.ipv6];
  const ALL = [V4, V6].flatMap((address) => [`${address} ${ONE}`, `${address} ${OTHER}`]);

  test.each([
    [[], ALL],
    [
      ['--port', String(ONE)],
      [`${V4} ${ONE}`, `${V6} ${ONE}`],
    ],
    [
      ['--host', V6],
      [`${V6} ${ONE}`, `${V6} ${OTHER}`],
    ],
    [['--net', '10.0.0.0/8', '--exclude-port', String(ONE)], [`${V4} ${OTHER}`]],
    [
      ['--port', `${ONE}-${OTHER}`, '--exclude-net', '::/0'],
      [`${V4} ${ONE}`, `${V4} ${OTHER}`],
    ],
    [['--host', '192.0.2.1'], []],
  ])('%j', async (args, ends) => {
    const seen = await watch(ends.length, ...args);
    expect(seen.ends).toEqual([...ends].sort());
    expect(seen.egress).toBeGreaterThan(0);
    if (args.length === 0) expect(seen.filtered).toBe(0);
    else expect(seen.filtered).toBeGreaterThan(0);
  });
});
