/** Events with something in every field; a test overrides what it is about. */
import { type Counters, mapCounters } from '../../../src/core/counters.js';
import type {
  DnsEvent,
  FlowEvent,
  KernelEvent,
  LossEvent,
  Losses,
  OriginalEvent,
  OverdueEvent,
  OwnerEvent,
  RttEvent,
} from '../../../src/events/types.js';
import type { Notice } from '../../../src/format/formatter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../../src/sampling/policy.js';
import type { RunTotals } from '../../../src/summary/run-totals.js';

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** An IPv4 address as it is carried: mapped to ::ffff:a.b.c.d. */
export function ipv4(text: string): Uint8Array {
  return Uint8Array.from([...MAPPED_PREFIX, ...text.split('.').map(Number)]);
}

/** The bytes of eight groups. */
export function ipv6(...groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

export const DOCUMENTATION_A = ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
export const DOCUMENTATION_B = ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

const COMMON = {
  timestamp: 1_234_567_890n,
  flowId: 7,
  place: 0,
  ipVersion: 4,
  protocol: 'TCP',
  srcAddress: ipv4('192.0.2.1'),
  destAddress: ipv4('198.51.100.2'),
  srcPort: 443,
  destPort: 51_515,
} as const;

export const NO_LOSSES: Losses = {
  retransmittedPackets: 0,
  retransmittedBytes: 0,
  reorderedPackets: 0,
  duplicateAcks: 0,
  zeroWindows: 0,
};

/** What both ends have sent until now, all different. */
const TRAFFIC = {
  sentPackets: 11,
  sentBytes: 1_201,
  recPackets: 13,
  recBytes: 15_001,
  sentLosses: {
    retransmittedPackets: 2,
    retransmittedBytes: 301,
    reorderedPackets: 3,
    duplicateAcks: 5,
    zeroWindows: 1,
  },
  recLosses: {
    retransmittedPackets: 4,
    retransmittedBytes: 4_507,
    reorderedPackets: 6,
    duplicateAcks: 8,
    zeroWindows: 9,
  },
} as const;

export function rttEvent(overrides: Partial<RttEvent> = {}): RttEvent {
  return {
    type: 'rtt',
    ...COMMON,
    rtt: 5_425_000,
    samples: 1,
    intervalMinRtt: 5_425_000,
    minRtt: 5_100_000,
    srtt: 5_300_000,
    rttvar: 120_000,
    ...TRAFFIC,
    matchOnEgress: false,
    by: 'timestamp',
    handshake: false,
    answer: 'ack',
    keepAlive: false,
    ...overrides,
  };
}

export function overdueEvent(overrides: Partial<OverdueEvent> = {}): OverdueEvent {
  return {
    type: 'overdue',
    ...COMMON,
    waited: 10_000_000_000,
    matchOnEgress: false,
    ...overrides,
  };
}

/** Of a resolver that has answered. */
export function dnsEvent(overrides: Partial<DnsEvent> = {}): DnsEvent {
  return {
    type: 'dns',
    ...COMMON,
    protocol: 'DNS',
    flowId: 0,
    srcPort: 53,
    queryId: 4_711,
    responseTime: 12_345_678,
    waited: undefined,
    rcode: 'NOERROR',
    truncated: false,
    matchOnEgress: false,
    question: undefined,
    asker: undefined,
    ...overrides,
  };
}

export function flowEvent(overrides: Partial<FlowEvent> = {}): FlowEvent {
  return {
    type: 'flow',
    ...COMMON,
    change: 'opening',
    reason: 'SYN-ACK',
    triggeredBy: 'dest',
    unmeasuredSrc: undefined,
    unmeasuredDest: undefined,
    spin: undefined,
    ...TRAFFIC,
    ...overrides,
  };
}

export function lossEvent(overrides: Partial<LossEvent> = {}): LossEvent {
  return {
    type: 'loss',
    timestamp: COMMON.timestamp,
    lostRtts: 3,
    lostFlowEvents: 1,
    ...overrides,
  };
}

export function ownerEvent(overrides: Partial<OwnerEvent> = {}): OwnerEvent {
  return {
    type: 'owner',
    ...COMMON,
    cgroup: 4_711n,
    socketCookie: 0x1_0000_0001n,
    uid: 33,
    pid: 1_234,
    listenerPid: 0,
    comm: 'nginx',
    ...overrides,
  };
}

/** Its source was 10.0.3.17:41822; its destination is what it was. */
export function originalEvent(overrides: Partial<OriginalEvent> = {}): OriginalEvent {
  return {
    type: 'original',
    ...COMMON,
    originalSrcAddress: ipv4('10.0.3.17'),
    originalSrcPort: 41_822,
    originalDestAddress: COMMON.destAddress,
    originalDestPort: COMMON.destPort,
    isDisputed: false,
    ...overrides,
  };
}

/** All 0 but for these. */
export function countersOf(counted: Partial<Counters> = {}): Counters {
  return { ...mapCounters(() => 0), ...counted };
}

export function governorNotice(): Notice & { type: 'governor' } {
  const settings = { ...DEFAULT_SETTINGS, rate: 200_000_000n, rttRate: 1_500n };
  const map = { map: 'timestamps', entries: 983, maxEntries: 1_000 } as const;
  return { type: 'governor', timestamp: COMMON.timestamp, step: 'up', ...map, settings };
}

/** Of a run in which nothing happened, but for these. */
export function runTotals(overrides: Partial<RunTotals> = {}): RunTotals {
  return {
    samples: 0,
    reported: 0,
    flows: 0,
    rtt: undefined,
    sides: [],
    counters: countersOf(),
    waiting: 0,
    occupancy: { flows: 0, timestamps: 0 },
    capacity: DEFAULT_CAPACITY,
    droppedLines: 0,
    undecodable: 0,
    asked: ['tcp'],
    ...overrides,
  };
}

/** The same flow seen the other way. */
export function reversed<Kind extends KernelEvent>(event: Kind): Kind {
  return {
    ...event,
    srcAddress: event.destAddress,
    srcPort: event.destPort,
    destAddress: event.srcAddress,
    destPort: event.srcPort,
  };
}
