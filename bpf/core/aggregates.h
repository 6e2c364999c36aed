/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs of many connections together, counted where they are measured: for each side of the interface and each
 * protocol how many were how long, and if asked for by interface, by interface and the responder's network, or by
 * owner.
 *
 * What is counted belongs to the interval that is under way. User space puts fresh counts in its place
 * (store_interval()), and reads the old ones once nobody counts in them any more.
 */
#ifndef PPING_AGGREGATES_H
#define PPING_AGGREGATES_H

#include "../parse/places.h"
#include "records.h"

/* Several CPUs may lower the least at once: one that does not get its turn has been overtaken each time. */
#define BOUND_ATTEMPTS 8
/* A tunnel around a tunnel, each with VLANs in it, in a session, in VLANs. */
#define MOST_PLACES_AROUND 6

/* Neither changes in a run. */
static __always_inline int are_aggregated(void)
{
	return target_aggregation()->by != AGGREGATE_NOT;
}

/* Whether each RTT is told by itself. */
static __always_inline int are_rtts_told(void)
{
	return !are_aggregated() || target_aggregation()->events;
}

static __always_inline enum aggregate_side side_of_flags(u32 flags)
{
	if (flags & RTT_HOOK_UNKNOWN)
		return AGGREGATE_UNKNOWN;
	return flags & RTT_MATCH_ON_EGRESS ? AGGREGATE_BEHIND : AGGREGATE_BEYOND;
}

/* The number of the interface that a place is at. */
static __always_inline u32 interface_at(u16 place)
{
	for (int i = 0; i < MOST_PLACES_AROUND && place >= PLACE_ENTRIES; i++) {
		volatile u64 *entry = store_place(place - PLACE_ENTRIES);
		u64 found;

		if (!entry)
			break;
		found = *entry;
		if (found >> PLACE_TUNNEL_SHIFT == TUNNEL_NONE)
			return found >> PLACE_INTERFACE_SHIFT;
		place = found >> PLACE_AROUND_SHIFT;
	}
	return place;
}

/* A network of the length that is asked for. */
static __always_inline void set_prefix(struct aggregate_key *key, const struct address *address, u8 ip_version)
{
	const volatile struct aggregation *wanted = target_aggregation();

	key->ip_version = ip_version;
	if (ip_version == 4) {
		key->prefix.halves[0] = address->halves[0] & wanted->mask_v4.halves[0];
		key->prefix.halves[1] = address->halves[1] & wanted->mask_v4.halves[1];
	} else {
		key->prefix.halves[0] = address->halves[0] & wanted->mask_v6.halves[0];
		key->prefix.halves[1] = address->halves[1] & wanted->mask_v6.halves[1];
	}
}

static __always_inline void begin_aggregate_key(struct aggregate_key *key, const struct flow_key *flow, u8 side)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->side = side;
	key->protocol = flow->protocol;
}

/* But by owner. `responder` is an end of the flow, 0 or 1. */
static __always_inline void set_place_key(struct aggregate_key *key, const struct flow_key *flow, u32 responder)
{
	u32 by = target_aggregation()->by;

	if (by == AGGREGATE_BY_SIDE)
		return;
	key->interface = interface_at(flow->place);
	if (by == AGGREGATE_BY_PREFIX)
		set_prefix(key, responder ? &flow->address[1] : &flow->address[0], flow->ip_version);
}

/* Of an RTT or of traffic: where it is counted. */
union aggregate_search {
	struct flow_key flow; /* until the flow was looked up: the stack has no room for both */
	struct aggregate_key key;
};

#ifdef PPING_OWNERS

static __always_inline void set_known_owner(struct aggregate_key *key, const struct owner *owner)
{
	key->owner = AGGREGATE_OWNER_KNOWN;
	key->prefix.halves[0] = owner->cgroup;
	key->prefix.halves[1] = owner->uid;
}

static __always_inline void set_owner(struct aggregate_key *key, const struct flow *flow)
{
	if (!flow || flow->owner_state < OWNER_ABSENT) {
		key->owner = AGGREGATE_OWNER_UNKNOWN;
	} else if (flow->owner_state == OWNER_ABSENT) {
		key->owner = AGGREGATE_OWNER_ABSENT;
	} else {
		set_known_owner(key, &flow->owner);
	}
}

/* The flow is looked up again: one more argument of what counts RTTs takes more stack than there is. */
static __always_inline void set_owner_key(union aggregate_search *search, const struct flow_key *key, u8 side)
{
	const struct flow *flow;

	search->flow = *key;
	flow = store_flow_find(&search->flow);
	begin_aggregate_key(&search->key, key, side);
	set_owner(&search->key, flow);
}

#else

static __always_inline void set_owner_key(union aggregate_search *search, const struct flow_key *key, u8 side) {}

