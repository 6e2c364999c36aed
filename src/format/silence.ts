/** Why there is no RTT, for people. Each text claims what the counters prove, and no more. */
import { type CounterName, type Counters, packetsIn } from '../core/counters.js';
import type { ProtocolWord } from '../sampling/protocols.js';
import { type Silence, tcpIn } from '../summary/silence.js';
import { count } from '../text/units.js';
import { byFrequency, fatesText } from './fates.js';
import { hooksText } from './packets.js';
import { protocolOption, unreadHint, worthAsking } from './unread.js';

/**
 * One line.
 * @param where there is none: for 5 s, in a capture
 * @param absence why there can be no packets, where that is known
 */
export function silenceText(silence: Silence, where: string, absence?: string): string {
  const { reason, counters } = silence;
  const why = reason === 'no packets' ? absence : undefined;
  return `${missingText(silence)} ${where}: ${why ?? TEXTS[reason](counters, silence)}`;
}

/** With DNS alone nobody waits for RTTs. */
function missingText({ asked = [] }: Silence): string {
  const isDnsAlone = asked.length > 0 && asked.every((word) => word === 'dns');
  return isDnsAlone ? 'no DNS response' : 'no RTT';
}

type Text = (counters: Counters, silence: Silence) => string;

const TEXTS: Record<Silence['reason'], Text> = {
  'no packets': (_, { source }) => (source === 'live' ? 'no packets seen' : 'no packets'),
  'not read': notReadText,
  filtered: filteredText,
  'no timestamps': (counters, silence) =>
    `${onlyText(counters, silence)}; --no-sequence excludes these`,
  'handshakes only': (counters, silence) =>
    counters.noTimestamp > 0
      ? onlyText(counters, silence)
      : `${onlyText(counters, silence)}: no connection got beyond its handshake`,
  'resets only': onlyText,
  'maps full': mapsFullText,
  'one direction': oneDirectionText,
  'no spin': (counters, silence) =>
    `${onlyText(counters, silence)}: without a spin bit, only QUIC handshakes can be measured`,
  unanswered: unansweredText,
  'rate-limited': ({ rateLimited }) =>
    `${count(rateLimited, 'new identifier')} within the sampling interval; see --rate`,
  'local only': ({ local }) =>
    `${count(local, 'new identifier')}, all for this machine: they would measure only its own stack; --include-local includes them`,
  'nothing new': ({ identifierNotNew }, { others }) =>
    `${count(identifierNotNew, others ? 'packet' : 'data packet')}, none known to be new: in mid-stream, the first in each direction is not`,
  'no data': onlyText,
};

function onlyText(counters: Counters, { others }: Pick<Silence, 'others'>): string {
  return `only ${fatesText(counters, undefined, others)}`;
}

/** Without another filter, what was filtered out is TCP that --protocol leaves out. */
function filteredText(counters: Counters, silence: Silence): string {
  const { others, asked, isByProtocolAlone } = silence;
  if (!isByProtocolAlone || asked === undefined) {
    return `the filter matches none of ${count(counters.filtered, 'packet')}`;
  }
  const unread = fatesText(counters, UNREAD, others);
  const packets = [count(counters.filtered, 'TCP packet'), ...(unread === '' ? [] : [unread])];
  const more = protocolOption([...asked, 'tcp', ...worthAsking(counters, asked)]);
  return `none of ${count(packetsIn(counters), 'packet')} is ${namesText(asked)}: ${packets.join(', ')}; ${more} measures them`;
}

const NAMES: Readonly<Record<ProtocolWord, string>> = {
  tcp: 'TCP',
  icmp: 'ICMP echo',
  quic: 'QUIC',
  dns: 'DNS',
};

/** ICMP echo, QUIC or DNS. */
function namesText(words: readonly ProtocolWord[]): string {
  const names = words.map((word) => NAMES[word]);
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ');
}

const UNREAD = ['notIp', 'notTcp', 'fragment', 'malformed', 'truncated'] as const;

const HINTS: Partial<Record<CounterName, string>> = {
  fragment: 'only the first fragment of a packet has its TCP header',
  truncated: 'the snap length of the capture is too short (tcpdump -s 128 is enough)',
};

const HINTS_OF_OTHERS: typeof HINTS = {
  fragment: 'only the first fragment of a packet has its header',
};

function notReadText(counters: Counters, { tunnels, others, asked }: Silence): string {
  const tcp = tcpIn(counters);
  const [most = 'notIp'] = byFrequency(counters, UNREAD);
  const isKind = most === 'notIp' || most === 'notTcp';
  const hints = others ? { ...HINTS, ...HINTS_OF_OTHERS } : HINTS;
  const hint = (isKind ? unreadHint(counters, most, tunnels, asked) : hints[most]) ?? '';
  const header = others ? 'header' : 'TCP header';
  const which = others ? ' of a measured protocol' : '';
  const readable = `${tcp === 0 ? `no ${header}` : count(tcp, header)}${which}`;
  const of = count(packetsIn(counters), 'packet');
  return `${readable} could be read in ${of}: ${fatesText(counters, UNREAD, others)}${hint && `; ${hint}`}`;
}

/** Where all was sent again, it is more likely that each packet was captured at several places of one path. */
function unansweredText({ remembered, ambiguous }: Counters, { source }: Silence): string {
  const text = `${count(remembered, 'identifier')} remembered`;
  if (source === 'live') return `${text}, none answered yet`;
  return ambiguous < remembered * MOST
    ? `${text}, none answered`
    : `${text}, ${ambiguous === remembered ? 'all' : 'nearly all'} with data that was seen again; if the capture has duplicate packets, editcap -d removes them`;
}

function mapsFullText({ flowMapFull, timestampMapFull }: Counters): string {
  const texts = [
    [flowMapFull, 'packet', 'flow map', '--max-flows'],
    [timestampMapFull, 'identifier', 'timestamp map', '--max-timestamps'],
  ] as const;
  return texts
    .filter(([number]) => number > 0)
    .map(([number, what, map, option]) => {
      return `the ${map} is full (${count(number, what)} rejected); see ${option}`;
    })
    .join(', and ');
}

/** Of all. */
const MOST = 0.9;

/** Packets of which nobody has looked for the direction. */
const BESIDE = [
  ...['fragment', 'malformed', 'truncated', 'noTimestamp'],
  ...['handshake', 'reset', 'lingering', 'flowMapFull'],
] as CounterName[];

function oneDirectionText(counters: Counters, { source }: Silence): string {
  // One alone is of the same direction.
  const fates = BESIDE.filter((fate) => fate !== 'handshake' || counters.handshake > 1);
  const beside = fatesText(counters, fates);
  const butFor = beside === '' ? '' : `apart from ${beside}, `;
  const hooks = hooksText(counters);
  const all = `${count(packetsIn(counters), 'packet')}${beside && ' in all'}`;
  const packets = `(${all}${hooks && `: ${hooks}`})`;
  if (source === 'capture') {
    return `${butFor}only one direction of each connection was captured ${packets}`;
  }
  return `${butFor}only one direction of each connection is seen ${packets}; the other may take another path or interface`;
}
