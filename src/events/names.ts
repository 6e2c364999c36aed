/** What the codes in events are called, in whatever is written for people and for programs. */
import type {
  FLOW_CHANGE,
  FLOW_REASON,
  FLOW_TRIGGER,
  PROTOCOL,
  SPIN,
  TUNNEL,
  UNMEASURED,
} from '../core/layouts.js';

/** One for each enumerator, and no other. */
type NamesOf<Codes> = Readonly<Record<keyof Codes, string>>;

export const CHANGE_NAMES = {
  opening: 'opening',
  closing: 'closing',
  unmeasured: 'unmeasured',
} as const satisfies NamesOf<typeof FLOW_CHANGE>;

export const REASON_NAMES = {
  syn: 'SYN',
  synAck: 'SYN-ACK',
  firstPacket: 'first observed packet',
  fin: 'FIN',
  rst: 'RST',
  timeout: 'flow timeout',
  initial: 'Initial',
} as const satisfies NamesOf<typeof FLOW_REASON>;

export const TRIGGER_NAMES = {
  src: 'src',
  dest: 'dest',
  cleanup: 'garbage collection',
} as const satisfies NamesOf<typeof FLOW_TRIGGER>;

/** Why no RTT to an end was measured. */
export const UNMEASURED_NAMES = {
  local: 'local',
  oneDirection: 'one direction',
  noData: 'no data',
  nothingNew: 'nothing new',
  unanswered: 'unanswered',
  ambiguous: 'ambiguous',
  noTimestamps: 'no timestamps',
  noSpin: 'no spin',
} as const satisfies NamesOf<Omit<typeof UNMEASURED, 'not'>>;

/** What the spin bit of a QUIC connection turned out to be. */
export const SPIN_NAMES = {
  none: 'none',
  constant: 'constant',
  random: 'random',
  valid: 'valid',
} as const satisfies NamesOf<Omit<typeof SPIN, 'not'>>;

/** In the order in which they are shown. IANA's keywords; of ICMP for IPv6 as RFC 4443 has it. */
export const PROTOCOL_NAMES = {
  tcp: 'TCP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  quic: 'QUIC',
  dns: 'DNS',
} as const satisfies NamesOf<typeof PROTOCOL>;

/** As Wireshark's filters have them, or where those do not tell them apart, as RFCs do. */
export const TUNNEL_NAMES = {
  ipip: 'ipip',
  ipv6InIpv4: '6in4',
  ipv4InIpv6: '4in6',
  ipv6InIpv6: '6in6',
  gre: 'gre',
  erspan: 'erspan',
  vxlan: 'vxlan',
  geneve: 'geneve',
  gtpU: 'gtp-u',
} as const satisfies NamesOf<Omit<typeof TUNNEL, 'none' | 'session' | 'vlans'>>;

export type TunnelName = (typeof TUNNEL_NAMES)[keyof typeof TUNNEL_NAMES];
export type Protocol = (typeof PROTOCOL_NAMES)[keyof typeof PROTOCOL_NAMES];

/** Whose identifiers are in the place of both ports. */
const WITHOUT_PORTS: ReadonlySet<Protocol> = new Set(['ICMP', 'ICMPv6']);

export function hasPorts(protocol: Protocol): boolean {
  return !WITHOUT_PORTS.has(protocol);
}

/** Whether each of its flows is somebody's: pings are answered by the kernel itself. */
export function haveOwners(protocol: Protocol): boolean {
  return hasPorts(protocol);
}

/** Whether it may become known later whose a flow is: of others only what has passed before its opening tells it. */
export function areOwnersSought(protocol: Protocol): boolean {
  return protocol === 'TCP';
}

/** In the order in which they are shown, each with something made of its name. */
export function perProtocol<Made>(make: (protocol: Protocol) => Made): Record<Protocol, Made> {
  const names = Object.values(PROTOCOL_NAMES);
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Protocol, Made>;
}

export type FlowChange = (typeof CHANGE_NAMES)[keyof typeof CHANGE_NAMES];
export type FlowReason = (typeof REASON_NAMES)[keyof typeof REASON_NAMES];
export type Unmeasured = (typeof UNMEASURED_NAMES)[keyof typeof UNMEASURED_NAMES];
export type Spin = (typeof SPIN_NAMES)[keyof typeof SPIN_NAMES];
export type FlowTrigger = (typeof TRIGGER_NAMES)[keyof typeof TRIGGER_NAMES];
