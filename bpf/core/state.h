/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where it is kept what is known of connections.
 *
 * What the core needs of its target it reaches only through functions that each target defines:
 * store_* for what is kept (BPF maps in the kernel, hash tables in a replay), target_* for all else:
 * clocks, settings, room for events.
 */
#ifndef PPING_STATE_H
#define PPING_STATE_H

#include "../parse/frame.h"
#include "flows.h"

/*
 * When a segment passes `hook` (enum hook), by the clock that measures: now, or when it is to leave;
 * never 0 or 1.
 */
static u64 target_clock(void *context, u8 hook);
/* Nanoseconds from one tick of the coarse clock to the next. */
static u64 target_tick_ns(void);

/* About a millisecond: 32 bits of it come round after 52 days. */
#define COARSE_TIME_SHIFT 20

/* Written by user space (kernel target) or the host (replay). */
static volatile struct settings *target_settings(void);

/* A pointer that stays valid while the segment is processed, or 0. */
static struct flow *store_flow_lookup(const struct flow_key *key);
/* The same with a key that is on the stack of who calls. */
static struct flow *store_flow_find(const struct flow_key *key);
/*
 * Room to build a flow in, all zero: a BPF program's stack has not enough. 0 where there is none.
 */
static struct flow *store_blank_flow(void);
/* 0 on success, 1 when the key has one already, -1 when full. */
static int store_flow_create(const struct flow_key *key, const struct flow *flow);
static void store_flow_delete(const struct flow_key *key);
/* When a flow was forgotten (forgotten.h), by coarse_time(). What was so first makes room. */
static void store_forgotten_put(const struct flow_key *key, u32 time);
static const u32 *store_forgotten_lookup(const struct flow_key *key);
static u64 target_next_cookie(void);
/* So many there may be ... */
static u32 target_max_flows(void);
/* ... and so many are not assured. */
static u32 *store_unassured(void);

/* Of the flow with that cookie; 0 where there are none. */
static struct flow_losses *store_losses_lookup(u64 cookie);
/* All zero. 0 on success, 1 when there are some already, -1 when full. */
static int store_losses_create(u64 cookie);
static void store_losses_delete(u64 cookie);

static struct embryo *store_embryo_lookup(const struct flow_key *key);
/*
 * A copy that nothing changes meanwhile, good until the next call; all zero where there is none.
 * 0 where there is no room.
 */
static struct embryo *store_embryo_copy(const struct flow_key *key);
static void store_embryo_put(const struct flow_key *key, const struct embryo *embryo);
/* 0 for the one caller that deleted it. */
static int store_embryo_delete(const struct flow_key *key);

static struct timestamp *store_timestamp_lookup(const struct timestamp_key *key);
/* 0 on success, 1 when the key is there already, -1 when full. */
static int store_timestamp_insert(const struct timestamp_key *key, const struct timestamp *value);
/* 0 for the one caller that deleted it. */
static int store_timestamp_delete(const struct timestamp_key *key);

/* Room to build a query in, or a copy, as store_blank_flow() has it; not for sweeps, which packets come in between. */
static struct dns_query *store_blank_query(void);
static struct dns_query *store_query_lookup(const struct dns_key *key);
/* What has waited longest makes room. 0 on success, 1 when the key is there already, -1 when there is no room yet. */
static int store_query_insert(const struct dns_key *key, const struct dns_query *value);
/* 0 for the one caller that deleted it. */
static int store_query_delete(const struct dns_key *key);
/* Whether it is told what queries are for; does not change in a run. */
static int target_are_dns_names(void);

/* What is counted of RTTs in the core; does not change in a run. */
static const volatile struct aggregation *target_aggregation(void);
/* Where it is counted in the interval under way. Stays valid, as what is in it does, as long as a pointer to a flow. */
static void *store_interval(void);
/* Those of others are always there. */
static struct aggregate *store_aggregate_lookup(void *interval, const struct aggregate_key *key);
/* All zero. 0 on success, 1 when the key has one already, -1 when full. */
static int store_aggregate_create(void *interval, const struct aggregate_key *key);
/* Of the flow with that cookie; 0 where nothing was counted. */
static struct counted *store_counted_lookup(u64 cookie);
/* All zero. 0 on success, 1 when there are some already, -1 when full. */
static int store_counted_create(u64 cookie);
static void store_counted_delete(u64 cookie);

/* Room for one event, to be submitted at once; 0 when there is none (the target counts that). */
static struct rtt_event *target_reserve_rtt(u64 bytes);
static struct flow_event *target_reserve_flow(void);
static struct overdue_event *target_reserve_overdue(void);
static struct dns_event *target_reserve_dns(u64 bytes);
static void target_submit(void *event);
/* The same, after a full barrier. */
static void target_submit_ordered(void *event);
/* Whether there is little room left for events. */
static int target_is_short_of_events(void);
/* Gives such room back. */
static void target_discard(void *event);

static void store_count(enum counter counter);
/* One of those that a packet ends in. */
static void store_count_fate(u32 counter);
static void store_add(enum counter counter, u32 count);
/* One more that could not be parsed, and that is of a kind (enum unread), or of none (UNREAD_COUNT). */
static void store_count_unparsed(u32 counter, u32 kind);
/* One more, and its bytes. */
static void store_count_packet(enum counter counter, u32 bytes);

/* Whether a segment that came in through ingress for `destination` ends on this machine. */
static int target_is_local(void *context, const struct flow_key *key, u8 destination,
			  u8 to_this_host);

/* Reading the clock costs as much as looking up a flow: it is read when something is measured. */
static __always_inline void read_clock(void *context, struct packet *p)
{
	if (!p->now)
		p->now = target_clock(context, p->hook);
}

/* What is kept of a time by the coarse clock, where there is no room for more. */
static __always_inline u32 coarse_time(u64 tick)
{
	return tick * target_tick_ns() >> COARSE_TIME_SHIFT;
}

/* The same where 0 stands for none. */
static __always_inline u32 coarse_time_not_0(u64 tick)
{
	u32 time = coarse_time(tick);

	return time ? time : 1;
}

#endif
