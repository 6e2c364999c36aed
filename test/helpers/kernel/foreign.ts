/** What others have on an interface: BPF programs that count, attached as pping's are. */
import type { ChildProcess } from 'node:child_process';
import { byId } from '../../../lab/by-id.js';
import type { Namespace } from '../../../lab/netns.js';
import { LITTLE } from '../../../src/core/endianness.js';
import { check } from '../../../src/libbpf/errors.js';
import { addressOf, libbpf, libc } from '../../../src/libbpf/ffi.js';
import { compileBpf } from '../runner/compile.js';
import { attachIn } from './attachment.js';

/** What it says of each packet: TCX_NEXT, which is what a filter that does not match says; or TCX_PASS, which ends the way. */
export type Verdict = 'TC_ACT_UNSPEC' | 'TC_ACT_OK';

const SOURCE = `
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("tc")
int foreign(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&packets, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return VERDICT;
}

char _license[] SEC("license") = "GPL";
`;
/** struct bpf_prog_info (linux/bpf.h) */
const INFO = { mapCount: 52, mapIds: 56, size: 64 } as const;

/** Compiles the program `foreign`. @returns what tc makes a filter of it with */
export function compileForeign(object: string, verdict: Verdict = 'TC_ACT_UNSPEC'): string[] {
  compileBpf(SOURCE.replace('VERDICT', verdict), object);
  return ['bpf', 'direct-action', 'object-file', object, 'section', 'tc'];
}

/**
 * Attaches it at both hooks with TCX, as long as the namespace lives.
 * @param isInFront on egress, too
 */
export async function attachForeign(
  namespace: Namespace,
  object: string,
  name: string,
  isInFront = false,
): Promise<ChildProcess> {
  const programs = { egress: 'foreign', ingress: 'foreign' };
  return (await attachIn(namespace, object, programs, [name], 'tcx', isInFront)).process;
}

/** How many packets the foreign program with this id has seen. */
export function packetsSeenBy(program: number): number {
  const fd = check('open a program', libbpf().bpf_prog_get_fd_by_id(program));
  const info = Buffer.alloc(INFO.size);
  const mapIds = new Uint32Array(1);
  const length = Buffer.from(Uint32Array.of(INFO.size).buffer);
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  view.setUint32(INFO.mapCount, mapIds.length, LITTLE);
  view.setBigUint64(INFO.mapIds, addressOf(Buffer.from(mapIds.buffer)), LITTLE);
  check('ask for a program', libbpf().bpf_obj_get_info_by_fd(fd, info, length));
  libc.close(fd);

  const map = check('open a map', byId().bpf_map_get_fd_by_id(mapIds[0] ?? 0));
  const count = new BigUint64Array(1);
  const key = Buffer.alloc(4);
  check('read a map', libbpf().bpf_map_lookup_elem(map, key, Buffer.from(count.buffer)));
  libc.close(map);
  return Number(count[0]);
}
