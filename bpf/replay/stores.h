/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A replay's stores: hash tables in linear memory, and what the core reaches them by. What
 * kernel/maps.h is to the kernel.
 */
#ifndef PPING_REPLAY_STORES_H
#define PPING_REPLAY_STORES_H

#include "capture.h"
#include "../core/state.h"
#include "tables.h"

#define MAX_EMBRYOS 16384
#define MAX_QUERIES 32768
#define MAX_FORGOTTEN 16384
#define EVENT_BYTES (1 << 20)

static struct replay_state state;
static struct settings settings;
static struct filter filter;
static struct counters counters;
static u8 events[EVENT_BYTES] __attribute__((aligned(8)));
static u32 events_used;
static u64 places[PLACE_ENTRIES];
/* By place: the interface of the capture that it was last seen at. */
static u16 seen_at[PLACE_ENTRIES * 2];
static u64 next_cookie = 1;
static u32 unassured;

static struct table flows, losses, timestamps, embryos = { .max_entries = MAX_EMBRYOS };
static struct table forgotten = { .max_entries = MAX_FORGOTTEN };
static struct table queries = { .max_entries = MAX_QUERIES };

static struct aggregation aggregation;
/* Those of the interval under way. One is read at a time, and forgotten: no second half is needed. */
static struct table aggregates;
/* What was counted there of the traffic of flows. */
static struct table counted;

static __always_inline u64 target_tick_ns(void)
{
	return 1;
}

/* Not asked: each packet brings its time. */
static __always_inline u64 target_clock(void *context, u8 hook)
{
	return state.latest;
}

static __always_inline volatile struct settings *target_settings(void)
{
	return &settings;
}

static __always_inline const volatile struct filter *target_filter(void)
{
	return &filter;
}

static __always_inline volatile u64 *store_place(u32 index)
{
	return &places[index];
}

static __always_inline void store_count(enum counter counter)
{
	counters.by_cause[counter]++;
}

static __always_inline void store_count_fate(u32 counter)
{
	counters.by_cause[counter]++;
}

static __always_inline void store_add(enum counter counter, u32 count)
{
	counters.by_cause[counter] += count;
}

static __always_inline void store_count_packet(enum counter counter, u32 bytes)
{
	store_count(counter);
	store_add(COUNTER_BYTES, bytes);
}

static __always_inline void store_count_unparsed(u32 counter, u32 kind)
{
	counters.by_cause[counter]++;
	if (kind < UNREAD_COUNT)
		counters.by_unread[kind]++;
}

static __always_inline struct flow *store_flow_lookup(const struct flow_key *key)
{
	return table_find(&flows, key, sizeof(*key));
}

static __always_inline struct flow *store_flow_find(const struct flow_key *key)
{
	return store_flow_lookup(key);
}

static __always_inline struct flow *store_blank_flow(void)
{
	static struct flow blank;

	__builtin_memset(&blank, 0, sizeof(blank));
	return &blank;
}

static __always_inline struct dns_query *store_blank_query(void)
{
	static struct dns_query blank;

	__builtin_memset(&blank, 0, sizeof(blank));
	return &blank;
}

static __always_inline int store_flow_create(const struct flow_key *key, const struct flow *flow)
{
	return table_insert(&flows, key, sizeof(*key), flow, sizeof(*flow));
}

static __always_inline void store_flow_delete(const struct flow_key *key)
{
	table_delete(&flows, key, sizeof(*key));
}

static __always_inline struct flow_losses *store_losses_lookup(u64 cookie)
{
	return table_find(&losses, &cookie, sizeof(cookie));
}

static __always_inline int store_losses_create(u64 cookie)
{
	static const struct flow_losses none;

	return table_insert(&losses, &cookie, sizeof(cookie), &none, sizeof(none));
}

static __always_inline void store_losses_delete(u64 cookie)
{
	table_delete(&losses, &cookie, sizeof(cookie));
}

static __always_inline const volatile struct aggregation *target_aggregation(void)
{
	return &aggregation;
}

static __always_inline void *store_interval(void)
{
	return &aggregates;
}

static __always_inline struct aggregate *store_aggregate_lookup(void *interval, const struct aggregate_key *key)
{
	return table_find(interval, key, sizeof(*key));
}

static __always_inline int store_aggregate_create(void *interval, const struct aggregate_key *key)
{
	static const struct aggregate none;

	return table_insert(interval, key, sizeof(*key), &none, sizeof(none));
}

