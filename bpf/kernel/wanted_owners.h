/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whose connections are asked for, where not all are: of packets that still have their socket, and of sockets. */
#ifndef PPING_WANTED_OWNERS_H
#define PPING_WANTED_OWNERS_H

#include "kernel_types.h"
#include "settings.h"

/* May change at any time, as settings: a service that is started again has another cgroup. */
volatile struct owner_filter owner_filter SEC(".data.owner_filter") = {};

static __always_inline int target_is_owner_filtered(void)
{
	return fixed.owner_filter;
}

static __always_inline int is_in_wanted_cgroup(struct __sk_buff *skb)
{
	if (!owner_filter.cgroup_count)
		return 1;
	for (u32 i = 0; i < MOST_CGROUPS && i < owner_filter.cgroup_count; i++) {
		volatile struct cgroup_place *wanted = &owner_filter.cgroups[i];

		if (bpf_skb_ancestor_cgroup_id(skb, wanted->level) == wanted->id)
			return 1;
	}
	return 0;
}

/*
 * A process that is not known yet may be a wanted one, whoever listens: user space will find out.
 * @pid: of struct owner
 */
static __always_inline int is_wanted_process(u32 pid)
{
	if (!owner_filter.pid_count || !pid || pid & OWNER_PID_LISTENS)
		return 1;
	for (u32 i = 0; i < MOST_PIDS && i < owner_filter.pid_count; i++)
		if (owner_filter.pids[i] == pid)
			return 1;
	return 0;
}

/* That of the cgroup around `cgroup`, or its own, at a level that it has; 0 where it cannot be read. */
static __always_inline u64 ancestor_id(struct cgroup *cgroup, s32 level)
{
	struct cgroup *ancestor = 0;
	u64 id = 0;

	/* Barriers, so that where a field is stays in its branch: a kernel has but one of the two. */
	if (bpf_core_field_exists(cgroup->ancestors)) {
		barrier_var(cgroup);
		bpf_core_read(&ancestor, sizeof(ancestor), &cgroup->ancestors[0] + level);
		return ancestor ? BPF_CORE_READ(ancestor, kn, id) : 0;
	} else {
		struct cgroup___with_ids *with_ids = (void *)cgroup;

		barrier_var(with_ids);
		bpf_core_read(&id, sizeof(id), &with_ids->ancestor_ids[0] + level);
		return id;
	}
}

/* Whether `cgroup` is within `wanted`; as bpf_skb_ancestor_cgroup_id() says of packets. */
static __always_inline int is_in_cgroup(struct cgroup *cgroup, volatile struct cgroup_place *wanted)
{
	s32 level = wanted->level;

	return level >= 0 && level <= BPF_CORE_READ(cgroup, level) &&
	       ancestor_id(cgroup, level) == wanted->id;
}

static __always_inline int is_wanted_cgroup(struct cgroup *cgroup)
{
	if (!fixed.owner_filter || !owner_filter.cgroup_count)
		return 1;
	for (u32 i = 0; i < MOST_CGROUPS && i < owner_filter.cgroup_count; i++)
		if (is_in_cgroup(cgroup, &owner_filter.cgroups[i]))
			return 1;
	return 0;
}

#endif
