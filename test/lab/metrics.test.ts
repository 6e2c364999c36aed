/** Real traffic, real runs in their namespaces, and a real Prometheus that scrapes them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { capabilitySetIn, NEEDED_SET } from '../../src/live/capabilities.js';
import { EDGES } from '../../src/metrics/edges.js';
import { type Cli, here, linesOf, useCli } from '../helpers/command/cli.js';
import { readDocument } from '../helpers/documents/documents.js';
import {
  fetchIn,
  requirePrometheus,
  type Series,
  startPrometheus,
} from '../helpers/lab/prometheus.js';
import { metricValue, readExposition } from '../helpers/output/exposition.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const NS_PER_SECOND = 1e9;
const CONNECTIONS = 4;
const QUANTILES = [0.1, 0.5, 0.9, 0.99, 1];

/** As docs/metrics.md has them; those about DNS are asked in dns-metrics.test.ts. */
const [, SECTION = ''] = readDocument('docs/metrics.md').split('## Questions, as PromQL');
const ALL = (SECTION.split('\n## ')[0] ?? '').match(/^ {4}.+$/gm) ?? [];
const QUESTIONS = ALL.filter((question) => !question.includes('_dns_'));

const start = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let service: Service;
let outside: Namespace;

beforeAll(async () => {
  requirePrometheus();
  pair = await createVethPair({ ipv6: false });
  outside = await createNamespace();
  service = await startServer(pair, serverAddresses.ipv4);
});

afterAll(async () => {
  await pair?.close();
  await outside?.close();
});

const traffic = (...more: string[]) =>
  startClient(pair, service, ['--connections', String(CONNECTIONS), '--interval', '15', ...more]);

interface Rtt {
  readonly rtt: number;
  readonly side: string;
  readonly answer: string;
}

interface Told {
  readonly rtts: readonly Rtt[];
  readonly closings: number;
}

/** What an output has until now, in whole lines. */
function toldIn(path: string): Told {
  const lines = existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : [];
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const rtts = objects.filter(({ type }) => type === 'rtt');
  return {
    rtts: rtts.map(({ rtt, match_on_egress, answer }) => ({
      rtt: Number(rtt),
      side: match_on_egress ? 'behind' : 'beyond',
      answer: String(answer),
    })),
    closings: objects.filter(({ flow_event }) => flow_event === 'closing').length,
  };
}

/** A scrape that was missed ends a series as of its beginning, and that is known only when it has failed. */
const lastOf = (series: string) => `last_over_time(${series}[5m])`;

const secondsOf = (edge: number) => edge / NS_PER_SECOND;

/** The value of that rank, and the edges of its bucket, in seconds. */
function bucketOf(rtts: readonly Rtt[], quantile: number) {
  const sorted = rtts.map(({ rtt }) => rtt).sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] as number;
  const at = EDGES.findIndex((edge) => value <= edge);
  return { from: secondsOf(EDGES[at - 1] ?? 0), to: secondsOf(EDGES[at] as number) };
}

