/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Forgetting what is stale. The target walks its stores and asks for each entry.
 */
#ifndef PPING_SWEEPS_H
#define PPING_SWEEPS_H

#include "events.h"

/* A tombstone keeps stray late segments of a dead connection from reopening it. */
#define TOMBSTONE_NS (5 * NS_PER_SECOND)
/* A flow seen in one direction only is forgotten after this. */
#define OPENING_TIMEOUT_NS (30 * NS_PER_SECOND)

static __always_inline u64 last_seen(const struct flow *flow)
{
	u64 a = flow->direction[0].last_seen, b = flow->direction[1].last_seen;

	return a > b ? a : b;
}

/* Whether a sweep at `now` should delete the flow; says so first where it was reported open. */
static __always_inline int flow_is_stale(const struct flow_key *key, struct flow *flow, u64 now)
{
	u64 timeout = store_settings()->flow_timeout;
	u32 state = flow->state;

	if (state == FLOW_CLOSED)
		timeout = TOMBSTONE_NS;
	else if (state == FLOW_WAITING && timeout > OPENING_TIMEOUT_NS)
		timeout = OPENING_TIMEOUT_NS;
	if ((s64)(now - last_seen(flow)) <= (s64)timeout)
		return 0;
	if (__sync_lock_test_and_set(&flow->state, FLOW_CLOSED) == FLOW_OPEN)
		emit_flow(key, flow, CHANGE_CLOSING, REASON_TIMEOUT, TRIGGER_CLEANUP, now);
	return 1;
}

/* Deletes the flow unless its tuple has meanwhile been given to another. */
static __always_inline void forget_flow(const struct flow_key *key, u64 cookie)
{
	const struct flow *current = store_flow_lookup(key);

	if (current && current->cookie == cookie)
		store_flow_delete(key);
}

/* Forgets an identifier that nothing answered; its flow may have gone before it. */
static __always_inline void forget_timestamp(const struct timestamp_key *key,
					     const struct flow_key *flow_key)
{
	struct flow *flow = store_flow_lookup(flow_key);

	if (store_timestamp_delete(key))
		return;
	if (!flow || flow->cookie != key->cookie)
		return;
	__sync_fetch_and_sub(&flow->direction[key->direction & 1].outstanding, 1);
	flow->direction[key->direction & 1].unanswered++;
}

#endif
