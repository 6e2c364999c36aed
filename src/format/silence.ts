/** Why there is no RTT, for people. */
import { type Counters, packetsIn } from '../events/counters.js';
import type { Silence } from '../summary/silence.js';
import { count } from './units.js';

/**
 * One line.
 * @param where there is none: for 5 s, in a capture
 */
export function silenceText({ reason, counters }: Silence, where: string): string {
  return `no RTT ${where}: ${TEXTS[reason](counters)}`;
}

const TEXTS: Record<Silence['reason'], (counters: Counters) => string> = {
  'no packets': () => 'no packets at all on this interface',
  'no TCP': (counters) => `${seen(counters)}, none of them TCP over IP`,
  'cut off': ({ truncated }) =>
    `of ${count(truncated, 'packet')} the capture holds too little to read their TCP headers; capture more (tcpdump -s 128)`,
  filtered: ({ filtered }) =>
    `of ${count(filtered, 'TCP packet')} none belongs to a connection that the filter lets through`,
  'no timestamps': (counters) =>
    `${seen(counters)}, but none with TCP timestamps; both ends need them: sysctl net.ipv4.tcp_timestamps (1 is on)`,
  'maps full': ({ flowMapFull, timestampMapFull }) =>
    flowMapFull > 0
      ? `the flow map is full (${count(flowMapFull, 'packet')} turned away); see --max-flows`
      : `the timestamp map is full (${count(timestampMapFull, 'identifier')} turned away); see --max-timestamps`,
  'one direction': ({ egress, ingress }) =>
    `only one direction of each connection is seen (${egress} packets egress, ${ingress} ingress); the other may take another path`,
  'handshakes only': (counters) => `${seen(counters)}, but no connection got beyond its handshake`,
  unanswered: ({ remembered }) =>
    `${count(remembered, 'identifier')} remembered, none answered yet`,
  'rate-limited': ({ rateLimited }) =>
    `${count(rateLimited, 'new identifier')} within the sampling interval; see --rate`,
  'local only': ({ local }) =>
    `all data is for this machine (${count(local, 'packet')}), which would measure only its own stack; --include-local shows it`,
  'no data': (counters) => `${seen(counters)}, but no new data: connections are idle`,
};

function seen(counters: Counters): string {
  const packets = count(packetsIn(counters) - counters.filtered, 'packet');
  return counters.filtered > 0 ? `${packets} that the filter let through` : packets;
}
