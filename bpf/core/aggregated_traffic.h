/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How much the connections have carried whose RTTs are in aggregates: what has passed of each since it was last
 * counted is added to the aggregates of both of its ends, when an interval ends and when the connection does.
 *
 * What was counted of a flow is kept beside it (store_counted_*), by its cookie. An interval's end walks all flows,
 * and so do sweeps, but never at once; a packet that ends a flow may come between. Who counts a flow sets MARK_COUNTING
 * first, and the other one leaves it alone. What a walk has counted, it lets go of; then it looks whether the flow was
 * deleted meanwhile: one of the two counts the rest, and what is kept goes. The mark of such a flow stays.
 */
#ifndef PPING_AGGREGATED_TRAFFIC_H
#define PPING_AGGREGATED_TRAFFIC_H

#include "aggregates.h"
#include "losses.h"

/* All that aggregated_mark() may be: of both ends, on each side. */
#define MARKS_AGGREGATED (MARK_AGGREGATED * ((1U << 2 * AGGREGATE_SIDES) - 1))

_Static_assert((u32)MARK_AGGREGATED << 2 * AGGREGATE_SIDES == MARK_OWNER_SOUGHT, "the next mark");

/* That an end, 0 or 1, has answered, or has not, on that side. */
static __always_inline u32 aggregated_mark(u32 responder, u8 side)
{
	return (u32)MARK_AGGREGATED << ((responder & 1) * AGGREGATE_SIDES + side);
}

/* Of the flow of an RTT that is counted, or of one that is overdue. */
static __always_inline void note_aggregated(struct flow *flow, u32 responder, u32 flags)
{
	u32 mark = aggregated_mark(responder, side_of_flags(flags));

	if (unlikely(!(flow->marks & mark)))
		set_mark(flow, mark);
}

static __always_inline void leave_out_losses(struct traffic *since)
{
	since->retransmitted_packets = 0;
	since->retransmitted_bytes = 0;
}

/* What has passed in a direction since the last time. */
static __always_inline void take_traffic(struct counted *counted, const struct flow *flow,
					 const struct flow_losses *losses, u8 direction)
{
	struct traffic *all = &counted->all[direction], *since = &counted->since[direction];
	const struct direction *d = &flow->direction[direction];
	u64 packets = d->packets, bytes = d->bytes;

	since->packets = packets - all->packets;
	since->bytes = bytes - all->bytes;
	all->packets = packets;
	all->bytes = bytes;
	leave_out_losses(since);
	if (likely(!losses))
		return;
	packets = losses->counts[direction].retransmitted_packets;
	bytes = losses->counts[direction].retransmitted_bytes;
	since->retransmitted_packets = packets - all->retransmitted_packets;
	since->retransmitted_bytes = bytes - all->retransmitted_bytes;
	all->retransmitted_packets = packets;
	all->retransmitted_bytes = bytes;
}

static __always_inline void add_traffic(struct traffic *all, const struct traffic *since)
{
	__sync_fetch_and_add(&all->packets, since->packets);
	__sync_fetch_and_add(&all->bytes, since->bytes);
	/* Bytes are counted first: packets may belong to the next interval. */
	if (likely(!(since->retransmitted_packets | since->retransmitted_bytes)))
		return;
	__sync_fetch_and_add(&all->retransmitted_packets, since->retransmitted_packets);
	__sync_fetch_and_add(&all->retransmitted_bytes, since->retransmitted_bytes);
}

/* The direction that the responder sends has its number. */
static __noinline void add_to_aggregate(const struct flow_key *flow, const struct counted *counted, u32 responder,
					u8 side)
{
	const struct traffic *since = counted->since;
	union aggregate_search search;
	struct aggregate *aggregate;

	set_aggregate_key(&search, flow, responder, side);
	aggregate = need_aggregate(&search.key, flow->place);
	if (!aggregate)
		return;
	add_traffic(&aggregate->sent, responder ? &since[0] : &since[1]);
	add_traffic(&aggregate->rec, responder ? &since[1] : &since[0]);
}

static __always_inline struct counted *need_counted(u64 cookie)
{
	struct counted *counted = store_counted_lookup(cookie);

	if (likely(counted) || store_counted_create(cookie) < 0)
		return counted;
	return store_counted_lookup(cookie);
}

/*
 * Of both directions. Whoever deletes the flow does not wait: its memory, and before that of its losses, may be another
 * flow's by the time that it is read. Returns whether the flow is the same.
 */
static __always_inline int take_both(struct counted *counted, struct flow *flow, u64 cookie)
{
	const struct flow_losses *losses = known_losses(flow);

	take_traffic(counted, flow, losses, 0);
	take_traffic(counted, flow, losses, 1);
	full_barrier(&flow->marks);
	if (unlikely(losses) && !known_losses(flow)) {
		leave_out_losses(&counted->since[0]);
		leave_out_losses(&counted->since[1]);
	}
	return cookie_of(flow) == cookie;
}

/* Where there is no room to keep what was counted, nothing is: the next time may find some. */
static __always_inline void add_flow_traffic(const struct flow_key *key, struct flow *flow, u64 cookie)
{
	struct counted *counted = need_counted(cookie);
	u32 marks = flow->marks;

	if (!counted || !take_both(counted, flow, cookie))
		return;
	/* A packet is counted before its bytes: these may belong to the next interval. */
	if (!(counted->since[0].packets | counted->since[0].bytes | counted->since[1].packets |
	      counted->since[1].bytes))
		return;
	for (u32 responder = 0; responder < 2; responder++)
		for (u8 side = 0; side < AGGREGATE_SIDES; side++)
			if (marks & aggregated_mark(responder, side))
				add_to_aggregate(key, counted, responder, side);
}

/* Whether nobody else counts the flow. */
static __always_inline int begin_counting(struct flow *flow, u64 cookie)
{
	if (set_mark(flow, MARK_COUNTING))
		return 0;
	full_barrier(&flow->marks);
	if (likely(cookie_of(flow) == cookie))
		return 1;
	/* The memory is another flow's by now. */
	clear_mark(flow, MARK_COUNTING);
	return 0;
}

/* Of one that is FLOW_DELETED. Global, as emit_rare_rtt() is. */
__noinline int count_last_traffic(const struct flow_key *key, struct flow *flow, u64 cookie)
{
	if (!key || !flow || !(flow->marks & MARKS_AGGREGATED) || !begin_counting(flow, cookie))
		return 0;
	add_flow_traffic(key, flow, cookie);
	store_counted_delete(cookie);
	return 0;
}

/* Of a flow of a walk, which another CPU may be about to delete. */
static __always_inline void count_traffic(const struct flow_key *key, struct flow *flow, u64 cookie)
{
	if (!(flow->marks & MARKS_AGGREGATED) || !begin_counting(flow, cookie))
		return;
	add_flow_traffic(key, flow, cookie);
	clear_mark(flow, MARK_COUNTING);
	full_barrier(&flow->marks);
	if (unlikely(state_of(flow) == FLOW_DELETED))
		count_last_traffic(key, flow, cookie);
	if (unlikely(cookie_of(flow) != cookie))
		store_counted_delete(cookie);
}

#endif