static __always_inline struct counted *store_counted_lookup(u64 cookie)
{
	return table_find(&counted, &cookie, sizeof(cookie));
}

static __always_inline int store_counted_create(u64 cookie)
{
	static const struct counted none;

	return table_insert(&counted, &cookie, sizeof(cookie), &none, sizeof(none));
}

static __always_inline void store_counted_delete(u64 cookie)
{
	table_delete(&counted, &cookie, sizeof(cookie));
}

static __always_inline u32 target_max_flows(void)
{
	return flows.max_entries;
}

static __always_inline u32 *store_unassured(void)
{
	return &unassured;
}

static __always_inline u64 target_next_cookie(void)
{
	return next_cookie++;
}

/* As in the kernel's LRU maps: what came first makes room. */
static __always_inline void put_newest(struct table *t, const void *key, u32 key_bytes, const void *value,
				       u32 value_bytes)
{
	table_delete(t, key, key_bytes);
	if (t->entries == t->max_entries)
		unlink_node(t, t->oldest);
	table_insert(t, key, key_bytes, value, value_bytes);
}

static __always_inline void store_forgotten_put(const struct flow_key *key, u32 time)
{
	put_newest(&forgotten, key, sizeof(*key), &time, sizeof(time));
}

static __always_inline const u32 *store_forgotten_lookup(const struct flow_key *key)
{
	return table_find(&forgotten, key, sizeof(*key));
}

static __always_inline struct embryo *store_embryo_lookup(const struct flow_key *key)
{
	return table_find(&embryos, key, sizeof(*key));
}

static __always_inline struct embryo *store_embryo_copy(const struct flow_key *key)
{
	static struct embryo copy, none;
	const struct embryo *embryo = store_embryo_lookup(key);

	copy = embryo ? *embryo : none;
	return &copy;
}

/* The one that was put longest ago makes room, as in the kernel's LRU map. */
static __always_inline void store_embryo_put(const struct flow_key *key,
					     const struct embryo *embryo)
{
	put_newest(&embryos, key, sizeof(*key), embryo, sizeof(*embryo));
}

static __always_inline int store_embryo_delete(const struct flow_key *key)
{
	return table_delete(&embryos, key, sizeof(*key));
}

static __always_inline struct timestamp *store_timestamp_lookup(const struct timestamp_key *key)
{
	return table_find(&timestamps, key, sizeof(*key));
}

static __always_inline int store_timestamp_insert(const struct timestamp_key *key,
						  const struct timestamp *value)
{
	return table_insert(&timestamps, key, sizeof(*key), value, sizeof(*value));
}

static __always_inline int store_timestamp_delete(const struct timestamp_key *key)
{
	return table_delete(&timestamps, key, sizeof(*key));
}

static __always_inline struct dns_query *store_query_lookup(const struct dns_key *key)
{
	return table_find(&queries, key, sizeof(*key));
}

/* As in the kernel's LRU map. */
static __always_inline int store_query_insert(const struct dns_key *key, const struct dns_query *value)
{
	if (queries.entries == queries.max_entries && !store_query_lookup(key))
		unlink_node(&queries, queries.oldest);
	return table_insert(&queries, key, sizeof(*key), value, sizeof(*value));
}

static __always_inline int store_query_delete(const struct dns_key *key)
{
	return table_delete(&queries, key, sizeof(*key));
}

/* There is always room: batches and sweeps stop before there is not. */
static __always_inline void *take_event(u32 bytes)
{
	u32 *header = (void *)(events + events_used);

	header[0] = bytes;
	header[1] = 0;
	events_used += RECORD_HEADER_BYTES + bytes;
	return header + RECORD_HEADER_BYTES / sizeof(*header);
}

static __always_inline struct rtt_event *target_reserve_rtt(u64 bytes)
{
	state.rtts++;
	return take_event(bytes);
}

static __always_inline struct flow_event *target_reserve_flow(void)
{
	return take_event(sizeof(struct flow_event));
}

static __always_inline struct overdue_event *target_reserve_overdue(void)
{
	return take_event(sizeof(struct overdue_event));
}

static __always_inline struct dns_event *target_reserve_dns(u64 bytes)
{
	return take_event(bytes);
}

static __always_inline int target_is_short_of_events(void)
{
	return 0;
}

static __always_inline void target_submit(void *event) {}
static __always_inline void target_submit_ordered(void *event) {}

/* Only ever the last one taken. */
static __always_inline void target_discard(void *event)
{
	events_used = (u8 *)event - RECORD_HEADER_BYTES - events;
}

#endif
