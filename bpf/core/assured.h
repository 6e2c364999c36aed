/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Who pays where flows are many. A flow is assured once its data has been answered (as conntrack has
 * it, but for the handshake, which anyone can have). Anyone can make flows that are not, by the
 * thousand: those leave room to the others, and are forgotten first.
 */
#ifndef PPING_ASSURED_H
#define PPING_ASSURED_H

#include "lives.h"

/* From half of the map on, what is not assured, or has ended, is forgotten after so long. */
#define CROWDED_TIMEOUT_NS NS_PER_SECOND

static __always_inline int is_assured(const struct flow *flow)
{
	return flow->marks & MARK_ASSURED;
}

/* What was seen in one direction only leaves room to handshakes, and these to what is assured. */
static __always_inline int has_room(enum flow_state state)
{
	u32 most = target_max_flows(), kept_free = state == FLOW_WAITING ? most / 8 * 3 : most / 4;

	return *store_unassured() < most - kept_free;
}

static __always_inline int is_crowded(void)
{
	u32 most = target_max_flows();

	return *store_unassured() > most - most / 2;
}

/* As store_flow_create(). */
static __always_inline int create_unassured(const struct flow_key *key, const struct flow *flow)
{
	int status;

	if (!has_room(state_of(flow)))
		return -1;
	/* Counted before others can find it, and end it. */
	__sync_fetch_and_add(store_unassured(), 1);
	status = store_flow_create(key, flow);
	if (status)
		__sync_fetch_and_sub(store_unassured(), 1);
	return status;
}

/* Its data has been answered, or it is deleted: by one of those who find it so. */
static __always_inline void end_unassured(struct flow *flow)
{
	if (!is_assured(flow) && !set_mark(flow, MARK_ASSURED))
		__sync_fetch_and_sub(store_unassured(), 1);
}

#endif
