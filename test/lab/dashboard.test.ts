/** Each query of the dashboard for Prometheus, answered by Prometheus itself, which scrapes real runs. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { clientAddresses, type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type RunningClient, type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { useCli } from '../helpers/command/cli.js';
import {
  type Choice,
  firstChoice,
  interpolated,
  type PanelQuery,
  queriesOf,
  readDashboard,
} from '../helpers/documents/dashboards.js';
import { dig, NAMES, requireDns, startResolver } from '../helpers/lab/dns.js';
import {
  type Prometheus,
  requirePrometheus,
  type Series,
  startPrometheus,
} from '../helpers/lab/prometheus.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

/** What Grafana puts in place of its own variables. */
const WINDOWS = { __rate_interval: '1m', __range: '5m' };
/** Of DNS: nobody listens there. */
const UNANSWERED_PORT = '5399';
const BLACKHOLE = ['blackhole', `${clientAddresses.ipv4}/32`];

const dashboard = readDashboard('pping-prometheus');
const start = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;
let service: Service;
let resolving: { stop(): Promise<void> } | undefined;

beforeAll(async () => {
  requirePrometheus();
  pair = await createVethPair({ ipv6: false });
  requireDns();
  service = await startServer(pair, serverAddresses.ipv4);
  await startResolver(pair.server);
});

afterAll(async () => {
  // Also where the test has failed: it would go on for ever.
  await resolving?.stop();
  await pair?.close();
});

