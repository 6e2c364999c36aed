/** From what the user asked for to what the kernel is told. */

/** What may change while the programs run; all durations in nanoseconds. */
export interface Settings {
  /** Least time between two samples of one direction of a flow; 0n = every identifier. */
  readonly rate: bigint;
  /** Idle time after which a flow is forgotten. */
  readonly flowTimeout: bigint;
  /** Age at which an identifier that nothing answered is forgotten. */
  readonly timestampTimeout: bigint;
  /** Whether handshakes give samples. */
  readonly handshake: boolean;
  /** Whether packets that arrive for this machine are remembered too. */
  readonly includeLocal: boolean;
}

const SECOND = 1_000_000_000n;

export const DEFAULT_SETTINGS: Settings = {
  rate: SECOND / 10n,
  flowTimeout: 300n * SECOND,
  timestampTimeout: 10n * SECOND,
  handshake: true,
  includeLocal: false,
};
