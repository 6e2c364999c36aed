/** From what the user asked for to what the kernel is told. */

/** Which RTT of a flow --rtt-rate is a multiple of. */
export const RTT_TYPES = ['min', 'smoothed'] as const;
export type RttType = (typeof RTT_TYPES)[number];

/** Samples that may follow each other at once. */
export interface Burst {
  /** The first one included; 2 to 254. */
  readonly count: number;
  /** How long after the first. */
  readonly duration: bigint;
}

/** What may change while the programs run; all durations in nanoseconds. */
export interface Settings {
  /** Least time between two samples of one direction of a flow; 0n = every identifier. */
  readonly rate: bigint;
  /** Once a flow's RTT is known, that time as its multiple, in thousandths; 0n = off. */
  readonly rttRate: bigint;
  readonly rttType: RttType;
  readonly burst: Burst | undefined;
  /** Least time between two reported RTTs of one direction of a flow; 0n = none. */
  readonly reportInterval: bigint;
  /** Idle time after which a flow is forgotten. */
  readonly flowTimeout: bigint;
  /** Age at which an identifier that nothing answered is forgotten. */
  readonly timestampTimeout: bigint;
  /** How far back the least RTT looks, of flows and of hosts; 0n = to the start. */
  readonly minWindow: bigint;
  /** Whether handshakes give samples. */
  readonly handshake: boolean;
  /** Whether connections without TCP timestamps give samples, by sequence number. */
  readonly sequence: boolean;
  /** Whether packets that arrive for this machine are remembered too. */
  readonly includeLocal: boolean;
  /** Whether flows are kept from being sampled at the same time; the governor's. */
  readonly spread: boolean;
}

/** How much may be remembered, in entries. */
export interface Capacity {
  readonly flows: number;
  readonly timestamps: number;
}

const SECOND = 1_000_000_000n;

export const DEFAULT_SETTINGS: Settings = {
  rate: SECOND / 10n,
  rttRate: 0n,
  rttType: 'min',
  burst: undefined,
  reportInterval: 0n,
  flowTimeout: 300n * SECOND,
  timestampTimeout: 10n * SECOND,
  minWindow: 300n * SECOND,
  handshake: true,
  sequence: true,
  includeLocal: false,
  spread: false,
};

export const DEFAULT_CAPACITY: Capacity = { flows: 131_072, timestamps: 131_072 };

/** Why the settings cannot be used together, in one line; undefined where they can. */
export function conflictIn({ rate, rttRate, burst }: Settings): string | undefined {
  if (burst === undefined || rttRate > 0n) return undefined;
  if (rate === 0n) return '--burst cannot be used with --rate 0, which takes every sample';
  if (burst.duration > rate) return '--burst must not last longer than --rate';
  return undefined;
}
