/** What places stand for: bpf/parse/places.h keeps a table of them. */
import { LITTLE } from '../core/endianness.js';
import { PLACE, TUNNEL } from '../core/layouts.js';
import { TUNNEL_NAMES, type TunnelName } from './names.js';

/** Ids of the VLANs a packet was in. */
export interface Vlans {
  readonly outer: number;
  /** Of the innermost one in it (QinQ). */
  readonly inner: number | undefined;
}

export interface Tunnel {
  readonly name: TunnelName;
  /** The key of GRE, the session of ERSPAN, the VNI of VXLAN and Geneve; the others have none. */
  readonly id: number | undefined;
}

/** What packets that are seen at a place are in. */
export interface Surroundings {
  readonly vlans: Vlans | undefined;
  /** The outermost first; at most two. */
  readonly tunnels: readonly Tunnel[];
}

/** Undefined where they are in nothing. */
export type SurroundingsOf = (place: number) => Surroundings | undefined;

/** Where it was seen, as the kernel or a capture says. */
export interface SeenAt {
  /** Undefined where there is but one. */
  readonly capture: string | undefined;
  /** Network namespace; undefined in the one that pping was started in, or where there is but one. */
  readonly netns?: string | undefined;
  /** Its name, as far as that is told. */
  readonly interface: string | undefined;
}

/** web/eth0: an interface with its network namespace, where that is told. */
export function placeText({ netns, interface: name }: InterfacePlace): string {
  return netns === undefined ? name : `${netns}/${name}`;
}

/** The same of where it was seen; undefined where that has no interface. */
export function interfaceText(seenAt: Omit<SeenAt, 'capture'> | undefined): string | undefined {
  if (seenAt?.interface === undefined) return undefined;
  return placeText({ netns: seenAt.netns, interface: seenAt.interface });
}

/** Of several. */
export interface InterfacePlace {
  readonly netns?: string | undefined;
  readonly interface: string;
}

/** Undefined where neither is known. */
export type SeenAtOf = (place: number) => SeenAt | undefined;

/** Of the table of places. */
export const PLACES_BYTES = PLACE.entries * 8;

/** A tunnel around a tunnel, each with VLANs in it, in a session, in VLANs. */
const MOST_ENTRIES = 6;
const NAMES = new Map(
  Object.entries(TUNNEL).map(([key, code]) => [code as number, TUNNEL_NAMES[key as never]]),
);

/** @param table the core's memory for it, PLACES_BYTES long, as it is now */
export function surroundingsIn(table: DataView, place: number): Surroundings | undefined {
  if (place < PLACE.entries) return undefined;
  let vlans: Vlans | undefined;
  const tunnels: Tunnel[] = [];
  let at = place;
  for (let count = 0; at >= PLACE.entries && count < MOST_ENTRIES; count++) {
    const entry = table.getBigUint64((at - PLACE.entries) * 8, LITTLE);
    const code = field(entry, PLACE.tunnelShift, 4);
    const name = NAMES.get(code);
    if (name !== undefined) tunnels.unshift({ name, id: idIn(entry) });
    else vlans = around(vlansIn(entry), vlans);
    at = code === TUNNEL.none ? 0 : field(entry, PLACE.aroundShift, 16);
  }
  return vlans === undefined && tunnels.length === 0 ? undefined : { vlans, tunnels };
}

/** The index of the interface that a place is at, where there are several; undefined where the table had no room. */
export function interfaceIn(table: DataView, place: number): number | undefined {
  let at = place;
  for (let count = 0; at >= PLACE.entries && count < MOST_ENTRIES; count++) {
    const entry = table.getBigUint64((at - PLACE.entries) * 8, LITTLE);
    if (field(entry, PLACE.tunnelShift, 4) === TUNNEL.none) {
      return field(entry, PLACE.interfaceShift, 32);
    }
    at = field(entry, PLACE.aroundShift, 16);
  }
  return at < PLACE.crowded ? at : undefined;
}

function vlansIn(entry: bigint): Vlans | undefined {
  const outer = field(entry, 0, PLACE.vlanIdBits);
  const inner = field(entry, PLACE.vlanIdBits, PLACE.vlanIdBits);
  return outer === 0 ? undefined : { outer, inner: inner === 0 ? undefined : inner };
}

/** Of all VLANs the outermost and the innermost. */
function around(outer: Vlans | undefined, inner: Vlans | undefined): Vlans | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return { outer: outer.outer, inner: inner.inner ?? inner.outer };
}

function idIn(entry: bigint): number | undefined {
  return field(entry, PLACE.hasIdShift, 1) === 1 ? field(entry, 0, 32) : undefined;
}

function field(entry: bigint, shift: number, bits: number): number {
  return Number(BigInt.asUintN(bits, entry >> BigInt(shift)));
}
