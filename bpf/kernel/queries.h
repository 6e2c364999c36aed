/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where queries of DNS wait for their responses. */
#ifndef PPING_KERNEL_QUERIES_H
#define PPING_KERNEL_QUERIES_H

#include "../core/state.h"
#include "created.h"

#define MAX_QUERIES 32768 /* unless it is set before loading */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_QUERIES); /* 1 where DNS is not asked for */
	__type(key, struct dns_key);
	__type(value, struct dns_query);
} queries SEC(".maps");

/* As blank_flow (maps.h): nothing else on the CPU uses it meanwhile. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct dns_query);
} blank_query SEC(".maps");

static __always_inline struct dns_query *store_blank_query(void)
{
	u32 zero = 0;
	struct dns_query *blank = bpf_map_lookup_elem(&blank_query, &zero);

	if (blank)
		__builtin_memset(blank, 0, sizeof(*blank));
	return blank;
}

static __always_inline struct dns_query *store_query_lookup(const struct dns_key *key)
{
	return bpf_map_lookup_elem(&queries, key);
}

static __always_inline int store_query_insert(const struct dns_key *key, const struct dns_query *value)
{
	return created(bpf_map_update_elem(&queries, key, value, BPF_NOEXIST));
}

static __always_inline int store_query_delete(const struct dns_key *key)
{
	return bpf_map_delete_elem(&queries, key);
}

#endif
