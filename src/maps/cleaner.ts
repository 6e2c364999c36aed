/** Forgetting what is stale: one run of a program that walks both maps in the kernel. */
import { endianness } from 'node:os';
import { runProgramAsync } from '../libbpf/run.js';

/** struct sweep (bpf/pping.h); compared with the object's BTF by a test. */
export const SWEEP = {
  now: 0,
  flush: 8,
  flows: 16,
  flowsDeleted: 24,
  flowsWaiting: 32,
  timestamps: 40,
  timestampsDeleted: 48,
  size: 56,
} as const;

export interface SweepResult {
  /** Entries the walk met, those it then deleted included. */
  readonly flows: number;
  readonly flowsDeleted: number;
  /** Of those left: seen in one direction only. */
  readonly flowsWaiting: number;
  readonly timestamps: number;
  readonly timestampsDeleted: number;
}

const LITTLE = endianness() === 'LE';

export interface SweepOptions {
  /** The time to judge by; the default takes the kernel's clock. */
  readonly now?: bigint;
  /** Also reports all samples that are still held back. */
  readonly flush?: boolean;
}

/** Runs `program` once, on another thread. */
export async function sweep(
  program: number,
  { now = 0n, flush = false }: SweepOptions = {},
): Promise<SweepResult> {
  const context = Buffer.alloc(SWEEP.size);
  const view = new DataView(context.buffer, context.byteOffset, context.length);
  view.setBigUint64(SWEEP.now, now, LITTLE);
  view.setBigUint64(SWEEP.flush, flush ? 1n : 0n, LITTLE);
  await runProgramAsync(program, { context });
  const read = (offset: number) => Number(view.getBigUint64(offset, LITTLE));
  return {
    flows: read(SWEEP.flows),
    flowsDeleted: read(SWEEP.flowsDeleted),
    flowsWaiting: read(SWEEP.flowsWaiting),
    timestamps: read(SWEEP.timestamps),
    timestampsDeleted: read(SWEEP.timestampsDeleted),
  };
}
