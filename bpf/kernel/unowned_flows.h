/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Walks for flows that nothing has told whose they are: they are listed in a map, and decided on from it. */
#ifndef PPING_UNOWNED_FLOWS_H
#define PPING_UNOWNED_FLOWS_H

#include "../core/unowned.h"
#include "flow_cells.h"
#include "wanted_owners.h"

/* At once; what is decided makes room. */
#define MOST_UNOWNED 8192

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MOST_UNOWNED);
	__type(key, u32);
	__type(value, struct unowned_flow);
} unowned_flows SEC(".maps");

static __always_inline u64 target_now(void)
{
	return bpf_ktime_get_ns();
}

static long list_unowned(void *map, u32 *number, struct flow_cell *cell, struct unowned_walk *walk)
{
	struct unowned_flow *unowned;
	struct flow_key key;
	u32 at = walk->count;
	u64 cookie;

	if (is_beyond_flows(*number))
		return 1;
	if (!is_unowned(&cell->flow) || !has_flow(cell))
		return 0;
	unowned = bpf_map_lookup_elem(&unowned_flows, &at);
	if (!unowned)
		return 1;
	/* Before its key, as in sweep_flow(). */
	cookie = cookie_of(&cell->flow);
	key = cell->key;
	describe_unowned(unowned, &key, &cell->flow, cookie, *number);
	/* Of one flow altogether, or it is not listed. */
	full_barrier(&cell->flow.marks);
	if (cookie_of(&cell->flow) == cookie)
		walk->count = at + 1;
	return 0;
}

static long visit_unowned(void *map, u32 *number, struct unowned_flow *unowned, struct unowned_walk *walk)
{
	struct flow_cell *cell;
	u32 at = unowned->cell;

	if (*number >= walk->count)
		return 1;
	if (unowned->verdict == UNOWNED_UNDECIDED)
		return 0;
	cell = bpf_map_lookup_elem(&flows, &at);
	if (cell)
		decide_unowned(unowned, &cell->flow);
	return 0;
}

#endif
