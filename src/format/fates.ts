/** Packets by what became of them, within a sentence. */
import { type CounterName, type Counters, FATES } from '../core/counters.js';
import { count } from '../text/units.js';
import { unreadText } from './unread.js';

/** What each is, and what follows behind its plural. */
const NOUNS: Partial<Record<CounterName, readonly [string, string?]>> = {
  fragment: ['fragment'],
  malformed: ['malformed packet'],
  truncated: ['cut-off packet'],
  filtered: ['filtered-out packet'],
  noTimestamp: ['TCP packet', ' without timestamps'],
  reset: ['RST'],
  handshake: ['handshake packet'],
  lingering: ['packet', ' of closed connections'],
  alreadyAcknowledged: ['data packet', ' already acknowledged'],
  answerPending: ['data packet', ' sent while earlier data awaited its answer'],
  retransmitted: ['retransmitted or reordered data packet'],
  implausibleTsval: ['packet', ' with an implausible TSval'],
  outOfWindow: ['out-of-window packet'],
  flowMapFull: ['packet', ' not measured (flow map full)'],
  pureAck: ['pure ACK'],
  echoReply: ['ICMP echo reply packet'],
  dnsQuery: ['DNS query packet'],
  dnsRepeated: ['retransmitted DNS query packet'],
  dnsResponse: ['DNS response packet'],
  spinBit: ['QUIC packet', ' with an active spin bit'],
  noSpin: ['QUIC packet', ' without a proven spin bit'],
  identifierNotNew: ['data packet', ' without a new timestamp'],
  local: ['packet', ' for this machine'],
  rateLimited: ['rate-limited packet'],
  remembered: ['remembered packet'],
  timestampMapFull: ['packet', ' not measured (timestamp map full)'],
};

/** What is said otherwise where others than TCP are measured. */
const NOUNS_OF_OTHERS: typeof NOUNS = {
  identifierNotNew: ['packet', ' without a new identifier'],
};

/**
 * `3 fragments, 1 RST`: the most frequent first; '' where there is none.
 * @param others whether others than TCP are measured
 */
export function fatesText(
  counters: Counters,
  fates: readonly CounterName[] = FATES,
  others = false,
): string {
  return byFrequency(counters, fates)
    .map((fate) => {
      if (fate === 'notIp' || fate === 'notTcp') return unreadText(counters, fate, others);
      const [noun, tail = ''] = (others ? NOUNS_OF_OTHERS[fate] : undefined) ??
        NOUNS[fate] ?? ['packet', ` (${fate})`];
      return `${count(counters[fate], noun)}${tail}`;
    })
    .join(', ');
}

/** Those that there are any of, the most frequent first. */
export function byFrequency(counters: Counters, fates: readonly CounterName[]): CounterName[] {
  return fates.filter((fate) => counters[fate] > 0).sort((a, b) => counters[b] - counters[a]);
}
