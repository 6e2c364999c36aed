/** What became of packets, answers and events, by cause. */

/** enum counter (bpf/pping.h), in its order; compared with the object's BTF by a test. */
export const COUNTERS = [
  'egress',
  'ingress',
  'captured',
  'pureAck',
  'identifierNotNew',
  'rateLimited',
  'remembered',
  'local',
  'timestampMapFull',
  'notIp',
  'notTcp',
  'fragment',
  'malformed',
  'truncated',
  'noTimestamp',
  'reset',
  'handshake',
  'lingering',
  'flowMapFull',
  'matched',
  'handshakeMatched',
  'noMatch',
  'unanswered',
  'rttEventsLost',
  'flowEventsLost',
] as const;

export type CounterName = (typeof COUNTERS)[number];
export type Counters = Readonly<Record<CounterName, number>>;

/** What can become of a packet; each is counted in exactly one of them. */
export const FATES = COUNTERS.slice(
  COUNTERS.indexOf('pureAck'),
  COUNTERS.indexOf('flowMapFull') + 1,
);

export function packetsIn({ egress, ingress, captured }: Counters): number {
  return egress + ingress + captured;
}

/** What was counted between two readings. */
export function since(earlier: Counters, later: Counters): Counters {
  return mapCounters((name) => later[name] - earlier[name]);
}

export function mapCounters(value: (name: CounterName, index: number) => number): Counters {
  return Object.fromEntries(COUNTERS.map((name, index) => [name, value(name, index)])) as Counters;
}
