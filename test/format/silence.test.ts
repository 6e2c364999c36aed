import { expect, test } from '@jest/globals';
import type { Counters } from '../../src/core/counters.js';
import { silenceText } from '../../src/format/silence.js';
import { summaryText } from '../../src/format/summary.js';
import type { ProtocolWord } from '../../src/sampling/protocols.js';
import type { PacketSource, Reason } from '../../src/summary/silence.js';
import { countersOf, runTotals } from '../helpers/events/events.js';

test.each<[Reason, PacketSource, Partial<Counters>, string]>([
  ['no packets', 'live', {}, 'no packets seen'],
  ['no packets', 'capture', {}, 'no packets'],
  [
    'not read',
    'live',
    { egress: 1, notTcp: 1 },
    'no TCP header could be read in 1 packet: 1 non-TCP packet',
  ],
  [
    'not read',
    'capture',
    { captured: 9, notIp: 6, notTcp: 1, fragment: 1, malformed: 1 },
    'no TCP header could be read in 9 packets: 6 non-IP packets, 1 non-TCP packet, 1 fragment, 1 malformed packet',
  ],
  [
    'not read',
    'capture',
    { captured: 36, notIp: 36, pppoe: 36 },
    'no TCP header could be read in 36 packets: 36 PPPoE packets',
  ],
  [
    'not read',
    'live',
    {
      ingress: 99,
      notTcp: 90,
      notIp: 9,
      quic: 80,
      udp: 5,
      igmp: 3,
      sctp: 1,
      otherIp: 1,
      arp: 8,
      otherLink: 1,
    },
    'no TCP header could be read in 99 packets: 80 QUIC packets, 5 UDP packets, 3 IGMP packets, 2 other non-TCP packets' +
      ', 8 ARP packets, 1 other non-IP packet; --protocol tcp,quic measures them',
  ],
  [
    'not read',
    'live',
    { ingress: 9, notTcp: 9, vxlan: 9 },
    'no TCP header could be read in 9 packets: 9 VXLAN packets; --tunnels looks for TCP inside them',
  ],
  [
    'not read',
    'capture',
    { captured: 9, fragment: 8, pureAck: 1 },
    '1 TCP header could be read in 9 packets: 8 fragments; only the first fragment of a packet has its TCP header',
  ],
  [
    'not read',
    'capture',
    { captured: 9, malformed: 7, pureAck: 2 },
    '2 TCP headers could be read in 9 packets: 7 malformed packets',
  ],
  [
    'unanswered',
    'capture',
    { captured: 9, remembered: 4, ambiguous: 4 },
    '4 identifiers remembered, all with data that was seen again; if the capture has duplicate packets, editcap -d removes them',
  ],
  [
    'not read',
    'capture',
    { captured: 4, truncated: 4 },
    'no TCP header could be read in 4 packets: 4 cut-off packets; the snap length of the capture is too short (tcpdump -s 128 is enough)',
  ],
  ['filtered', 'live', { ingress: 5, filtered: 4 }, 'the filter matches none of 4 packets'],
  ['filtered', 'live', { ingress: 1, filtered: 1 }, 'the filter matches none of 1 packet'],
  [
    'no timestamps',
    'live',
    { egress: 1, ingress: 2, noTimestamp: 2, reset: 1 },
    'only 2 TCP packets without timestamps, 1 RST; --no-sequence excludes these',
  ],
  [
    'handshakes only',
    'live',
    { ingress: 2, handshake: 1, notIp: 1 },
    'only 1 non-IP packet, 1 handshake packet: no connection got beyond its handshake',
  ],
  [
    'handshakes only',
    'live',
    { ingress: 3, handshake: 2, noTimestamp: 1 },
    'only 2 handshake packets, 1 TCP packet without timestamps',
  ],
  ['resets only', 'capture', { captured: 1, reset: 1 }, 'only 1 RST'],
  [
    'no spin',
    'live',
    { noSpin: 8, handshake: 1 },
    'only 8 QUIC packets without a proven spin bit, 1 handshake packet: without a spin bit, only QUIC handshakes can be measured',
  ],
  [
    'maps full',
    'live',
    { flowMapFull: 2 },
    'the flow map is full (2 packets rejected); see --max-flows',
  ],
  [
    'maps full',
    'live',
    { timestampMapFull: 1, flowMapFull: 1 },
    'the flow map is full (1 packet rejected); see --max-flows' +
      ', and the timestamp map is full (1 identifier rejected); see --max-timestamps',
  ],
  [
    'one direction',
    'live',
    { egress: 1, remembered: 1 },
    'only one direction of each connection is seen (1 packet: 1 egress, 0 ingress); the other may take another path or interface',
  ],
  [
    'one direction',
    'capture',
    { captured: 24, remembered: 23, handshake: 1 },
    'only one direction of each connection was captured (24 packets)',
  ],
  [
    'one direction',
    'capture',
    { captured: 4, egress: 20, remembered: 20, handshake: 2, reset: 1, lingering: 1 },
    'apart from 2 handshake packets, 1 RST, 1 packet of closed connections, only one direction of each connection' +
      ' was captured (24 packets in all: 20 egress, 0 ingress, 4 unknown)',
  ],
  ['unanswered', 'live', { remembered: 3 }, '3 identifiers remembered, none answered yet'],
  ['unanswered', 'capture', { remembered: 1 }, '1 identifier remembered, none answered'],
  [
    'rate-limited',
    'live',
    { rateLimited: 3 },
    '3 new identifiers within the sampling interval; see --rate',
  ],
  [
    'local only',
    'live',
    { local: 3 },
    '3 new identifiers, all for this machine: they would measure only its own stack; --include-local includes them',
  ],
  [
    'nothing new',
    'capture',
    { identifierNotNew: 1 },
    '1 data packet, none known to be new: in mid-stream, the first in each direction is not',
  ],
  [
    'no data',
    'live',
    { ingress: 4, pureAck: 3, lingering: 1 },
    'only 3 pure ACKs, 1 packet of closed connections',
  ],
])('%s (%s) %j is one line', (reason, source, counted, text) => {
  const silence = { reason, source, tunnels: false, counters: countersOf(counted) };
  expect(silenceText(silence, 'for 5 s')).toBe(`no RTT for 5 s: ${text}`);
});

