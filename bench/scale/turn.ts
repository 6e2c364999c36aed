// turn <flows>: what pping costs that watches so many flows, as one JSON object. In a network namespace of its own:
// it makes an interface.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, ending, hasEnded } from '../../lab/child.js';
import { pping, repositoryRoot } from '../../lab/places.js';
import { cpuTime, residentMiB } from '../../lab/process.js';
import { until } from '../../lab/until.js';
import { attach } from '../../src/libbpf/attach.js';
import { enableAccounting } from '../../src/libbpf/info.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import type { HookName } from '../programs.js';
import { mapMemoryOf, startAccount } from './accounting.js';
import { ManyFlows } from './traffic.js';

/** What watching so many flows costs. */
export interface Cost {
  /** Per packet, above an empty program. */
  readonly egressNs: number;
  readonly ingressNs: number;
  /** CPU time of the process, all threads, per event that it wrote. */
  readonly readerUs: number;
  readonly residentMiB: number;
  /** Of all its BPF maps. */
  readonly mapMiB: number;
  /** Events and lines lost in all. */
  readonly lost: number;
}

/** From the start on, before anything is measured: by then Node has compiled what it runs often. */
const WARM_UP_SECONDS = 5;
const SECONDS = 4;
const EMPTY_SECONDS = 1;
/** The reader has written all that came before, once its output has not grown for so long. */
const SETTLED_MS = 300;
/** Where the default does not do. Beyond three quarters of it flows would be forgotten sooner. */
const MORE_FLOWS = 300_000;
/** The last line, of the run as a whole, is shorter. */
const TAIL_BYTES = 65_536;
const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

const traffic = new ManyFlows(Number(process.argv[2]));
enableAccounting(); // until the process ends
process.stdout.write(JSON.stringify(await measure()));
traffic.close();

async function measure(): Promise<Cost> {
  const empty = await emptyCost();
  const folder = mkdtempSync(join(tmpdir(), 'pping-scale-'));
  const output = join(folder, 'out.ndjson');
  const child = await startPping(output, join(folder, 'err'));
  try {
    const start = performance.now();
    await traffic.meet();
    const passed = (performance.now() - start) / 1_000;
    await traffic.play(Math.max(1, Math.ceil(WARM_UP_SECONDS - passed)));
    await settle(output);
    const measured = startMeasuring(child.pid ?? 0, output);
    await traffic.play(SECONDS);
    await settle(output);
    const cost = measured(empty);
    child.kill('SIGINT');
    await ending(child); // it may have much to write
    return { ...cost, lost: lostIn(output) };
  } finally {
    await end(child, 'SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/** What the accounting itself takes, and the call, with the same packets. In ns per packet. */
async function emptyCost(): Promise<Record<HookName, number>> {
  const object = new BpfObject(join(repositoryRoot, 'dist/bench/reference.o'));
  const names = { egress: 'empty_egress', ingress: 'empty_ingress' };
  object.load(Object.values(names));
  const programs = { egress: object.program(names.egress), ingress: object.program(names.ingress) };
  const attachment = await attach(programs, traffic.index);
  const account = startAccount(process.pid);
  await traffic.play(EMPTY_SECONDS);
  const cost = account();
  attachment.close();
  object.close();
  return cost;
}

async function startPping(output: string, errors: string): Promise<ChildProcess> {
  const isRoom = traffic.flows <= DEFAULT_CAPACITY.flows;
  const options = ['-i', traffic.interfaceName, '--rate', '0', '-o', output];
  const argv = [pping, ...options, ...(isRoom ? [] : ['--max-flows', String(MORE_FLOWS)])];
  const file = openSync(errors, 'w');
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', file] });
  closeSync(file);
  const said = () => readFileSync(errors, 'utf8');
  await until(() => hasEnded(child) || said().includes('watching '), 'pping is attached');
  if (hasEnded(child)) throw new Error(`pping ended: ${said()}`);
  return child;
}

/** @returns a function that tells what was used since now */
function startMeasuring(
  pid: number,
  output: string,
): (empty: Record<HookName, number>) => Omit<Cost, 'lost'> {
  const [account, cpu, { size }] = [startAccount(pid), cpuTime(pid), statSync(output)];
  return (empty) => {
    const { egress, ingress } = account();
    return {
      egressNs: egress - empty.egress,
      ingressNs: ingress - empty.ingress,
      readerUs: (cpuTime(pid) - cpu) / linesFrom(output, size) / 1_000,
      residentMiB: residentMiB(pid),
      mapMiB: mapMemoryOf(pid) / 2 ** 20,
    };
  };
}

async function settle(output: string): Promise<void> {
  for (let size = -1; size !== statSync(output).size; await sleep(SETTLED_MS)) {
    size = statSync(output).size;
  }
}

/** In the output from this byte on; each is an event. */
function linesFrom(output: string, start: number): number {
  const file = openSync(output, 'r');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let lines = 0;
  for (let at = start, read = 0; ; at += read) {
    read = readSync(file, chunk, 0, chunk.length, at);
    if (read === 0) break;
    const bytes = chunk.subarray(0, read);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) lines++;
  }
  closeSync(file);
  return lines;
}

function lostIn(output: string): number {
  const file = openSync(output, 'r');
  const { size } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(file, tail, 0, tail.length, size - tail.length);
  closeSync(file);
  const summary = JSON.parse(tail.toString().trimEnd().split('\n').at(-1) ?? '');
  const { counters, dropped_lines: dropped } = summary;
  return counters.rtt_events_lost + counters.flow_events_lost + dropped;
}
