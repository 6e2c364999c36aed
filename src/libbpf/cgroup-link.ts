/** Attaching a program to a cgroup: it runs for the sockets in there and below. */
import { closeSync, constants, openSync } from 'node:fs';
import { check } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';

/** enum bpf_attach_type */
const BPF_CGROUP_INET_SOCK_CREATE = 2;
const BPF_CGROUP_SOCK_OPS = 3;

/**
 * Beside others' programs; it ends with the link, or with this process.
 * @param directory of cgroup2
 * @returns the link's descriptor
 * @throws {KernelError} EPERM where a program stands there, or above, that tolerates no other
 */
export function attachToSockets(program: number, directory: string): number {
  return attach(program, directory, BPF_CGROUP_SOCK_OPS);
}

/** The same of a program that runs as a socket is made. */
export function attachToNewSockets(program: number, directory: string): number {
  return attach(program, directory, BPF_CGROUP_INET_SOCK_CREATE);
}

function attach(program: number, directory: string, type: number): number {
  const cgroup = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const link = libbpf().bpf_link_create(program, cgroup, type, NULL);
    return check(`attach to the sockets of ${directory}`, link);
  } finally {
    closeSync(cgroup);
  }
}

export function detachFromSockets(link: number): void {
  libc.close(link);
}
