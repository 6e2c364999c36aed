/** A sweep over flows and identifiers: what it is told, and what it found. */
import type { Occupancy } from '../sampling/governor.js';
import { LITTLE } from './endianness.js';
import { SWEEP } from './layouts.js';
import { NO_CONNECTIONS, type QuicConnections } from './quic-connections.js';

export interface SweepResult {
  /** Entries the walk met, those it then deleted included. */
  readonly flows: number;
  readonly flowsDeleted: number;
  /** Of those left: seen in one direction only. */
  readonly flowsWaiting: number;
  /** Of those left: none of their data has been answered. */
  readonly flowsUnassured: number;
  /** Identifiers met, those then forgotten included. */
  readonly timestamps: number;
  readonly timestampsDeleted: number;
  /** Of those left: in their flows' own slots, and not in the timestamp map. */
  readonly slots: number;
  /** Queries of DNS that are left. */
  readonly queries: number;
  /** Connections of QUIC that are left. */
  readonly quic: QuicConnections;
}

export interface SweepOptions {
  /** The time to judge by; the default, for the kernel only, takes its clock. */
  readonly now?: bigint;
  /** Also reports all samples that are still held back. */
  readonly flush?: boolean;
}

export const NOTHING_SWEPT: SweepResult = {
  flows: 0,
  flowsDeleted: 0,
  flowsWaiting: 0,
  flowsUnassured: 0,
  timestamps: 0,
  timestampsDeleted: 0,
  slots: 0,
  queries: 0,
  quic: NO_CONNECTIONS,
};

/** What is left in the maps. */
export function occupancyAfter(swept: SweepResult): Occupancy {
  const { flows, flowsDeleted, timestamps, timestampsDeleted, slots } = swept;
  return { flows: flows - flowsDeleted, timestamps: timestamps - timestampsDeleted - slots };
}

/**
 * What the governor goes by. Flows that are not assured give way by themselves (bpf/core/assured.h): no number of them
 * makes the others pay.
 */
export function demandAfter(swept: SweepResult): Occupancy {
  const { flows, timestamps } = occupancyAfter(swept);
  return { flows: flows - swept.flowsUnassured, timestamps };
}

/** Identifiers that are left to be answered. */
export function waitingAfter({ timestamps, timestampsDeleted }: SweepResult): number {
  return timestamps - timestampsDeleted;
}

/** Whether nothing at all is left. */
export function isEmptyAfter(swept: SweepResult): boolean {
  const isLeft = swept.flows > swept.flowsDeleted || waitingAfter(swept) > 0;
  return !isLeft && swept.queries === 0;
}

/** @param memory a struct sweep */
export function writeSweep(memory: DataView, { now = 0n, flush = false }: SweepOptions): void {
  memory.setBigUint64(SWEEP.now, now, LITTLE);
  memory.setBigUint64(SWEEP.flush, flush ? 1n : 0n, LITTLE);
}

/** @param memory a struct sweep after the sweep */
export function readSweep(memory: DataView): SweepResult {
  const read = (offset: number) => Number(memory.getBigUint64(offset, LITTLE));
  const readShort = (offset: number) => memory.getUint32(offset, LITTLE);
  return {
    flows: read(SWEEP.flows),
    flowsDeleted: read(SWEEP.flowsDeleted),
    flowsWaiting: readShort(SWEEP.flowsWaiting),
    flowsUnassured: readShort(SWEEP.flowsUnassured),
    timestamps: read(SWEEP.timestamps),
    timestampsDeleted: read(SWEEP.timestampsDeleted),
    slots: readShort(SWEEP.slots),
    queries: readShort(SWEEP.queries),
    quic: {
      valid: readShort(SWEEP.quicValid),
      random: readShort(SWEEP.quicRandom),
      constant: readShort(SWEEP.quicConstant),
      none: readShort(SWEEP.quicNone),
    },
  };
}
