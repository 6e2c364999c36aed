/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Response times of DNS over UDP: a response has the id of its query (RFC 1035, 4.1.1), between the same ends.
 *
 * Ids are random, so that one which waits for no response is new. One that waits was sent again: which of the two is
 * answered cannot be told. It is kept until nothing can be expected any more, however often it has been answered: a
 * response may have come twice. What came after would be taken for new, and be answered by what answers these. That one
 * was given up is kept as long again: its response may be late.
 */
#ifndef PPING_DNS_MESSAGES_H
#define PPING_DNS_MESSAGES_H

#include "../../core/exact.h"
#include "../../core/fates.h"
#include "../../core/queries.h"

static __always_inline void set_query_key(struct dns_key *key, const struct packet *p, u8 sender)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->flow = p->key;
	key->id = p->dns.id;
	key->sender = sender;
}

/* Only this machine's own resolver would be measured. */
static __always_inline int is_query_left_out(void *context, const struct packet *p)
{
	if (p->hook != HOOK_INGRESS || target_settings()->include_local)
		return 0;
	return target_is_local(context, &p->key, !p->direction, p->to_this_host);
}

/* Seen at another hook it is the same packet on its way through a router. */
static __always_inline enum counter repeat_query(const struct packet *p, struct dns_query *waiting)
{
	if (waiting->hook == p->hook) {
		waiting->last = p->now;
		__sync_fetch_and_add(&waiting->sent, 1);
	}
	return COUNTER_DNS_REPEATED;
}

/* One that finds no room is as one that was pushed out. Beside end_query(), not within what calls it, for the stack. */
static __noinline enum counter remember_query(void *context, const struct packet *p, const struct dns_key *key, u32 sent)
{
	struct dns_query *query = store_blank_query(), *waiting;

	if (!query)
		return COUNTER_DNS_QUERY;
	query->time = query->last = p->now;
	query->sent = sent;
	query->hook = p->hook;
	if (is_query_refused(context, p, query))
		return COUNTER_FILTERED;
	if (is_query_left_out(context, p))
		return COUNTER_LOCAL;
	if (store_query_insert(key, query) <= 0)
		return COUNTER_DNS_QUERY;
	/* Another CPU was faster, with one like it. */
	waiting = store_query_lookup(key);
	return waiting ? repeat_query(p, waiting) : COUNTER_DNS_REPEATED;
}

/* One that a packet finds over. */
static __always_inline void end_overdue_query(const struct packet *p, struct dns_key *key,
					      const struct dns_query *waiting)
{
	struct dns_query *copy = store_blank_query();

	if (!copy)
		return;
	*copy = *waiting;
	end_query(key, copy, p->now);
}

static __noinline enum counter take_query(void *context, struct packet *p)
{
	struct dns_query *waiting;
	struct dns_key key;

	set_query_key(&key, p, p->direction);
	read_clock(context, p);
	waiting = store_query_lookup(&key);
	if (waiting && !is_query_over(waiting, p->now))
		return repeat_query(p, waiting);
	if (waiting)
		end_overdue_query(p, &key, waiting);
	return remember_query(context, p, &key, 1 + was_given_up(&key, p->now));
}

static __always_inline void fill_question(void *context, const struct packet *p, struct dns_event *event)
{
	u32 length = p->dns.question_bytes;

	if (length > DNS_QUESTION_BYTES)
		length = DNS_QUESTION_BYTES;
	event->question_bytes = length;
	if (!length || packet_load_up_to(context, p->dns.question, event->question, length, DNS_QUESTION_BYTES))
		event->question_bytes = 0;
}

/* `time`: from the query to the response, 0 where that is not known. */
static __always_inline struct dns_outcome outcome_of(const struct packet *p, u64 time)
{
	struct dns_outcome outcome = { .time = time, .id = p->dns.id, .rcode = p->dns.rcode,
				       .resolver = p->direction & 1 };

	outcome.flags = hook_flag(p->hook) | (p->dns.is_truncated ? DNS_TRUNCATED : 0);
	return outcome;
}

static __noinline void emit_response(void *context, const struct packet *p, const struct dns_query *query)
{
	struct dns_outcome outcome = outcome_of(p, p->now - query->time);
	struct dns_event *event;

	event = reserve_outcome(target_are_dns_names() ? sizeof(*event) : DNS_BYTES_WITHOUT_QUESTION);
	if (!event)
		return;
	set_outcome(event, &p->key, &outcome, p->now);
	set_asker(event, query);
	if (target_are_dns_names()) {
		event->flags |= DNS_QUESTION;
		fill_question(context, p, event);
	}
	target_submit(event);
}

/* Beside telling, not within it, for the stack. `time` as of outcome_of(). */
static __noinline void aggregate_response(const struct packet *p, const struct dns_query *query, u64 time)
{
	struct dns_outcome outcome = outcome_of(p, time);

	if (!time)
		outcome.flags |= DNS_AMBIGUOUS;
	aggregate_query(&p->key, query, &outcome);
}

static __always_inline void count_ambiguous(const struct packet *p, const struct dns_query *query)
{
	store_count(COUNTER_DNS_AMBIGUOUS);
	if (are_aggregated())
		aggregate_response(p, query, 0);
}

/* Sent once, and answered. */
static __always_inline void conclude_query(void *context, const struct packet *p, const struct dns_query *query)
{
	if ((s64)(p->now - query->time) <= 0)
		return count_ambiguous(p, query);
	store_count(COUNTER_DNS_ANSWERED);
	if (are_aggregated())
		aggregate_response(p, query, p->now - query->time);
	if (are_rtts_told())
		emit_response(context, p, query);
}

/* Answered, but it was sent more than once. */
static __always_inline void dispute_query(const struct packet *p, struct dns_query *waiting)
{
	if (!__sync_fetch_and_add(&waiting->responses, 1))
		count_ambiguous(p, waiting);
}

static __noinline enum counter take_response(void *context, struct packet *p)
{
	struct dns_query *waiting, *copy;
	struct dns_key key;

	set_query_key(&key, p, !p->direction);
	waiting = store_query_lookup(&key);
	if (!waiting) {
		if (are_owners_filtered())
			return COUNTER_FILTERED;
		store_count(COUNTER_DNS_NO_MATCH);
		return COUNTER_DNS_RESPONSE;
	}
	read_clock(context, p);
	if (is_query_over(waiting, p->now)) {
		end_overdue_query(p, &key, waiting);
		return COUNTER_DNS_RESPONSE;
	}
	if (waiting->sent > 1) {
		dispute_query(p, waiting);
		return COUNTER_DNS_RESPONSE;
	}
	copy = store_blank_query();
	if (!copy)
		return COUNTER_DNS_RESPONSE;
	*copy = *waiting;
	/* Its memory may have been another's by then. And of two CPUs one tells of it. */
	if (store_query_delete(&key))
		store_count(COUNTER_DNS_NO_MATCH);
	else
		conclude_query(context, p, copy);
	return COUNTER_DNS_RESPONSE;
}

static __noinline void process_dns(void *context, struct packet *p)
{
	count_beside_tcp(p->dns.is_response ? take_response(context, p) : take_query(context, p), COUNTER_DNS_BYTES, p->bytes);
}

#endif