describe('three runs that Prometheus scrapes', () => {
  const RUNS = [
    { instance: '127.0.0.1:9747', end: 'client', args: ['--metrics', '--metrics-by', 'prefix'] },
    {
      instance: '127.0.0.1:9748',
      end: 'client',
      args: ['-i', 'lo', '--metrics', '127.0.0.1:9748', '--metrics-by', 'none'],
    },
    {
      instance: `${serverAddresses.ipv4}:9747`,
      end: 'server',
      args: ['--metrics', '0.0.0.0:9747'],
    },
  ] as const;

  const startRun = ({ end, args }: (typeof RUNS)[number], at: number) => {
    // What Prometheus asks for is not measured.
    const filter = ['port', String(service.port)];
    const output = ['-o', inFolder(`${at}.ndjson`), '--rate', '10ms'];
    return start(pair[end], ['-i', pair.interfaceName, ...args, ...output, ...filter]).watching();
  };

  /** A page as it is, checked by Prometheus' own tool. */
  async function pageOf(instance: string) {
    const { status, body } = await fetchIn(pair.client, `http://${instance}/metrics`);
    expect(status).toBe(200);
    const complaints = execFileSync('promtool', ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    });
    expect(complaints).toBe('');
    return readExposition(body);
  }

  test('it has what their output has: each bucket, and each quantile within its bucket', async () => {
    await Promise.all(RUNS.map(startRun));
    const prometheus = await startPrometheus(pair.client, inFolder('.'), {
      scrape_configs: [
        {
          job_name: 'pping',
          scrape_interval: '500ms',
          scrape_timeout: '500ms',
          static_configs: [{ targets: RUNS.map(({ instance }) => instance) }],
        },
      ],
    });
    const all = (expression: string, time?: number) => prometheus.query(expression, time);
    expect(QUESTIONS.length).toBeGreaterThan(6);
    await until(async () => (await all('up == 1')).length === RUNS.length, 'all to be up');
    await traffic('--requests', '40').summary;

    // All is told, and Prometheus knows all of it.
    let told: Told[] = [];
    let time = 0;
    await until(async () => {
      told = RUNS.map((_, at) => toldIn(inFolder(`${at}.ndjson`)));
      time = Date.now() / 1_000;
      const count = lastOf('pping_rtt_seconds_count');
      const counts = await all(`sum by (instance) (${count})`, time);
      return told.every(({ rtts, closings }, at) => {
        const count = counts.find(({ metric }) => metric.instance === RUNS[at]?.instance)?.value;
        return closings === CONNECTIONS && count === rtts.length;
      });
    }, 'Prometheus to have all RTTs');

    const inBuckets = lastOf('pping_rtt_seconds_bucket');
    const buckets = await all(`sum by (instance, side, answer, le) (${inBuckets})`, time);
    const inAll = lastOf('pping_rtt_seconds_sum');
    const sums = await all(`sum by (instance, side, answer) (${inAll})`, time);
    for (const [at, { instance }] of RUNS.entries()) {
      const rtts = told[at]?.rtts ?? [];
      expect(rtts.length).toBeGreaterThan(CONNECTIONS * 10);
      expect(ofInstance(buckets, instance)).toEqual(bucketsOf(rtts));
      for (const [key, sum] of sumsOf(rtts)) {
        expect(ofInstance(sums, instance).get(key)).toBeCloseTo(sum, 9);
      }
    }

    for (const quantile of QUANTILES) {
      const expression = `histogram_quantile(${quantile}, sum by (instance, side, le) (${inBuckets}))`;
      const found = await all(expression, time);
      for (const { metric, value } of found) {
        const at = RUNS.findIndex(({ instance }) => instance === metric.instance);
        const rtts = (told[at]?.rtts ?? []).filter(({ side }) => side === metric.side);
        const { from, to } = bucketOf(rtts, quantile);
        expect(value).toBeGreaterThanOrEqual(from);
        expect(value).toBeLessThanOrEqual(to);
      }
      expect(found.map(({ metric }) => keyOf(metric.instance, metric.side)).sort()).toEqual(
        RUNS.flatMap(({ instance }, at) =>
          sidesOf(told[at]).map((side) => keyOf(instance, side)),
        ).sort(),
      );
    }

    // A rate takes two scrapes, and a busy machine may have had one since there were RTTs.
    for (const question of QUESTIONS)
      await until(async () => (await all(question)).length > 0, question);

    const first = await pageOf(RUNS[0].instance);
    const [sample] = first.get('pping_samples_total')?.samples ?? [];
    expect(sample?.labels).toMatchObject({ interface: pair.interfaceName, prefix: '10.77.0.0/24' });
    expect(metricValue(first, 'pping_flows_total')).toBe(CONNECTIONS);
    const second = await pageOf(RUNS[1].instance);
    expect(Object.keys(second.get('pping_samples_total')?.samples[0]?.labels ?? {})).toEqual([
      ...['side', 'answer'],
    ]);
    expect(metricValue(second, 'pping_interfaces_watched')).toBe(2);
    const names = second.get('pping_interface_bytes_total')?.samples.map(({ labels }) => labels);
    expect(names).toEqual(
      expect.arrayContaining([{ interface: 'lo' }, { interface: pair.interfaceName }]),
    );
    const third = await pageOf(RUNS[2].instance);
    expect(third.get('pping_samples_total')?.samples[0]?.labels).toHaveProperty('interface');
  });

  /** By side, answer and edge. */
  function ofInstance(series: readonly Series[], instance: string): Map<string, number> {
    return new Map(
      series
        .filter(({ metric }) => metric.instance === instance)
        .map(({ metric: { side, answer, le }, value }) => [keyOf(side, answer, le), value]),
    );
  }

  function keyOf(...labels: readonly (string | undefined)[]): string {
    return labels.filter((label) => label !== undefined).join(' ');
  }

  const sidesOf = (told: Told | undefined) => [
    ...new Set((told?.rtts ?? []).map(({ side }) => side)),
  ];

  function byKind(rtts: readonly Rtt[]): (readonly [kind: string, rtts: readonly number[]])[] {
    const kinds = new Set(rtts.map(({ side, answer }) => keyOf(side, answer)));
    return Array.from(kinds, (kind) => [
      kind,
      rtts.filter(({ side, answer }) => keyOf(side, answer) === kind).map(({ rtt }) => rtt),
    ]);
  }

  function bucketsOf(rtts: readonly Rtt[]): Map<string, number> {
    const edges = [...EDGES, Number.POSITIVE_INFINITY];
    return new Map(
      byKind(rtts).flatMap(([kind, each]) =>
        edges.map((edge) => {
          const le = Number.isFinite(edge) ? String(secondsOf(edge)) : '+Inf';
          return [keyOf(kind, le), each.filter((rtt) => rtt <= edge).length] as const;
        }),
      ),
    );
  }

  function sumsOf(rtts: readonly Rtt[]): Map<string, number> {
    return new Map(
      byKind(rtts).map(([kind, each]) => [kind, each.reduce((a, b) => a + b, 0) / NS_PER_SECOND]),
    );
  }
});

