/** What RTTs are counted by in the core, instead of being told one by one. */

/** Besides the side of the interface: the interface and the responder's network; the interface; nothing. */
export const AGGREGATED_BY = ['prefix', 'interface', 'none'] as const;
export type AggregatedBy = (typeof AGGREGATED_BY)[number];

export interface Aggregation {
  /** Nanoseconds of which there is a set of aggregates each; undefined: nothing is counted. */
  readonly interval: bigint | undefined;
  readonly by: AggregatedBy;
  /** Length of a network of IPv4, 0 to 32 bits. */
  readonly bitsV4: number;
  /** Likewise of IPv6, 0 to 128. */
  readonly bitsV6: number;
  /** Whether each RTT is told by itself, too. */
  readonly events: boolean;
  /** Of one interval; RTTs of further ones are counted together. */
  readonly most: number;
}

export const NO_AGGREGATION: Aggregation = {
  interval: undefined,
  by: 'prefix',
  bitsV4: 24,
  bitsV6: 48,
  events: false,
  most: 16_384,
};

export function isAggregated({ interval }: Aggregation): boolean {
  return interval !== undefined;
}
