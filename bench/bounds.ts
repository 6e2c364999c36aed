// What the figures must not exceed or fall short of, in one place. `make bench` shows the observed
// value beside each and fails where a gate is not met; targets are told, and do not fail it.
import type { Bound } from './figures.js';

/** Of a peer's, with the empty program's cost taken off both. */
export const TARGETS = {
  kernelBulk: { atMost: 0.6 },
  kernelRequestsEgress: { atMost: 0.5 },
  kernelRequestsIngress: { atMost: 0.15 },
  readerPerEvent: { atMost: 0.25 },
  /** Million events a second. */
  drain: { atLeast: 1.5 },
  /** Seconds from exec to attached. */
  startUp: { atMost: 0.4 },
} as const satisfies Record<string, Bound>;

export const GATES = {
  lostEvents: { atMost: 0, isGate: true },
  /** MiB, after a minute in which every identifier of 1,000 connections was sampled. */
  residentMemory: { atMost: 80, isGate: true },
  /** More open after 1,000 starts and stops than before. */
  descriptors: { atMost: 0, isGate: true },
  /** MiB, with 131,072 flows and as many entries in the timestamp map. */
  fullMaps: { atMost: 128, isGate: true },
  /** % of a core, attached without traffic. */
  idle: { atMost: 0.3, isGate: true },
} as const satisfies Record<string, Bound>;
