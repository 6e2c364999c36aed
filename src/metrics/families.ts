/** The metrics that say what a run has counted and what state it is in: names, help, and where each value is. */
import { type Counters, FATES, measurableBytesIn } from '../core/counters.js';
import { HOOKS } from '../core/hooks.js';
import { UNREADS } from '../core/layouts.js';
import { endedIn, type QuicConnections, SPIN_VERDICTS } from '../core/quic-connections.js';
import { snakeCase } from '../text/snake-case.js';
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { ProcessFigures, RunFigures } from './figures.js';
import type { NoticeCounts } from './notices.js';
import { type Labels, labelsOfInterface, OTHERS } from './series.js';

/** All that they are read from. */
export interface Reading {
  readonly run: RunFigures;
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

/** Those that are gone, and that there were too many of to tell each, have no name. */
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
    'Packets seen, by what became of each: each is counted under exactly one fate',
    ({ run }) => FATES.map((fate) => [{ fate: snakeCase(fate) }, run.counters[fate]]),
  ),
  counter('pping_bytes_total', 'Bytes of these packets, from the link layer on', counted('bytes')),
  counter(
    'pping_measurable_bytes_total',
    'Bytes of packets that have what an RTT or a response time can be measured by, by protocol',
    ({ run }) =>
      Object.entries(measurableBytesIn(run.counters)).map(([protocol, n]) => [{ protocol }, n]),
  ),
  counter(
    'pping_unread_packets_total',
    'Packets that are not IP, or of no protocol that is measured, by kind',
    ({ run }) => UNREADS.map((kind) => [{ kind: snakeCase(kind) }, run.counters[kind]]),
  ),
  counter(
    'pping_flows_total',
    'Flows seen in both directions',
    one(({ run }) => run.flows),
  ),
  gauge(
    'pping_quic_connections',
    'Connections of QUIC after the last sweep, by what their spin bit has turned out to be until then',
    ({ run }) => byVerdict(run.quic),
  ),
  counter(
    'pping_quic_connections_ended_total',
    'Connections of QUIC that are over, by what their spin bit had turned out to be',
    ({ run }) => byVerdict(endedIn(run.counters)),
  ),
];

const INTERFACES: readonly Family[] = [
  gauge(
    'pping_interfaces_watched',
    'Interfaces that are watched now',
    one(({ run }) => run.watched),
  ),
  counter(
    'pping_interface_packets_total',
    'Packets seen at an interface, by hook',
    ({ run, where }) =>
      run.interfaces.flatMap((seen) =>
        HOOKS.map((hook): Sample => [{ ...where, ...labelsOf(seen), hook }, seen[hook]]),
      ),
  ),
  counter('pping_interface_bytes_total', 'Bytes seen at an interface', ({ run, where }) =>
    run.interfaces.map((seen) => [{ ...where, ...labelsOf(seen) }, seen.bytes]),
  ),
];

const LOSSES: readonly Family[] = [
  counter(
    'pping_retransmitted_packets_total',
    'Data packets that were sent again',
    counted('retransmittedPackets'),
  ),
  counter(
    'pping_retransmitted_bytes_total',
    'Bytes of TCP payload that were sent again',
    counted('retransmittedBytes'),
  ),
  counter(
    'pping_reordered_packets_total',
    'Data packets that others had overtaken',
    counted('reorderedPackets'),
  ),
  counter(
    'pping_duplicate_acks_total',
    'Acknowledgements that say nothing new',
    counted('duplicateAcks'),
  ),
  counter(
    'pping_zero_windows_total',
    'Packets whose window is zero: the receiver cannot take more',
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
    'Identifiers that were remembered and wait no longer, by what became of each',
    ({ run }) =>
      IDENTIFIERS.map((outcome) => [{ outcome: snakeCase(outcome) }, run.counters[outcome]]),
  ),
  counter(
    'pping_dns_queries_total',
    'Queries of DNS that wait no longer, by what became of each; ambiguous: answered, but sent again',
    ({ run }) =>
      QUERIES.map((name) => [{ outcome: name.slice(3).toLowerCase() }, run.counters[name]]),
  ),
  gauge(
    'pping_identifiers_waiting',
    'Identifiers that the last sweep has left to be answered',
    one(({ run }) => run.waiting),
  ),
  gauge('pping_map_entries', 'Entries in a map after the last sweep', ({ run }) => [
    [{ map: 'flows' }, run.occupancy.flows],
    [{ map: 'timestamps' }, run.occupancy.timestamps],
  ]),
  gauge('pping_map_max_entries', 'Entries that a map has room for', ({ run }) => [
    [{ map: 'flows' }, run.capacity.flows],
    [{ map: 'timestamps' }, run.capacity.timestamps],
  ]),
  gauge(
    'pping_sampling_interval_seconds',
    'Least time between two samples of one direction of a flow, in force now (--rate and the governor)',
    one(({ run }) => Number(run.settings.rate) / NS_PER_SECOND),
  ),
  gauge(
    'pping_flow_timeout_seconds',
    'Idle time after which a flow is forgotten, in force now (--flow-timeout and the governor)',
    one(({ run }) => Number(run.settings.flowTimeout) / NS_PER_SECOND),
  ),
];

const LOST: readonly Family[] = [
  counter(
    'pping_events_lost_total',
    'Events that the ring buffer had no room for, by kind: what they say is in no other metric of RTTs',
    ({ run }) => [
      [{ event: 'rtt' }, run.counters.rttEventsLost],
      [{ event: 'flow' }, run.counters.flowEventsLost],
    ],
  ),
  counter(
    'pping_events_undecodable_total',
    'Events that were not understood',
    one(({ run }) => run.undecodable),
  ),
  counter(
    'pping_output_lines_dropped_total',
    'Lines that the output did not take',
    one(({ run }) => run.droppedLines),
  ),
  gauge(
    'pping_ring_buffer_used_ratio',
    'Share of the ring buffer that waits to be read',
    one(({ run }) => run.backlog),
  ),
];

const NOTICES: readonly Family[] = [
  counter(
    'pping_governor_steps_total',
    'Changes of the settings because a map filled up (up) or had room again (down)',
    ({ notices }) => notices.governorSteps.all(),
  ),
  counter(
    'pping_interface_changes_total',
    'Interfaces attached, detached, refused and renamed during the run',
    ({ notices }) => notices.interfaceChanges.all(),
  ),
  counter(
    'pping_visibility_changes_total',
    'What was found to keep packets from pping, and what pping did about it',
    ({ notices }) => notices.visibilityChanges.all(),
  ),
  counter(
    'pping_route_changes_total',
    'Hosts whose least RTT has become another, and has remained it',
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
    'Time that the BPF programs took (with --self-cost)',
    ({ run: { selfCost } }) =>
      selfCost ? HOOKS.map((hook) => [{ hook }, selfCost[hook].ns / NS_PER_SECOND]) : [],
  ),
  gauge('pping_build_info', 'Which pping this is, and on which Node it runs', ({ versions }) => [
    [versions, 1],
  ]),
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
