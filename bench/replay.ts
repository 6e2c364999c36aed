// How fast a capture is replayed, file reading and output included, and with how much memory.
// The whole command is measured, as its user starts it; what starting takes is measured by a
// capture of one packet. The median of several runs: the machine does other things, too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBulkCapture } from './bulk-capture.js';

const PACKETS = 2_400_000;
const RUNS = 9;
const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
/** Runs the command, then says what it used. */
const PROGRAM = `
  const { main } = await import(process.argv[1]);
  const code = await main(process.argv.slice(2));
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('\\n' + JSON.stringify({ code, maxRSS, userCPUTime, systemCPUTime }));
`;

const folder = mkdtempSync(join(tmpdir(), 'pping-bench-'));
try {
  const [bulk, one, output] = ['bulk.pcap', 'one.pcap', 'out.ndjson'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeBulkCapture(bulk, PACKETS);
  writeBulkCapture(one, 1);
  replay(bulk, output);
  const runs = Array.from({ length: RUNS }, () => ({
    whole: replay(bulk, output),
    start: replay(one, output),
  }));
  const whole = median(runs.map((run) => run.whole.ms));
  const start = median(runs.map((run) => run.start.ms));
  const megabytes = statSync(bulk).size / 1e6;
  console.log(
    `\n${PACKETS} packets, 8 bulk flows, ${Math.round(megabytes)} MB; median of ${RUNS} runs, default sampling, NDJSON to a file`,
  );
  console.table({
    'the whole command': figures(whole),
    'without starting Node and loading': figures(whole - start),
  });
  const { maxRSS, userMs, systemMs } = (runs[0] as (typeof runs)[0]).whole;
  console.log(
    `peak memory ${Math.round(maxRSS / 1024)} MiB, ${userMs} ms user, ${systemMs} ms system`,
  );
  console.log(
    `${readFileSync(output, 'utf8').trimEnd().split('\n').length} lines of output in all runs`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function figures(ms: number) {
  return { ms: Math.round(ms), 'million packets/s': Math.round(PACKETS / ms / 10) / 100 };
}

function replay(capture: string, output: string) {
  const began = performance.now();
  const args = ['--input-type=module', '-e', PROGRAM, MAIN, '-r', capture, '-o', output];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - began;
  const used = JSON.parse(stderr.slice(stderr.lastIndexOf('\n')));
  if (used.code !== 0) throw new Error(stderr);
  const [userMs, systemMs] = [used.userCPUTime, used.systemCPUTime].map((us) =>
    Math.round(us / 1000),
  );
  return { ms, maxRSS: used.maxRSS, userMs, systemMs };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
