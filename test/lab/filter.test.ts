/** Filters over real traffic, and in a replay of the same. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

jest.setTimeout(240_000);

const [ONE, OTHER] = [7_001, 7_002];

describe('of connections to two ports, over both IP versions', () => {
  const start = useCli();
  let pair: Endpoints;

  beforeAll(async () => {
    pair = await createVethPair({});
    for (const address of [serverAddresses.ipv4, serverAddresses.ipv6]) {
      for (const port of [ONE, OTHER]) {
        const server = await startServer(pair, address, port);
        startClient(pair, server, ['--connections', '2', '--interval', '15']);
      }
    }
  });

  afterAll(() => pair?.close());

  /** The ends that RTTs were measured to, and how many packets were left out. */
  async function watch(...args: string[]) {
    const options = ['-i', pair.interfaceName, '--format', 'ndjson', '--rate', '10ms', '-s', '1'];
    const { code, stdout } = await start(pair.client, [...options, ...args]).ended;
    expect(code).toBe(0);
    const events = linesOf(stdout).map((line) => JSON.parse(line));
    const rtts = events.filter(({ type }) => type === 'rtt');
    const ends = rtts.map(({ src_ip, src_port }) => `${src_ip} ${src_port}`);
    const { filtered, egress } = events.at(-1).counters;
    return { ends: [...new Set(ends)].sort(), filtered, egress };
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
    const seen = await watch(...args);
    expect(seen.ends).toEqual([...ends].sort());
    expect(seen.egress).toBeGreaterThan(0);
    if (args.length === 0) expect(seen.filtered).toBe(0);
    else expect(seen.filtered).toBeGreaterThan(0);
  });
});
