// What pping takes at rest, at its start and in the long run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end } from '../lab/child.js';
import type { Endpoints } from '../lab/endpoints.js';
import { DrivenKernel, WHAT } from '../lab/kernel/drivers.js';
import { pping, repositoryRoot } from '../lab/places.js';
import { cpuTime, residentMiB } from '../lab/process.js';
import { createVethPair } from '../lab/veth.js';
import { occupancyAfter } from '../src/core/sweep.js';
import { EVENT_MAPS } from '../src/maps/event-rings.js';
import { FLOW_MAPS } from '../src/maps/flow-table.js';
import { DEFAULT_CAPACITY } from '../src/sampling/policy.js';
import { GATES, TARGETS } from './bounds.js';
import type { Figure, Group } from './figures.js';
import { tell } from './kernel.js';
import { startLoad } from './loads.js';

const STARTS = 15;
/** A process's first seconds are not its rest. */
const WARM_MS = 15_000;
const IDLE_MS = 20_000;
/** At every identifier some 940,000 RTTs: an hour's worth at 260 a second. */
const HOUR_MS = 60_000;
const CYCLES = 1_000;
/** So much of a map's room is taken by then. */
const FULL = 0.95;
const MAPS = [
  ...FLOW_MAPS,
  ...EVENT_MAPS,
  'timestamps',
  'losses',
  'embryos',
  'counters',
  'blank_flow',
];

export async function restGroup(): Promise<Group> {
  const network = await createVethPair({ ipv6: false });
  try {
    const figures = [await startUp(network), await idle(network), await descriptors(network)];
    return { title: 'At rest and at the start', figures };
  } finally {
    tell('');
    await network.close();
  }
}

/** After a load at which every identifier is sampled. */
export async function longRunGroup(): Promise<Group> {
  tell('a long run');
  const folder = mkdtempSync(join(tmpdir(), 'pping-bench-'));
  const network = await startLoad('requests');
  try {
    const output = join(folder, 'out');
    const monitor = watch(network, ['--rate', '0', '--format', 'ndjson', '-o', output]);
    await monitor.attached;
    await sleep(HOUR_MS);
    const resident = residentMiB(monitor.child.pid ?? 0);
    await end(monitor.child, 'SIGINT');
    const summary = JSON.parse(readFileSync(output, 'utf8').trimEnd().split('\n').at(-1) ?? '');
    const { counters, dropped_lines: dropped, reported } = summary;
    const lost = counters.rtt_events_lost + counters.flow_events_lost + dropped;
    return {
      title: `A minute of 1,000 request/response connections, --rate 0: ${reported} RTTs`,
      figures: [
        gate('resident memory', 'MiB', resident, GATES.residentMemory),
        gate('events and lines lost', '', lost, GATES.lostEvents),
        gate('BPF memory of full maps', 'MiB', await fullMaps(), GATES.fullMaps),
      ],
    };
  } finally {
    tell('');
    await network.close();
    rmSync(folder, { recursive: true });
  }
}

async function startUp(network: Endpoints): Promise<Figure> {
  const values: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    tell(`start-up ${start + 1} of ${STARTS}`);
    const began = performance.now();
    const monitor = watch(network, []);
    await monitor.attached;
    values.push((performance.now() - began) / 1_000);
    await end(monitor.child, 'SIGINT');
  }
  return { name: 'from exec to attached', unit: 's', values, bound: TARGETS.startUp };
}

async function idle(network: Endpoints): Promise<Figure> {
  tell('at rest');
  const monitor = watch(network, ['-o', '/dev/null']);
  await monitor.attached;
  await sleep(WARM_MS);
  const before = cpuTime(monitor.child.pid ?? 0);
  await sleep(IDLE_MS);
  const usedNs = cpuTime(monitor.child.pid ?? 0) - before;
  await end(monitor.child, 'SIGINT');
  return gate('attached, no traffic', '% of a core', (100 * usedNs) / (IDLE_MS * 1e6), GATES.idle);
}

async function descriptors({ client, interfaceName }: Endpoints): Promise<Figure> {
  tell(`${CYCLES} starts and stops`);
  const program = join(repositoryRoot, 'dist/bench/cycles.js');
  const child = client.spawn([process.execPath, program, interfaceName, String(CYCLES)]);
  let text = '';
  for await (const chunk of child.stdout ?? []) text += chunk;
  const more = text === '' ? Number.NaN : Number(text);
  return gate(`descriptors left by ${CYCLES} starts`, '', more, GATES.descriptors);
}

/** All maps that grow with TCP, with as many flows, losses and waiting identifiers as there is room for. */
async function fullMaps(): Promise<number> {
  const { flows, timestamps } = DEFAULT_CAPACITY;
  const kernel = new DrivenKernel({ rate: 0n, includeLocal: true }, { flows, timestamps });
  try {
    kernel.assure(flows);
    // 2 is sent again, which is a loss; 3 waits in its flow, 4 in the map.
    for (const identifier of [2, 3, 4]) {
      kernel.drive({ first: 0, count: flows, what: WHAT.request, identifier, rtt: 1_000n });
    }
    const full = occupancyAfter(await kernel.sweep());
    if (Math.min(full.flows / flows, full.timestamps / timestamps) < FULL) {
      throw new Error(`the maps are not full: ${JSON.stringify(full)}`);
    }
    return MAPS.reduce((sum, map) => sum + kernel.memoryOf(map), 0) / 2 ** 20;
  } finally {
    kernel.close();
  }
}

function watch({ client, interfaceName }: Endpoints, args: readonly string[]) {
  const argv = [process.execPath, pping, '-i', interfaceName, ...args];
  const child = client.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const attached = new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('watching ')) resolve();
    });
    child.once('exit', () => reject(new Error(text)));
  });
  attached.catch(() => {}); // for whoever waits for it
  return { child, attached };
}

function gate(name: string, unit: string, value: number, bound: Figure['bound'] & object): Figure {
  return { name, unit, values: [value], bound };
}
