/** What reads a capture's format. */
import type { Batch } from './batch.js';
import type { CaptureInterface } from './interfaces.js';

/** More than any snap length in use (libpcap's MAXIMUM_SNAPLEN): what claims more is damaged. */
export const MOST_CAPTURED = 262_144;

/**
 * By how much packets may be out of order and still be put right, in nanoseconds: merged queues
 * and interfaces differ by less, and a clock that is set steps by more.
 */
export const DEFAULT_REORDER = 50_000_000n;

export interface CaptureReader {
  /**
   * Takes whole records from the bytes `at` to `end` into the batch, until it is full or
   * there is no more.
   * @returns where it stopped
   */
  read(bytes: DataView, at: number, end: number, batch: Batch): number;
  /** Why it cannot go on, once it is so. */
  readonly damage: string | undefined;
  /** Where something was missing, if it has gone on behind that. */
  readonly gap: string | undefined;
  /** That it cannot go on before the packets in the batch have been processed. */
  readonly isAtSection: boolean;
  /** True when what was read so far ends where a record ends. */
  readonly isBetweenRecords: boolean;
  /** Packets that cannot be measured for a reason of the capture's, as words to tell at the end. */
  readonly remarks: readonly string[];
  /** Where no packet could be read because of the link types: what is to be said of them. */
  readonly refusal: string | undefined;
}

/** Told of each interface before its first packet. */
export type OnInterface = (index: number, description: CaptureInterface) => void;

/** Not something that can be read at all. */
export class UnreadableCapture extends Error {}
