/** Forgetting what is stale: one run of a program that walks both maps in the kernel. */

import { SWEEP } from '../core/layouts.js';
import { readSweep, type SweepOptions, type SweepResult, writeSweep } from '../core/sweep.js';
import { runProgramAsync } from '../libbpf/run-program.js';

/** Runs `program` once, on another thread. */
export async function sweep(program: number, options: SweepOptions = {}): Promise<SweepResult> {
  const context = Buffer.alloc(SWEEP.size);
  const view = new DataView(context.buffer, context.byteOffset, context.length);
  writeSweep(view, options);
  await runProgramAsync(program, { context });
  return readSweep(view);
}