describe('a run that counts in the kernel, which Prometheus scrapes', () => {
  const METRICS = 'http://127.0.0.1:9747/metrics';
  /** In the other one there is a Prometheus that asks for other runs. */
  let own: Endpoints;

  beforeAll(async () => {
    own = await createVethPair({ ipv6: false });
  });
  afterAll(() => own?.close());

  interface Aggregate {
    readonly type: string;
    readonly side: string;
    readonly prefix: string;
    readonly reported: number;
    readonly rtt_sum?: number;
    readonly rtt_max?: number;
    readonly buckets: readonly (readonly [from: number, count: number])[];
  }

  const aggregatesIn = (path: string): Aggregate[] =>
    (existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : [])
      .map((line) => JSON.parse(line) as Aggregate)
      .filter(({ type }) => type === 'aggregate');
  const total = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0);
  const reportedIn = (all: readonly Aggregate[]) => total(all.map(({ reported }) => reported));

  /** A bucket that an edge cuts counts as beyond it, unless all that was is within the edge. */
  function atMost(edge: number, { buckets, rtt_max: most = 0 }: Aggregate): number {
    const isWithin = ([from]: readonly [number, number]) =>
      Math.min(from + 2 ** Math.floor(Math.log2(from)) / 32 - 1, most) <= edge;
    return total(buckets.filter(isWithin).map(([, count]) => count));
  }

  test('it has what the intervals add up to, and all questions have answers', async () => {
    const file = inFolder('aggregates.ndjson');
    const args = ['-i', own.interfaceName, '--rate', '10ms', '-o', file, '--metrics'];
    const counting = ['--aggregate', '200ms', '--aggregate-v4', '32', '--metrics-by', 'prefix'];
    const cli = await start(own.client, [...args, ...counting]).watching();
    const prometheus = await startPrometheus(own.client, inFolder('.'), {
      scrape_configs: [
        {
          job_name: 'pping',
          ...{ scrape_interval: '500ms', scrape_timeout: '500ms' },
          static_configs: [{ targets: ['127.0.0.1:9747'] }],
        },
      ],
    });
    const requests = ['--connections', String(CONNECTIONS), '--interval', '15'];
    const client = startClient(own, await startServer(own, serverAddresses.ipv4), requests);
    for (const question of QUESTIONS)
      await until(async () => (await prometheus.query(question)).length > 0, question);
    await client.stop();

    let time = 0;
    let told: Aggregate[] = [];
    await until(async () => {
      told = aggregatesIn(file);
      time = Date.now() / 1_000;
      const [counted] = await prometheus.query(`sum(${lastOf('pping_rtt_seconds_count')})`, time);
      return counted?.value === reportedIn(told);
    }, 'Prometheus to have all intervals');
    expect(reportedIn(told)).toBeGreaterThan(CONNECTIONS * 10);

    const buckets = await prometheus.query(lastOf('pping_rtt_seconds_bucket'), time);
    const sums = await prometheus.query(lastOf('pping_rtt_seconds_sum'), time);
    expect(sums.map(({ metric: { side, prefix } }) => `${side} ${prefix}`).sort()).toEqual(
      [...new Set(told.map(({ side, prefix }) => `${side} ${prefix}`))].sort(),
    );
    const ofLabels = ({ side, prefix }: Series['metric']) =>
      told.filter((each) => each.side === side && each.prefix === prefix);
    expect(buckets).toHaveLength(sums.length * (EDGES.length + 1));
    for (const { metric, value } of buckets) {
      const edge = Math.round(Number(metric.le === '+Inf' ? Infinity : metric.le) * NS_PER_SECOND);
      const expected = total(ofLabels(metric).map((each) => atMost(edge, each)));
      expect([metric, value]).toEqual([metric, expected]);
      expect(metric.answer).toBeUndefined();
    }
    for (const { metric, value } of sums) {
      const sum = total(ofLabels(metric).map((each) => each.rtt_sum ?? 0));
      expect(value).toBeCloseTo(sum / NS_PER_SECOND, 9);
    }

    const { body } = await fetchIn(own.client, METRICS);
    execFileSync('promtool', ['check', 'metrics'], { input: body });
    expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
    const summary = linesOf(readFileSync(file, 'utf8'))
      .map((line) => JSON.parse(line))
      .at(-1);
    expect(summary).toMatchObject({ type: 'summary', reported: reportedIn(aggregatesIn(file)) });
  });
});

