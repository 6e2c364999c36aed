/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Of a flow's key, in the table of flows: nobody who does not know the seed can choose which flows come together.
 */
#ifndef PPING_FLOW_HASH_H
#define PPING_FLOW_HASH_H

#include "settings.h"

/*
 * Strongly universal hashing by pairs (Lemire and Kaser, "Strongly universal string hashing is fast", 2014): of any two
 * keys, whoever has chosen them, each value of the hash is equally likely, as long as the seed is not known.
 */
static __always_inline u64 hash_pair(u64 pair, u32 at)
{
	return ((u32)pair + fixed.hash_seed[at]) * ((pair >> 32) + fixed.hash_seed[at + 1]);
}

/* Ports, IP version, protocol and place. */
static __always_inline u64 rest_of(const struct flow_key *key)
{
	u64 rest;

	__builtin_memcpy(&rest, key->port, sizeof(rest));
	return rest;
}

/*
 * Mixed in the end, one to one: else ports that are counted up would be at even distances. The first half of a mapped
 * address is always the same.
 */
static __always_inline u32 hash_of(const struct flow_key *key)
{
	u64 sum = fixed.hash_seed[0] + hash_pair(rest_of(key), 1) + hash_pair(key->address[0].halves[1], 3) +
		  hash_pair(key->address[1].halves[1], 5);
	u32 hash;

	if (key->ip_version != 4)
		sum += hash_pair(key->address[0].halves[0], 7) + hash_pair(key->address[1].halves[0], 9);
	hash = sum >> 32;
	hash = (hash ^ hash >> 16) * 0x9e3779b1;
	return hash ^ hash >> 15;
}

static __always_inline int is_key(const struct flow_key *a, const struct flow_key *b)
{
	if (rest_of(a) != rest_of(b) || a->address[0].halves[1] != b->address[0].halves[1] ||
	    a->address[1].halves[1] != b->address[1].halves[1])
		return 0;
	return a->ip_version == 4 || (a->address[0].halves[0] == b->address[0].halves[0] &&
				      a->address[1].halves[0] == b->address[1].halves[0]);
}

#endif
