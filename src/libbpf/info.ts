/** What the kernel says of a program, and of a link. */
import { LITTLE } from '../core/endianness.js';
import { HOOKS } from '../core/hooks.js';
import { namesAt } from '../core/programs.js';
import { check, KernelError } from './errors.js';
import { addressOf, libbpf } from './ffi.js';

/** struct bpf_prog_info (linux/bpf.h), as much of it as is needed here. */
const INFO = {
  id: 4,
  jitedBytes: 16,
  translatedBytes: 20,
  mapCount: 52,
  maps: 56,
  name: 64,
  runTimeNs: 192,
  runCount: 200,
  followed: 216,
  size: 224,
} as const;
/** struct bpf_insn */
const INSTRUCTION_BYTES = 8;
/** More than a program has. */
const MOST_MAPS = 64;
const NAME_BYTES = 16;
/** struct bpf_link_info, of a TCX link. */
const LINK_INFO = { programId: 8, interfaceIndex: 16, size: 24 } as const;
/** enum bpf_stats_type */
const BPF_STATS_RUN_TIME = 0;

export interface ProgramInfo {
  readonly id: number;
  readonly name: string;
  /** Of BPF, as the verifier has left them, with the functions that are called. */
  readonly instructions: number;
  /** So many, again and again, the verifier has looked at; 0 before 5.16. */
  readonly followed: number;
  /** Of machine code; 0 where it is interpreted. */
  readonly jitedBytes: number;
  /** While the accounting was on: how often it ran, and for how long in all. */
  readonly runs: number;
  readonly runTimeNs: number;
}

export interface TcxLinkInfo {
  readonly programId: number;
  /** In the namespace where the interface is now; 0 once it is gone, or the link was detached from it. */
  readonly interfaceIndex: number;
}

/** @param fd of the program */
export function programInfo(fd: number): ProgramInfo {
  const info = infoOf('a program', fd, INFO.size);
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  const name = info.subarray(INFO.name, INFO.name + NAME_BYTES);
  return {
    id: view.getUint32(INFO.id, LITTLE),
    name: name.toString('latin1', 0, name.indexOf(0)),
    instructions: view.getUint32(INFO.translatedBytes, LITTLE) / INSTRUCTION_BYTES,
    followed: view.getUint32(INFO.followed, LITTLE),
    jitedBytes: view.getUint32(INFO.jitedBytes, LITTLE),
    runs: Number(view.getBigUint64(INFO.runCount, LITTLE)),
    runTimeNs: Number(view.getBigUint64(INFO.runTimeNs, LITTLE)),
  };
}

/** @param fd of the program. @returns the ids of the maps that it uses */
export function mapsOfProgram(fd: number): number[] {
  const ids = Buffer.alloc(MOST_MAPS * 4);
  const request = Buffer.alloc(INFO.size);
  const view = new DataView(request.buffer, request.byteOffset, request.length);
  view.setUint32(INFO.mapCount, MOST_MAPS, LITTLE);
  view.setBigUint64(INFO.maps, addressOf(ids), LITTLE);
  const info = infoOf('the maps of a program', fd, INFO.size, request);
  const count = new DataView(info.buffer, info.byteOffset).getUint32(INFO.mapCount, LITTLE);
  const list = new DataView(ids.buffer, ids.byteOffset, ids.length);
  return Array.from({ length: count }, (_, at) => list.getUint32(at * 4, LITTLE));
}

/** Whether it is one of an instance of pping, which lets every packet pass on. */
export function isOwnProgram(name: string): boolean {
  return HOOKS.some((hook) => namesAt(hook).includes(name));
}

/** @param fd of the link */
export function tcxLinkInfo(fd: number): TcxLinkInfo {
  const info = infoOf('a link', fd, LINK_INFO.size);
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  return {
    programId: view.getUint32(LINK_INFO.programId, LITTLE),
    interfaceIndex: view.getUint32(LINK_INFO.interfaceIndex, LITTLE),
  };
}

/** @param info what is asked for besides, and room for all of it */
function infoOf(what: string, fd: number, size: number, info = Buffer.alloc(size)): Buffer {
  const length = Buffer.alloc(4);
  new DataView(length.buffer, length.byteOffset).setUint32(0, size, LITTLE);
  check(`query ${what}`, libbpf().bpf_obj_get_info_by_fd(fd, info, length));
  return info;
}

/**
 * Has the kernel measure how long programs run, all of them, for as long as anybody wants it
 * (bpf_enable_stats; as the sysctl kernel.bpf_stats_enabled).
 * @returns a descriptor: closing it ends it
 */
export function enableAccounting(): number {
  const fd = libbpf().bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) {
    const needs = '; it needs root or CAP_SYS_ADMIN';
    throw new KernelError("enable the kernel's run-time statistics", -fd, needs);
  }
  return fd;
}
