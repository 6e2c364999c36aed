// One turn of one monitor: start it under a load, wait until it works, watch it for a while, end it.
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, hasEnded } from '../lab/child.js';
import type { Endpoints } from '../lab/endpoints.js';
import { repositoryRoot } from '../lab/places.js';
import { cpuTime } from '../lab/process.js';
import { until } from '../lab/until.js';
import { type HookName, hookOf, loadedPrograms, type Program } from './programs.js';

export interface Monitor {
  readonly name: string;
  /** For sh; {interface} and {rate}, in milliseconds, are put in. Its stdout is its output. */
  readonly command: string;
  /** In milliseconds, from when its programs see packets until it is measured; undefined: as long as others. */
  readonly settleMs?: number;
}

/** What one turn saw. */
export interface Turn {
  /** Of the programs at each hook together; NaN where none of them ran. */
  readonly nsPerPacket: Record<HookName, number>;
  readonly packetsPerSecond: number;
  /** User and system time of the process, all its threads included. */
  readonly cpuNs: number;
  readonly seconds: number;
  /** In its output. */
  readonly events: number;
  /** What it wrote to stderr in all. */
  readonly remarks: string;
}

/** Of a program alone, which has nothing to warm up. */
const SETTLE_MS = 400;
const WINDOW_MS = 1_500;
const HOOKS = ['egress', 'ingress'] as const;

export const reference = (pair: 'empty' | 'lookup'): Monitor => ({
  name: pair,
  command: `exec '${process.execPath}' '${join(repositoryRoot, 'dist/bench/reference.js')}' ${pair} {interface}`,
  settleMs: SETTLE_MS,
});

/** The pping that was built in `root`. */
export const pping = (name: string, root = repositoryRoot, more = ''): Monitor => ({
  name,
  command: `exec '${join(root, 'bin/pping')}' -i {interface} --rate {rate}ms --format ndjson ${more}`,
});

/** Accounting has to be on (enableAccounting). */
export async function takeTurn(
  { client, interfaceName }: Endpoints,
  monitor: Monitor,
  { rateMs, settleMs }: { readonly rateMs: number; readonly settleMs: number },
): Promise<Turn> {
  const folder = mkdtempSync(join(tmpdir(), 'pping-bench-'));
  const [output, errors] = ['out', 'err'].map((name) => join(folder, name)) as [string, string];
  const before = new Set(loadedPrograms().keys());
  const command = monitor.command
    .replaceAll('{interface}', interfaceName)
    .replaceAll('{rate}', String(rateMs));
  const files = [openSync(output, 'w'), openSync(errors, 'w')] as const;
  const child = client.spawn(['sh', '-c', command], { stdio: ['ignore', ...files] });
  for (const file of files) closeSync(file);
  try {
    await until(
      () => hasEnded(child) || isWatching(before),
      `${monitor.name} has BPF programs that see packets`,
    );
    if (hasEnded(child)) throw new Error(`${monitor.name} ended: ${readFileSync(errors, 'utf8')}`);
    await sleep(monitor.settleMs ?? settleMs);
    const first = snapshot(child, before, output);
    await sleep(WINDOW_MS);
    const last = snapshot(child, before, output);
    await end(child, 'SIGINT');
    return { ...difference(first, last), remarks: readFileSync(errors, 'utf8') };
  } finally {
    await end(child, 'SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

interface Snapshot {
  readonly timeMs: number;
  readonly programs: ReadonlyMap<number, Program>;
  readonly cpuNs: number;
  readonly events: number;
}

function snapshot(child: ChildProcess, before: ReadonlySet<number>, output: string): Snapshot {
  return {
    timeMs: performance.now(),
    programs: appeared(before),
    cpuNs: cpuTime(child.pid ?? 0),
    events: countEvents(output),
  };
}

function difference(first: Snapshot, last: Snapshot): Omit<Turn, 'remarks'> {
  const seconds = (last.timeMs - first.timeMs) / 1_000;
  const hooks = HOOKS.map((hook) => usage(first, last, hook));
  return {
    nsPerPacket: {
      egress: hooks[0]?.nsPerPacket ?? Number.NaN,
      ingress: hooks[1]?.nsPerPacket ?? Number.NaN,
    },
    packetsPerSecond: hooks.reduce((sum, { packets }) => sum + packets, 0) / seconds,
    cpuNs: last.cpuNs - first.cpuNs,
    seconds,
    events: last.events - first.events,
  };
}

/** Of a monitor's programs at one hook. A packet meets each of them once. */
function usage(first: Snapshot, last: Snapshot, hook: HookName) {
  let [packets, nsPerPacket] = [0, Number.NaN];
  for (const [id, program] of last.programs) {
    const runs = program.runs - (first.programs.get(id)?.runs ?? 0);
    if (runs === 0 || hookOf(program) !== hook) continue;
    const ns = (program.runTimeNs - (first.programs.get(id)?.runTimeNs ?? 0)) / runs;
    nsPerPacket = (Number.isNaN(nsPerPacket) ? 0 : nsPerPacket) + ns;
    packets = Math.max(packets, runs);
  }
  return { packets, nsPerPacket };
}

function appeared(before: ReadonlySet<number>): Map<number, Program> {
  return new Map([...loadedPrograms()].filter(([id]) => !before.has(id)));
}

function isWatching(before: ReadonlySet<number>): boolean {
  const programs = [...appeared(before).values()];
  return HOOKS.every((hook) =>
    programs.some((program) => hookOf(program) === hook && program.runs > 0),
  );
}

/** Lines, or the JSON objects in them where there are more: not all JSON has a line for each. */
function countEvents(path: string): number {
  const bytes = readFileSync(path);
  return Math.max(count(bytes, '\n'), count(bytes, '{'));
}

function count(bytes: Buffer, character: string): number {
  let found = 0;
  for (let at = bytes.indexOf(character); at >= 0; at = bytes.indexOf(character, at + 1)) found++;
  return found;
}
