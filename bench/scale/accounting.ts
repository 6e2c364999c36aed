// What the kernel says of the BPF programs of one process.
import { mapMemory } from '../../lab/map-memory.js';
import { programIds } from '../../lab/process.js';
import { check } from '../../src/libbpf/errors.js';
import { libbpf, libc } from '../../src/libbpf/ffi.js';
import { type HookName, hookOf, loadedPrograms } from '../programs.js';

/** While the accounting is on (enableAccounting). @returns a function that tells ns per packet at each hook since now */
export function startAccount(pid: number): () => Record<HookName, number> {
  const before = totals(pid);
  return () => {
    const after = totals(pid);
    const perPacket = (hook: HookName) =>
      (after[hook].ns - before[hook].ns) / (after[hook].runs - before[hook].runs);
    return { egress: perPacket('egress'), ingress: perPacket('ingress') };
  };
}

/** Of all its maps, in bytes. */
export function mapMemoryOf(pid: number): number {
  const open = (id: number) => check('open a program', libbpf().bpf_prog_get_fd_by_id(id));
  const programs = [...programIds(pid)].map(open);
  try {
    return mapMemory(programs);
  } finally {
    for (const fd of programs) libc.close(fd);
  }
}

function totals(pid: number): Record<HookName, { ns: number; runs: number }> {
  const ids = programIds(pid);
  const totals = { egress: { ns: 0, runs: 0 }, ingress: { ns: 0, runs: 0 } };
  for (const [id, program] of loadedPrograms()) {
    const hook = ids.has(id) ? hookOf(program) : undefined;
    if (hook === undefined) continue;
    totals[hook].ns += program.runTimeNs;
    totals[hook].runs += program.runs;
  }
  return totals;
}
