/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel target's stores: BPF maps, and what the core reaches them by. Here is what is kept of connections beside
 * their flows, and of places; other concerns have headers of their own.
 */
#ifndef PPING_MAPS_H
#define PPING_MAPS_H

#include "../core/state.h"
#include "aggregate_maps.h"
#include "counters.h"
#include "created.h"
#include "event_rings.h"
#include "flow_table.h"
#include "interfaces.h"
#include "queries.h"
#include "settings.h"

#define MAX_EMBRYOS 16384
#define MAX_FORGOTTEN 16384

u64 next_cookie = 1;
u32 unassured;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct timestamp_key);
	__type(value, struct timestamp);
} timestamps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, u64);
	__type(value, struct flow_losses);
} losses SEC(".maps");

/* What entries of it begin as: the stack has no room for one. */
const struct flow_losses no_losses SEC(".rodata.losses") = {};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_EMBRYOS);
	__type(key, struct flow_key);
	__type(value, struct embryo);
} embryos SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_FORGOTTEN); /* 1 where there are no flows but of TCP */
	__type(key, struct flow_key);
	__type(value, u32);
} forgotten SEC(".maps");

/* What places stand for: see enum place. Mapped into user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PLACE_ENTRIES);
	__type(key, u32);
	__type(value, u64);
} places SEC(".maps");

/* TC programs run with softirqs off: nothing else on the CPU uses it meanwhile. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct flow);
} blank_flow SEC(".maps");

/* Likewise. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct embryo);
} embryo_copy SEC(".maps");

/* Brings the layouts that only the ring carries into the object's BTF. */
const struct rtt_event *unused_rtt_event __attribute__((unused));
const struct flow_event *unused_flow_event __attribute__((unused));
const struct overdue_event *unused_overdue_event __attribute__((unused));
const struct dns_event *unused_dns_event __attribute__((unused));
const struct sweep *unused_sweep __attribute__((unused));
const enum counter *unused_counter __attribute__((unused));
const enum unread *unused_unread __attribute__((unused));
const enum link_layer *unused_link_layer __attribute__((unused));
const enum event_type *unused_event_type __attribute__((unused));
const enum rtt_type *unused_rtt_type __attribute__((unused));
const enum rtt_flag *unused_rtt_flag __attribute__((unused));
const enum flow_change *unused_flow_change __attribute__((unused));
const enum flow_reason *unused_flow_reason __attribute__((unused));
const enum flow_trigger *unused_flow_trigger __attribute__((unused));
const enum place *unused_place __attribute__((unused));

static __always_inline volatile u64 *store_place(u32 index)
{
	return bpf_map_lookup_elem(&places, &index);
}

static __always_inline struct flow *store_blank_flow(void)
{
	u32 zero = 0;
	struct flow *blank = bpf_map_lookup_elem(&blank_flow, &zero);

	if (blank)
		__builtin_memset(blank, 0, sizeof(*blank));
	return blank;
}

static __always_inline struct flow_losses *store_losses_lookup(u64 cookie)
{
	return bpf_map_lookup_elem(&losses, &cookie);
}

static __always_inline int store_losses_create(u64 cookie)
{
	return created(bpf_map_update_elem(&losses, &cookie, &no_losses, BPF_NOEXIST));
}

static __always_inline void store_losses_delete(u64 cookie)
{
	bpf_map_delete_elem(&losses, &cookie);
}

static __always_inline u32 *store_unassured(void)
{
	return &unassured;
}

static __always_inline u64 target_next_cookie(void)
{
	return __sync_fetch_and_add(&next_cookie, 1);
}

static __always_inline void store_forgotten_put(const struct flow_key *key, u32 time)
{
	struct flow_key own = *key;

	bpf_map_update_elem(&forgotten, &own, &time, BPF_ANY);
}

static __always_inline const u32 *store_forgotten_lookup(const struct flow_key *key)
{
	struct flow_key own = *key;

	return bpf_map_lookup_elem(&forgotten, &own);
}

static __always_inline struct embryo *store_embryo_lookup(const struct flow_key *key)
{
	struct flow_key own = *key;

	return bpf_map_lookup_elem(&embryos, &own);
}

/*
 * An LRU map gives the memory of what it pushes out to others at once: what was copied is the
 * key's own if it is in the same place afterwards.
 */
static __always_inline struct embryo *store_embryo_copy(const struct flow_key *key)
{
	u32 zero = 0;
	struct embryo *copy = bpf_map_lookup_elem(&embryo_copy, &zero);
	const struct embryo *embryo = store_embryo_lookup(key);

	if (!copy)
		return 0;
	if (embryo) {
		*copy = *embryo;
		if (store_embryo_lookup(key) == embryo)
			return copy;
	}
	__builtin_memset(copy, 0, sizeof(*copy));
	return copy;
}

static __always_inline void store_embryo_put(const struct flow_key *key,
					     const struct embryo *embryo)
{
	struct flow_key own = *key;

	bpf_map_update_elem(&embryos, &own, embryo, BPF_ANY);
}

static __always_inline int store_embryo_delete(const struct flow_key *key)
{
	struct flow_key own = *key;

	return bpf_map_delete_elem(&embryos, &own);
}

static __always_inline struct timestamp *store_timestamp_lookup(const struct timestamp_key *key)
{
	return bpf_map_lookup_elem(&timestamps, key);
}

static __always_inline int store_timestamp_insert(const struct timestamp_key *key,
						  const struct timestamp *value)
{
	return created(bpf_map_update_elem(&timestamps, key, value, BPF_NOEXIST));
}

static __always_inline int store_timestamp_delete(const struct timestamp_key *key)
{
	return bpf_map_delete_elem(&timestamps, key);
}

#endif
