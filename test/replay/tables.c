/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The replay's hash tables, for their test: what they do with keys that somebody else has made. */
#include "../../bpf/replay/tables.h"

#define EXPORT(name) __attribute__((export_name(#name))) name
/* struct flow_key */
#define KEY_BYTES 40

static struct table table = { .max_entries = ~0U };
static u64 key[KEY_BYTES / 8];

/* To be called first. */
void EXPORT(start)(u64 seed)
{
	arena_begin();
	seed_hash(seed);
}

/* Where a key is to be put. */
void *EXPORT(key_room)(void)
{
	return key;
}

/* As table_insert(). */
int EXPORT(insert)(void)
{
	u64 value = 0;

	return table_insert(&table, key, KEY_BYTES, &value, sizeof(value));
}

int EXPORT(is_there)(void)
{
	return table_find(&table, key, KEY_BYTES) != 0;
}

u32 EXPORT(hash)(void)
{
	return hash_key(key, KEY_BYTES);
}

/* So many entries are in the fullest bucket. */
u32 EXPORT(longest)(void)
{
	u32 longest = 0;

	for (u32 bucket = 0; bucket <= table.mask; bucket++) {
		u32 length = 0;

		for (struct node *node = table.buckets[bucket]; node; node = node->next)
			length++;
		if (length > longest)
			longest = length;
	}
	return longest;
}
