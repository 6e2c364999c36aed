// The drain, run after run in processes of their own: a compiler's decisions last as long as a process. What runs is
// bundled as pping is for users, so that constants are what they are there.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TARGETS } from './bounds.js';
import type { Group } from './figures.js';

export interface Drain {
  readonly millionPerSecond: number;
  /** CPU time, user and system. */
  readonly nsPerEvent: number;
  readonly linesLost: number;
}

/** The program; revisions before it have another one. @param root of a checkout that is built */
export function drainProgram(root: string): string {
  return join(root, 'dist/bench/bundled/drain.js');
}

/** @param roots in turns, `rounds` times */
export function drainRuns(roots: readonly string[], rounds: number): Drain[][] {
  const runs: Drain[][] = roots.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, root] of roots.entries()) runs[at]?.push(drain(root, 'ndjson'));
  }
  return runs;
}

export function drainGroup(root: string, rounds: number): Group {
  const [ndjson = []] = drainRuns([root], rounds);
  const human = Array.from({ length: rounds }, () => drain(root, 'human'));
  const speed = (runs: readonly Drain[]) => runs.map(({ millionPerSecond }) => millionPerSecond);
  const cost = (runs: readonly Drain[]) => runs.map(({ nsPerEvent }) => nsPerEvent);
  return {
    title: 'Drain, from memory to a file: decode, count, format, write; one core',
    figures: [
      { name: 'ndjson', unit: 'million events/s', values: speed(ndjson), bound: TARGETS.drain },
      { name: 'ndjson, CPU time', unit: 'ns per event', values: cost(ndjson) },
      { name: 'human', unit: 'million events/s', values: speed(human) },
      { name: 'human, CPU time', unit: 'ns per event', values: cost(human) },
    ],
  };
}

function drain(root: string, format: 'ndjson' | 'human'): Drain {
  const run = execFileSync(process.execPath, [drainProgram(root), format], { encoding: 'utf8' });
  return JSON.parse(run);
}
