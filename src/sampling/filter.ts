/** Which connections are measured. */
import type { Prefix } from './prefix.js';
import { type AskedProtocols, type ProtocolWord, protocolsOf, type UdpPorts } from './protocols.js';

/** Both included; 0 to 65,535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Either end of a connection may be the one that fits. None of a kind fits all. */
export interface Selection {
  readonly prefixes: readonly Prefix[];
  readonly portRanges: readonly PortRange[];
}

/** What is included, but for what is excluded. */
export interface Filter {
  /** None stands for TCP. */
  readonly protocols: AskedProtocols;
  readonly udpPorts: UdpPorts;
  /** Whether it is told what queries of DNS are for. */
  readonly dnsNames: boolean;
  readonly include: Selection;
  readonly exclude: Selection;
}

const NOTHING: Selection = { prefixes: [], portRanges: [] };
export const NO_FILTER: Filter = {
  protocols: [],
  udpPorts: { quic: [], dns: [] },
  dnsNames: false,
  include: NOTHING,
  exclude: NOTHING,
};

/** Whether it leaves out anything that is read: of what is not TCP, only what is asked for is. */
export function isActive(filter: Filter): boolean {
  return !protocolsOf(filter.protocols).has('tcp') || hasSelection(filter);
}

/** Whether hosts or ports were chosen. */
export function hasSelection({ include, exclude }: Filter): boolean {
  return [include, exclude].some(
    ({ prefixes, portRanges }) => prefixes.length + portRanges.length > 0,
  );
}

/** What is measured of all hosts and ports; undefined where some of these are chosen. */
export function askedOf(filter: Filter): readonly ProtocolWord[] | undefined {
  return hasSelection(filter) ? undefined : [...protocolsOf(filter.protocols)];
}
