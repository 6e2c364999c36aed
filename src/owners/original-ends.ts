/** The ends of a flow before NAT, as the kernel tells them once, and as each event of it has them. */
import type { Attribution, OriginalEnd } from '../attribution/owner.js';
import { addressOrderOf } from '../events/address-order.js';
import type { KernelEvent, OriginalEvent } from '../events/types.js';

/** The ends of an event, and what they were before NAT; null where that is disputed. */
export interface Original {
  readonly srcPort: number;
  /** Tells the directions apart where ports do not. */
  readonly addressOrder: number;
  readonly ends: {
    readonly src: OriginalEnd | undefined;
    readonly dest: OriginalEnd | undefined;
  } | null;
}

export function originalOf(event: OriginalEvent): Original {
  const { srcAddress, srcPort, destAddress, destPort, isDisputed } = event;
  const addressOrder = addressOrderOf(event);
  if (isDisputed) return { srcPort, addressOrder, ends: null };
  const src = { address: event.originalSrcAddress, port: event.originalSrcPort };
  const dest = { address: event.originalDestAddress, port: event.originalDestPort };
  return {
    srcPort,
    addressOrder,
    ends: {
      src: isSame(src, srcAddress, srcPort) ? undefined : src,
      dest: isSame(dest, destAddress, destPort) ? undefined : dest,
    },
  };
}

/** The way round that the event is. */
export function endsOf(known: Original | undefined, event: KernelEvent): Attribution['original'] {
  if (!known?.ends) return known?.ends;
  const { srcPort, addressOrder, ends } = known;
  if (srcPort === event.srcPort && addressOrder === addressOrderOf(event)) return ends;
  return { src: ends.dest, dest: ends.src };
}

function isSame(end: OriginalEnd, address: Uint8Array, port: number): boolean {
  return end.port === port && Buffer.compare(end.address, address) === 0;
}
