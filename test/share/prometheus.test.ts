/** What is shipped for Prometheus, by its own tool. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { NO_CONNECTIONS } from '../../src/core/quic-connections.js';
import { EventDns } from '../../src/metrics/dns.js';
import { EDGES } from '../../src/metrics/edges.js';
import { expositionOf } from '../../src/metrics/exposition.js';
import { MeasurableBytes } from '../../src/metrics/measurable-bytes.js';
import { NoticeCounts } from '../../src/metrics/notices.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { countersOf, dnsEvent, ipv4, overdueEvent, rttEvent } from '../helpers/events/events.js';
import { requirePrometheus } from '../helpers/lab/prometheus.js';
import { readExposition } from '../helpers/output/exposition.js';
import { eventRtts, termsOf } from '../helpers/output/metrics.js';

const SHARED = join(repositoryRoot, 'share/prometheus');

beforeAll(requirePrometheus);

function promtool(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

const shared = readdirSync(SHARED).map((name) => join(SHARED, name));

test('the scrape configuration names the rules that are beside it', () => {
  const { status, text } = promtool('check', 'config', join(SHARED, 'prometheus.yml'));
  expect([status, text]).toEqual([0, expect.stringContaining('SUCCESS: 2 rule files found')]);
});

test('promtool finds no fault in the rules', () => {
  const rules = shared.filter((path) => /(rules|alerts)\.yml$/.test(path));
  expect(rules).toHaveLength(2);
  const { status, text } = promtool('check', 'rules', '--lint-fatal', ...rules);
  expect([status, text]).toEqual([0, expect.not.stringMatching(/FAILED|error/i)]);
});

test('rules record, and alerts come, as they are to', () => {
  const { status, text } = promtool(
    'test',
    'rules',
    join(repositoryRoot, 'test/share/pping-rules.yml'),
  );
  expect([status, text]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

/** A run with as many label sets as there may be. */
async function exposition() {
  const most = 1_000;
  const rtts = eventRtts('prefix', most);
  const dns = new EventDns(termsOf('prefix', most, ['eth0']));
  for (let at = 0; at < most + 10; at++) {
    const srcAddress = ipv4(`10.${at >> 8}.${at & 255}.1`);
    rtts.accept(rttEvent({ srcAddress }));
    rtts.accept(overdueEvent({ srcAddress }));
    dns.accept(dnsEvent({ srcAddress }));
    dns.accept(dnsEvent({ srcAddress, responseTime: undefined, rcode: undefined, waited: 1 }));
  }
  const run = {
    counters: countersOf(),
    ...{ flows: 0, waiting: 0, droppedLines: 0, undecodable: 0, backlog: 0, watched: 1 },
    occupancy: { flows: 0, timestamps: 0 },
    ...{ capacity: DEFAULT_CAPACITY, settings: DEFAULT_SETTINGS, quic: NO_CONNECTIONS },
    interfaces: [{ name: 'eth0', egress: 0, ingress: 0, bytes: 0, isWatched: true }],
    selfCost: {
      ...{ egress: { packets: 0, ns: 0 }, ingress: { packets: 0, ns: 0 } },
      ...{ readerNs: 0, elapsedNs: 0 },
    },
  };
  const reading = {
    ...{ run, notices: new NoticeCounts(), versions: { version: 'x' }, where: {}, labels: {} },
    measurableBytes: new MeasurableBytes().read(countersOf()),
    process: { cpuSeconds: 0, residentBytes: 0, startSeconds: 0 },
  };
  return readExposition(
    await expositionOf({ rtts: rtts.rtts, overdue: rtts.overdue, dns }, reading),
  );
}

describe('against what pping says', () => {
  test('the limit of samples leaves room for as many label sets as there are by default', async () => {
    const families = [...(await exposition()).values()];
    const samples = families.reduce((sum, { samples }) => sum + samples.length, 0);
    const [, limit] = /sample_limit: (\d+)/.exec(readFileSync(shared.at(-1) ?? '', 'utf8')) ?? [];
    expect(samples).toBeGreaterThan(2 * 1_000 * (EDGES.length + 4));
    expect(samples).toBeLessThan(Number(limit));
  });

  test('each metric that a rule asks for is there', async () => {
    const families = await exposition();
    const text = shared.map((path) => readFileSync(path, 'utf8')).join('');
    const asked = new Set(text.match(/(?<![\w:"])pping_\w+(?=[{[ \n])/g));
    expect(asked.size).toBeGreaterThan(6);
    const known = [...families].flatMap(([name, { type }]) =>
      type === 'histogram' ? [`${name}_bucket`] : [name],
    );
    expect([...asked].filter((name) => !known.includes(name))).toEqual([]);
  });
});
