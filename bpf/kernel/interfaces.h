/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is kept of each of several interfaces. */
#ifndef PPING_KERNEL_INTERFACES_H
#define PPING_KERNEL_INTERFACES_H

#include "../core/state.h"

#define MAX_INTERFACES 16384

/*
 * Where there are several interfaces: the slots of each possible CPU, one CPU after the other. Not a map for each
 * CPU, which would be one cache line more. Mapped into user space, which fills a slot before the programs are
 * attached there.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CARRIED_SLOTS); /* of one CPU, unless it is set before loading */
	__type(key, u32);
	__type(value, struct carried);
} carried SEC(".maps");

/* By an interface's index: an entry, whatever is in it, where what leaves is held until the time that it carries (fq). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_INTERFACES);
	__type(key, u32);
	__type(value, u32);
} holding SEC(".maps");

static __always_inline void store_count_carried(u32 interface, u8 hook, u32 bytes)
{
	u32 slot = bpf_get_smp_processor_id() * CARRIED_SLOTS + interface % CARRIED_SLOTS;
	struct carried *mine = bpf_map_lookup_elem(&carried, &slot);

	if (mine && mine->interface != interface) {
		slot ^= 1;
		mine = bpf_map_lookup_elem(&carried, &slot);
	}
	if (!mine || mine->interface != interface)
		return;
	if (hook == HOOK_INGRESS)
		mine->ingress++;
	else
		mine->egress++;
	mine->bytes += bytes;
}

static __always_inline int are_departures_held(u32 interface)
{
	return bpf_map_lookup_elem(&holding, &interface) != 0;
}

#endif
