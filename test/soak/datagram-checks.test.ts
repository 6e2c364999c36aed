import { expect, test } from '@jest/globals';
import { datagramChecks } from '../../soak/datagram-checks.js';
import { DatagramLedger, type DatagramLine } from '../../soak/datagram-ledger.js';
import type { DatagramStats, ExchangeStats } from '../../soak/datagrams.js';
import type { Summary } from '../../soak/ledger.js';

const MS = 1_000_000;
const RTT = 6 * MS;
const COUNT = 30;

/** Times of each kind, all of other flows; then these lines. */
function ledgerOf(...more: Partial<DatagramLine>[]): DatagramLedger {
  const ledger = new DatagramLedger();
  const take = (line: Partial<DatagramLine>) =>
    ledger.take({ ...line, timestamp: 0, src_ip: '', dest_ip: '' } as DatagramLine, 'line');
  for (let at = 0; at < COUNT; at++) {
    const flow = { src_port: 443, dest_port: at, match_on_egress: false };
    take({ ...flow, type: 'rtt', protocol: 'ICMP', src_port: at, rtt: RTT });
    take({ ...flow, type: 'rtt', protocol: 'QUIC', by: 'spin_bit', rtt: RTT });
    take({ ...flow, type: 'dns', protocol: 'DNS', src_port: 53, response_time: RTT });
    take({ ...flow, type: 'dns', protocol: 'DNS', src_port: 53 });
  }
  for (const line of more) take({ ...line, src_port: line.src_port ?? 1_000 });
  return ledger;
}

const exchanges: ExchangeStats = {
  ...{ asked: 40, answered: COUNT + 1, again: 0, given_up: 10, longest: RTT },
};
const statsOf = (changes: Partial<DatagramStats['kinds']> = {}): DatagramStats => ({
  under_way: 0,
  skipped: 0,
  kinds: { icmp: exchanges, dns: exchanges, quic: exchanges, ...changes },
});

const summaryOf = (counted: Record<string, number> = {}, rest: Partial<Summary> = {}): Summary =>
  ({
    dropped_lines: 0,
    quic: { spin: { valid: COUNT } },
    ...rest,
    counters: {
      ...{ dns_query: 80, dns_answered: COUNT, dns_ambiguous: 20, dns_unanswered: 30 },
      ...{ dns_repeated: 20, flow_events_lost: 0, ...counted },
    },
  }) as Summary;

const failing = (ledger: DatagramLedger, stats = statsOf(), summary = summaryOf()) =>
  datagramChecks({ ledger, stats }, summary)
    .filter(({ isOk }) => !isOk)
    .map(({ name }) => name);

test('where all is TCP there is nothing to check', () => {
  expect(datagramChecks(undefined, summaryOf())).toEqual([]);
});

test('where all is well, all checks hold', () => {
  expect(failing(ledgerOf())).toEqual([]);
});

const OF_PATH = 'times of QUIC are those of the path';
const quicRtt = { type: 'rtt', protocol: 'QUIC', match_on_egress: false };

test.each<[string, string, Partial<DatagramLine>]>([
  ['shorter than the server takes', OF_PATH, { ...quicRtt, rtt: 5 * MS - 1 }],
  ['longer than the client saw', OF_PATH, { ...quicRtt, rtt: RTT + 1 }],
  [
    'longer than the client saw, of the other side',
    OF_PATH,
    { ...quicRtt, match_on_egress: true, rtt: RTT + 1 },
  ],
  [
    'of ends that do not spin',
    'RTTs by the spin bit are of ends that spin',
    { ...quicRtt, rtt: RTT, by: 'spin_bit', src_port: 4433 },
  ],
  [
    'of an echo that had its reply',
    'no answer of a datagram is told twice',
    { ...quicRtt, rtt: RTT, src_port: 443, dest_port: 0, by: 'spin_bit' },
  ],
])('an RTT %s', (_, name, line) => {
  expect(failing(ledgerOf(line))).toEqual([name]);
});

test('more times than there were answers', () => {
  const few = { ...exchanges, answered: COUNT - 1 };
  const all = failing(ledgerOf(), statsOf({ icmp: few, dns: few, quic: few }));
  expect(all).toEqual([
    'there are no more times of pings than answers',
    'there are no more times of queries than answers',
    'there are no more times of QUIC than answers',
  ]);
});

test('queries that are neither over nor counted, and lines that are missing', () => {
  const sum = 'queries = answered + ambiguous + unanswered';
  const line = 'every query is a line, or counted as lost';
  const failed = (counted: Record<string, number>, rest: Partial<Summary> = {}) =>
    failing(ledgerOf(), statsOf(), summaryOf(counted, rest));
  expect(failed({ dns_query: 81 })).toEqual([sum]);
  expect(failed({ dns_answered: COUNT + 1, dns_query: 81 })).toEqual([line]);
  expect(failed({ dns_answered: COUNT - 1, dns_query: 79 })).toEqual([line]);
  expect(failed({ dns_answered: COUNT + 1, dns_query: 81, flow_events_lost: 1 })).toEqual([]);
  expect(failed({ dns_answered: COUNT + 1, dns_query: 81 }, { dropped_lines: 1 })).toEqual([]);
});

test('too little to say anything', () => {
  const nothing = failing(
    new DatagramLedger(),
    statsOf(),
    summaryOf({ dns_answered: 0, dns_unanswered: 0 }),
  );
  expect(nothing).toEqual([
    'times of pings are those of the path',
    'times of queries are those of the path',
    'times of QUIC are those of the path',
    'RTTs by the spin bit are of ends that spin',
    'queries = answered + ambiguous + unanswered',
  ]);
});
