/** What a report is made of: written by the program, read by the page. */

/** In SIDES (src/summary/sides.ts). */
export const SIDE_COUNT = 3;
/** A side of one protocol: in SIDES, and so many further on for each protocol before it. */
export type SideIndex = number;

/** In the flags of a sample, beside its side in SIDES: what was answered. */
export const HANDSHAKE = 4;
/** Likewise: what has answered it. */
export const DATA = 8;
/** And from here on the index of its protocol. */
const PROTOCOL_SHIFT = 4;

export function flagsOf(side: SideIndex): number {
  return (side % SIDE_COUNT) | (Math.floor(side / SIDE_COUNT) << PROTOCOL_SHIFT);
}

export function sideOf(flags: number): SideIndex {
  return (flags & (HANDSHAKE - 1)) + SIDE_COUNT * (flags >> PROTOCOL_SHIFT);
}

/** One number for each side of each protocol; of those beyond the last it is 0. */
export type PerSide = number[];

export function addAt(counts: PerSide, side: SideIndex, count: number): void {
  while (counts.length <= side) counts.push(0);
  counts[side] = (counts[side] as number) + count;
}

/** Where something was seen, as far as the run says it. */
export interface SeenAt {
  readonly interface?: string | undefined;
  /** Undefined where there was but one. */
  readonly capture?: string | undefined;
}

/** A connection is seen at each place on its way: there it is a flow of its own. */
export interface PlaceFacts extends SeenAt {
  readonly samples: PerSide;
  readonly flows: PerSide;
  /** What is not known to be of another interface. */
  readonly lost: LossFacts;
}

/** A host as it is seen at one place: at each it is another path. */
export interface PeerFacts {
  readonly address: string;
  /** An index into the places. */
  readonly place: number;
  /** Those that --report-interval held back included. */
  readonly samples: PerSide;
  readonly flows: PerSide;
}

/** What happened to pping itself, or to a route, for the time axis. */
export interface Mark {
  readonly kind: 'loss' | 'governor' | 'visibility' | 'route';
  /** ms since the epoch. */
  readonly time: number;
  readonly text: string;
  /** Absent where it is of the run as a whole. */
  readonly seenAt?: SeenAt;
}

/** What is known of any run. */
export interface RecordedFacts {
  /** Names of the files that were read. */
  readonly sources: readonly string[];
  /** Of all that was read, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly marks: readonly Mark[];
  readonly lost: LossFacts;
  /** Lines that are not JSON, or none of pping's. */
  readonly skippedLines: number;
  /** Inputs that ended before their end, and why. */
  readonly damage: readonly string[];
  /** What else a reader should know before trusting the figures. */
  readonly remarks: readonly string[];
  /** Whose RTTs these are, in the order of sides. */
  readonly protocols: readonly string[];
  /** Whose response times are no RTTs; empty where there was no query of DNS. */
  readonly resolvers: readonly ResolverFacts[];
}

/** Of DNS alone. */
export interface DnsFacts extends RecordedFacts {
  readonly kind: 'dns';
}

/** A server, as it was asked on one side of the interface. */
export interface ResolverFacts {
  readonly address: string;
  readonly port: number;
  /** In SIDES. */
  readonly side: SideIndex;
  /** Those that are over. */
  readonly queries: number;
  /** Of these, without a response. */
  readonly unanswered: number;
  /** Answered by a code such as SERVFAIL. */
  readonly failed: number;
  /** Undefined where there was no response. */
  readonly times?: ResponseTimes | undefined;
}

/** In ns. */
export interface ResponseTimes {
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

/** Of RTTs that were told one by one, everything but these. */
export interface RunFacts extends RecordedFacts {
  readonly kind: 'rtts';
  /** Those with an RTT, in the order in which they came; one without a name where the run names none. */
  readonly places: readonly PlaceFacts[];
  /** Lines with an RTT, each for one sample or more. */
  readonly rtts: number;
  readonly samples: PerSide;
  /** Those with an RTT. */
  readonly flows: PerSide;
  readonly peers: readonly PeerFacts[];
}

export interface LossFacts {
  readonly rtts: number;
  readonly flowEvents: number;
  /** Lines that pping's output did not take. */
  readonly lines: number;
}

/** One entry for each RTT, in the order of time. */
export interface Samples {
  /** ns since the epoch as numbers of 53 bits, hence to within 256 ns: fine for a chart. */
  readonly times: Float64Array;
  /** ns, exact. */
  readonly rtts: Float64Array;
  /** Indices into the facts' peers. */
  readonly peers: Uint32Array;
  /** As of flagsOf() a side, plus HANDSHAKE and DATA. */
  readonly flags: Uint8Array;
}

/** The ids of the page's data blocks: of each kind of run beside its facts. */
export const BLOCKS = {
  rtts: ['times', 'rtts', 'peers', 'flags'],
  aggregates: ['series'],
} as const;
export type Block = 'facts' | (typeof BLOCKS)['rtts' | 'aggregates'][number];
