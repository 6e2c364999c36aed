/** What became of packets, answers and events, by cause. */
import { COUNTERS, UNREADS } from './layouts.js';

export type CounterName = (typeof COUNTERS)[number];
/** What a packet was that is not IP, or not TCP. */
export type UnreadName = (typeof UNREADS)[number];
export type Counters = Readonly<Record<CounterName | UnreadName, number>>;

/** All that the core counts, as it lies in memory. */
export const COUNTED = [...COUNTERS, ...UNREADS] as const;

/** Those that add up to `notIp`, and to `notTcp`. */
export const NOT_IP_KINDS = UNREADS.slice(0, UNREADS.indexOf('otherLink') + 1);
export const NOT_TCP_KINDS = UNREADS.slice(NOT_IP_KINDS.length);

/** What can become of a packet; each is counted in exactly one of them. */
export const FATES = COUNTERS.slice(
  COUNTERS.indexOf('pureAck'),
  COUNTERS.indexOf('flowMapFull') + 1,
);

/** Of those, what has no connection that can be read: the filter is not asked. */
export const UNFILTERABLE = [
  'notIp',
  'notTcp',
  'fragment',
  'malformed',
  'truncated',
] as const satisfies readonly CounterName[];

/** Of connections, but it cannot give an RTT, whatever pping does. */
export const UNMEASURABLE_IN_FLOWS = [
  'noTimestamp',
  'reset',
  'noSpin',
] as const satisfies readonly CounterName[];

/** What cannot give an RTT; what the filter leaves out is neither. */
export const UNMEASURABLE = [...UNFILTERABLE, ...UNMEASURABLE_IN_FLOWS] as const;

export interface Measurable {
  readonly packets: number;
  readonly bytes: number;
  /** Of so many that the filter did not leave out. */
  readonly ofPackets: number;
  readonly ofBytes: number;
}

/** The packets that have what is measured by: TCP timestamps, sequence numbers, a spin bit, or a handshake. */
export function measurableIn(counters: Counters): Measurable {
  const ofPackets = packetsIn(counters) - counters.filtered;
  const ofBytes = counters.bytes - counters.filteredBytes;
  const unmeasurable = UNMEASURABLE.reduce((sum, name) => sum + counters[name], 0);
  return {
    packets: ofPackets - unmeasurable,
    bytes: ofBytes - counters.unmeasurableBytes,
    ofPackets,
    ofBytes,
  };
}

/** Of each protocol: they add up to the bytes of measurableIn(). What is not counted apart is TCP's, which pays nothing. */
export function measurableBytesIn(counters: Counters) {
  const { icmpBytes: ICMP, icmpv6Bytes: ICMPv6, quicBytes: QUIC, dnsBytes: DNS } = counters;
  const TCP = measurableIn(counters).bytes - ICMP - ICMPv6 - QUIC - DNS;
  return { TCP, ICMP, ICMPv6, QUIC, DNS };
}

export function packetsIn({ egress, ingress, captured }: Counters): number {
  return egress + ingress + captured;
}

/** What was counted between two readings. */
export function since(earlier: Counters, later: Counters): Counters {
  return mapCounters((name) => later[name] - earlier[name]);
}

export function mapCounters(
  value: (name: CounterName | UnreadName, index: number) => number,
): Counters {
  return Object.fromEntries(COUNTED.map((name, index) => [name, value(name, index)])) as Counters;
}
