/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Queries of DNS in aggregates: how many of a resolver's responses took how long, and what came of those without a
 * response time. The protocol is a part of the key, so that these are never together with RTTs.
 */
#ifndef PPING_AGGREGATED_QUERIES_H
#define PPING_AGGREGATED_QUERIES_H

#include "aggregates.h"

/* Whose query it is, it says by itself: it has no flow. */
static __always_inline void set_asker_key(struct aggregate_key *key, const struct dns_query *query)
{
#ifdef PPING_OWNERS
	if (query->owner.socket_cookie)
		set_known_owner(key, &query->owner);
	else
		key->owner = AGGREGATE_OWNER_UNKNOWN;
#endif
}

/* NOERROR is the rest. */
static __always_inline void count_rcode(struct dns_counts *counts, u32 rcode)
{
	u32 slot = rcode < DNS_RCODES_COUNTED ? rcode : DNS_RCODES_OTHER;

	/* The compiler knows that; the verifier has to see it. */
	asm volatile("" : "+r"(slot));
	if (rcode && slot < DNS_RCODES_COUNTED)
		__sync_fetch_and_add(&counts->rcodes[slot], 1);
}

static __always_inline void count_response(struct aggregate *aggregate, const struct dns_outcome *outcome)
{
	struct report report = report_of(outcome->time, outcome->flags);

	count_report(aggregate, &report);
	count_rcode(&aggregate->dns, outcome->rcode);
	if (outcome->flags & DNS_TRUNCATED)
		__sync_fetch_and_add(&aggregate->dns.truncated, 1);
}

/* `flow` is the query's and its response's. */
static __noinline void aggregate_query(const struct flow_key *flow, const struct dns_query *query,
				       const struct dns_outcome *outcome)
{
	struct aggregate *aggregate;
	struct aggregate_key key;

	begin_aggregate_key(&key, flow, side_of_flags(outcome->flags));
	if (target_aggregation()->by == AGGREGATE_BY_OWNER)
		set_asker_key(&key, query);
	else
		set_place_key(&key, flow, outcome->resolver & 1);
	aggregate = need_aggregate(&key, flow->place);
	if (!aggregate)
		store_count(COUNTER_FLOW_EVENTS_LOST);
	else if (outcome->flags & DNS_UNANSWERED)
		__sync_fetch_and_add(&aggregate->overdue, 1);
	else if (outcome->flags & DNS_AMBIGUOUS)
		__sync_fetch_and_add(&aggregate->dns.ambiguous, 1);
	else
		count_response(aggregate, outcome);
}

#endif
