/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The table of flows, in array maps: a lookup is a few loads that the JIT makes itself, with no call into the kernel.
 *
 * An index of buckets, each a cache line of words, leads to the cells that hold flows. A word is a tag, some bits of the
 * hash of a flow's key, and the number of its cell. Cells are taken from the first on, and again once they are free, so
 * that few flows are in few pages. A flow that finds no room in its bucket, or its tag there, is displaced: a hash map
 * has the number of its cell. Where no flow is displaced, nobody looks there.
 *
 * A key has one flow: who makes one looks that there is none, and then says so under a lock, unless another has made one
 * in the meantime. Who looks for a flow, or deletes one, takes no lock: a word is written once the cell is complete, and
 * cleared before the cell is free. As in the kernel's own hash maps, the memory of a flow that was deleted may be
 * another's at once (lives.h).
 */
#ifndef PPING_FLOW_TABLE_H
#define PPING_FLOW_TABLE_H

#include "flow_cells.h"
#include "flow_hash.h"

#define BUCKET_WORDS 16
#define FLOW_LOCKS 256

/* A cache line. Of each word 0 = free; else a tag, and in its last bits (fixed.cell_mask) the cell's number + 1. */
struct flow_bucket {
	u32 word[BUCKET_WORDS];
};

/* On a cache line of its own. */
struct flow_lock {
	struct bpf_spin_lock lock;
	u32 made; /* flows, in the buckets of this lock */
	u32 reserved[14];
};

/* Mapped into no process, but then the kernel has it begin at a page: buckets are cache lines. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* fixed.flow_buckets */
	__type(key, u32);
	__type(value, struct flow_bucket);
} flow_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOW_LOCKS);
	__type(key, u32);
	__type(value, struct flow_lock);
} flow_locks SEC(".maps");

/* By its key the number of a displaced flow's cell: hardly one while half of the cells are free, a tenth where none is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS / 4);
	__type(key, struct flow_key);
	__type(value, u32);
} displaced_flows SEC(".maps");

/* How many are there. */
u32 displaced;

static __always_inline struct flow_bucket *flow_bucket_of(u32 hash)
{
	u32 index = hash & (fixed.flow_buckets - 1);

	return bpf_map_lookup_elem(&flow_index, &index);
}

/* Its first bits, since the last ones are the bucket's. Never 0, as a free word's is. */
static __always_inline u32 tag_of(u32 hash)
{
	u32 tag = hash & ~fixed.cell_mask;

	return tag ? tag : fixed.cell_mask + 1;
}

/* The word with that tag, where there is one. */
static __always_inline u32 *word_of(struct flow_bucket *bucket, u32 tag)
{
#pragma unroll
	for (u32 way = 0; way < BUCKET_WORDS; way++)
		if ((bucket->word[way] & ~fixed.cell_mask) == tag)
			return &bucket->word[way];
	return 0;
}

static __always_inline u32 *free_word_of(struct flow_bucket *bucket)
{
#pragma unroll
	for (u32 way = 0; way < BUCKET_WORDS; way++)
		if (!bucket->word[way])
			return &bucket->word[way];
	return 0;
}

/* The number of a displaced flow's cell + 1; 0 where it is none. Older verifiers (6.1) want a key on the stack. */
static __noinline u32 find_displaced(const struct flow_key *key)
{
	struct flow_key own = *key;
	const u32 *number = bpf_map_lookup_elem(&displaced_flows, &own);

	return number ? *number + 1 : 0;
}

/* 0 where it is not in its bucket. */
static __always_inline struct flow_cell *find_in_bucket(const struct flow_key *key)
{
	u32 hash = hash_of(key);
	struct flow_bucket *bucket = flow_bucket_of(hash);
	const u32 *word = bucket ? word_of(bucket, tag_of(hash)) : 0;
	struct flow_cell *cell = cell_of(word ? *word : 0);

	return cell && is_key(&cell->key, key) ? cell : 0;
}

static __always_inline struct flow *store_flow_lookup(const struct flow_key *key)
{
	struct flow_cell *cell = find_in_bucket(key);

	if (likely(cell))
		return flow_in(cell);
	if (likely(!displaced))
		return 0;
	cell = cell_of(find_displaced(key));
	return cell && is_key(&cell->key, key) ? flow_in(cell) : 0;
}

/* Without a function of its own, which takes stack. */
static __always_inline struct flow *store_flow_find(const struct flow_key *key)
{
	struct flow_cell *cell = find_in_bucket(key);
	const u32 *number;

	if (likely(cell))
		return flow_in(cell);
	number = displaced ? bpf_map_lookup_elem(&displaced_flows, key) : 0;
	cell = cell_of(number ? *number + 1 : 0);
	return cell && is_key(&cell->key, key) ? flow_in(cell) : 0;
}

/* --- making and deleting --- */

static __always_inline struct flow_lock *lock_of(u32 hash)
{
	u32 index = hash & (fixed.flow_buckets - 1) & (FLOW_LOCKS - 1);

	return bpf_map_lookup_elem(&flow_locks, &index);
}

/* By the key in the cell, which takes no stack. */
static __always_inline int add_displaced(const struct flow_cell *cell, u32 number)
{
	/* First: who looks for it meanwhile has to look there. */
	__sync_fetch_and_add(&displaced, 1);
	if (!bpf_map_update_elem(&displaced_flows, &cell->key, &number, BPF_NOEXIST))
		return 0;
	__sync_fetch_and_sub(&displaced, 1);
	return -1;
}

