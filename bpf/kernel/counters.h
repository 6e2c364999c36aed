/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What packets are counted in: of each CPU by itself. */
#ifndef PPING_KERNEL_COUNTERS_H
#define PPING_KERNEL_COUNTERS_H

#include "../core/state.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

/*
 * Packets are counted with softirqs off, so that nothing else on their CPU counts meanwhile:
 * loading, adding and storing will do. Sweeps run in a system call, and packets may break in on
 * them between the load and the store (or on a real-time kernel sweeps on packets). What both may
 * count, all count in one step, on each of the two sides. Such counters come last, and those are
 * rare for packets.
 */
static __always_inline int is_counted_by_sweeps(enum counter counter)
{
	return counter >= COUNTER_UNANSWERED;
}

static __always_inline void store_add(enum counter counter, u32 count)
{
	u32 zero = 0;
	struct counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (!mine)
		return;
	if (is_counted_by_sweeps(counter))
		__sync_fetch_and_add(&mine->by_cause[counter], count);
	else
		mine->by_cause[counter] += count;
}

/* Both with one lookup. */
static __always_inline void store_count_packet(enum counter counter, u32 bytes)
{
	u32 zero = 0;
	struct counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (!mine)
		return;
	mine->by_cause[counter]++;
	mine->by_cause[COUNTER_BYTES] += bytes;
}

static __always_inline void store_count(enum counter counter)
{
	store_add(counter, 1);
}

/* Which of them it is the compiler may keep where the verifier loses sight of its bounds, as clang 13 does. */
static __always_inline void store_count_fate(u32 counter)
{
	u32 zero = 0;
	struct counters *mine = bpf_map_lookup_elem(&counters, &zero);

	barrier_var(counter);
	if (mine && counter < COUNTER_UNANSWERED)
		mine->by_cause[counter]++;
}

/* The compiler may know the bounds of both, as clang 22 does; the verifier has to see them. */
static __always_inline void store_count_unparsed(u32 counter, u32 kind)
{
	u32 zero = 0;
	struct counters *mine = bpf_map_lookup_elem(&counters, &zero);

	barrier_var(counter);
	barrier_var(kind);
	if (mine && counter < COUNTER_UNANSWERED)
		mine->by_cause[counter]++;
	if (mine && kind < UNREAD_COUNT)
		mine->by_unread[kind]++;
}

#endif
