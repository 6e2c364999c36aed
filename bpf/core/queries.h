/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Queries of DNS that wait for their response. They have no flow: most have a port of their own, and a flood of them
 * is to push out nothing but other queries.
 */
#ifndef PPING_QUERIES_H
#define PPING_QUERIES_H

#include "aggregated_queries.h"
#include "events.h"

static __always_inline void set_outcome(struct dns_event *event, const struct flow_key *key,
					const struct dns_outcome *outcome, u64 now)
{
	set_header(&event->header, EVENT_DNS, key, outcome->resolver, 0, now);
	event->time = outcome->time;
	event->flags = outcome->flags;
	event->id = outcome->id;
	event->rcode = outcome->rcode;
	event->reserved = 0;
}

static __always_inline void set_asker(struct dns_event *event, const struct dns_query *query)
{
#ifdef PPING_OWNERS
	event->owner = query->owner;
#else
	__builtin_memset(&event->owner, 0, sizeof(event->owner));
#endif
}

/* Which anyone can have by the thousand: they leave the last of the room to others. */
static __always_inline struct dns_event *reserve_outcome(u64 bytes)
{
	if (likely(!target_is_short_of_events()))
		return target_reserve_dns(bytes);
	store_count(COUNTER_FLOW_EVENTS_LOST);
	return 0;
}

/* By itself, for the stack. */
static __noinline void emit_unanswered(const struct dns_key *key, const struct dns_query *query,
				       const struct dns_outcome *outcome, u64 now)
{
	struct dns_event *event = reserve_outcome(DNS_BYTES_WITHOUT_QUESTION);

	if (!event)
		return;
	set_outcome(event, &key->flow, outcome, now);
	set_asker(event, query);
	target_submit(event);
}

static __always_inline void report_unanswered(const struct dns_key *key, const struct dns_query *query, u64 now)
{
	struct dns_outcome outcome = { .time = now - query->time, .flags = DNS_UNANSWERED, .id = key->id,
				       .resolver = !key->sender };

	outcome.flags |= answer_flag(query->hook);
	if (are_aggregated())
		aggregate_query(&key->flow, query, &outcome);
	if (are_rtts_told())
		emit_unanswered(key, query, &outcome, now);
}

/* Whether nothing is to be expected any more of what was sent last at `query->last`. */
static __always_inline int is_query_over(const struct dns_query *query, u64 now)
{
	return (s64)(now - query->last) > (s64)target_settings()->timestamp_timeout;
}

/* Of one that was given up, whether a response may still come: who gives up when pping does asks again at once, with that id. */
static __always_inline int is_response_late(const struct dns_query *query, u64 now)
{
	return (s64)(now - query->last) <= 2 * (s64)target_settings()->timestamp_timeout;
}

/* Keeps that it was given up: under another key, so that deleting the one that waits still decides who tells of it. */
static __always_inline void bury_query(struct dns_key *key, const struct dns_query *query)
{
	key->is_over = 1;
	store_query_delete(key);
	store_query_insert(key, query);
	key->is_over = 0;
}

/* Whether one like it was given up a moment ago. */
static __always_inline int was_given_up(struct dns_key *key, u64 now)
{
	const struct dns_query *query;

	key->is_over = 1;
	query = store_query_lookup(key);
	key->is_over = 0;
	return query && is_response_late(query, now);
}

/*
 * Forgets a query that is over. Its memory may be another's by then: `copy` says what it was. It is none of this function's
 * own, for the stack.
 */
static __noinline void end_query(struct dns_key *key, const struct dns_query *copy, u64 now)
{
	if (store_query_delete(key) || copy->responses)
		return;
	store_count(COUNTER_DNS_UNANSWERED);
	report_unanswered(key, copy, now);
	bury_query(key, copy);
}

/* One query of a walk over all. */
static __always_inline void sweep_query(const struct dns_key *key, const struct dns_query *query,
					struct sweep *sweep)
{
	struct dns_key stale = *key;
	struct dns_query copy;

	if (stale.is_over) {
		if (!is_response_late(query, sweep->now))
			store_query_delete(&stale);
		return;
	}
	if (!is_query_over(query, sweep->now)) {
		sweep->queries++;
		return;
	}
	copy = *query;
	end_query(&stale, &copy, sweep->now);
}

#endif
