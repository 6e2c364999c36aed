/** What one packet may move among the counters, given what it is: no more, and no less. */
import { type CounterName, FATES } from '../../../src/core/counters.js';
import { COUNTERS } from '../../../src/core/layouts.js';
import {
  type DatagramReading,
  FLAG,
  isDatagram,
  isEcho,
  type Readable,
  type Unreadable,
} from './reading.js';

export interface Counted {
  readonly hook: 'egress' | 'ingress' | 'captured';
  readonly wire: number;
  readonly reading: Readable | Unreadable;
  readonly isFiltered: boolean;
}

type Fates = ReadonlySet<CounterName>;

/** With room in all maps, and all that can be measured wanted. */
const OF_DATA: Fates = new Set([
  'identifierNotNew',
  // Of a connection without timestamps, which ignores them.
  'answerPending',
  // Of a flow of one direction, which has its slot only.
  'rateLimited',
  'remembered',
  'alreadyAcknowledged',
  'retransmitted',
  'lingering',
  'implausibleTsval',
  'outOfWindow',
]);
const OF_ACKS: Fates = new Set([
  'pureAck',
  // A keep-alive probe.
  'remembered',
  'lingering',
  'implausibleTsval',
  'outOfWindow',
]);
const OF_HANDSHAKES: Fates = new Set(['handshake', 'lingering']);
const OF_RESETS: Fates = new Set(['reset']);
/** Of a connection that has them TCP itself would drop it. */
const OF_BARE_DATA: Fates = new Set([...OF_DATA, 'noTimestamp']);
const OF_BARE_ACKS: Fates = new Set([...OF_ACKS, 'noTimestamp']);
const OF_REQUESTS: Fates = new Set(['identifierNotNew', 'rateLimited', 'remembered']);
const OF_REPLIES: Fates = new Set(['echoReply']);
const OF_QUERIES: Fates = new Set(['dnsQuery', 'dnsRepeated']);
const OF_RESPONSES: Fates = new Set(['dnsResponse']);
const OF_SHORT_HEADERS: Fates = new Set(['spinBit', 'noSpin']);
/** Without the fixed bit, and of a flow or of none. */
const OF_UNFIXED: Fates = new Set([...OF_SHORT_HEADERS, 'notTcp']);
const FILTERED: Fates = new Set(['filtered']);
const UNREADABLE = { notIp: 0, notTcp: 0, fragment: 0, malformed: 0, truncated: 0 };
const OF_UNREADABLE = Object.fromEntries(
  Object.keys(UNREADABLE).map((name) => [name, new Set([name])]),
) as unknown as Record<Unreadable, Fates>;
const UNMEASURABLE: Fates = new Set([
  ...(Object.keys(UNREADABLE) as Unreadable[]),
  'noTimestamp',
  'noSpin',
  'reset',
]);

const at = (name: CounterName) => COUNTERS.indexOf(name);
const [FIRST_FATE, END_OF_FATES] = [at('pureAck'), at('pureAck') + FATES.length];
const AT = {
  bytes: at('bytes'),
  filtered: at('filteredBytes'),
  unmeasurable: at('unmeasurableBytes'),
  matched: at('matched'),
  handshakes: at('handshakeMatched'),
  noMatch: at('noMatch'),
  unanswered: at('unanswered'),
  reset: at('reset'),
  stray: at('strayReset'),
  egress: at('egress'),
  ingress: at('ingress'),
  captured: at('captured'),
};

const BESIDE_TCP = ['icmpBytes', 'icmpv6Bytes', 'quicBytes', 'dnsBytes'] as const;
type BytesBesideTcp = (typeof BESIDE_TCP)[number];

/** What shows losses: the last of the counters. */
const LOSSES = at('retransmittedPackets');

/** What was acknowledged, but is no RTT. */
const OF_DNS = [at('dnsAnswered'), at('dnsAmbiguous'), at('dnsNoMatch')];
/** Connections of QUIC that another on their ports has followed. */
const ENDED = (['None', 'Constant', 'Random', 'Valid'] as const).map((v) => at(`quicEnded${v}`));
const DROPPED = [at('ambiguous'), at('superseded'), at('belowResolution')];

/**
 * @param before all counters in the order of COUNTERS, and after the packet
 * @returns what is wrong, if anything
 */
