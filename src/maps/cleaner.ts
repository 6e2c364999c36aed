/** Forgetting what is stale: one run of a program that walks both maps in the kernel. */
import { endianness } from 'node:os';
import { runProgramAsync } from '../libbpf/run.js';

/** struct sweep (bpf/pping.h); compared with the object's BTF by a test. */
export const SWEEP = {
  now: 0,
  flows: 8,
  flowsDeleted: 16,
  timestamps: 24,
  timestampsDeleted: 32,
  size: 40,
} as const;

export interface SweepResult {
  /** Entries the walk met, those it then deleted included. */
  readonly flows: number;
  readonly flowsDeleted: number;
  readonly timestamps: number;
  readonly timestampsDeleted: number;
}

const LITTLE = endianness() === 'LE';

/**
 * Runs `program` once, on another thread.
 * @param now the time to judge by; 0n takes the kernel's clock
 */
export async function sweep(program: number, now = 0n): Promise<SweepResult> {
  const context = Buffer.alloc(SWEEP.size);
  const view = new DataView(context.buffer, context.byteOffset, context.length);
  view.setBigUint64(SWEEP.now, now, LITTLE);
  await runProgramAsync(program, { context });
  const read = (offset: number) => Number(view.getBigUint64(offset, LITTLE));
  return {
    flows: read(SWEEP.flows),
    flowsDeleted: read(SWEEP.flowsDeleted),
    timestamps: read(SWEEP.timestamps),
    timestampsDeleted: read(SWEEP.timestampsDeleted),
  };
}
