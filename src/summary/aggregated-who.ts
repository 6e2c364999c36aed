/** What names there are for what the core has counted by itself: a network, an owner, a place. */
import type { Attribution, Owner } from '../attribution/owner.js';
import type { AggregateKey, AggregateOwner, KnownOwner, Network } from '../events/aggregate.js';
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { Aggregation } from '../sampling/aggregation.js';

/** Of what figures are. */
export interface AggregatedWho {
  /** Undefined where it is of all networks, and of the others. */
  readonly network?: AggregatedNetwork | undefined;
  /** Undefined where it is of all owners, and of the others. */
  readonly owner?: AggregatedOwner | undefined;
  /** Where it was seen; undefined where it is of all interfaces, and where there is but one. */
  readonly seenAt?: SeenAt | undefined;
  /** Whether it is of those for which there was no room. */
  readonly isOthers: boolean;
}

export interface AggregatedOwner {
  /** Undefined where that is not known. */
  readonly attribution: Attribution | undefined;
}

export interface AggregatedNetwork extends Network {
  /** Its length: of IPv4 at most 32. */
  readonly bits: number;
}

/** What is known of it. */
export type OwnerOf = (owner: KnownOwner) => Owner;

/** What names there are for what is counted by itself. */
export interface AggregateNames {
  /** Where there may be several places. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Where owners are asked for. */
  readonly ownerOf?: OwnerOf | undefined;
}

/** @param ownerOf undefined where names are not to be had */
export function ownedBy(owner: AggregateOwner, ownerOf?: OwnerOf): AggregatedOwner {
  if (owner === 'unknown') return { attribution: undefined };
  if (owner === 'absent') return { attribution: {} };
  return { attribution: { owner: ownerOf?.(owner) ?? { uid: owner.uid } } };
}

export function whoIs(
  { network, owner, place, isOthers }: AggregateKey,
  { by, bitsV4, bitsV6 }: Aggregation,
  { seenAtOf, ownerOf }: AggregateNames,
): AggregatedWho {
  const isOfPlace = !isOthers && (by === 'prefix' || by === 'interface');
  return {
    network: network && { ...network, bits: network.ipVersion === 4 ? bitsV4 : bitsV6 },
    owner: owner && ownedBy(owner, ownerOf),
    seenAt: isOfPlace ? seenAtOf?.(place) : undefined,
    isOthers,
  };
}

/** No text to be read, which would take long of 100,000. Of a network the same at each interface, and of each protocol. */
export function networkKey({ address, ipVersion, bits }: AggregatedNetwork): string {
  return `${ipVersion} ${bits} ${String.fromCharCode(...address)}`;
}

/** How many are told apart by name: others have none. */
export function numberIn(parts: readonly AggregatedWho[]): number {
  const known = parts.filter(({ isOthers }) => !isOthers);
  const networks = known.flatMap(({ network }) => (network ? [networkKey(network)] : []));
  return known.length - networks.length + new Set(networks).size;
}