describe('three runs, of prefixes, of interfaces and of neither', () => {
  const RUNS = [
    {
      port: 9747,
      args: [
        '--metrics-by',
        'prefix',
        '--self-cost',
        '--protocol',
        'tcp,dns',
        '--dns-port',
        UNANSWERED_PORT,
      ],
    },
    { port: 9748, args: [] },
    { port: 9749, args: ['--metrics-by', 'none'] },
  ];
  const instanceOf = ({ port }: (typeof RUNS)[number]) => `127.0.0.1:${port}`;
  let prometheus: Prometheus;

  const startRun = ({ port, args }: (typeof RUNS)[number]) =>
    start(pair.client, [
      ...['-i', pair.interfaceName, '--metrics', `127.0.0.1:${port}`, ...args],
      ...['-l', '--rate', '10ms', '--timestamp-timeout', '300ms', '--cleanup-interval', '100ms'],
      ...['-o', inFolder(`${port}.ndjson`)],
    ]).watching();

  const askAll = (queries: readonly PanelQuery[]) =>
    prometheus.queryAll(queries.map(({ target, choice }) => asked(target.expr, choice)));

  test('every query has an answer', async () => {
    await Promise.all(RUNS.map(startRun));
    prometheus = await startPrometheus(pair.client, inFolder('.'), {
      scrape_configs: [
        {
          job_name: 'pping',
          scrape_interval: '500ms',
          scrape_timeout: '500ms',
          static_configs: [{ targets: RUNS.map(instanceOf) }],
        },
      ],
    });
    const clients = ['short', 'bulk'].map(traffic);
    await until(
      async () => (await prometheus.query('pping_flows_total > 9')).length === 3,
      'flows',
    );
    await cutOff();
    await until(async () => (await prometheus.query('pping_overdue_total')).length > 2, 'overdue');
    await mend();

    resolving = askResolvers();
    let first: Choice = {};
    // A busy machine may have missed the last scrape of all of them.
    await until(async () => {
      first = await firstChoice(dashboard, labelValues);
      return [first.job, first.side, first.answer].every((values) => values?.length);
    }, 'values to choose');
    expect(first).toMatchObject({
      ...{ job: ['pping'], instance: '.*', interface: '.*', netns: '.*' },
      ...{
        side: ['beyond', 'behind'],
        answer: ['ack', 'handshake', 'reply'],
        protocol: 'TCP|',
        threshold: '0.05',
      },
    });
    const queries = queriesOf(dashboard, first);
    expect(queries.length).toBeGreaterThan(50);
    const answers = await askAll(queries);
    const late = queries.filter((_, at) => !answers[at]?.some(isNumber));
    for (const query of late) {
      const isAnswered = async () => (await askAll([query])).flat().some(isNumber);
      await until(isAnswered, asked(query.target.expr, query.choice));
    }
    await checkWorstNetworks(queries);
    await checkChoice(first);
    await Promise.all(clients.map((client) => client.stop()));
  });

  /** With prefixes where there are any, and sensible without. */
  async function checkWorstNetworks(queries: readonly PanelQuery[]) {
    const worst = queries.filter(({ panel }) => panel.title === 'Worst networks');
    const rows = async () => {
      const [series = []] = await askAll(worst.slice(0, 1));
      return series.map(({ metric: { instance, interface: name, prefix, side } }) =>
        [instance, side, name, prefix].filter(Boolean).join(' '),
      );
    };
    let found: string[] = [];
    await until(async () => {
      found = await rows();
      return found.length === 2 * RUNS.length;
    }, 'ten RTTs of each');
    const [byPrefix = '', byInterface = '', byNone = ''] = RUNS.map(instanceOf);
    const expected = ['beyond', 'behind'].flatMap((side) => {
      const where = `${side} ${pair.interfaceName}`;
      return [`${byPrefix} ${where} 10.77.0.0/24`, `${byInterface} ${where}`, `${byNone} ${side}`];
    });
    expect(found.sort()).toEqual(expected.sort());
  }

  /** Of what is not chosen nothing is told. */
  async function checkChoice(first: Choice) {
    const { port } = RUNS[1] as (typeof RUNS)[number];
    for (const [label, value] of [
      ['instance', `127.0.0.1:${port}`],
      ['side', 'behind'],
    ] as const) {
      let told: string[] = [];
      // A busy machine may have missed the last scrape of that one run.
      await until(async () => {
        const series = await allSeries({ ...first, [label]: [value] });
        told = series.flatMap(({ metric }) => metric[label] ?? []);
        return told.length > 0;
      }, `series of ${label} ${value}`);
      expect(new Set(told)).toEqual(new Set([value]));
    }
    const unknown = { ...first, instance: ['127.0.0.1:1'] };
    expect(await allSeries(unknown)).toEqual([{ metric: {}, value: 0 }]);
    const ofRtts = queriesOf(dashboard, { ...first, answer: ['unknown'] }).filter(({ target }) =>
      String(target.expr).includes('$answer'),
    );
    expect(ofRtts.length).toBeGreaterThan(14);
    expect((await askAll(ofRtts)).flat()).toEqual([]);
  }

  async function allSeries(choice: Choice): Promise<Series[]> {
    return (await askAll(queriesOf(dashboard, choice))).flat();
  }

  /** What `label_values(<series>, <label>)` gives. */
  async function labelValues(query: unknown, choice: Choice): Promise<string[]> {
    const { query: text } = query as { query: string };
    const [, series, label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
    const found = await prometheus.query(`group by (${label}) (${asked(series, choice)})`);
    return found.flatMap(({ metric }) => metric[label] ?? []);
  }
});

function isNumber({ value }: Series): boolean {
  return Number.isFinite(value);
}

function asked(expression: unknown, choice: Choice): string {
  return interpolated(String(expression), { ...WINDOWS, ...choice });
}

function traffic(mode: string): RunningClient {
  const pace = ['--interval', '20', '--rate', '2'];
  return startClient(pair, service, ['--mode', mode, '--connections', '4', ...pace]);
}

/** Queries of DNS that are answered, and ones at a port where nobody listens, until it is stopped. */
function askResolvers(): { stop(): Promise<void> } {
  let isOver = false;
  const ask = (...more: readonly string[]) =>
    dig(pair.client, serverAddresses.ipv4, ['+time=1', ...more, NAMES.known, 'A']).catch(() => {});
  const asking = (async () => {
    while (!isOver) await Promise.all([ask(), ask('-p', UNANSWERED_PORT)]);
  })();
  return {
    stop: () => {
      isOver = true;
      return asking;
    },
  };
}

/** The server has no way to answer any more; and who has which address is asked again. */
async function cutOff(): Promise<void> {
  await pair.server.run(['ip', 'route', 'add', ...BLACKHOLE]);
  await pair.client.run(['ip', 'neigh', 'flush', 'dev', pair.interfaceName]);
}

async function mend(): Promise<void> {
  await pair.server.run(['ip', 'route', 'del', ...BLACKHOLE]);
}