test('where no interface is watched, that is the reason that there are no packets, and no other', () => {
  const absence = 'no interface matches zz*; there are: lo eth0';
  const of = (reason: Reason, counters: Counters) =>
    silenceText({ reason, source: 'live', tunnels: false, counters }, 'for 5 s', absence);
  expect(of('no packets', countersOf())).toBe(`no RTT for 5 s: ${absence}`);
  expect(of('resets only', countersOf({ egress: 2, reset: 2 }))).toBe(
    'no RTT for 5 s: only 2 RSTs',
  );
});

test('how to ask for more leaves out nothing that is measured, as in the summary', () => {
  const asked = ['quic'] as const;
  const textOf = (counters: Counters) => {
    const told = { tunnels: false, others: true, asked, counters } as const;
    return silenceText({ reason: 'not read', source: 'live', ...told }, 'for 5 s');
  };
  const most = countersOf({ egress: 20, notTcp: 20, dns: 12, icmpEcho: 8 });
  expect(textOf(most)).toMatch(/; --protocol quic,dns,icmp measures them$/);
  const summary = summaryText(runTotals({ counters: most, asked }), 'eth0', false);
  expect(summary).toMatch(/\nto measure more: --protocol quic,dns,icmp\n/);
  // Of what is left out, what there is most of is named at least.
  const few = countersOf({ egress: 500, filtered: 498, notTcp: 2, dns: 2 });
  expect(textOf(few)).toMatch(/; --protocol quic,dns measures them$/);
});

test.each<[readonly ProtocolWord[], Partial<Counters>, string]>([
  [
    ['icmp'],
    { captured: 325, filtered: 325 },
    'none of 325 packets is ICMP echo: 325 TCP packets; --protocol icmp,tcp measures them',
  ],
  [
    ['icmp', 'quic', 'dns'],
    { captured: 9, filtered: 7, notTcp: 2, udp: 2 },
    'none of 9 packets is ICMP echo, QUIC or DNS: 7 TCP packets, 2 UDP packets; --protocol icmp,quic,dns,tcp measures them',
  ],
  [
    ['dns'],
    { captured: 9, filtered: 5, notTcp: 4, quic: 3, udp: 1 },
    'none of 9 packets is DNS: 5 TCP packets, 3 QUIC packets, 1 UDP packet; --protocol dns,tcp,quic measures them',
  ],
])('where --protocol alone chooses, nobody speaks of a filter: %j', (asked, counted, text) => {
  const counters = countersOf(counted);
  const told = { source: 'capture', tunnels: false, others: true, asked, counters } as const;
  const filtered = { reason: 'filtered', ...told } as const;
  const of = (isByProtocolAlone: boolean) =>
    silenceText({ ...filtered, isByProtocolAlone }, 'in this capture').split(
      'in this capture: ',
    )[1];
  expect(of(true)).toBe(text);
  expect(of(false)).toBe(`the filter matches none of ${counted.filtered} packets`);
});

test('QUIC that was asked for, and has no handshake, is encrypted', () => {
  const counters = countersOf({ ingress: 9, notTcp: 9, quic: 9 });
  const told = { tunnels: false, others: true, asked: ['quic'], counters } as const;
  const silence = { reason: 'not read', source: 'live', ...told } as const;
  expect(silenceText(silence, 'for 5 s')).toMatch(/9 QUIC packets; QUIC is encrypted$/);
});

test('where tunnels were looked into, there was nothing in them', () => {
  const counters = countersOf({ captured: 9, notTcp: 9, vxlan: 9 });
  expect(
    silenceText({ reason: 'not read', source: 'capture', tunnels: true, counters }, 'at all'),
  ).toBe(
    'no RTT at all: no TCP header could be read in 9 packets: 9 VXLAN packets; no TCP found inside them',
  );
});

test.each<[Reason, Partial<Counters>, string]>([
  [
    'not read',
    { ingress: 9, notTcp: 1, udp: 1, fragment: 8 },
    'no header of a measured protocol could be read in 9 packets: 8 fragments, 1 UDP packet; only the first fragment of a packet has its header',
  ],
  [
    'not read',
    { ingress: 9, malformed: 7 },
    '2 headers of a measured protocol could be read in 9 packets: 7 malformed packets',
  ],
  [
    'nothing new',
    { identifierNotNew: 3 },
    '3 packets, none known to be new: in mid-stream, the first in each direction is not',
  ],
  [
    'no data',
    { echoReply: 2, identifierNotNew: 1 },
    'only 2 ICMP echo reply packets, 1 packet without a new identifier',
  ],
])('where others than TCP are measured: %s', (reason, counted, text) => {
  const counters = countersOf(counted);
  const silence = { reason, counters, source: 'live', tunnels: false, others: true } as const;
  expect(silenceText(silence, 'for 5 s')).toBe(`no RTT for 5 s: ${text}`);
});
