/** Every value of the exposition, against a known list of events and a known state. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { FATES } from '../../src/core/counters.js';
import { COUNTERS, UNREADS } from '../../src/core/layouts.js';
import { countedDivision } from '../../src/metrics/divisions.js';
import { CountedDns, EventDns } from '../../src/metrics/dns.js';
import { EDGES } from '../../src/metrics/edges.js';
import { CONTENT_TYPE, expositionOf } from '../../src/metrics/exposition.js';
import type { Reading } from '../../src/metrics/families.js';
import { NoticeCounts } from '../../src/metrics/notices.js';
import { snakeCase } from '../../src/text/snake-case.js';
import { dnsAggregateOf } from '../helpers/events/aggregates.js';
import {
  countersOf,
  dnsEvent,
  governorNotice,
  ipv4,
  overdueEvent,
  rttEvent,
} from '../helpers/events/events.js';
import { requirePrometheus } from '../helpers/lab/prometheus.js';
import { metricValue, readExposition } from '../helpers/output/exposition.js';
import { eventRtts, PREFIXES, termsOf } from '../helpers/output/metrics.js';

/** Each counter has another value. */
const COUNTED = countersOf(
  Object.fromEntries([...COUNTERS, ...UNREADS].map((name, at) => [name, 100 + at])),
);

function reading(): Reading {
  const notices = new NoticeCounts();
  notices.notice(governorNotice());
  return {
    run: {
      counters: COUNTED,
      flows: 7,
      waiting: 11,
      occupancy: { flows: 12, timestamps: 13 },
      capacity: { flows: 1_000, timestamps: 2_000 },
      quic: { valid: 21, random: 22, constant: 23, none: 24 },
      settings: { rate: 250_000_000n, flowTimeout: 300_000_000_000n },
      droppedLines: 3,
      undecodable: 4,
      backlog: 0.25,
      interfaces: [
        { name: 'eth0', egress: 5, ingress: 6, bytes: 1_000, isWatched: true },
        { name: '', egress: 1, ingress: 2, bytes: 30, isWatched: false },
      ],
      watched: 1,
      selfCost: {
        egress: { packets: 20, ns: 4_000 },
        ingress: { packets: 21, ns: 5_000 },
        readerNs: 1,
        elapsedNs: 2,
      },
    },
    measurableBytes: { TCP: 31, ICMP: 32, ICMPv6: 33, QUIC: 34, DNS: 35 },
    process: { cpuSeconds: 1.5, residentBytes: 4_096, startSeconds: 1_795_132_800.5 },
    notices,
    versions: { version: '0.2.0', node: 'v20.0.0' },
    where: { netns: 'we"b\\x\ny' },
    labels: {},
  };
}

async function read(rtts = eventRtts(), from = reading()) {
  return readExposition(await expositionOf(rtts, from));
}

