/** The system clock is set while pping runs; only pping is made to see it (test/helpers/command/shifted-clock.c). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { compileHelper } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 5_000;
/** Far more than the machine adds, far less than any step. */
const MOST_RTT_NS = 60e9;
const HOUR_MS = 3_600_000;
/** Every event that is later than the step by so much follows it: pping looks once a second, if it gets to run. */
const FOLLOWS_MS = 5_000;
const DEADLINE_MS = 60_000;

jest.setTimeout(180_000);

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US, ipv6: false });
});
afterAll(() => path?.close());

test('an hour forth, then two back: times follow, RTTs do not', async () => {
  compileHelper('command/shifted-clock.c', file('clock.so'), ['-shared', '-fPIC']);
  const shift = new Shift(file('shift'));
  const server = await startServer(path, serverAddresses.ipv4);
  const client = startClient(path, server, ['--connections', '3', '--interval', '15']);
  const env = { LD_PRELOAD: file('clock.so'), SHIFTED_CLOCK: file('shift') };
  const args = ['-i', path.interfaceName, '--rate', '10ms', '--format', 'ndjson'];
  const cli = await (await start(path.client, args, { env }).watching()).printed(5);
  const step = async (hours: number) => {
    shift.set(hours);
    const follows = Date.now() + FOLLOWS_MS;
    const isLater = (line = '{}') => timeOf(line).real > follows;
    await until(() => isLater(cli.stdout.at(-1)), 'later RTTs', DEADLINE_MS);
    return follows;
  };
  const [forth, back] = [await step(1), await step(-1)];
  const { code, stdout, stderr } = await cli.end('SIGINT');
  await client.stop();
  shift.close();

  const lines = linesOf(stdout);
  const times = lines.map(timeOf);
  expect(code).toBe(0);
  expect(times.map(({ hours }) => hours).filter(isNew)).toEqual([0, 1, -1]);
  expect(times.filter(({ real, hours }) => real > forth && hours === 0)).toEqual([]);
  expect(times.filter(({ real, hours }) => real > back && hours === 1)).toEqual([]);
  const rtts = lines.flatMap((line) => JSON.parse(line).rtt ?? []) as number[];
  expect(Math.min(...rtts)).toBeGreaterThanOrEqual(2_000 * DELAY_US);
  expect(Math.max(...rtts)).toBeLessThan(MOST_RTT_NS);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    type: 'summary',
    samples: rtts.length,
    rtt_min: Math.min(...rtts),
    rtt_max: Math.max(...rtts),
  });
  expect(stderr).toContain('\nno events lost\n');
});

/** When it was, and what the system clock was set forth by; no test takes half an hour. */
function timeOf(line: string): { real: number; hours: number } {
  const time = Number(JSON.parse(line).timestamp) / 1e6;
  const hours = Math.round((time - Date.now()) / HOUR_MS) || 0; // not -0
  return { real: time - hours * HOUR_MS, hours };
}

function isNew(value: number, index: number, all: readonly number[]): boolean {
  return value !== all[index - 1];
}

/** What pping's system clock is shifted by. */
class Shift {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.set(0);
  }

  /** All eight bytes at once: they are read meanwhile. */
  set(hours: number): void {
    const seconds = Buffer.from(BigInt64Array.of(BigInt((hours * HOUR_MS) / 1_000)).buffer);
    writeSync(this.#file, seconds, 0, seconds.length, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
