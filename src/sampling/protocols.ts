/** Which protocols are measured, as --protocol has them. */

export const PROTOCOL_WORDS = ['tcp', 'icmp', 'quic', 'dns'] as const;
/** icmp: the echo of both ICMP and ICMPv6. */
export type ProtocolWord = (typeof PROTOCOL_WORDS)[number];

export const ALL = 'all';
/** As they were asked for. */
export type AskedProtocols = readonly (ProtocolWord | typeof ALL)[];

/** @param words those that were asked for; none at all stands for TCP, ALL for all of them */
export function protocolsOf(words: AskedProtocols): Set<ProtocolWord> {
  if (words.length === 0) return new Set(['tcp']);
  return new Set(words.flatMap((word) => (word === ALL ? PROTOCOL_WORDS : [word])));
}

/** Whether there are no RTTs at all: response times of resolvers are none. */
export function isDnsAlone(words: AskedProtocols): boolean {
  return [...protocolsOf(words)].every((word) => word === 'dns');
}

/** What follows for a run from which are measured. */
export interface Measured {
  readonly protocols: readonly ProtocolWord[];
  /** RTTs have to be told apart by protocol: there may be others than those of TCP. */
  readonly areProtocolsTold: boolean;
  /** Beside others, or alone; undefined where it is not measured. */
  readonly dns: 'beside' | 'alone' | undefined;
}

export function measuredOf(words: AskedProtocols): Measured {
  const protocols = [...protocolsOf(words)];
  const whereDns = isDnsAlone(words) ? 'alone' : 'beside';
  return {
    protocols,
    areProtocolsTold: protocols.some((word) => word !== 'tcp'),
    dns: protocols.includes('dns') ? whereDns : undefined,
  };
}

/** UDP ports by which it is known what is over it, beside the standard ones. */
export interface UdpPorts {
  readonly quic: readonly number[];
  readonly dns: readonly number[];
}

/** HTTP/3 (RFC 9114, 3.2), and DNS (RFC 1035, 4.2.1). */
export const STANDARD_PORTS = { quic: 443, dns: 53 } as const satisfies Record<
  keyof UdpPorts,
  number
>;

/** All ports of each, the standard one first, none of them twice. */
export function allUdpPorts(ports: UdpPorts): UdpPorts {
  const all = (name: keyof UdpPorts) => [...new Set([STANDARD_PORTS[name], ...ports[name]])];
  return { quic: all('quic'), dns: all('dns') };
}
