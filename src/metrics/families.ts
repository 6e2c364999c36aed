/** The metrics that say what a run has counted and what state it is in: names, help, and where each value is. */
import { type Counters, FATES } from '../core/counters.js';
import { HOOKS } from '../core/hooks.js';
import { UNREADS } from '../core/layouts.js';
import { endedIn, type QuicConnections, SPIN_VERDICTS } from '../core/quic-connections.js';
import { snakeCase } from '../text/snake-case.js';
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { ProcessFigures, RunFigures } from './figures.js';
import type { ByProtocol } from './measurable-bytes.js';
import type { NoticeCounts } from './notices.js';
import { type Labels, labelsOfInterface, OTHERS } from './series.js';

/** All that they are read from. */
export interface Reading {
  readonly run: RunFigures;
  readonly measurableBytes: ByProtocol;
  readonly process: ProcessFigures;
  readonly notices: NoticeCounts;
  /** Of pping and of Node. */
  readonly versions: Labels;
  /** Further labels of what is of one interface. */
  readonly where: Labels;
  /** Labels of all metrics. */
  readonly labels: Labels;
}

export type Sample = readonly [labels: Labels, value: number];

export interface Family {
  /** By Prometheus' conventions: base units, and `_total` of what only grows. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** A phrase without a full stop. */
  readonly help: string;
  readonly read: (reading: Reading) => readonly Sample[];
}

const NS_PER_SECOND = 1e9;

/** Those that are gone, and those beyond the limit, have no name. */
const labelsOf = ({ name, netns }: InterfaceTally) =>
  labelsOfInterface({ netns, interface: name === '' ? OTHERS : name });

const counter = (name: string, help: string, read: Family['read']): Family => {
  return { name, type: 'counter', help, read };
};
const gauge = (name: string, help: string, read: Family['read']): Family => {
  return { name, type: 'gauge', help, read };
};
/** One value, without labels. */
const one = (value: (reading: Reading) => number): Family['read'] => {
  return (reading) => [[{}, value(reading)]];
};
const byVerdict = (connections: QuicConnections): Sample[] =>
  SPIN_VERDICTS.map((spin) => [{ spin }, connections[spin]]);
const counted = (name: keyof Counters) => one(({ run }) => run.counters[name]);

const PACKETS: readonly Family[] = [
  counter(
    'pping_packets_total',
    'Packets seen, by fate: each packet is counted under exactly one',
    ({ run }) => FATES.map((fate) => [{ fate: snakeCase(fate) }, run.counters[fate]]),
  ),
  counter(
    'pping_bytes_total',
    'Bytes of these packets, including the link layer',
    counted('bytes'),
  ),
  counter(
    'pping_measurable_bytes_total',
    'Bytes of packets of a kind that an RTT or a response time can be measured with, by protocol',
    ({ measurableBytes }) =>
      Object.entries(measurableBytes).map(([protocol, bytes]) => [{ protocol }, bytes]),
  ),
  counter(
    'pping_unread_packets_total',
    'Packets that are not IP, or not of a measured protocol, by kind',
    ({ run }) => UNREADS.map((kind) => [{ kind: snakeCase(kind) }, run.counters[kind]]),
  ),
  counter(
    'pping_flows_total',
    'Flows seen in both directions',
    one(({ run }) => run.flows),
  ),
  gauge(
    'pping_quic_connections',
    'QUIC connections after the last sweep, by the verdict on their spin bit so far',
    ({ run }) => byVerdict(run.quic),
  ),
  counter(
    'pping_quic_connections_ended_total',
    'QUIC connections that have ended, by the verdict on their spin bit',
    ({ run }) => byVerdict(endedIn(run.counters)),
  ),
];

const INTERFACES: readonly Family[] = [
  gauge(
    'pping_interfaces_watched',
    'Interfaces currently watched',
    one(({ run }) => run.watched),
  ),
  counter(
    'pping_interface_packets_total',
    'Packets seen on an interface, by hook',
    ({ run, where }) =>
      run.interfaces.flatMap((seen) =>
        HOOKS.map((hook): Sample => [{ ...where, ...labelsOf(seen), hook }, seen[hook]]),
      ),
  ),
  counter('pping_interface_bytes_total', 'Bytes seen on an interface', ({ run, where }) =>
    run.interfaces.map((seen) => [{ ...where, ...labelsOf(seen) }, seen.bytes]),
  ),
];

const LOSSES: readonly Family[] = [
  counter(
    'pping_retransmitted_packets_total',
    'Retransmitted data packets',
    counted('retransmittedPackets'),
  ),
  counter(
    'pping_retransmitted_bytes_total',
    'Bytes of these packets as in pping_bytes_total, without payload that was new',
    counted('retransmittedBytes'),
  ),
  counter('pping_reordered_packets_total', 'Reordered data packets', counted('reorderedPackets')),
  counter('pping_duplicate_acks_total', 'Duplicate ACKs', counted('duplicateAcks')),
  counter(
    'pping_zero_windows_total',
    'Packets with a zero window: the receive buffer is full',
    counted('zeroWindows'),
  ),
];

