/** What watching costs: the kernel's own accounting of the programs, and this process's CPU time. */
import type { Programs } from '../libbpf/attachment.js';
import { libc } from '../libbpf/ffi.js';
import { programInfo } from '../libbpf/info.js';

/** All in nanoseconds, from the start of the metering on. */
export interface Cost {
  readonly egress: { readonly packets: number; readonly ns: number };
  readonly ingress: { readonly packets: number; readonly ns: number };
  readonly readerNs: number;
  readonly elapsedNs: number;
}

export class SelfCostMeter {
  readonly #programs: Programs;
  readonly #accounting: number;
  readonly #cpu = process.cpuUsage();
  readonly #start = performance.now();

  /** @param accounting what has it switched on (enableAccounting), now the meter's: the programs are a little slower */
  constructor(programs: Programs, accounting: number) {
    this.#programs = programs;
    this.#accounting = accounting;
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
    libc.close(this.#accounting);
  }

  #costOf(hook: keyof Programs): Cost['egress'] {
    const { runs, runTimeNs } = programInfo(this.#programs[hook]);
    return { packets: runs, ns: runTimeNs };
  }
}
