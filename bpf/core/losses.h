/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where losses are counted: beside the flows, since few have any. An entry goes with its flow.
 */
#ifndef PPING_LOSSES_H
#define PPING_LOSSES_H

#include "records.h"
#include "lives.h"

/* What there is of a flow; 0 where nothing is. Asked of each event: most flows have none. */
static __always_inline const struct flow_losses *known_losses(const struct flow *flow)
{
	return unlikely(flow->marks & MARK_LOSSES) ? store_losses_lookup(cookie_of(flow)) : 0;
}

static __always_inline void tell_losses(struct losses *told, const struct flow_losses *known, u8 direction)
{
	if (known)
		*told = known->counts[direction & 1];
	else
		__builtin_memset(told, 0, sizeof(*told));
}

/*
 * The same of a flow that has something to count; made where there is none yet. Who deletes the flow says so
 * and then looks at the mark: one of the two finds the entry, and deletes it.
 */
static __noinline struct flow_losses *losses_of(struct flow *flow, u64 cookie)
{
	struct flow_losses *losses = store_losses_lookup(cookie);

	if (losses)
		return losses;
	if (store_losses_create(cookie) < 0) {
		store_count(COUNTER_LOSS_MAP_FULL);
		return 0;
	}
	set_mark(flow, MARK_LOSSES);
	full_barrier(&flow->marks);
	if (cookie_of(flow) != cookie || state_of(flow) == FLOW_DELETED) {
		store_losses_delete(cookie);
		return 0;
	}
	return store_losses_lookup(cookie);
}

/* Of a flow that is about to be deleted. */
static __always_inline void forget_losses(const struct flow *flow, u64 cookie)
{
	if (flow->marks & MARK_LOSSES)
		store_losses_delete(cookie);
}

#endif
