/** What the kernel says of a program. */
import { endianness } from 'node:os';
import { check, KernelError } from './errors.js';
import { libbpf, libc } from './ffi.js';

/** struct bpf_prog_info (linux/bpf.h), as much of it as is needed here. */
const INFO = { name: 64, runTimeNs: 192, runCount: 200, size: 208 } as const;
const NAME_BYTES = 16;
/** enum bpf_stats_type */
const BPF_STATS_RUN_TIME = 0;

const LITTLE = endianness() === 'LE';

export interface ProgramInfo {
  readonly name: string;
  /** While the accounting was on: how often it ran, and for how long in all. */
  readonly runs: number;
  readonly runTimeNs: number;
}

/** @param fd of the program */
export function programInfo(fd: number): ProgramInfo {
  const info = Buffer.alloc(INFO.size);
  const length = Buffer.alloc(4);
  new DataView(length.buffer, length.byteOffset).setUint32(0, INFO.size, LITTLE);
  check('ask for a program', libbpf().bpf_obj_get_info_by_fd(fd, info, length));
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  const name = info.subarray(INFO.name, INFO.name + NAME_BYTES);
  return {
    name: name.toString('latin1', 0, name.indexOf(0)),
    runs: Number(view.getBigUint64(INFO.runCount, LITTLE)),
    runTimeNs: Number(view.getBigUint64(INFO.runTimeNs, LITTLE)),
  };
}

/** The name of the program with this id. */
export function programName(id: number): string {
  const fd = check('open a program', libbpf().bpf_prog_get_fd_by_id(id));
  try {
    return programInfo(fd).name;
  } finally {
    libc.close(fd);
  }
}

/**
 * Has the kernel measure how long programs run, all of them, for as long as anybody wants it
 * (bpf_enable_stats; as the sysctl kernel.bpf_stats_enabled).
 * @returns what ends it
 */
export function enableAccounting(): () => void {
  const fd = libbpf().bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) {
    const needs = '; it takes root, or CAP_SYS_ADMIN';
    throw new KernelError("switch on the kernel's accounting", -fd, needs);
  }
  return () => libc.close(fd);
}