/* -1 where the kernel does not: one before 6.7 may be busy. */
static __always_inline int remove_displaced(const struct flow_cell *cell)
{
	if (bpf_map_delete_elem(&displaced_flows, &cell->key))
		return -1;
	__sync_fetch_and_sub(&displaced, 1);
	return 0;
}

/*
 * Whether no flow has been made at this lock since there were `made`; if so, this is one. `word` leads to it from now
 * on, or it is displaced, and `word` is 0.
 */
static __always_inline int claim(struct flow_lock *lock, u32 made, u32 *word, u32 value, struct flow_cell *cell, u64 life)
{
	int is_first;

	bpf_spin_lock(&lock->lock);
	is_first = lock->made == made;
	if (is_first) {
		begin_life(cell, life);
		/* Before that one was made, for who reads that and then looks for it: a full barrier. */
		if (word)
			__sync_lock_test_and_set(word, value);
		lock->made = made + 1;
	}
	bpf_spin_unlock(&lock->lock);
	return is_first;
}

enum creation {
	CREATED,
	EXISTS,
	OVERTAKEN,
	LEFT_OVER, /* overtaken, and its key still leads to its cell */
};

/* Of the flow in a cell that nobody else has. A global function, so that the verifier follows it once. */
__noinline int try_to_create(u32 number, u64 life)
{
	struct flow_cell *cell = cell_of(number), *other;
	struct flow_bucket *bucket;
	struct flow_lock *lock;
	u32 hash, made;
	u32 *word;

	if (!cell)
		return OVERTAKEN;
	hash = hash_of(&cell->key);
	bucket = flow_bucket_of(hash);
	lock = lock_of(hash);
	if (!bucket || !lock)
		return OVERTAKEN;
	made = __sync_fetch_and_add(&lock->made, 0);
	word = word_of(bucket, tag_of(hash));
	other = cell_of(word ? *word : 0);
	if ((other && is_key(&other->key, &cell->key)) ||
	    (displaced && bpf_map_lookup_elem(&displaced_flows, &cell->key)))
		return EXISTS;
	word = other ? 0 : free_word_of(bucket);
	if (unlikely(!word) && add_displaced(cell, number - 1))
		return OVERTAKEN;
	if (claim(lock, made, word, tag_of(hash) | number, cell, life))
		return CREATED;
	return unlikely(!word) && remove_displaced(cell) ? LEFT_OVER : OVERTAKEN;
}

/* For the next sweep, of one that is displaced: until then its key has no other flow, as if it were being deleted. */
static __always_inline void leave_over(struct flow_cell *cell)
{
	/* First: with both marks it could be used again. */
	clear_mark(&cell->flow, MARK_EMPTY);
	set_mark(&cell->flow, MARK_LEFT_OVER);
}

/* Global likewise. As store_flow_create(). */
__noinline int create_flow_cell(const struct flow_key *key, const struct flow *flow)
{
	u32 number = take_cell();
	struct flow_cell *cell = cell_of(number);
	int creation;

	if (!key || !flow || !cell)
		return -1;
	fill_cell(cell, key, flow);
	creation = try_to_create(number, flow->life);
	/* By flows that other CPUs have made at the same lock meanwhile. */
	if (unlikely(creation == OVERTAKEN))
		creation = try_to_create(number, flow->life);
	if (unlikely(creation == OVERTAKEN))
		creation = try_to_create(number, flow->life);
	if (likely(creation == CREATED))
		return 0;
	if (unlikely(creation == LEFT_OVER))
		leave_over(cell);
	else
		empty_cell(cell, number - 1);
	return creation == EXISTS ? 1 : -1;
}

/* Of each flow one CPU does (end_life()). Global likewise. */
__noinline int delete_flow_cell(const struct flow_key *key)
{
	struct flow_bucket *bucket;
	struct flow_cell *cell;
	u32 *word, value;
	u32 hash;

	if (!key)
		return 0;
	hash = hash_of(key);
	bucket = flow_bucket_of(hash);
	word = bucket ? word_of(bucket, tag_of(hash)) : 0;
	value = word ? *word : 0;
	cell = cell_of(value);
	if (word && cell && is_key(&cell->key, key)) {
		__sync_lock_test_and_set(word, 0);
	} else {
		value = find_displaced(key);
		cell = cell_of(value);
		if (!cell || !is_key(&cell->key, key))
			return 0;
		if (remove_displaced(cell)) {
			leave_over(cell);
			return 0;
		}
	}
	empty_cell(cell, (value & fixed.cell_mask) - 1);
	return 0;
}

/* What could not be done when a flow was deleted, if there is anything. For sweeps: there is one at a time. */
static __always_inline int finish_deletion(struct flow_cell *cell, u32 number)
{
	u32 marks = cell->flow.marks;

	if (likely(!(marks & MARK_LEFT_OVER)))
		return 0;
	clear_mark(&cell->flow, MARK_LEFT_OVER);
	/* By its cell: another CPU's of its key may be in their bucket. */
	if (!(marks & MARK_EMPTY) && remove_displaced(cell))
		leave_over(cell);
	else
		empty_cell(cell, number);
	return 1;
}

static __always_inline int store_flow_create(const struct flow_key *key, const struct flow *flow)
{
	return create_flow_cell(key, flow);
}

static __always_inline void store_flow_delete(const struct flow_key *key)
{
	delete_flow_cell(key);
}

#endif