test('the format is the one that all of Prometheus reads', () => {
  expect(CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('a histogram is cumulative, in seconds, and its sum and count are those of the RTTs', async () => {
  const rtts = eventRtts();
  const durations = [49_999, 50_000, 50_001, 5_425_000, 5_425_000, 300_000_000, 10_000_000_001];
  for (const rtt of durations) rtts.accept(rttEvent({ rtt, samples: 3 }));
  const families = await read(rtts);
  const labels = { interface: 'eth0', side: 'beyond', answer: 'ack' };
  for (const edge of EDGES) {
    const expected = durations.filter((rtt) => rtt <= edge).length;
    const le = String(edge / 1e9);
    expect([le, metricValue(families, 'pping_rtt_seconds_bucket', { ...labels, le })]).toEqual([
      le,
      expected,
    ]);
  }
  expect(metricValue(families, 'pping_rtt_seconds_bucket', { ...labels, le: '+Inf' })).toBe(7);
  expect(metricValue(families, 'pping_rtt_seconds_count', labels)).toBe(7);
  const sum = durations.reduce((a, b) => a + b) / 1e9;
  expect(metricValue(families, 'pping_rtt_seconds_sum', labels)).toBe(sum);
  expect(metricValue(families, 'pping_samples_total', labels)).toBe(21);
  expect(families.get('pping_rtt_seconds')?.samples).toHaveLength(EDGES.length + 3);
});

test('what is overdue is counted', async () => {
  const rtts = eventRtts('prefix');
  rtts.accept(overdueEvent());
  const labels = { interface: 'eth0', side: 'beyond', prefix: '192.0.2.0/24' };
  expect(metricValue(await read(rtts), 'pping_overdue_total', labels)).toBe(1);
});

test('more label sets than are made at once: each is there, once', async () => {
  const rtts = eventRtts('prefix');
  const hosts = Array.from({ length: 250 }, (_, at) => `10.0.${at}.1`);
  for (const host of hosts) rtts.accept(rttEvent({ srcAddress: ipv4(host) }));
  const families = await read(rtts);
  const counts = families.get('pping_samples_total')?.samples ?? [];
  expect(counts.map(({ labels }) => labels.prefix)).toEqual(
    hosts.map((_, at) => `10.0.${at}.0/24`),
  );
  expect(families.get('pping_rtt_seconds')?.samples).toHaveLength(250 * (EDGES.length + 3));
});

test('all is of the moment at which it was asked for, though more is counted meanwhile', async () => {
  const rtts = eventRtts('prefix');
  const count = () => {
    for (let at = 0; at < 250; at++) rtts.accept(rttEvent({ srcAddress: ipv4(`10.0.${at}.1`) }));
    rtts.accept(overdueEvent());
  };
  count();
  const text = expositionOf(rtts, reading());
  let isMade = false;
  void text.then(() => {
    isMade = true;
  });
  while (!isMade) {
    count();
    await new Promise(setImmediate);
  }
  const families = readExposition(await text);
  const valuesOf = (name: string, ending = '') =>
    (families.get(name)?.samples ?? [])
      .filter((sample) => sample.name === `${name}${ending}`)
      .map(({ value }) => value);
  expect(valuesOf('pping_rtt_seconds', '_count')).toEqual(Array(250).fill(1));
  expect(valuesOf('pping_samples_total')).toEqual(Array(250).fill(1));
  expect(valuesOf('pping_overdue_total')).toEqual([1]);
});

test('of DNS there is a histogram of its own, by interface, side and response code; no RTT is in it', async () => {
  const name = 'pping_dns_response_time_seconds';
  const rtts = eventRtts();
  const dns = new EventDns(termsOf('interface', 100, ['eth0']));
  const told = [
    dnsEvent({ responseTime: 900_000 }),
    dnsEvent({ responseTime: 40_000_000 }),
    dnsEvent({ responseTime: 3_000_000, rcode: 'NXDOMAIN' }),
    dnsEvent({ responseTime: 3_000_000, matchOnEgress: true }),
    dnsEvent({ responseTime: undefined, rcode: undefined, waited: 10e9 }),
    rttEvent(),
  ];
  for (const event of told) {
    rtts.accept(event);
    if (event.type === 'dns') dns.accept(event);
  }
  const text = await expositionOf({ rtts: rtts.rtts, overdue: rtts.overdue, dns }, reading());
  const families = readExposition(text);
  const counts = (families.get(name)?.samples ?? [])
    .filter((sample) => sample.name === `${name}_count`)
    .map(({ labels, value }) => [labels.interface, labels.side, labels.rcode, value]);
  expect(counts).toEqual([
    ['eth0', 'beyond', 'NOERROR', 2],
    ['eth0', 'beyond', 'NXDOMAIN', 1],
    ['eth0', 'behind', 'NOERROR', 1],
  ]);
  const labels = { interface: 'eth0', side: 'beyond', rcode: 'NOERROR' };
  expect(metricValue(families, 'pping_dns_responses_total', labels)).toBe(2);
  const unanswered = families.get('pping_dns_unanswered_total')?.samples;
  expect(unanswered).toMatchObject([{ labels: { interface: 'eth0', side: 'beyond' }, value: 1 }]);
  expect(metricValue(families, `${name}_bucket`, { ...labels, le: '0.001' })).toBe(1);
  expect(metricValue(families, `${name}_sum`, labels)).toBeCloseTo(0.0409, 9);
  const rttLabels = { interface: 'eth0', side: 'beyond', answer: 'ack' };
  expect(metricValue(families, 'pping_rtt_seconds_count', rttLabels)).toBe(1);
});

test('queries that were sent again are told where the core has counted them', async () => {
  const { labelsOf } = termsOf('prefix', 100, ['eth0']);
  const division = countedDivision('prefix', { prefixes: PREFIXES, ownerOf: () => '' });
  const dns = new CountedDns({ most: 100, labelsOf, division });
  dns.acceptAggregate(dnsAggregateOf({ ambiguous: 3 }));
  const { rtts, overdue } = eventRtts();
  const told = async (of: CountedDns | EventDns) =>
    readExposition(await expositionOf({ rtts, overdue, dns: of }, reading()));
  const name = 'pping_dns_ambiguous_total';
  const labels = { interface: 'eth0', side: 'beyond', prefix: '192.0.2.0/24' };
  expect(metricValue(await told(dns), name, labels)).toBe(3);
  const events = new EventDns(termsOf('interface', 100, ['eth0']));
  events.accept(dnsEvent());
  expect([...(await told(events)).keys()]).not.toContain(name);
});

describe('what a run knows', () => {
  test('packets by fate add up: each fate is there', async () => {
    const samples = (await read()).get('pping_packets_total')?.samples ?? [];
    expect(samples.map(({ labels, value }) => [labels.fate, value])).toEqual(
      FATES.map((fate) => [snakeCase(fate), COUNTED[fate]]),
    );
  });

  test.each([
    ['pping_bytes_total', {}, COUNTED.bytes],
    ['pping_measurable_bytes_total', { protocol: 'TCP' }, 31],
    ['pping_measurable_bytes_total', { protocol: 'QUIC' }, 34],
    ['pping_unread_packets_total', { kind: 'gtp_u' }, COUNTED.gtpU],
    ['pping_flows_total', {}, 7],
    ['pping_quic_connections', { spin: 'valid' }, 21],
    ['pping_quic_connections', { spin: 'random' }, 22],
    ['pping_quic_connections', { spin: 'constant' }, 23],
    ['pping_quic_connections', { spin: 'none' }, 24],
    ['pping_quic_connections_ended_total', { spin: 'valid' }, COUNTED.quicEndedValid],
    ['pping_quic_connections_ended_total', { spin: 'random' }, COUNTED.quicEndedRandom],
    ['pping_quic_connections_ended_total', { spin: 'constant' }, COUNTED.quicEndedConstant],
    ['pping_quic_connections_ended_total', { spin: 'none' }, COUNTED.quicEndedNone],
    ['pping_interfaces_watched', {}, 1],
    ['pping_retransmitted_packets_total', {}, COUNTED.retransmittedPackets],
    ['pping_retransmitted_bytes_total', {}, COUNTED.retransmittedBytes],
    ['pping_reordered_packets_total', {}, COUNTED.reorderedPackets],
    ['pping_duplicate_acks_total', {}, COUNTED.duplicateAcks],
    ['pping_zero_windows_total', {}, COUNTED.zeroWindows],
    ['pping_identifiers_total', { outcome: 'matched' }, COUNTED.matched],
    ['pping_identifiers_total', { outcome: 'unanswered' }, COUNTED.unanswered],
    ['pping_identifiers_total', { outcome: 'ambiguous' }, COUNTED.ambiguous],
    ['pping_identifiers_total', { outcome: 'superseded' }, COUNTED.superseded],
    ['pping_identifiers_total', { outcome: 'below_resolution' }, COUNTED.belowResolution],
    ['pping_dns_queries_total', { outcome: 'answered' }, COUNTED.dnsAnswered],
    ['pping_dns_queries_total', { outcome: 'unanswered' }, COUNTED.dnsUnanswered],
    ['pping_dns_queries_total', { outcome: 'ambiguous' }, COUNTED.dnsAmbiguous],
    ['pping_identifiers_waiting', {}, 11],
    ['pping_map_entries', { map: 'flows' }, 12],
    ['pping_map_entries', { map: 'timestamps' }, 13],
    ['pping_map_max_entries', { map: 'flows' }, 1_000],
    ['pping_map_max_entries', { map: 'timestamps' }, 2_000],
    ['pping_sampling_interval_seconds', {}, 0.25],
    ['pping_flow_timeout_seconds', {}, 300],
    ['pping_events_lost_total', { event: 'rtt' }, COUNTED.rttEventsLost],
    ['pping_events_lost_total', { event: 'flow' }, COUNTED.flowEventsLost],
    ['pping_events_undecodable_total', {}, 4],
    ['pping_output_lines_dropped_total', {}, 3],
    ['pping_ring_buffer_used_ratio', {}, 0.25],
    ['pping_governor_steps_total', { map: 'timestamps', step: 'up' }, 1],
    ['pping_route_changes_total', {}, 0],
    ['pping_program_runs_total', { hook: 'egress' }, 20],
    ['pping_program_runs_total', { hook: 'ingress' }, 21],
    ['pping_program_seconds_total', { hook: 'egress' }, 4e-6],
    ['pping_program_seconds_total', { hook: 'ingress' }, 5e-6],
    ['pping_build_info', { version: '0.2.0', node: 'v20.0.0' }, 1],
    ['process_cpu_seconds_total', {}, 1.5],
    ['process_resident_memory_bytes', {}, 4_096],
    ['process_start_time_seconds', {}, 1_795_132_800.5],
  ] as const)('%s%j', async (name, labels, value) => {
    expect(metricValue(await read(), name, labels)).toBe(value);
  });

  test('interfaces, also the others that are gone; labels may have anything in them', async () => {
    const families = await read();
    const { netns } = reading().where as { netns: string };
    const packets = families.get('pping_interface_packets_total')?.samples ?? [];
    expect(packets.map(({ labels, value }) => [labels, value])).toEqual([
      [{ netns, interface: 'eth0', hook: 'egress' }, 5],
      [{ netns, interface: 'eth0', hook: 'ingress' }, 6],
      [{ netns, interface: 'others', hook: 'egress' }, 1],
      [{ netns, interface: 'others', hook: 'ingress' }, 2],
    ]);
    const bytes = { netns, interface: 'eth0' };
    expect(metricValue(families, 'pping_interface_bytes_total', bytes)).toBe(1_000);
  });

  test('labels of the run are in every sample, in their way', async () => {
    const rtts = eventRtts();
    rtts.accept(rttEvent());
    rtts.accept(overdueEvent());
    const families = await read(rtts, { ...reading(), labels: { host: 'we"b\\x\ny' } });
    const samples = [...families.values()].flatMap((family) => family.samples);
    expect(samples.length).toBeGreaterThan(100);
    const without = samples.filter(({ labels }) => labels.host !== 'we"b\\x\ny');
    expect(without).toEqual([]);
  });

  test('what it costs, only where that is measured', async () => {
    const { run, ...rest } = reading();
    const families = await read(eventRtts(), { ...rest, run: { ...run, selfCost: undefined } });
    expect(families.get('pping_program_seconds_total')?.samples).toEqual([]);
  });
});

test('names, units and help are by the conventions: promtool has nothing to say', async () => {
  requirePrometheus();
  const rtts = eventRtts('prefix');
  rtts.accept(rttEvent());
  rtts.accept(overdueEvent());
  const input = await expositionOf(rtts, reading());
  expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
});
