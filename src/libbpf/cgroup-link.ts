/** Attaching a program to a cgroup: it runs for the sockets in there and below. */
import { closeSync, constants, openSync } from 'node:fs';
import { check } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';

/** enum bpf_attach_type */
const BPF_CGROUP_SOCK_OPS = 3;

/**
 * Beside others' programs; it ends with the link, or with this process.
 * @param directory of cgroup2
 * @returns the link's descriptor
 * @throws {KernelError} EPERM where a program stands there, or above, that tolerates no other
 */
export function attachToSockets(program: number, directory: string): number {
  const cgroup = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const link = libbpf().bpf_link_create(program, cgroup, BPF_CGROUP_SOCK_OPS, NULL);
    return check(`attach to the sockets of ${directory}`, link);
  } finally {
    closeSync(cgroup);
  }
}

export function detachFromSockets(link: number): void {
  libc.close(link);
}
