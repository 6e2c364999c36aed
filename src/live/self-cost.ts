/** What watching costs: the kernel's own accounting of the programs, and this process's CPU time. */
import type { SelfCost } from '../core/self-cost.js';
import type { Programs } from '../libbpf/attachment.js';
import { libc } from '../libbpf/ffi.js';
import { programInfo } from '../libbpf/info.js';

export class SelfCostMeter {
  readonly #programs: readonly Programs[];
  readonly #accounting: number;
  readonly #cpu = process.cpuUsage();
  readonly #start = performance.now();

  /** @param accounting what has it switched on (enableAccounting), now the meter's: the programs are a little slower */
  constructor(programs: readonly Programs[], accounting: number) {
    this.#programs = programs;
    this.#accounting = accounting;
  }

  read(): SelfCost {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      egress: this.#costOf('egress'),
      ingress: this.#costOf('ingress'),
      readerNs: (user + system) * 1_000,
      elapsedNs: Math.round((performance.now() - this.#start) * 1e6),
    };
  }

  /** Nothing may be read afterwards. */
  close(): void {
    libc.close(this.#accounting);
  }

  #costOf(hook: keyof Programs): SelfCost['egress'] {
    const cost = { packets: 0, ns: 0 };
    for (const programs of this.#programs) {
      const { runs, runTimeNs } = programInfo(programs[hook]);
      cost.packets += runs;
      cost.ns += runTimeNs;
    }
    return cost;
  }
}