const IDENTIFIERS = [
  'matched',
  'unanswered',
  'ambiguous',
  'superseded',
  'belowResolution',
] as const;

const QUERIES = ['dnsAnswered', 'dnsUnanswered', 'dnsAmbiguous'] as const;

const MEASUREMENT: readonly Family[] = [
  counter(
    'pping_identifiers_total',
    'Identifiers that no longer wait for an answer, by outcome',
    ({ run }) =>
      IDENTIFIERS.map((outcome) => [{ outcome: snakeCase(outcome) }, run.counters[outcome]]),
  ),
  counter(
    'pping_dns_queries_total',
    'DNS queries that no longer wait for a response, by outcome; ambiguous: answered after a retransmission',
    ({ run }) =>
      QUERIES.map((name) => [{ outcome: name.slice(3).toLowerCase() }, run.counters[name]]),
  ),
  gauge(
    'pping_identifiers_waiting',
    'Identifiers still waiting for an answer after the last sweep',
    one(({ run }) => run.waiting),
  ),
  gauge('pping_map_entries', 'Entries in a map after the last sweep', ({ run }) => [
    [{ map: 'flows' }, run.occupancy.flows],
    [{ map: 'timestamps' }, run.occupancy.timestamps],
  ]),
  gauge('pping_map_max_entries', 'Maximum number of entries in a map', ({ run }) => [
    [{ map: 'flows' }, run.capacity.flows],
    [{ map: 'timestamps' }, run.capacity.timestamps],
  ]),
  gauge(
    'pping_sampling_interval_seconds',
    'Minimum time between two samples per flow and direction, currently in force (--rate and the governor)',
    one(({ run }) => Number(run.settings.rate) / NS_PER_SECOND),
  ),
  gauge(
    'pping_flow_timeout_seconds',
    'Idle time after which a flow is forgotten, currently in force (--flow-timeout and the governor)',
    one(({ run }) => Number(run.settings.flowTimeout) / NS_PER_SECOND),
  ),
];

const LOST: readonly Family[] = [
  counter(
    'pping_events_lost_total',
    'Events lost because the ring buffer was full, by kind; the RTT metrics do not include them',
    ({ run }) => [
      [{ event: 'rtt' }, run.counters.rttEventsLost],
      [{ event: 'flow' }, run.counters.flowEventsLost],
    ],
  ),
  counter(
    'pping_events_undecodable_total',
    'Events that could not be decoded',
    one(({ run }) => run.undecodable),
  ),
  counter(
    'pping_output_lines_dropped_total',
    'Lines that could not be written to the output',
    one(({ run }) => run.droppedLines),
  ),
  gauge(
    'pping_ring_buffer_used_ratio',
    'Share of the ring buffer that is filled with unread events',
    one(({ run }) => run.backlog),
  ),
];

const NOTICES: readonly Family[] = [
  counter(
    'pping_governor_steps_total',
    'Changes of sampling settings because a map filled up (up) or had room again (down)',
    ({ notices }) => notices.governorSteps.all(),
  ),
  counter(
    'pping_interface_changes_total',
    'Interfaces attached, detached, refused and renamed during the run',
    ({ notices }) => notices.interfaceChanges.all(),
  ),
  counter(
    'pping_visibility_changes_total',
    'Findings about packets hidden from pping, and what pping did about them',
    ({ notices }) => notices.visibilityChanges.all(),
  ),
  counter(
    'pping_route_changes_total',
    'Lasting changes of the minimum RTT to a host',
    one(({ notices }) => notices.routeChanges),
  ),
];

const OWN: readonly Family[] = [
  counter(
    'pping_program_runs_total',
    'Runs of the BPF programs (with --self-cost)',
    ({ run: { selfCost } }) =>
      selfCost ? HOOKS.map((hook) => [{ hook }, selfCost[hook].packets]) : [],
  ),
  counter(
    'pping_program_seconds_total',
    'Time spent in the BPF programs (with --self-cost)',
    ({ run: { selfCost } }) =>
      selfCost ? HOOKS.map((hook) => [{ hook }, selfCost[hook].ns / NS_PER_SECOND]) : [],
  ),
  gauge('pping_build_info', 'Versions of pping and Node', ({ versions }) => [[versions, 1]]),
  counter(
    'process_cpu_seconds_total',
    'Total user and system CPU time spent in seconds',
    one(({ process }) => process.cpuSeconds),
  ),
  gauge(
    'process_resident_memory_bytes',
    'Resident memory size in bytes',
    one(({ process }) => process.residentBytes),
  ),
  gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds',
    one(({ process }) => process.startSeconds),
  ),
];

export const FAMILIES: readonly Family[] = [
  ...PACKETS,
  ...INTERFACES,
  ...LOSSES,
  ...MEASUREMENT,
  ...LOST,
  ...NOTICES,
  ...OWN,
];
