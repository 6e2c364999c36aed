/** RTTs of ICMP echo, against what ping itself says, over a path whose delay is known. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_MS = (2 * DELAY_US) / 1000;
const COUNT = 30;

jest.setTimeout(240_000);

const start = useCli();
const file = useTemporaryFolder();
let path: LabPath;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US });
});
afterAll(() => path?.close());

interface Line {
  readonly type: string;
  readonly timestamp: number;
  readonly protocol: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly rtt: number;
  readonly by: string;
  readonly answer: string;
}

/** In ms, in the order of the requests. */
async function ping(address: string, id: number): Promise<number[]> {
  // -U: as the program sees it. What the kernel says can be before pping's hook: the packet waits between them.
  const argv = ['ping', '-U', '-n', '-e', String(id), '-c', String(COUNT), '-i', '0.1', address];
  const said = await path.client.run(argv);
  const times: number[] = [];
  for (const [, sequence, ms] of said.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)) {
    times[Number(sequence) - 1] = Number(ms);
  }
  return times;
}

test.each([
  ['ICMP', serverAddresses.ipv4],
  ['ICMPv6', serverAddresses.ipv6],
])('%s: each within what ping says, and none below the path', async (protocol, address) => {
  const output = file(`${protocol}.ndjson`);
  const watch = ['-i', path.interfaceName, '--protocol', 'icmp', '--rate', '0', '-o', output];
  const cli = await start(path.client, watch).watching();
  const said = await ping(address, 4711);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const lines = linesOf(readFileSync(output, 'utf8')).map((line) => JSON.parse(line) as Line);
  const rtts = lines.filter(({ type }) => type === 'rtt');
  expect(rtts).toHaveLength(COUNT);
  const ends = { protocol, src_ip: address, src_port: 4711, by: 'identifier', answer: 'reply' };
  for (const rtt of rtts) expect(rtt).toMatchObject(ends);
  // On a busy machine replies may not come in the order of their requests.
  rtts.sort((a, b) => a.timestamp - a.rtt - (b.timestamp - b.rtt));
  const told = rtts.map(({ rtt }) => rtt / 1e6);
  expect(told.filter((ms) => ms < LEAST_MS)).toEqual([]);
  expect(told.filter((ms, at) => ms > atMost(said[at] ?? 0))).toEqual([]);
});

test('--until goes by pings, too, with --protocol all', async () => {
  const watch = ['-i', path.interfaceName, '--protocol', 'all', '--rate', '0'];
  const [met, never] = await Promise.all(
    [`min>=${LEAST_MS}ms`, `max<${LEAST_MS}ms`].map((condition) =>
      start(path.client, [...watch, '--until', condition]).watching(),
    ),
  );
  await ping(serverAddresses.ipv4, 4712);
  const { code, stderr } = (await met?.ended) ?? {};
  expect(code).toBe(10);
  expect(stderr).toMatch(/ended: min was \d+\.\d+ ms over \d+ ICMP RTTs\n/);
  const { code: other, stderr: said } = (await never?.end('SIGINT')) ?? {};
  expect(other).toBe(0);
  expect(said).toContain(`${COUNT} samples of 1 flow`);
});

/** What ping's three digits may stand for. */
function atMost(saidMs: number): number {
  return saidMs + (saidMs < 100 ? 0.051 : 0.51);
}
