/** pping gets no time to run while there are more events than the ring buffer holds. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { countersOf } from '../../lab/attached.js';
import type { Endpoints } from '../../lab/endpoints.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { exchange } from '../helpers/lab/exchanges.js';
import { compileHelper } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const STOPPED_MS = 5_000;
/** The ring buffer has room for 61,680 RTTs. */
const TOO_MANY = { flows: 1_000, rounds: { first: 1, last: 100 }, rttUs: 0 };
const FEW = { flows: 10, rounds: { first: 101, last: 110 }, rttUs: 20_000 };
const FEW_RTTS = 100;
/** Far more than the machine adds. */
const MOST_RTT_NS = 10e9;
const DEADLINE_MS = 60_000;

jest.setTimeout(180_000);

const start = useCli();
const file = useTemporaryFolder();
let pair: Endpoints;

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
});
afterAll(() => pair?.close());

interface Line {
  readonly type: string;
  readonly rtt: number;
  readonly lost_rtts: number;
}

test('stopped for 5 s, continued: what was lost is told, all else is written, RTTs are right', async () => {
  compileHelper('lab/exchanges.c', file('exchanges'));
  const args = ['-i', pair.interfaceName, '--rate', '0', '--format', 'ndjson'];
  const cli = await start(pair.client, args).watching();
  const stopped = performance.now();
  process.kill(cli.pid, 'SIGSTOP');
  await exchange(file('exchanges'), pair, TOO_MANY);
  expect(countersOf(cli.pid).rttEventsLost).toBeGreaterThan(10_000);
  await delay(STOPPED_MS - (performance.now() - stopped));
  process.kill(cli.pid, 'SIGCONT');
  await until(() => cli.hasPrinted('"sent_packets":40,'), 'room for more', DEADLINE_MS);
  await exchange(file('exchanges'), pair, FEW);
  await until(() => cli.hasPrinted('"sent_packets":110,'), 'later RTTs', DEADLINE_MS);
  const { rttEventsLost, matched } = countersOf(cli.pid);
  const { code, stdout, stderr } = await cli.end('SIGINT');

  const lines = linesOf(stdout).map((line) => JSON.parse(line) as Line);
  const rtts = lines.filter(({ type }) => type === 'rtt').map(({ rtt }) => rtt);
  const told = lines.reduce(
    (sum, { type, lost_rtts }) => sum + (type === 'loss' ? lost_rtts : 0),
    0,
  );
  expect({ code, told, rtts: rtts.length }).toEqual({
    code: 0,
    told: rttEventsLost,
    rtts: matched - rttEventsLost,
  });
  expect(stderr).toContain(`\n${rttEventsLost} RTTs lost (ring buffer full)\n`);
  expect(lines.at(-1)).toMatchObject({
    type: 'summary',
    samples: rtts.length,
    dropped_lines: 0,
    counters: { rtt_events_lost: rttEventsLost, matched },
  });
  const later = rtts.slice(-FEW_RTTS);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(1_000 * FEW.rttUs);
  expect(Math.max(...later)).toBeLessThan(MOST_RTT_NS);
});
