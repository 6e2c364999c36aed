/** What a run knows when it is asked. */
import type { Counters } from '../core/counters.js';
import type { QuicConnections } from '../core/quic-connections.js';
import type { SelfCost } from '../core/self-cost.js';
import type { Occupancy } from '../sampling/governor.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

export interface RunFigures {
  readonly counters: Counters;
  /** Flows seen in both directions. */
  readonly flows: number;
  /** Identifiers that the last sweep has left to be answered. */
  readonly waiting: number;
  readonly occupancy: Occupancy;
  readonly capacity: Capacity;
  /** Those that the last sweep has left. */
  readonly quic: QuicConnections;
  /** In force. */
  readonly settings: Pick<Settings, 'rate' | 'flowTimeout'>;
  readonly droppedLines: number;
  readonly undecodable: number;
  /** How full the ring buffer is, from 0 to 1. */
  readonly backlog: number;
  /** What was seen at each, also at those that are gone. */
  readonly interfaces: readonly InterfaceTally[];
  /** How many are watched now. */
  readonly watched: number;
  /** Undefined where it is not measured. */
  readonly selfCost: SelfCost | undefined;
}

/** The process itself. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Since the epoch. */
  readonly startSeconds: number;
}
