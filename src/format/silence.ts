/** Why there is no RTT, for people. Each text claims what the counters prove, and no more. */
import { type CounterName, type Counters, packetsIn } from '../core/counters.js';
import { type Silence, tcpIn } from '../summary/silence.js';
import { count } from '../text/units.js';
import { byFrequency, fatesText } from './fates.js';
import { hooksText } from './packets.js';
import { unreadHint } from './unread.js';

/**
 * One line.
 * @param where there is none: for 5 s, in a capture
 */
export function silenceText(silence: Silence, where: string): string {
  return `no RTT ${where}: ${TEXTS[silence.reason](silence.counters, silence)}`;
}

type Text = (counters: Counters, silence: Silence) => string;

const TEXTS: Record<Silence['reason'], Text> = {
  'no packets': (_, { source }) =>
    source === 'live' ? 'no packets at all were seen' : 'no packets',
  'not read': notReadText,
  filtered: ({ filtered }) => `the filter lets none of ${count(filtered, 'packet')} through`,
  'no timestamps': (counters, silence) =>
    `${onlyText(counters, silence)}; --no-sequence leaves these out`,
  'handshakes only': (counters, silence) =>
    counters.noTimestamp > 0
      ? onlyText(counters, silence)
      : `${onlyText(counters, silence)}: no connection got beyond its handshake`,
  'resets only': onlyText,
  'maps full': mapsFullText,
  'one direction': oneDirectionText,
  'no spin': (counters, silence) =>
    `${onlyText(counters, silence)}: of connections that do not spin only handshakes can be measured`,
  unanswered: unansweredText,
  'rate-limited': ({ rateLimited }) =>
    `${count(rateLimited, 'new identifier')} within the sampling interval; see --rate`,
  'local only': ({ local }) =>
    `${count(local, 'new identifier')}, all for this machine, which would measure only its own stack; --include-local shows it`,
  'nothing new': ({ identifierNotNew }, { others }) =>
    `${count(identifierNotNew, others ? 'packet' : 'data packet')}, none known to be new: in mid-stream the first of a direction is not`,
  'no data': onlyText,
};

function onlyText(counters: Counters, { others }: Pick<Silence, 'others'>): string {
  return `nothing but ${fatesText(counters, undefined, others)}`;
}

const UNREAD = ['notIp', 'notTcp', 'fragment', 'malformed', 'truncated'] as const;

const HINTS: Partial<Record<CounterName, string>> = {
  fragment: 'only the first fragment of a packet has its TCP header',
  truncated: 'the capture holds too little of them (tcpdump -s 128 takes enough)',
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
    : `${text}, and the data of ${ambiguous === remembered ? 'each' : 'nearly each'} seen again; if the capture has every packet more than once, editcap -d takes the copies out`;
}

function mapsFullText({ flowMapFull, timestampMapFull }: Counters): string {
  const texts = [
    [flowMapFull, 'packet', 'flow map', '--max-flows'],
    [timestampMapFull, 'identifier', 'timestamp map', '--max-timestamps'],
  ] as const;
  return texts
    .filter(([number]) => number > 0)
    .map(([number, what, map, option]) => {
      return `the ${map} is full (${count(number, what)} turned away); see ${option}`;
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
  const butFor = beside === '' ? '' : `but for ${beside}, `;
  const hooks = hooksText(counters);
  const all = `${count(packetsIn(counters), 'packet')}${beside && ' in all'}`;
  const packets = `(${all}${hooks && `: ${hooks}`})`;
  if (source === 'capture') {
    return `${butFor}only one direction of each connection was captured ${packets}`;
  }
  return `${butFor}only one direction of each connection is seen ${packets}; the other may take another path, or another interface`;
}
