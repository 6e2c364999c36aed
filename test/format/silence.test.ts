import { expect, test } from '@jest/globals';
import type { Counters } from '../../src/events/counters.js';
import { silenceText } from '../../src/format/silence.js';
import type { Reason } from '../../src/summary/silence.js';
import { countersOf } from '../helpers/events.js';

test.each<[Reason, Partial<Counters>, string]>([
  ['no packets', {}, 'no packets at all on this interface'],
  ['no TCP', { egress: 1 }, '1 packet, none of them TCP over IP'],
  [
    'no timestamps',
    { egress: 1, ingress: 2 },
    '3 packets, but none with TCP timestamps; both ends need them: sysctl net.ipv4.tcp_timestamps (1 is on)',
  ],
  [
    'maps full',
    { flowMapFull: 2 },
    'the flow map is full (2 packets turned away); see --max-flows',
  ],
  [
    'maps full',
    { timestampMapFull: 1 },
    'the timestamp map is full (1 identifier turned away); see --max-timestamps',
  ],
  [
    'one direction',
    { egress: 7 },
    'only one direction of each connection is seen (7 packets egress, 0 ingress); the other may take another path',
  ],
  ['handshakes only', { ingress: 2 }, '2 packets, but no connection got beyond its handshake'],
  ['unanswered', { remembered: 3 }, '3 identifiers remembered, none answered yet'],
  [
    'rate-limited',
    { rateLimited: 3 },
    '3 new identifiers within the sampling interval; see --rate',
  ],
  [
    'local only',
    { local: 3 },
    'all data is for this machine (3 packets), which would measure only its own stack; --include-local shows it',
  ],
  ['no data', { ingress: 3 }, '3 packets, but no new data: connections are idle'],
])('%s %j is one line', (reason, counted, text) => {
  expect(silenceText({ reason, counters: countersOf(counted) }, 'for 5 s')).toBe(
    `no RTT for 5 s: ${text}`,
  );
});
