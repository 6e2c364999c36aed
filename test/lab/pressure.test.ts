/** Maps that are too small for the traffic: the real command degrades in steps, and recovers. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { countersOf } from '../../lab/attached.js';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';

const DELAY_US = 25_000;
const DEADLINE_MS = 60_000;
const CONNECTIONS = 100;
/** Each has one request on its way nearly all the time: far more than the maps have room for. */
const TRAFFIC = ['--connections', String(CONNECTIONS), '--interval', '20'];
/** Each has several identifiers on its way at --rate 10ms: one waits in the flow, the others in the map. */
const STREAMS = ['--mode', 'bulk', '--connections', '60', '--rate', '4'];
const OFTEN = ['--cleanup-interval', '50ms'];

jest.setTimeout(180_000);

const start = useCli();
let path: LabPath;
let server: Service;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
  server = await startServer(path, serverAddresses.ipv4);
});
afterAll(() => path?.close());

interface Step {
  readonly map: string;
  readonly step: string;
  readonly rate: number;
  readonly flow_timeout: number;
}

describe('too many flows for the maps', () => {
  test('NDJSON tells each step, up and all the way back', async () => {
    const client = startClient(path, server, TRAFFIC);
    const small = ['--max-flows', '60', ...OFTEN];
    const args = ['-i', path.interfaceName, '--rate', '10ms', '--format', 'ndjson', ...small];
    const cli = await start(path.client, args).watching();
    const last = (map: string) => stepsOf(cli).findLast((step) => step.map === map);
    await until(
      () => (last('flows')?.flow_timeout ?? 300e9) < 1e9,
      'the flow map to give way',
      DEADLINE_MS,
    );
    // Not only those that came first.
    await until(
      () => new Set(flowsSampled(cli)).size > 0.9 * CONNECTIONS,
      'samples of nearly all connections',
      DEADLINE_MS,
    );
    await client.stop();
    await until(
      () => last('flows')?.flow_timeout === 300e9,
      'the flow timeout to come back',
      DEADLINE_MS,
    );
    const { flowMapFull } = countersOf(cli.pid);
    expect(flowMapFull).toBeGreaterThan(0);
    const { code, stderr } = await cli.end('SIGINT');
    expect([code, linesOf(stderr).at(-1)]).toEqual([0, turnedAway(flowMapFull, 'flow map')]);
    expect(objectsOf(cli, 'summary')).toMatchObject([
      { counters: { flow_map_full: flowMapFull, timestamp_map_full: 0 } },
    ]);
    expect(new Set(stepsOf(cli).map(({ step }) => step))).toEqual(new Set(['up', 'down']));
  });

  test('people are told in a line a step, and by kill -USR1', async () => {
    const client = startClient(path, server, STREAMS);
    const small = ['--max-flows', '1000', '--max-timestamps', '30', ...OFTEN];
    const args = ['-i', path.interfaceName, '--rate', '10ms', ...small];
    const cli = await start(path.client, args).watching();
    const told = (pattern: RegExp) => cli.stderr.findLast((line) => pattern.test(line));
    const raised =
      /^governor: timestamp map \d+ % full \(\d+ of 30\), sampling interval raised: --rate \d+ms$/;
    await until(() => told(raised) !== undefined, 'the sampling to give way', DEADLINE_MS);
    const isFull = () => countersOf(cli.pid).timestampMapFull > 0;
    await until(isFull, 'the timestamp map to be full', DEADLINE_MS);
    await client.stop();
    await until(
      () => told(/^governor: .* lowered: /)?.endsWith(' --rate 10ms') ?? false,
      'the sampling interval to come back',
      DEADLINE_MS,
    );
    process.kill(cli.pid, 'SIGUSR1');
    await until(() => told(/^maps: /) !== undefined, 'the state', DEADLINE_MS);
    expect(told(/^settings: /)).toBe(
      'settings: --rate 10ms --flow-timeout 5m --timestamp-timeout 10s',
    );
    expect(told(/^maps: /)).toMatch(
      /^maps: \d+ of 1000 flows \(\d+ %\), \d+ of 30 timestamps \(\d+ %\)$/,
    );
    const { timestampMapFull } = countersOf(cli.pid);
    const { code, stderr } = await cli.end('SIGINT');
    const expected = turnedAway(timestampMapFull, 'timestamp map');
    expect([code, linesOf(stderr).at(-1)]).toEqual([0, expected]);
  });
});

/** What the summary ends with, where the kernel has counted so many. */
function turnedAway(packets: number, map: string): string {
  return `${packets} packet${packets === 1 ? '' : 's'} not measured (${map} full)`;
}

function objectsOf(cli: Cli, type: string): unknown[] {
  return cli.stdout
    .filter((line) => line.startsWith(`{"type":"${type}"`))
    .map((line) => JSON.parse(line));
}

function stepsOf(cli: Cli): Step[] {
  return objectsOf(cli, 'governor') as Step[];
}

/** The ports of the connections that samples came from. */
function flowsSampled(cli: Cli): number[] {
  return (objectsOf(cli, 'rtt') as { dest_port: number }[]).map(({ dest_port }) => dest_port);
}
