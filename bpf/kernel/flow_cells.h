/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where flows are, whatever leads to them: cells, which are taken from the first on, and again once they are free.
 */
#ifndef PPING_FLOW_CELLS_H
#define PPING_FLOW_CELLS_H

#include "../core/lives.h"
#include "settings.h"

/* Each one that fails is one more that another CPU has taken, or freed, within nanoseconds. */
#define FREE_ATTEMPTS 16

#define CELL_BYTES (sizeof(struct flow_key) + sizeof(struct flow))

/* Its first line is the key and what nearly all packets only read, the next two are the directions'. */
struct flow_cell {
	struct flow_key key;
	struct flow flow;
	u8 reserved[(64 - CELL_BYTES % 64) % 64];
};

_Static_assert(sizeof(struct flow_cell) % 64 == 0, "cache lines");
_Static_assert(sizeof(struct flow_key) + __builtin_offsetof(struct flow, direction) == 64, "a cache line");

/* Mapped into no process, but then the kernel has it begin at a page: cells are whole cache lines. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_FLOWS);
	__type(key, u32);
	__type(value, struct flow_cell);
} flows SEC(".maps");

/*
 * Of each free cell, by its number, the number + 1 of the next one; 0 = there is none. Not a map of the kernel's that is
 * a stack: those are not for programs that may sleep, as sweeps are, before Linux 6.10.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_FLOWS);
	__type(key, u32);
	__type(value, u32);
} next_free SEC(".maps");

/* Cells, from the first on, that have, or had, a flow. */
u32 cells_used;
/* The first free one of these, its number + 1, below a count of changes: it may have been taken and freed meanwhile. */
u64 first_free;

/* Of a number + 1, as words have it. */
static __always_inline struct flow_cell *cell_of(u32 word)
{
	u32 number = (word & fixed.cell_mask) - 1;

	return bpf_map_lookup_elem(&flows, &number);
}

/* With a barrier: the verifier takes no sum of what may be 0. */
static __always_inline struct flow *flow_in(struct flow_cell *cell)
{
	if (!cell)
		return 0;
	barrier_var(cell);
	return &cell->flow;
}

/* Whether `first` was the first free one until now, and now `number`, + 1, is. */
static __always_inline int change_first_free(u64 first, u32 number)
{
	u64 next = ((first >> 32) + 1) << 32 | number;

	return __sync_val_compare_and_swap(&first_free, first, next) == first;
}

/* The number of a cell that was freed + 1; 0 where there is none. */
static __always_inline u32 take_free_cell(void)
{
	for (int i = 0; i < FREE_ATTEMPTS; i++) {
		u64 first = *(volatile u64 *)&first_free;
		u32 number = (u32)first - 1;
		const volatile u32 *next = bpf_map_lookup_elem(&next_free, &number);

		if (!next)
			return 0;
		if (change_first_free(first, *next))
			return number + 1;
	}
	return 0;
}

/* 0 where it is in no list now, since other CPUs were always faster. */
static __always_inline int add_free_cell(u32 number)
{
	volatile u32 *next = bpf_map_lookup_elem(&next_free, &number);

	for (int i = 0; i < FREE_ATTEMPTS && next; i++) {
		u64 first = *(volatile u64 *)&first_free;

		*next = (u32)first;
		if (change_first_free(first, number + 1))
			return 1;
	}
	return 0;
}

/* The number of a free cell + 1; 0 where there is none. */
static __always_inline u32 take_cell(void)
{
	u32 number = take_free_cell();

	if (number || cells_used >= fixed.max_flows)
		return number;
	number = __sync_fetch_and_add(&cells_used, 1);
	return number < fixed.max_flows ? number + 1 : 0;
}

/* To those who walk over cells. Its flow stays as it is: another CPU may still hold it, and tell of it. */
static __always_inline void empty_cell(struct flow_cell *cell, u32 number)
{
	set_mark(&cell->flow, MARK_EMPTY);
	if (!add_free_cell(number))
		set_mark(&cell->flow, MARK_LEFT_OVER);
}

/* But for its life: it is still empty. First, who holds the flow before has to see that it is gone: a full barrier. */
static __always_inline void fill_cell(struct flow_cell *cell, const struct flow_key *key, const struct flow *flow)
{
	__sync_lock_test_and_set(&cell->flow.life, FLOW_DELETED);
	cell->key = *key;
	cell->flow.marks = flow->marks | MARK_EMPTY;
	__builtin_memcpy(&cell->flow.successor, &flow->successor, sizeof(*flow) - __builtin_offsetof(struct flow, successor));
}

/* With a full barrier first: who sees that it has a flow sees what is in the cell. */
static __always_inline void begin_life(struct flow_cell *cell, u64 life)
{
	__sync_lock_test_and_set(&cell->flow.life, life);
	__sync_fetch_and_and(&cell->flow.marks, ~(u32)MARK_EMPTY);
}

/* Whether a walk over cells has come to the end of those that may have a flow. */
static __always_inline int is_beyond_flows(u32 number)
{
	return number >= cells_used;
}

/* Whether a cell has one, perhaps one that another CPU is about to delete. A full barrier: what follows is read later. */
static __always_inline int has_flow(struct flow_cell *cell)
{
	return cell->flow.life && !(__sync_fetch_and_add(&cell->flow.marks, 0) & MARK_EMPTY);
}

/* Whether it has none, and of its last one nothing is left to be done. No barrier: it may have one the next moment. */
static __always_inline int is_free(const struct flow_cell *cell)
{
	return !cell->flow.life || (cell->flow.marks & (MARK_EMPTY | MARK_LEFT_OVER)) == MARK_EMPTY;
}

#endif