#endif

/* `responder` is an end of the flow, 0 or 1. */
static __always_inline void set_aggregate_key(union aggregate_search *search, const struct flow_key *flow,
					      u32 responder, u8 side)
{
	if (target_aggregation()->by == AGGREGATE_BY_OWNER)
		return set_owner_key(search, flow, side);
	begin_aggregate_key(&search->key, flow, side);
	set_place_key(&search->key, flow, responder);
}

/* Those that find no room are together. */
static __always_inline struct aggregate *others_of(void *interval, struct aggregate_key *key)
{
	u8 side = key->side, protocol = key->protocol;

	__builtin_memset(key, 0, sizeof(*key));
	key->side = side;
	key->protocol = protocol;
	key->owner = AGGREGATE_OWNER_OTHERS;
	return store_aggregate_lookup(interval, key);
}

/* 0 only where the target has lost its stores. Meanwhile another interval may begin: it is asked for once. */
static __always_inline struct aggregate *need_aggregate(struct aggregate_key *key, u16 place)
{
	void *interval = store_interval();
	struct aggregate *aggregate = interval ? store_aggregate_lookup(interval, key) : 0;

	if (likely(aggregate) || !interval)
		return aggregate;
	if (store_aggregate_create(interval, key) < 0)
		return others_of(interval, key);
	aggregate = store_aggregate_lookup(interval, key);
	if (aggregate)
		aggregate->place = place;
	return aggregate;
}

/* Of a number from 1 to 2^32 - 1. */
static __always_inline u32 log_of(u32 value)
{
	u32 log = 0;

	for (u32 step = 16; step; step >>= 1) {
		if (value >> step) {
			value >>= step;
			log += step;
		}
	}
	return log;
}

/* Each octave is cut into equal parts; what is shorter than the first octave, or longer than the last, has a bucket each. */
static __always_inline u32 bucket_of(u64 rtt)
{
	u32 octave;

	if (rtt >> AGGREGATE_FIRST_BITS == 0)
		return 0;
	if (rtt >> AGGREGATE_LAST_BITS)
		return AGGREGATE_BUCKETS - 1;
	octave = log_of(rtt >> AGGREGATE_FIRST_BITS);
	return 1 + octave * AGGREGATE_PARTS +
	       (rtt >> (octave + AGGREGATE_FIRST_BITS - AGGREGATE_PART_BITS)) % AGGREGATE_PARTS;
}

static __always_inline void lower_least(struct aggregate *aggregate, u64 rtt)
{
	for (int i = 0; i < BOUND_ATTEMPTS; i++) {
		u64 least = aggregate->least;

		if ((least && least <= rtt) ||
		    __sync_val_compare_and_swap(&aggregate->least, least, rtt) == least)
			return;
	}
}

static __always_inline void raise_most(struct aggregate *aggregate, u64 rtt)
{
	for (int i = 0; i < BOUND_ATTEMPTS; i++) {
		u64 most = aggregate->most;

		if (most >= rtt || __sync_val_compare_and_swap(&aggregate->most, most, rtt) == most)
			return;
	}
}

static __always_inline void count_report(struct aggregate *aggregate, const struct report *report)
{
	u32 bucket = bucket_of(report->rtt);

	/* The compiler knows that; the verifier has to see it. */
	asm volatile("" : "+r"(bucket));
	if (bucket < AGGREGATE_BUCKETS)
		__sync_fetch_and_add(&aggregate->buckets[bucket], 1);
	__sync_fetch_and_add(&aggregate->reported, 1);
	__sync_fetch_and_add(&aggregate->samples, report->samples);
	__sync_fetch_and_add(&aggregate->sum, report->rtt);
	lower_least(aggregate, report->rtt);
	raise_most(aggregate, report->rtt);
}

/* In one number: four arguments take more stack than there is. */
static __always_inline u32 answer_of(u32 responder, u32 flags)
{
	return flags << 1 | responder;
}

/*
 * A report, or 0 for data that was not answered. `answer` is who has answered, or has not, and where that would be
 * seen: answer_of(). Global, as emit_rare_rtt() is: the verifier follows it once.
 */
__noinline int aggregate_rtt(const struct flow_key *flow, const struct report *report, u32 answer)
{
	union aggregate_search search;
	struct aggregate *aggregate;

	if (!flow)
		return 0;
	set_aggregate_key(&search, flow, answer & 1, side_of_flags(answer >> 1));
	aggregate = need_aggregate(&search.key, flow->place);
	if (!aggregate)
		store_count(COUNTER_RTT_EVENTS_LOST);
	else if (report)
		count_report(aggregate, report);
	else
		__sync_fetch_and_add(&aggregate->overdue, 1);
	return 0;
}

#endif
