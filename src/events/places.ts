/** What places stand for: bpf/parse/places.h keeps a table of them. */
import { LITTLE } from '../core/endianness.js';
import { PLACE } from '../core/layouts.js';

/** Ids of the VLANs a packet was in. */
export interface Vlans {
  readonly outer: number;
  /** Of the innermost one in it (QinQ). */
  readonly inner: number | undefined;
}

/** Undefined where there was none. */
export type VlansOf = (place: number) => Vlans | undefined;

/** The capture of several that it was seen in. */
export type CaptureOf = (place: number) => string | undefined;

/** Of the table of places. */
export const PLACES_BYTES = PLACE.entries * 8;

const ID_MASK = (1 << PLACE.vlanIdBits) - 1;

/** @param table the core's memory for it, PLACES_BYTES long, as it is now */
export function vlansIn(table: DataView, place: number): Vlans | undefined {
  if (place < PLACE.entries) return undefined;
  const entry = Number(
    BigInt.asUintN(PLACE.interfaceShift, table.getBigUint64((place - PLACE.entries) * 8, LITTLE)),
  );
  const outer = entry & ID_MASK;
  if (outer === 0) return undefined;
  const inner = entry >> PLACE.vlanIdBits;
  return { outer, inner: inner === 0 ? undefined : inner };
}
