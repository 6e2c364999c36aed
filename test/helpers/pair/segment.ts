/** A segment that an end sends, and what became of it: what pping cannot know. */

export type Side = 0 | 1;

export interface Said {
  readonly flags: number;
  /** As on the wire. */
  readonly seq: number;
  readonly ack: number;
  readonly payload: number;
  readonly window: number;
  readonly tsval: number;
  readonly tsecr: number;
  readonly hasTimestamp: boolean;
  /** Some of it was sent before. */
  readonly isAgain: boolean;
}

export interface Segment extends Said {
  readonly from: Side;
  /** Of those that the pair has one after the other. */
  readonly connection: number;
  readonly sent: number;
  /** Its number among all that happens. */
  readonly order: number;
  readonly passages: Passage[];
}

/** Once through a vantage point: the network may double a segment. */
export interface Passage {
  readonly segment: Segment;
  /** Which vantage point: the first is next to the client. */
  readonly place: number;
  /** Through the vantage point before this one. */
  readonly before: Passage | undefined;
  readonly time: number;
  /** By the clock of the capture. */
  readonly seen: number;
  /** Whether the capture had begun. */
  readonly isCaptured: boolean;
  /** When its first copy got to the peer, and the number of that; 0 = never. */
  arrived: number;
  arrival: number;
}

/** What it takes of the sequence space. */
export function lengthOf({ payload, flags }: Said): number {
  return payload + (flags & 2 ? 1 : 0) + (flags & 1);
}

/** Serial numbers (RFC 1982): whether a is beyond b. */
export function isBeyond(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

export function passagesAt({ passages }: Segment, place: number): Passage[] {
  return passages.filter((each) => each.place === place);
}

export function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}