export function accountFor(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  counted: Counted,
): string | undefined {
  const moved = (index: number) => (after[index] as number) - (before[index] as number);
  const fates = possibleFates(counted);
  let fate: CounterName | undefined;
  let sum = 0;
  for (let index = FIRST_FATE; index < END_OF_FATES; index++) {
    if (moved(index) === 0) continue;
    fate = COUNTERS[index];
    sum += moved(index);
  }
  if (sum !== 1 || !fate || !fates.has(fate)) {
    return `counted ${sum} times, as ${fate} and not as ${[...fates].join(' or ')}`;
  }
  for (const hook of ['egress', 'ingress', 'captured'] as const) {
    if (moved(AT[hook]) !== (hook === counted.hook ? 1 : 0)) return `not of ${counted.hook}`;
  }
  const { wire } = counted;
  const isBytesRight =
    moved(AT.bytes) === wire &&
    moved(AT.filtered) === (fate === 'filtered' ? wire : 0) &&
    moved(AT.unmeasurable) === (UNMEASURABLE.has(fate) ? wire : 0);
  if (!isBytesRight) return `${fate} of ${wire} bytes is counted with other bytes`;
  const isUseless = UNMEASURABLE.has(fate) || fate === 'filtered';
  const own = isUseless ? [] : bytesBesideTcp(counted.reading);
  const wrong = BESIDE_TCP.filter((name) => moved(at(name)) > 0 && !own.includes(name));
  if (wrong.length > 0) return `${fate} is counted in ${wrong}`;
  const beside = BESIDE_TCP.reduce((bytes, name) => bytes + moved(at(name)), 0);
  if (beside !== (own.length > 0 ? wire : 0)) return `${beside} of ${wire} bytes are not of TCP`;
  const ended = ENDED.reduce((sum, index) => sum + moved(index), 0);
  if (ended > (isLongHeader(counted.reading) ? 1 : 0)) return `ends ${ended} connections of QUIC`;
  if (fate === 'noSpin') return besides(moved, false, false);
  // It may still be what shows that a handshake is over, with the SYNs that were sent again in it.
  return besides(moved, isUseless, isUseless && fate !== 'noTimestamp');
}

/** What was answered, or is not going to be. */
function besides(
  moved: (index: number) => number,
  isUseless: boolean,
  isLossless: boolean,
): string | undefined {
  const { matched, handshakes, noMatch, unanswered, stray } = AT;
  const answers = moved(matched) + moved(noMatch);
  // One in the flow and one in the map.
  if (answers + moved(handshakes) > 4 || answers > 2) return `answers ${answers} identifiers`;
  // A SYN-ACK without a timestamp ends a flow, with what waits in it.
  if (moved(unanswered) > 2) return `makes ${moved(unanswered)} unanswered`;
  if (OF_DNS.reduce((sum, index) => sum + moved(index), 0) > 1) return 'counts a response twice';
  const dropped = DROPPED.reduce((sum, index) => sum + moved(index), 0);
  if (dropped > 2) return `drops ${dropped} identifiers`;
  if (moved(stray) > moved(AT.reset)) return 'counts a stray RST that is none';
  for (let index = matched; index < COUNTERS.length; index++) {
    if (moved(index) === 0 || index === unanswered || index === stray) continue;
    if (ENDED.includes(index)) continue;
    if (index >= LOSSES && !isLossless) continue;
    if (DROPPED.includes(index) && !isUseless) continue;
    if (isUseless || index > unanswered) return `moves ${COUNTERS[index]}`;
  }
  return undefined;
}

/** Where the bytes of what is not TCP are counted: in one of these. */
function bytesBesideTcp(reading: Counted['reading']): readonly BytesBesideTcp[] {
  if (typeof reading === 'string') return [];
  if (isEcho(reading)) return ['icmpBytes', 'icmpv6Bytes'];
  if (!isDatagram(reading)) return [];
  const { kind } = reading.says;
  return kind === 'long' || kind === 'short' ? ['quicBytes'] : ['dnsBytes'];
}

function isLongHeader(reading: Counted['reading']): boolean {
  return typeof reading !== 'string' && isDatagram(reading) && reading.says.kind === 'long';
}

function possibleFates({ reading, isFiltered }: Counted): Fates {
  if (typeof reading === 'string') return OF_UNREADABLE[reading];
  if (isFiltered) return FILTERED;
  if (isEcho(reading)) return reading.isReply ? OF_REPLIES : OF_REQUESTS;
  if (isDatagram(reading)) return fatesOfDatagram(reading);
  if (reading.flags & FLAG.rst) return OF_RESETS;
  if (reading.flags & FLAG.syn) return OF_HANDSHAKES;
  const isData = reading.payload > 0 || (reading.flags & FLAG.fin) > 0;
  if (!reading.hasTimestamp) return isData ? OF_BARE_DATA : OF_BARE_ACKS;
  return isData ? OF_DATA : OF_ACKS;
}

function fatesOfDatagram({ says }: DatagramReading): Fates {
  if (says.kind === 'long') return OF_HANDSHAKES;
  if (says.kind === 'short') return says.isFixed ? OF_SHORT_HEADERS : OF_UNFIXED;
  return says.isResponse ? OF_RESPONSES : OF_QUERIES;
}
