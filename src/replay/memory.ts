/** Where a capture's bytes and packets go, and how packets that others may precede are held back there. */
import type { Batch } from './batch.js';
import type { OnInterface } from './reader.js';

/** What is held back leaves room for the longest record, and for what is read next. */
export const MOST_HELD_BYTES = 1 << 18;

/** The core's memory, or what stands for it. */
export interface CaptureMemory {
  readonly input: { readonly start: number; readonly size: number };
  readonly view: DataView<ArrayBuffer>;
  readonly batch: Batch;
  readonly setInterface: OnInterface;
  /** Puts the batch in order. @returns how many of its packets nothing can precede that is still to come */
  arrange(window: bigint): number;
}

/** Nothing that is still to come precedes what was held back. @returns whether there is anything */
export function takeAll(memory: CaptureMemory, reorder: bigint): boolean {
  const { batch } = memory;
  if (reorder > 0n) memory.arrange(reorder);
  batch.held = 0;
  return batch.count > 0;
}

/**
 * Leaves to the next batch what packets that are still to come may precede.
 * @param end of the bytes that are in use
 * @returns whether there are others
 */
export function holdBack(memory: CaptureMemory, reorder: bigint, end: number): boolean {
  const { batch } = memory;
  if (reorder === 0n) return true;
  batch.held = batch.count - memory.arrange(reorder);
  // A few long ones: then fewer of them.
  while (heldBytes(memory, end) > MOST_HELD_BYTES) batch.held >>= 1;
  return batch.ready > 0;
}

/** From the first that is held to `end`. */
export function heldBytes({ batch }: CaptureMemory, end: number): number {
  return Math.max(0, end - batch.firstByte(batch.ready));
}
