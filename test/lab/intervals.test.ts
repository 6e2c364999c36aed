/** --interval over real traffic: what the intervals have adds up to what the run has. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const LENGTH_NS = 200_000_000;
/** Of both sides together. */
const ENOUGH = 12;
const ROW = /^\d\d:\d\d:\d\d(\.\d{6})? {2}(beyond|behind) {1,2}( +([\d.]+|-)){6} +(-|<?[\d.]+%)$/;

interface Interval {
  readonly type: string;
  readonly timestamp: number;
  readonly interval: number;
  readonly side: string;
  readonly src_ip?: string;
  readonly samples: number;
  readonly reported: number;
}

const start = useCli();
const file = useTemporaryFolder();

let pair: Endpoints;
let service: Service;
let options: readonly string[];

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  options = ['-i', pair.interfaceName, '--rate', '10ms', '-l', '--interval', '200ms'];
  service = await startServer(pair, serverAddresses.ipv4);
});

afterAll(() => pair?.close());

const sum = (intervals: readonly Interval[], field: 'samples' | 'reported') =>
  intervals.reduce((all, each) => all + each[field], 0);

const intervalsIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line) as Interval).filter(({ type }) => type === 'interval');

/** From before there is traffic until after there is. */
async function watchTraffic(...args: readonly string[]) {
  const cli = await start(pair.client, [...options, '--format', 'ndjson', ...args]).watching();
  await cli.printed(2);
  const client = startClient(pair, service, ['--connections', '3', '--interval', '15']);
  const samplesOf = (side: string) =>
    sum(
      intervalsIn(cli.stdout).filter((each) => each.side === side),
      'samples',
    );
  await until(() => samplesOf('beyond') > 50 && samplesOf('behind') > 50, 'samples of both sides');
  await client.stop();
  await cli.printed(4);
  // A machine that stalls has made few, and long ones.
  await until(() => intervalsIn(cli.stdout).length > ENOUGH, 'more intervals');
  return cli.end('SIGINT');
}

test('the objects of each side add up to its summary, and silence is seen', async () => {
  const { code, stdout, stderr } = await watchTraffic('--by', 'peer');
  expect(code).toBe(0);
  const objects = linesOf(stdout).map((line) => JSON.parse(line));
  const intervals = intervalsIn(linesOf(stdout));
  const summary = objects.at(-1);
  expect(objects).toHaveLength(intervals.length + 1);
  expect(intervals[0]).toMatchObject({ side: 'beyond', samples: 0, reported: 0 });
  for (const side of ['beyond', 'behind'] as const) {
    const all = intervals.filter((each) => each.side === side && each.src_ip === undefined);
    const peers = intervals.filter((each) => each.side === side && each.src_ip !== undefined);
    for (const field of ['samples', 'reported'] as const) {
      expect(sum(all, field)).toBe(summary[side][field]);
      expect(sum(peers, field)).toBe(summary[side][field]);
    }
    const peer = side === 'beyond' ? serverAddresses.ipv4 : '10.77.0.1';
    expect([...new Set(peers.map(({ src_ip: address }) => address))]).toEqual([peer]);
  }
  expect(stderr).toContain(`${summary.samples} samples of `);
});

test('each begins where the one before ended, and is as long as was asked for', async () => {
  const { stdout } = await watchTraffic();
  const beyond = intervalsIn(linesOf(stdout)).filter(({ side }) => side === 'beyond');
  expect(beyond.length).toBeGreaterThan(5);
  for (const [index, { timestamp, interval }] of beyond.entries()) {
    const before = beyond[index - 1];
    // JSON.parse rounds times to 256 ns, and the clock of the kernel's events is not that of the day.
    if (before) expect(Math.abs(timestamp - interval - before.timestamp)).toBeLessThan(1e6);
  }
  // A machine that stalls makes one longer, and the next shorter.
  const lengths = beyond.slice(0, -1).map(({ interval }) => interval);
  expect(Math.max(...lengths)).toBeGreaterThanOrEqual(LENGTH_NS);
  expect(lengths.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(LENGTH_NS * lengths.length);
});

test('for people the columns line up, in a file below one row of headings', async () => {
  const output = file('rtts.txt');
  const cli = start(pair.client, [...options, '-o', output]);
  await cli.watching();
  const client = startClient(pair, service, ['--connections', '3', '--interval', '15']);
  const rows = () => linesOf(readFileSync(output, 'utf8'));
  const columnsOf = (row: string) => row.split(/ +/);
  await until(() => rows().some((row) => columnsOf(row)[1] === 'behind'), 'RTTs of both sides');
  await client.stop();
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const [headings, ...others] = rows();
  expect(headings).toMatch(
    /^time +side +samples +p50_ms +p90_ms +p99_ms +max_ms +overdue +retrans$/,
  );
  expect(others.filter((row) => !ROW.test(row) || row.length !== headings?.length)).toEqual([]);
  const samples = others.reduce((all, row) => all + Number(columnsOf(row)[2]), 0);
  expect(stderr).toMatch(new RegExp(`^${samples} samples of `, 'm'));
});
