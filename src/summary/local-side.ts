/** Which side of a capture that does not say it is plainly this one, by what connections it has. */
import { hasPorts } from '../events/names.js';
import { isWithinHost } from '../events/same-host.js';
import type { Endpoints, FlowEvent } from '../events/types.js';
import {
  ADDRESS_BITS,
  isWithin,
  MAPPED_BITS,
  MAPPED_PREFIX,
  type Prefix,
} from '../sampling/prefix.js';

/** As a flow event has them: src is the end that opened it, or was seen first. */
export type OpenedFlow = Endpoints & Pick<FlowEvent, 'reason' | 'protocol'>;

export interface LocalSide {
  /** At most one for each IP version. */
  readonly prefixes: readonly Prefix[];
  readonly because: 'in all flows' | 'opens all connections';
}

const IPV4_LAN_BITS = MAPPED_BITS + 24;
const IPV6_LAN_BITS = 64;
/** RFC 1918. */
const PRIVATE: readonly Prefix[] = [
  ipv4Network([10, 0, 0, 0], 8),
  ipv4Network([172, 16, 0, 0], 12),
  ipv4Network([192, 168, 0, 0], 16),
];

/**
 * The one host that is in all flows; or the host, or else the smallest network, that has opened all flows
 * that were seen to be opened, and that is one end of all flows, but never both. Undefined where it is not
 * plain for any IP version; of one where it is not, nothing is said.
 */
export function localSideOf(flows: readonly OpenedFlow[]): LocalSide | undefined {
  const told = flows.filter((flow) => !isWithinHost(flow));
  const [inAll, opens] = [
    sideBy(told, hostInAll, 'in all flows'),
    sideBy(told, opener, 'opens all connections'),
  ];
  return opens.prefixes.length > inAll.prefixes.length ? opens : plain(inAll);
}

function plain(side: LocalSide): LocalSide | undefined {
  return side.prefixes.length > 0 ? side : undefined;
}

/**
 * Those of all versions are for the same reason: else they may be of opposite sides. A version without one keeps
 * its RTTs in one figure, and takes nothing from the other.
 */
function sideBy(
  flows: readonly OpenedFlow[],
  find: (flows: readonly OpenedFlow[]) => Prefix | undefined,
  because: LocalSide['because'],
): LocalSide {
  const ofVersion = (wanted: 4 | 6) => flows.filter(({ ipVersion }) => ipVersion === wanted);
  return {
    prefixes: ([4, 6] as const).flatMap((version) => find(ofVersion(version)) ?? []),
    because,
  };
}

/** Of one flow, or of several between the same two hosts, both are in all. */
function hostInAll(flows: readonly OpenedFlow[]): Prefix | undefined {
  const candidates = flows
    .slice(0, 1)
    .flatMap(({ ipVersion, srcAddress, destAddress }) => [
      hostOf(ipVersion, srcAddress),
      hostOf(ipVersion, destAddress),
    ]);
  const [host, ...others] = candidates.filter((each) =>
    flows.every((flow) => isOfOneEnd(flow, each)),
  );
  return others.length === 0 ? host : undefined;
}

function opener(flows: readonly OpenedFlow[]): Prefix | undefined {
  const opened = flows.filter(isOpenedBySrc);
  return opened
    .slice(0, 1)
    .flatMap(candidatesFor)
    .find(
      (prefix) =>
        opened.every(({ srcAddress }) => isWithin(srcAddress, prefix)) &&
        flows.every((flow) => isOfOneEnd(flow, prefix)),
    );
}

/** Who pings has opened it, whatever was seen of it first. */
function isOpenedBySrc({ reason, protocol }: OpenedFlow): boolean {
  return reason !== 'first observed packet' || !hasPorts(protocol);
}

/** From small to large. */
function candidatesFor({ ipVersion, srcAddress }: OpenedFlow): Prefix[] {
  const lan: Prefix = {
    ipVersion,
    address: srcAddress,
    bits: ipVersion === 4 ? IPV4_LAN_BITS : IPV6_LAN_BITS,
  };
  const isPrivate = (network: Prefix) => isWithin(srcAddress, network);
  return [hostOf(ipVersion, srcAddress), lan, ...PRIVATE.filter(isPrivate)];
}

function isOfOneEnd({ srcAddress, destAddress }: OpenedFlow, prefix: Prefix): boolean {
  return isWithin(srcAddress, prefix) !== isWithin(destAddress, prefix);
}

function hostOf(ipVersion: 4 | 6, address: Uint8Array): Prefix {
  return { ipVersion, address, bits: ADDRESS_BITS };
}

function ipv4Network(address: readonly number[], bits: number): Prefix {
  const bytes = Uint8Array.from([...MAPPED_PREFIX, ...address]);
  return { ipVersion: 4, address: bytes, bits: MAPPED_BITS + bits };
}
