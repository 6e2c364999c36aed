// What the timestamp map costs, preallocated and not, beside the table of flows: packets, sweeps, memory, time to load.
// Times are the least of a few runs: what else the machine does only ever adds.

import { DrivenKernel, WHAT } from '../lab/kernel/drivers.js';
import { MINUTE, SECOND } from '../lab/kernel/kernel.js';
import { occupancyAfter, type SweepResult } from '../src/core/sweep.js';
import type { BpfObject } from '../src/libbpf/object.js';
import { FLOW_MAPS } from '../src/maps/flow-table.js';

const BPF_F_NO_PREALLOC = 1;
const RUNS = 5;
/** Fewer than may be there without being assured (bpf/core/assured.h), and than the ring buffers have room for. */
const FLOWS = 50_000;
const SIZES = [131_072, 1_048_576];
const MAP = 'timestamps';

for (const entries of SIZES) {
  console.log(`\n${entries} entries of each, ${FLOWS} flows with one identifier each`);
  console.table({
    'taken as used': await best(entries, (flags) => flags | BPF_F_NO_PREALLOC),
    preallocated: await best(entries, (flags) => flags & ~BPF_F_NO_PREALLOC),
  });
}

type Figures = Record<string, number>;

/** The least of each figure. */
async function best(entries: number, flags: (before: number) => number): Promise<Figures> {
  const figures: Figures = {};
  for (let run = 0; run < RUNS; run++) {
    for (const [name, value] of Object.entries(await measure(entries, flags))) {
      figures[name] = Math.min(value, figures[name] ?? Number.POSITIVE_INFINITY);
    }
  }
  return figures;
}

async function measure(entries: number, flags: (before: number) => number): Promise<Figures> {
  const began = performance.now();
  const kernel = new DrivenKernel(
    { rate: 0n, includeLocal: true },
    { flows: entries, timestamps: entries },
    (object: BpfObject) => {
      object.map(MAP).flags = flags(object.map(MAP).flags);
    },
  );
  const loaded = performance.now() - began;
  try {
    const memory = () => kernel.memoryOf(MAP) / 2 ** 20;
    const table = FLOW_MAPS.reduce((sum, map) => sum + kernel.memoryOf(map), 0) / 2 ** 20;
    const empty = memory();
    const nsPerPacket = (what: number, identifier: number) => {
      const start = process.hrtime.bigint();
      kernel.drive({ first: 0, count: FLOWS, what, identifier, rtt: 1_000n });
      return Math.round(Number(process.hrtime.bigint() - start) / FLOWS);
    };
    const newFlow = nsPerPacket(WHAT.request, 1);
    kernel.assure(FLOWS);
    kernel.drain(() => {});
    nsPerPacket(WHAT.request, 3); // waits in its flow, and not in the map
    const remember = nsPerPacket(WHAT.request, 4);
    const used = memory();
    const keep = await milliseconds(async () => requireAll(await kernel.at(SECOND).sweep()));
    const answer = nsPerPacket(WHAT.answer, 4);
    for (const identifier of [5, 6]) nsPerPacket(WHAT.request, identifier);
    const forget = await milliseconds(() => kernel.at(60n * MINUTE).sweep());
    return {
      'load, ms': round(loaded),
      'new flow, ns': newFlow,
      'remember, ns': remember,
      'answer, ns': answer,
      'sweep, ms': round(keep),
      'sweep that forgets all, ms': round(forget),
      'table of flows, MiB': round(table),
      'memory empty, MiB': round(empty),
      'memory used, MiB': round(used),
    };
  } finally {
    kernel.close();
  }
}

/** Or something else is measured than is said. */
function requireAll(swept: SweepResult): void {
  const { flows, timestamps } = occupancyAfter(swept);
  if (flows < FLOWS || timestamps < FLOWS)
    throw new Error(`the maps have ${flows} and ${timestamps}`);
}

async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
