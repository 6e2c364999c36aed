/** What packets were that are not measured, by name. */
import {
  type Counters,
  NOT_IP_KINDS,
  NOT_TCP_KINDS,
  packetsIn,
  type UnreadName,
} from '../core/counters.js';
import type { ProtocolWord } from '../sampling/protocols.js';
import { count } from '../text/units.js';

/** Of which fate. */
export type UnreadFate = 'notIp' | 'notTcp';

/** More are counted together. */
const MOST_NAMED = 3;

const NAMES: Readonly<Record<UnreadName, string>> = {
  arp: 'ARP',
  pppoe: 'PPPoE',
  ppp: 'PPP',
  mpls: 'MPLS',
  vlan: 'stacked VLANs',
  lldp: 'LLDP',
  eapol: '802.1X',
  macsec: 'MACsec',
  slow: 'LACP or another slow protocol',
  llc: 'LLC (such as spanning tree)',
  wifi: '802.11 without readable IP',
  otherLink: '',
  udp: 'UDP',
  quic: 'QUIC',
  wireguard: 'WireGuard',
  dns: 'DNS',
  mdns: 'mDNS',
  ipsec: 'IPsec',
  vxlan: 'VXLAN',
  geneve: 'Geneve',
  gtpU: 'GTP-U',
  l2tp: 'L2TP',
  gre: 'GRE',
  ipInIp: 'IP in IP',
  icmpEcho: 'ICMP echo',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  sctp: 'SCTP',
  ospf: 'OSPF',
  igmp: 'IGMP',
  vrrp: 'VRRP',
  otherIp: '',
};

const TOO_MANY = 'IP behind more than four VLAN tags or eight MPLS labels is not looked for';
/** Those that --tunnels looks into. */
const TUNNELS: readonly UnreadName[] = ['vxlan', 'geneve', 'gtpU', 'gre', 'ipInIp'];
const TUNNEL = '--tunnels looks for TCP within it';
const EMPTY_TUNNEL = 'no TCP was found within it';

/** What would be measured if it were asked for. */
const WORDS: Partial<Record<UnreadName, ProtocolWord>> = {
  quic: 'quic',
  dns: 'dns',
  icmpEcho: 'icmp',
};

/** Of all packets. */
const WORTH_TELLING = 0.01;

/** What there was of these kinds, the most frequent first, with the word that --protocol lacks. @param asked what is measured */
export function unaskedIn(
  counters: Counters,
  asked: readonly ProtocolWord[],
): readonly (readonly [UnreadName, ProtocolWord])[] {
  const kinds = Object.entries(WORDS) as [UnreadName, ProtocolWord][];
  return kinds
    .filter(([kind, word]) => !asked.includes(word) && counters[kind] > 0)
    .sort(([one], [other]) => counters[other] - counters[one]);
}

/** Words to be asked for, too: of what there is enough of to matter. */
export function worthAsking(counters: Counters, asked: readonly ProtocolWord[]): ProtocolWord[] {
  const least = packetsIn(counters) * WORTH_TELLING;
  return unaskedIn(counters, asked)
    .filter(([kind]) => counters[kind] >= least)
    .map(([, word]) => word);
}

/** With what is measured already: whoever gives it loses nothing. */
export function protocolOption(words: readonly ProtocolWord[]): string {
  return `--protocol ${words.join(',')}`;
}

const HINTS: Partial<Record<UnreadName, string>> = {
  vlan: TOO_MANY,
  mpls: TOO_MANY,
  l2tp: 'TCP within L2TP is not looked for',
  macsec: `${NAMES.macsec} is encrypted`,
  quic: `${NAMES.quic} is encrypted`,
  wireguard: `${NAMES.wireguard} is encrypted`,
  ipsec: `${NAMES.ipsec} is encrypted`,
};

/** `1000 QUIC, 200 UDP, 34 of other kinds`, the most frequent first; '' where nothing is known. */
export function kindsText(counters: Counters, fate: UnreadFate): string {
  const { named, others } = kindsIn(counters, fate);
  if (named.length === 0) return '';
  const texts = named.map((kind) => `${counters[kind]} ${NAMES[kind]}`);
  return [...texts, ...(others > 0 ? [`${others} of other kinds`] : [])].join(', ');
}

/**
 * The same within a sentence: `36 packets of PPPoE, 2 other non-IP packets`.
 * @param areTold whether others than TCP are measured
 */
export function unreadText(counters: Counters, fate: UnreadFate, areTold = false): string {
  const { named, others } = kindsIn(counters, fate);
  const texts = named.map((kind) => packetsOf(counters, kind));
  return [
    ...texts,
    ...(others > 0 ? [othersText(others, fate, areTold, named.length > 0)] : []),
  ].join(', ');
}

/** `36 packets of PPPoE` */
export function packetsOf(counters: Counters, kind: UnreadName): string {
  return `${count(counters[kind], 'packet')} of ${NAMES[kind]}`;
}

function othersText(
  others: number,
  fate: UnreadFate,
  areTold: boolean,
  areBeside: boolean,
): string {
  if (fate === 'notTcp' && areTold) return `${count(others, 'packet')} of other protocols`;
  const noun = fate === 'notIp' ? 'non-IP packet' : 'non-TCP packet';
  return count(others, areBeside ? `other ${noun}` : noun);
}

/** Why the most frequent kind of it is not measured, where there is more to say than its name. */
export function unreadHint(
  counters: Counters,
  fate: UnreadFate,
  tunnels: boolean,
  asked: readonly ProtocolWord[] = ['tcp'],
): string | undefined {
  const [most] = kindsIn(counters, fate).named;
  if (most === undefined) return undefined;
  if (unaskedIn(counters, asked).some(([kind]) => kind === most))
    return askingHint(counters, asked);
  if (TUNNELS.includes(most)) return tunnels ? EMPTY_TUNNEL : TUNNEL;
  return HINTS[most];
}

/** As the summary has it, with what is most frequent at least. */
function askingHint(counters: Counters, asked: readonly ProtocolWord[]): string {
  const [most] = unaskedIn(counters, asked).map(([, word]) => word);
  const worth = worthAsking(counters, asked);
  const words = worth.length === 0 && most ? [most] : worth;
  const what = words.length > 1 ? 'them' : 'it';
  return `${protocolOption([...asked, ...words])} measures ${what}`;
}

/** Those that are named, and how many packets are left. */
function kindsIn(counters: Counters, fate: UnreadFate) {
  const kinds: readonly UnreadName[] = fate === 'notIp' ? NOT_IP_KINDS : NOT_TCP_KINDS;
  const named = kinds
    .filter((kind) => NAMES[kind] !== '' && counters[kind] > 0)
    .sort((a, b) => counters[b] - counters[a])
    .slice(0, MOST_NAMED);
  const others = named.reduce((left, kind) => left - counters[kind], counters[fate]);
  return { named, others };
}
