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
  vlan: 'stacked-VLAN',
  lldp: 'LLDP',
  eapol: '802.1X',
  macsec: 'MACsec',
  slow: 'slow-protocol (such as LACP)',
  llc: 'LLC (such as spanning tree)',
  wifi: '802.11 (no readable IP)',
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
  ipInIp: 'IP-in-IP',
  icmpEcho: 'ICMP echo',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  sctp: 'SCTP',
  ospf: 'OSPF',
  igmp: 'IGMP',
  vrrp: 'VRRP',
  otherIp: '',
};

const TOO_MANY = 'pping reads at most four VLAN tags and eight MPLS labels';
/** Those that --tunnels looks into. */
const TUNNELS: readonly UnreadName[] = ['vxlan', 'geneve', 'gtpU', 'gre', 'ipInIp'];
const TUNNEL = '--tunnels looks for TCP inside them';
const EMPTY_TUNNEL = 'no TCP found inside them';

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
  l2tp: 'TCP inside L2TP is not read',
  macsec: `${NAMES.macsec} is encrypted`,
  quic: `${NAMES.quic} is encrypted`,
  wireguard: `${NAMES.wireguard} is encrypted`,
  ipsec: `${NAMES.ipsec} is encrypted`,
};

/** `1000 QUIC, 200 UDP, 34 other`, the most frequent first; '' where nothing is known. */
export function kindsText(counters: Counters, fate: UnreadFate): string {
  const { named, others } = kindsIn(counters, fate);
  if (named.length === 0) return '';
  const texts = named.map((kind) => `${counters[kind]} ${NAMES[kind]}`);
  return [...texts, ...(others > 0 ? [`${others} other`] : [])].join(', ');
}

/**
 * The same within a sentence: `36 PPPoE packets, 2 other non-IP packets`.
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

/** `36 PPPoE packets` */
export function packetsOf(counters: Counters, kind: UnreadName): string {
  return count(counters[kind], `${NAMES[kind]} packet`);
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
  return `${protocolOption([...asked, ...words])} measures them`;
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
