// Two builds of the programs on the very same packets, made by hand and given to each in turns: no load that comes
// and goes, no other packets, the same machine within microseconds. Shows differences of a few per cent.

import { end, hasEnded } from '../lab/child.js';
import { createNamespace, type Namespace } from '../lab/netns.js';
import { until } from '../lab/until.js';
import { libbpf, libc } from '../src/libbpf/ffi.js';
import { enableAccounting, programInfo } from '../src/libbpf/info.js';
import { runProgram } from '../src/libbpf/run-program.js';
import { CONTENTS, exchange, type Show, shake } from './exchanges.js';
import { tell } from './kernel.js';
import type { LoadName } from './loads.js';
import { type HookName, hookOf, loadedPrograms } from './programs.js';
import { median } from './statistics.js';

const HOOKS = ['egress', 'ingress'] as const;
/** Turns of each in a round. */
const TURNS = 20;
/** Not counted: maps and caches fill. */
const WARM_UP_TURNS = 5;

/** What a packet costs, in ns, as the kernel accounts it. */
type Costs = Record<HookName, number[]>;

/**
 * Each round has processes of its own: where their maps come to lie makes some per cent.
 *
 * @param roots in which pping has been built
 * @returns for each of them the costs, round by round
 */
export async function showSamePackets(
  load: LoadName,
  roots: readonly string[],
  rounds: number,
): Promise<readonly Costs[]> {
  const all = roots.map((): Costs => ({ egress: [], ingress: [] }));
  const accounting = enableAccounting();
  try {
    for (let round = 0; round < rounds; round++) {
      tell(`${load}, the same packets: round ${round + 1} of ${rounds}`);
      const costs = await playRound(load, round % 2 === 0 ? roots : roots.toReversed());
      for (const [at, of] of (round % 2 === 0 ? costs : costs.toReversed()).entries()) {
        for (const hook of HOOKS) all[at]?.[hook].push(median(of[hook]));
      }
    }
  } finally {
    tell('');
    libc.close(accounting);
  }
  return all;
}

async function playRound(load: LoadName, roots: readonly string[]): Promise<Costs[]> {
  const namespace = await createNamespace();
  const watching: Watching[] = [];
  try {
    for (const [at, root] of roots.entries()) {
      watching.push(await watch(namespace, `pping${at}`, root, CONTENTS[load].rateMs));
    }
    return takeTurns(load, watching);
  } finally {
    for (const each of watching) await each.close();
    await namespace.close();
  }
}

/** A pping that runs, and its programs. */
interface Watching {
  readonly fds: Record<HookName, number>;
  close(): Promise<void>;
}

async function watch(
  namespace: Namespace,
  link: string,
  root: string,
  rateMs: number,
): Promise<Watching> {
  await namespace.run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}p`]);
  for (const name of [link, `${link}p`]) await namespace.run(['ip', 'link', 'set', name, 'up']);
  const before = new Set(loadedPrograms().keys());
  const options = ['-i', link, '--rate', `${rateMs}ms`, '--format', 'ndjson'];
  const child = namespace.spawn([`${root}/bin/pping`, ...options], { stdio: 'ignore' });
  const programOf = (hook: HookName) =>
    [...loadedPrograms()].find(([id, program]) => !before.has(id) && hookOf(program) === hook)?.[0];
  const isThere = () => HOOKS.every((hook) => programOf(hook) !== undefined);
  await until(() => hasEnded(child) || isThere(), `the programs of ${root}`);
  if (hasEnded(child)) throw new Error(`the pping of ${root} ended`);
  const [egress, ingress] = HOOKS.map((hook) =>
    libbpf().bpf_prog_get_fd_by_id(programOf(hook) ?? 0),
  );
  const fds = { egress: egress ?? -1, ingress: ingress ?? -1 };
  return {
    fds,
    close: async () => {
      for (const fd of Object.values(fds)) libc.close(fd);
      await end(child, 'SIGINT');
    },
  };
}

/** Who is first changes with each flow: neither has the other's caches. */
function takeTurns(load: LoadName, watching: readonly Watching[]): Costs[] {
  const costs = watching.map((): Costs => ({ egress: [], ingress: [] }));
  const reversed = watching.toReversed();
  shake(load, () => shownTo(watching));
  for (let turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
    const before = watching.map(accounted);
    exchange(load, turn + WARM_UP_TURNS, (flow) => shownTo(flow % 2 === 0 ? watching : reversed));
    if (turn < 0) continue;
    for (const [at, each] of watching.entries()) {
      const after = accounted(each);
      for (const hook of HOOKS) {
        const { runs = 0, runTimeNs = 0 } = before[at]?.[hook] ?? {};
        const ns = (after[hook].runTimeNs - runTimeNs) / (after[hook].runs - runs);
        costs[at]?.[hook].push(ns);
      }
    }
  }
  return costs;
}

const accounted = ({ fds }: Watching) => ({
  egress: programInfo(fds.egress),
  ingress: programInfo(fds.ingress),
});

const shownTo =
  (watching: readonly Watching[]): Show =>
  (hook, frame) => {
    for (const { fds } of watching) runProgram(fds[hook], { data: frame });
  };
