/** What a replay reads: one capture, or several as one. */

export interface CaptureFeed {
  /** As it is called in messages. */
  readonly name: string;
  readonly isSeveral: boolean;
  /** As it is called in commands. */
  readonly file: string;
  /** The capture that of those that the core has as this interface; of several that go on from one another the first. Undefined where there is but one. */
  captureOf(slot: number): string | undefined;
  /** Why it ended before its end, if it did; in one line. */
  readonly damage: string | undefined;
  /** Where no packet could be read: what to say. */
  readonly refusal: string | undefined;
  /** What was left out, in lines. */
  readonly remarks: readonly string[];
  /** Bytes read so far, and all there are; undefined with a stream. */
  readonly position: number;
  readonly size: number | undefined;
  /** Fills the batch with what comes next; false at the end. Only when that has been processed. */
  next(): Promise<boolean>;
  /** Nothing more is wanted. */
  interrupt(): void;
  close(): void;
}
