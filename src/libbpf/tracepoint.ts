/** Attaching a program to the tracepoint that its section names: it runs for all network namespaces. */
import { check } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';

/** It ends with the link, or with this process. @returns the link's descriptor */
export function attachToTracepoint(program: number): number {
  const link = libbpf().bpf_raw_tracepoint_open(NULL, program);
  return check('attach to a tracepoint', link);
}

export function detachFromTracepoint(link: number): void {
  libc.close(link);
}
