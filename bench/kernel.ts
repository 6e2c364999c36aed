// What watching costs per packet and per event: each monitor alone, in turns on one load.
import { libc } from '../src/libbpf/ffi.js';
import { enableAccounting } from '../src/libbpf/info.js';
import { TARGETS } from './bounds.js';
import type { Bound, Figure, Group } from './figures.js';
import { LOADS, type LoadName, startLoad } from './loads.js';
import { type Monitor, type Turn, takeTurn } from './monitors.js';
import type { HookName } from './programs.js';

/** The turns of each monitor, round by round. */
export type Turns = ReadonlyMap<string, readonly Turn[]>;

export interface Contest {
  readonly load: LoadName;
  readonly rateMs: number;
  /** Before monitors are measured. Where their reader has much to do, what it runs often has to be compiled first. */
  readonly settleMs: number;
}

export const CONTESTS: readonly Contest[] = [
  { load: 'bulk', rateMs: 100, settleMs: 400 },
  { load: 'requests', rateMs: 0, settleMs: 5_000 },
];

const HOOKS = ['egress', 'ingress'] as const;

/** Starts the load and lets each monitor watch it, one after the other, `rounds` times. */
export async function takeTurns(
  contest: Contest,
  monitors: readonly Monitor[],
  rounds: number,
): Promise<Turns> {
  const { load } = contest;
  const turns = new Map<string, Turn[]>(monitors.map(({ name }) => [name, []]));
  const accounting = enableAccounting();
  const network = await startLoad(load);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const monitor of monitors) {
        tell(`${LOADS[load].title}: round ${round + 1} of ${rounds}, ${monitor.name}`);
        turns.get(monitor.name)?.push(await takeTurn(network, monitor, contest));
      }
    }
  } finally {
    tell('');
    await network.close();
    libc.close(accounting);
  }
  return turns;
}

/** What all monitors cost; the empty program's own cost, round by round, is taken off the others'. */
export function kernelGroup({ load, rateMs }: Contest, turns: Turns): Group {
  const names = [...turns.keys()];
  const figures = HOOKS.flatMap((hook) =>
    names.map((name) => ({
      name: name === 'empty' ? `${hook}: empty program, as measured` : `${hook}: ${name}`,
      unit: 'ns',
      values: name === 'empty' ? rawCosts(turns, name, hook) : costs(turns, name, hook),
    })),
  );
  const packets = turns.get('empty')?.map((turn) => turn.packetsPerSecond) ?? [];
  return {
    title: `Kernel, ns per packet above an empty program: ${LOADS[load].title}, --rate ${rateMs}ms`,
    figures: [...figures, { name: 'load', unit: 'packets/s', values: packets }],
  };
}

/** CPU time of the process, user and system, by event; where there are events enough. */
export function readerGroup({ load }: Contest, turns: Turns): Group {
  const figures = [...turns.keys()]
    .filter((name) => turns.get(name)?.some(({ events }) => events > MANY_EVENTS))
    .map((name) => ({ name, unit: 'us', values: readerCosts(turns, name) }));
  return { title: `Reader, CPU time per event: ${LOADS[load].title}, every identifier`, figures };
}

/** Ours as a share of the peer's, pair by pair. */
export function ratioGroup({ load }: Contest, turns: Turns, ours: string, peer: string): Group {
  const ratio = (name: string, values: (name: string) => number[], bound: Bound): Figure => {
    const theirs = values(peer);
    return {
      name,
      unit: '',
      bound,
      values: values(ours).map((value, round) => value / (theirs[round] ?? Number.NaN)),
    };
  };
  const byHook = HOOKS.map((hook) =>
    ratio(`kernel, ${hook}`, (name) => costs(turns, name, hook), targetOf(load, hook)),
  );
  const reader = ratio(
    'reader, per event',
    (name) => readerCosts(turns, name),
    TARGETS.readerPerEvent,
  );
  const figures = load === 'requests' ? [...byHook, reader] : byHook;
  return { title: `${ours} / ${peer}: ${LOADS[load].title}`, figures };
}

/** What it costs to know of owners, round by round. */
export function ownersGroup(
  { load }: Contest,
  turns: Turns,
  known: string,
  unknown: string,
): Group {
  const figures = HOOKS.map((hook): Figure => {
    const without = costs(turns, unknown, hook);
    const values = costs(turns, known, hook).map(
      (cost, round) => cost / (without[round] ?? Number.NaN),
    );
    return { name: `kernel, ${hook}`, unit: '', values };
  });
  return { title: `${known} / ${unknown}: ${LOADS[load].title}`, figures };
}

/** In ns, per round. */
export function costs(turns: Turns, name: string, hook: HookName): number[] {
  const empty = rawCosts(turns, 'empty', hook);
  return rawCosts(turns, name, hook).map((cost, round) => cost - (empty[round] ?? Number.NaN));
}

/** In us, per round. */
export function readerCosts(turns: Turns, name: string): number[] {
  return (turns.get(name) ?? []).map(({ cpuNs, events }) => cpuNs / events / 1_000);
}

/** Said on a terminal while it lasts, and gone with the next. */
export function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const MANY_EVENTS = 1_000;

function rawCosts(turns: Turns, name: string, hook: HookName): number[] {
  return (turns.get(name) ?? []).map((turn) => turn.nsPerPacket[hook]);
}

function targetOf(load: LoadName, hook: HookName): Bound {
  if (load === 'bulk') return TARGETS.kernelBulk;
  return hook === 'egress' ? TARGETS.kernelRequestsEgress : TARGETS.kernelRequestsIngress;
}
