/** What watching costs: the kernel's own accounting of the programs, and this process's CPU time. */
import type { HookCost, SelfCost, SocketCost } from '../core/self-cost.js';
import type { Programs } from '../libbpf/attachment.js';
import { libc } from '../libbpf/ffi.js';
import { programInfo } from '../libbpf/info.js';

export const NO_COST: HookCost = { packets: 0, ns: 0 };

export class SelfCostMeter {
  readonly #runs: (hook: keyof Programs) => HookCost;
  readonly #sockets: readonly number[];
  readonly #accounting: number;
  readonly #cpu = process.cpuUsage();
  readonly #start = performance.now();

  /**
   * @param runs what the kernel has measured, until now, of those that packets meet first
   * @param sockets the programs that note sockets, as far as there are any
   * @param accounting what has it measure, now the meter's: the programs are a little slower
   */
  constructor(
    runs: (hook: keyof Programs) => HookCost,
    sockets: readonly number[],
    accounting: number,
  ) {
    this.#runs = runs;
    this.#sockets = sockets;
    this.#accounting = accounting;
  }

  read(): SelfCost {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      egress: this.#runs('egress'),
      ingress: this.#runs('ingress'),
      sockets: this.#sockets.length === 0 ? undefined : socketCost(this.#sockets),
      readerNs: (user + system) * 1_000,
      elapsedNs: Math.round((performance.now() - this.#start) * 1e6),
    };
  }

  /** Nothing may be read afterwards. */
  close(): void {
    libc.close(this.#accounting);
  }
}

/** Of all of them together. */
export function runsOf(all: Iterable<Programs>, hook: keyof Programs): HookCost {
  let cost = NO_COST;
  for (const programs of all) {
    const { runs, runTimeNs } = programInfo(programs[hook]);
    cost = plus(cost, { packets: runs, ns: runTimeNs });
  }
  return cost;
}

/** They run for more than what they note: for each thing that a socket asks of such programs. */
function socketCost(programs: readonly number[]): SocketCost {
  const costs = programs.map(programInfo);
  return {
    runs: costs.reduce((sum, { runs }) => sum + runs, 0),
    ns: costs.reduce((sum, { runTimeNs }) => sum + runTimeNs, 0),
  };
}

export function plus(one: HookCost, other: HookCost): HookCost {
  return { packets: one.packets + other.packets, ns: one.ns + other.ns };
}
