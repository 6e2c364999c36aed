/** Response times of DNS as Prometheus has them, of real queries: told one by one, and counted in the kernel. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { readDocument } from '../helpers/documents/documents.js';
import { dig, NAMES, requireDns, startResolver } from '../helpers/lab/dns.js';
import { type Prometheus, requirePrometheus, startPrometheus } from '../helpers/lab/prometheus.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

/** Of DNS: nobody listens there. */
const UNANSWERED_PORT = '5399';
const ANSWERED = 12;
const UNKNOWN = 3;
const UNANSWERED = 2;

/** As docs/metrics.md has them. */
const QUESTIONS = (readDocument('docs/metrics.md').match(/^ {4}.+$/gm) ?? []).filter((line) =>
  line.includes('(rate(pping_dns_'),
);

const TOLD = { port: 9747, args: [] };
const COUNTED = { port: 9748, args: ['--aggregate', '300ms', '--aggregate-v4', '32'] };
const instanceOf = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`;

const start = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let prometheus: Prometheus;

beforeAll(async () => {
  requirePrometheus();
  requireDns();
  pair = await createVethPair({ ipv6: false });
  await startResolver(pair.server);
});

afterAll(() => pair?.close());

function startRun({ port, args }: { readonly port: number; readonly args: readonly string[] }) {
  return start(pair.client, [
    ...['-i', pair.interfaceName, '--protocol', 'dns', '--dns-port', UNANSWERED_PORT],
    ...['--metrics', `127.0.0.1:${port}`, '--metrics-by', 'prefix'],
    // Longer than a busy machine keeps the resolver waiting.
    ...['--timestamp-timeout', '5s', '--cleanup-interval', '100ms'],
    ...['-o', inFolder(`${port}.ndjson`), ...args],
  ]).watching();
}

const ask = (...more: readonly string[]) => dig(pair.client, serverAddresses.ipv4, more);

async function askAll(): Promise<void> {
  for (let query = 0; query < ANSWERED; query++) await ask(NAMES.known, 'A');
  for (let query = 0; query < UNKNOWN; query++) await ask(NAMES.unknown, 'A');
  for (let query = 0; query < UNANSWERED; query++) {
    await ask('+time=1', '-p', UNANSWERED_PORT, NAMES.known, 'A').catch(() => {});
  }
}

/** Its last values by these labels, in their order. A busy machine may have missed the last scrape. */
async function valuesOf(metric: string, ...labels: readonly string[]) {
  const last = `last_over_time(${metric}[5m])`;
  const found = await prometheus.query(`sum by (${labels.join(', ')}) (${last})`);
  const rows = found.map(({ metric: own, value }) => [...labels.map((name) => own[name]), value]);
  return rows.sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

test('each query is counted once, by its resolver and its code, and is no RTT', async () => {
  const runs = await Promise.all([TOLD, COUNTED].map(startRun));
  prometheus = await startPrometheus(pair.client, inFolder('.'), {
    scrape_configs: [
      {
        job_name: 'pping',
        ...{ scrape_interval: '500ms', scrape_timeout: '500ms' },
        static_configs: [{ targets: [TOLD, COUNTED].map(instanceOf) }],
      },
    ],
  });
  await until(async () => (await prometheus.query('up == 1')).length === 2, 'both to be up');
  await askAll();
  const unanswered = async () => valuesOf('pping_dns_unanswered_total', 'instance', 'side');
  await until(
    async () => (await unanswered()).filter(([, , value]) => value === UNANSWERED).length === 2,
    'all to be told',
  );

  const [told, counted] = [TOLD, COUNTED].map(instanceOf);
  const prefixes = { told: '10.77.0.0/24', counted: `${serverAddresses.ipv4}/32` };
  expect(await valuesOf('pping_dns_responses_total', 'instance', 'prefix', 'rcode')).toEqual([
    [told, prefixes.told, 'NOERROR', ANSWERED],
    [told, prefixes.told, 'NXDOMAIN', UNKNOWN],
    [counted, prefixes.counted, 'NOERROR', ANSWERED],
    [counted, prefixes.counted, 'NXDOMAIN', UNKNOWN],
  ]);
  const times = 'pping_dns_response_time_seconds_count';
  expect(await valuesOf(times, 'instance', 'side', 'rcode')).toEqual([
    [told, 'beyond', 'NOERROR', ANSWERED],
    [told, 'beyond', 'NXDOMAIN', UNKNOWN],
    [counted, 'beyond', undefined, ANSWERED + UNKNOWN],
  ]);
  expect(await unanswered()).toEqual([
    [told, 'beyond', UNANSWERED],
    [counted, 'beyond', UNANSWERED],
  ]);
  expect(await prometheus.query('pping_rtt_seconds_count')).toEqual([]);

  expect(QUESTIONS).toHaveLength(2);
  for (const question of QUESTIONS) {
    await until(async () => (await prometheus.query(question)).length > 0, question);
  }
  for (const run of runs) expect(await run.end('SIGINT')).toMatchObject({ code: 0 });
  checkLines();
});

/** Of the run that has counted in the kernel. */
function checkLines(): void {
  const path = inFolder(`${COUNTED.port}.ndjson`);
  const lines = existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : [];
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(new Set(objects.map(({ type }) => type))).toEqual(new Set(['dns_aggregate', 'summary']));
  const aggregates = objects.filter(({ type }) => type === 'dns_aggregate');
  const sum = (name: string) => aggregates.reduce((all, each) => all + Number(each[name]), 0);
  expect({
    ...{ responses: sum('responses'), noerror: sum('noerror'), nxdomain: sum('nxdomain') },
    ...{ unanswered: sum('unanswered'), ambiguous: sum('ambiguous') },
  }).toEqual({
    ...{ responses: ANSWERED + UNKNOWN, noerror: ANSWERED, nxdomain: UNKNOWN },
    ...{ unanswered: UNANSWERED, ambiguous: 0 },
  });
  expect(objects.at(-1)).toMatchObject({
    dns: {
      responses: ANSWERED + UNKNOWN,
      unanswered: UNANSWERED,
      noerror: ANSWERED,
      nxdomain: UNKNOWN,
    },
    counters: { dns_answered: ANSWERED + UNKNOWN, dns_unanswered: UNANSWERED },
  });
}
