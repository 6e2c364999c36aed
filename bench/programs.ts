// The BPF programs of this machine, and what the kernel says they cost.

import { libbpf, libc } from '../src/libbpf/ffi.js';
import { programInfo } from '../src/libbpf/info.js';

export interface Program {
  readonly name: string;
  readonly runs: number;
  readonly runTimeNs: number;
}

/** All that are loaded, by id. */
export function loadedPrograms(): Map<number, Program> {
  const programs = new Map<number, Program>();
  for (let id = nextProgram(0); id > 0; id = nextProgram(id)) {
    const fd = libbpf().bpf_prog_get_fd_by_id(id);
    if (fd < 0) continue; // gone since
    try {
      programs.set(id, programInfo(fd));
    } finally {
      libc.close(fd);
    }
  }
  return programs;
}

function nextProgram(id: number): number {
  const next = new Uint32Array(1);
  const status = libbpf().bpf_prog_get_next_id(id, Buffer.from(next.buffer));
  return status < 0 ? 0 : (next[0] ?? 0);
}

export type HookName = 'egress' | 'ingress';

/** By its name, of which the kernel keeps 15 characters. XDP is as much ingress as TC is. */
export function hookOf({ name }: Program): HookName | undefined {
  if (/egr/i.test(name)) return 'egress';
  return /ingr|xdp/i.test(name) ? 'ingress' : undefined;
}
