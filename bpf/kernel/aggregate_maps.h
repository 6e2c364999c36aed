/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where RTTs are counted together with others, and what was counted there of flows. */
#ifndef PPING_KERNEL_AGGREGATE_MAPS_H
#define PPING_KERNEL_AGGREGATE_MAPS_H

#include "created.h"
#include "settings.h"

#define MAX_AGGREGATES 16384 /* unless it is set before loading */

/*
 * Counts of RTTs, in two halves: one is counted in, while the other is read and emptied. Each has one more entry for
 * each side than it is to hold, which user space puts there: for those that find no room.
 */
struct aggregate_half {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_AGGREGATES + AGGREGATE_SIDES);
	__type(key, struct aggregate_key);
	__type(value, struct aggregate);
} aggregates_even SEC(".maps"), aggregates_odd SEC(".maps");

/*
 * The half that is counted in; none where nothing is aggregated. When user space puts the other one in its place, the
 * kernel waits until no program can be in the old one any more: what it finds there then is whole. Sweeps are programs
 * that may sleep, which it does not wait for: user space does.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct aggregate_half);
} aggregates SEC(".maps");

/* By a flow's cookie: what was counted in aggregates of its traffic, of each direction. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS); /* unless it is set before loading; 1 where nothing is aggregated */
	__type(key, u64);
	__type(value, struct counted);
} counted SEC(".maps");

/* What entries of it begin as. */
const struct counted none_counted SEC(".rodata.counted") = {};

/* What entries of a half begin as. */
const struct aggregate no_rtts SEC(".rodata.aggregates") = {};

static __always_inline void *store_interval(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&aggregates, &zero);
}

static __always_inline struct aggregate *store_aggregate_lookup(void *interval, const struct aggregate_key *key)
{
	return bpf_map_lookup_elem(interval, key);
}

static __always_inline int store_aggregate_create(void *interval, const struct aggregate_key *key)
{
	return created(bpf_map_update_elem(interval, key, &no_rtts, BPF_NOEXIST));
}

static __always_inline struct counted *store_counted_lookup(u64 cookie)
{
	return bpf_map_lookup_elem(&counted, &cookie);
}

static __always_inline int store_counted_create(u64 cookie)
{
	return created(bpf_map_update_elem(&counted, &cookie, &none_counted, BPF_NOEXIST));
}

static __always_inline void store_counted_delete(u64 cookie)
{
	bpf_map_delete_elem(&counted, &cookie);
}

#endif
