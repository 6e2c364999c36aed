/** What libbpf gives by the ids of the kernel: others' maps and links, which pping itself never asks for. */
import ffi from 'node-ffi-napi';

interface ById {
  bpf_map_get_fd_by_id(id: number): number;
  bpf_map_get_next_id(after: number, next: Buffer): number;
  bpf_map_get_next_key(map: number, before: Buffer, next: Buffer): number;
  bpf_map_delete_elem(map: number, key: Buffer): number;
  bpf_link_get_fd_by_id(id: number): number;
  bpf_link_detach(fd: number): number;
}

const SIGNATURES = {
  bpf_map_get_fd_by_id: ['int', ['uint32']],
  bpf_map_get_next_id: ['int', ['uint32', 'pointer']],
  bpf_map_get_next_key: ['int', ['int', 'pointer', 'pointer']],
  bpf_map_delete_elem: ['int', ['int', 'pointer']],
  bpf_link_get_fd_by_id: ['int', ['uint32']],
  bpf_link_detach: ['int', ['int']],
} satisfies Record<keyof ById, [string, string[]]>;

let opened: ById | undefined;

/** Descriptors and statuses; a negative one is an errno. */
export function byId(): ById {
  opened ??= new ffi.Library('libbpf.so.1', SIGNATURES as never) as unknown as ById;
  return opened;
}