describe('where it listens', () => {
  const METRICS = 'http://127.0.0.1:9747/metrics';
  const watch = (ns: Namespace, ...args: string[]) =>
    start(ns, ['-i', pair.interfaceName, '--format', 'ndjson', ...args]);

  test('outside of the network namespace that is watched', async () => {
    const client = traffic();
    const netns = String(pair.client.pid);
    const cli = await watch(outside, '--netns', netns, '--metrics').watching();
    await cli.printed(5);
    const families = readExposition((await fetchIn(outside, METRICS)).body);
    const [sample] = families.get('pping_samples_total')?.samples ?? [];
    expect(sample?.labels).toMatchObject({ netns, interface: pair.interfaceName });
    await expect(fetchIn(pair.client, METRICS)).rejects.toThrow('ECONNREFUSED');
    expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
    await client.stop();
  });

  test('also at a port below 1024, as somebody else once it listens', async () => {
    const cli = await watch(pair.client, '--metrics', '[::1]:80', '--user', 'nobody').watching();
    expect(cli.stderr.join('\n')).toContain(', metrics at http://[::1]:80/metrics; Ctrl-C ends');
    const { status, body } = await fetchIn(pair.client, 'http://[::1]:80/healthz');
    expect([status, body]).toEqual([200, 'ok\n']);
    const state = readFileSync(`/proc/${cli.pid}/status`, 'utf8');
    expect(capabilitySetIn(state, 'CapEff')).toBe(NEEDED_SET);
    expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
  });

  test('and the output goes where it does without', async () => {
    const client = traffic();
    const cli = await watch(pair.client, '--metrics', '-q', '-c', '5').ended;
    expect(linesOf(cli.stdout).map((line) => JSON.parse(line).type)).toEqual(['summary']);
    await client.stop();
  });

  test('where another program does: one line, exit code 1', async () => {
    const first = await watch(pair.client, '--metrics').watching();
    const second = await watch(pair.client, '--metrics').ended;
    await expectRefusal(
      second,
      1,
      'cannot listen on 127.0.0.1:9747 (--metrics): address already in use (EADDRINUSE); another program is listening there',
    );
    // The next one may, at once.
    await fetchIn(pair.client, METRICS);
    expect(await first.end('SIGINT')).toMatchObject({ code: 0 });
    const third = await watch(pair.client, '--metrics').watching();
    expect(await third.end('SIGINT')).toMatchObject({ code: 0 });
  });

  test.each([
    [
      ['-i', 'lo', '--metrics', '127.0.0.1'],
      /^pping: --metrics: "127.0.0.1" is not an address and a port; write for example 127.0.0.1:9747, /,
    ],
    [['-r', 'x.pcap', '--metrics'], /^pping: --metrics cannot be used with -r\n$/],
  ])('%j: one line, exit code 2', async (args, text) => {
    await expectRefusal(await start(here, args).ended, 2, text);
  });

  async function expectRefusal(ended: Awaited<Cli['ended']>, code: number, text: string | RegExp) {
    expect([ended.code, ended.stdout, linesOf(ended.stderr).length]).toEqual([code, '', 1]);
    if (typeof text === 'string') expect(ended.stderr).toBe(`pping: ${text}\n`);
    else expect(ended.stderr).toMatch(text);
  }
});
