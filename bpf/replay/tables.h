/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Hash tables in linear memory, for the replay target.
 *
 * Nodes never move, so that pointers to values stay good while other entries come and
 * go, and are walked in the order in which they came, so that nothing observable depends
 * on the hash. Like a BPF map, a table takes memory as it is used and is full at
 * max_entries. Sizes of keys and values are multiples of 8; they are arguments, and not
 * in the table, so that the compiler knows them.
 */
#ifndef PPING_TABLES_H
#define PPING_TABLES_H

#include "../parse/headers.h"

#define WASM_PAGE_BYTES 65536
/* Memory is asked for in pieces of this. */
#define ARENA_STEP_BYTES (1 << 20)
#define FIRST_BUCKETS 1024
#define LARGEST_BUCKETS (1U << 26)
/* For each entry at least: whoever meets another entry in a bucket waits for memory. */
#define LEAST_BUCKETS 2

struct node {
	struct node *next; /* in its bucket */
	struct node *older, *newer;
	u32 hash;
	u64 content[]; /* key, then value */
};

struct table {
	u32 max_entries;
	u32 entries;
	u32 mask; /* of buckets; 0 before the first entry */
	struct node **buckets;
	struct node *oldest, *newest;
	struct node *spare; /* deleted, linked through `next` */
};

/* --- memory --- */

extern u8 __heap_base;
static u32 arena_next, arena_end;

/* What there is of memory beyond the variables; to be called first. */
static void arena_begin(void)
{
	arena_next = ((u32)&__heap_base + 7) & ~7U;
	arena_end = __builtin_wasm_memory_size(0) * WASM_PAGE_BYTES;
}

/* Zeroed memory that is never given back; 0 when there is no more. */
static void *arena_take(u32 bytes)
{
	u32 start;

	bytes = (bytes + 7) & ~7U;
	if (bytes > arena_end - arena_next) {
		u32 step = (bytes + ARENA_STEP_BYTES) / WASM_PAGE_BYTES;
		u32 pages = __builtin_wasm_memory_grow(0, step);

		if (pages == ~0U)
			return 0;
		/* The host may have taken pages of its own in between. */
		if (pages * WASM_PAGE_BYTES != arena_end)
			arena_next = pages * WASM_PAGE_BYTES;
		arena_end = (pages + step) * WASM_PAGE_BYTES;
	}
	start = arena_next;
	arena_next += bytes;
	return (void *)start;
}

/* --- entries --- */

static __always_inline void *node_value(struct node *node, u32 key_bytes)
{
	return (u8 *)node->content + key_bytes;
}

/* Of the longest key. */
#define MOST_KEY_WORDS 8

/* Random in each run: who makes captures must not be able to choose what falls into one bucket. */
static u64 hash_seed[1 + 2 * MOST_KEY_WORDS];

/* SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
static void seed_hash(u64 seed)
{
	for (u32 i = 0; i < 1 + 2 * MOST_KEY_WORDS; i++) {
		u64 mixed = seed += 0x9e3779b97f4a7c15ULL;

		mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9ULL;
		mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebULL;
		hash_seed[i] = mixed ^ mixed >> 31;
	}
}

/*
 * Strongly universal (kernel/flow_hash.h): whatever two keys differ in, be it addresses that are counted up with one pair
 * of ports, they share a bucket no more often than by chance.
 */
static __always_inline u32 hash_key(const u64 *key, u32 key_bytes)
{
	u64 sum = hash_seed[0];
	u32 hash;

	if (key_bytes > 8 * MOST_KEY_WORDS)
		__builtin_trap();
	for (u32 i = 0; i < key_bytes / 8; i++)
		sum += ((u32)key[i] + hash_seed[1 + 2 * i]) * ((key[i] >> 32) + hash_seed[2 + 2 * i]);
	hash = sum >> 32;
	hash = (hash ^ hash >> 16) * 0x9e3779b1;
	return hash ^ hash >> 15;
}

static __always_inline int is_same_key(const u64 *a, const u64 *b, u32 key_bytes)
{
	u64 different = 0;

	for (u32 i = 0; i < key_bytes / 8; i++)
		different |= a[i] ^ b[i];
	return !different;
}

static __always_inline struct node *find_node(const struct table *t, const void *key,
					      u32 key_bytes, u32 hash)
{
	struct node *node = t->mask ? t->buckets[hash & t->mask] : 0;

	while (node && !(node->hash == hash && is_same_key(node->content, key, key_bytes)))
		node = node->next;
	return node;
}

/* The value, or 0. */
static __always_inline void *table_find(const struct table *t, const void *key, u32 key_bytes)
{
	struct node *node = find_node(t, key, key_bytes, hash_key(key, key_bytes));

	return node ? node_value(node, key_bytes) : 0;
}

/* Twice the buckets, as long as there is memory for them; longer chains work, too. */
static __noinline void grow_buckets(struct table *t)
{
	u32 count = t->mask ? 2 * (t->mask + 1) : FIRST_BUCKETS;
	struct node **buckets = count <= LARGEST_BUCKETS ? arena_take(count * sizeof(*buckets)) : 0;

	if (!buckets)
		return;
	t->mask = count - 1;
	t->buckets = buckets;
	for (struct node *node = t->oldest; node; node = node->newer) {
		node->next = buckets[node->hash & t->mask];
		buckets[node->hash & t->mask] = node;
	}
}

static __always_inline struct node *take_node(struct table *t, u32 content_bytes)
{
	struct node *node = t->spare;

	if (!node)
		return arena_take(sizeof(*node) + content_bytes);
	t->spare = node->next;
	return node;
}

static __always_inline void link_node(struct table *t, struct node *node)
{
	struct node **bucket = &t->buckets[node->hash & t->mask];

	node->next = *bucket;
	*bucket = node;
	node->newer = 0;
	node->older = t->newest;
	if (t->newest)
		t->newest->newer = node;
	else
		t->oldest = node;
	t->newest = node;
	t->entries++;
}

/* 0 on success, 1 when the key is there already, -1 when full. */
static __always_inline int table_insert(struct table *t, const void *key, u32 key_bytes,
					const void *value, u32 value_bytes)
{
	u32 hash = hash_key(key, key_bytes);
	struct node *node;

	if (find_node(t, key, key_bytes, hash))
		return 1;
	if (t->entries >= t->max_entries)
		return -1;
	if (LEAST_BUCKETS * t->entries > t->mask || !t->mask)
		grow_buckets(t);
	node = t->mask ? take_node(t, key_bytes + value_bytes) : 0;
	if (!node)
		return -1;
	node->hash = hash;
	__builtin_memcpy(node->content, key, key_bytes);
	__builtin_memcpy(node_value(node, key_bytes), value, value_bytes);
	link_node(t, node);
	return 0;
}

static __always_inline void unlink_node(struct table *t, struct node *node)
{
	struct node **link = &t->buckets[node->hash & t->mask];

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	if (node->older)
		node->older->newer = node->newer;
	else
		t->oldest = node->newer;
	if (node->newer)
		node->newer->older = node->older;
	else
		t->newest = node->older;
	node->next = t->spare;
	t->spare = node;
	t->entries--;
}

/* 0 when it was there. */
static __always_inline int table_delete(struct table *t, const void *key, u32 key_bytes)
{
	struct node *node = find_node(t, key, key_bytes, hash_key(key, key_bytes));

	if (!node)
		return -1;
	unlink_node(t, node);
	return 0;
}

static void table_clear(struct table *t)
{
	while (t->oldest)
		unlink_node(t, t->oldest);
}

#endif
