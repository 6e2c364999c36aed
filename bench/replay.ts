// How fast a capture is replayed, file reading and output included, and with how much memory. The
// whole command is measured, as its user starts it; what starting takes, by a capture of one packet.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBulkCapture } from './bulk-capture.js';
import type { Figure, Group } from './figures.js';

const PACKETS = 2_400_000;
/** Of this revision, and of older ones. */
const MAINS = ['dist/pping/main.js', 'dist/src/cli/main.js'];
/** Runs the command, then says what it used. */
const PROGRAM = `
  const { main } = await import(process.argv[1]);
  const code = await main(process.argv.slice(2));
  const { maxRSS } = process.resourceUsage();
  process.stderr.write('\\n' + JSON.stringify({ code, maxRSS }));
`;

export interface ReplayRun {
  /** The whole command, and the same for one packet. */
  readonly ms: number;
  readonly startMs: number;
  readonly peakMiB: number;
}

/** @param roots where the pping is that each run is of; in turns, `rounds` times */
export function replayRuns(roots: readonly string[], rounds: number): ReplayRun[][] {
  const folder = mkdtempSync(join(tmpdir(), 'pping-bench-'));
  try {
    const [bulk, one, output] = ['bulk.pcap', 'one.pcap', 'out.ndjson'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    writeBulkCapture(bulk, PACKETS);
    writeBulkCapture(one, 1);
    for (const root of roots) replay(root, bulk, output);
    const runs: ReplayRun[][] = roots.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [at, root] of roots.entries()) {
        const whole = replay(root, bulk, output);
        const start = replay(root, one, output);
        runs[at]?.push({ ms: whole.ms, startMs: start.ms, peakMiB: whole.peakMiB });
      }
    }
    return runs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function replayGroup(root: string, rounds: number): Group {
  const [runs = []] = replayRuns([root], rounds);
  const figure = (name: string, unit: string, value: (run: ReplayRun) => number): Figure => ({
    name,
    unit,
    values: runs.map(value),
  });
  const perSecond = (ms: number) => PACKETS / ms / 1_000;
  return {
    title: `Replay: ${PACKETS} packets of 8 bulk flows, default sampling, NDJSON to a file`,
    figures: [
      figure('the whole command', 'million packets/s', ({ ms }) => perSecond(ms)),
      figure('without starting', 'million packets/s', ({ ms, startMs }) => perSecond(ms - startMs)),
      figure('starting, one packet', 'ms', ({ startMs }) => startMs),
      figure('peak memory', 'MiB', ({ peakMiB }) => peakMiB),
    ],
  };
}

function replay(root: string, capture: string, output: string): { ms: number; peakMiB: number } {
  const began = performance.now();
  const main = MAINS.map((each) => join(root, each)).find((each) => existsSync(each)) as string;
  const args = ['--input-type=module', '-e', PROGRAM, main, '-r', capture, '-o', output];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - began;
  const used = JSON.parse(stderr.slice(stderr.lastIndexOf('\n')));
  if (used.code !== 0) throw new Error(stderr);
  return { ms, peakMiB: used.maxRSS / 1024 };
}
