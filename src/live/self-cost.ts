/** What watching costs: the kernel's own accounting of the programs, and this process's CPU time. */
import type { Programs } from '../libbpf/attachment.js';
import { enableAccounting, programInfo } from '../libbpf/info.js';

/** All in nanoseconds, from the start of the metering on. */
export interface Cost {
  readonly egress: { readonly packets: number; readonly ns: number };
  readonly ingress: { readonly packets: number; readonly ns: number };
  readonly readerNs: number;
  readonly elapsedNs: number;
}

export class SelfCostMeter {
  readonly #programs: Programs;
  readonly #end: () => void;
  readonly #cpu = process.cpuUsage();
  readonly #start = performance.now();

  /** Switches the accounting on; it makes the programs a little slower. */
  constructor(programs: Programs) {
    this.#programs = programs;
    this.#end = enableAccounting();
  }

  read(): Cost {
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
    this.#end();
  }

  #costOf(hook: keyof Programs): Cost['egress'] {
    const { runs, runTimeNs } = programInfo(this.#programs[hook]);
    return { packets: runs, ns: runTimeNs };
  }
}
