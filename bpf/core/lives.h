/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A flow's life: opened, closed, deleted. Packets on other CPUs and sweeps change it at the same
 * time, and memory of a flow that was deleted is given to another at once. So its cookie and its
 * state are one word, and whoever changes the state says by the cookie whose.
 */
#ifndef PPING_LIVES_H
#define PPING_LIVES_H

#include "state.h"

#define STATE_BITS 3
#define STATE_MASK ((1 << STATE_BITS) - 1)

static __always_inline u64 life_of(u64 cookie, enum flow_state state)
{
	return cookie << STATE_BITS | state;
}

static __always_inline u64 cookie_of(const struct flow *flow)
{
	return flow->life >> STATE_BITS;
}

static __always_inline enum flow_state state_of(const struct flow *flow)
{
	return flow->life & STATE_MASK;
}

/* Whether this was the one to change it. */
static __always_inline int change_state(struct flow *flow, u64 cookie, enum flow_state from,
					enum flow_state to)
{
	u64 before = life_of(cookie, from);

	return __sync_val_compare_and_swap(&flow->life, before, life_of(cookie, to)) == before;
}

/*
 * To a later state, from whatever state it is in. Returns that; FLOW_DELETED where there was
 * nothing to change: another has done so, or the memory is another flow's by now.
 */
static __always_inline enum flow_state end_life(struct flow *flow, u64 cookie, enum flow_state to)
{
	/* Each failure means that it has gone on by at least one state. */
	for (int i = 0; i < FLOW_DELETED; i++) {
		u64 life = flow->life;
		enum flow_state state = life & STATE_MASK;

		if (life >> STATE_BITS != cookie || state >= to)
			return FLOW_DELETED;
		if (__sync_val_compare_and_swap(&flow->life, life, life_of(cookie, to)) == life)
			return state;
	}
	return FLOW_DELETED;
}

/* Whether it was set before: of CPUs that set it at once one sees that it was not. */
static __always_inline int set_mark(struct flow *flow, enum mark mark)
{
	return (__sync_fetch_and_or(&flow->marks, mark) & mark) != 0;
}

static __always_inline void clear_mark(struct flow *flow, enum mark mark)
{
	__sync_fetch_and_and(&flow->marks, ~(u32)mark);
}

enum taken {
	MARK_TAKEN,
	MARK_WAS_SET,
	MARK_OF_ANOTHER, /* flow, which has the memory by now, or is about to */
};

/* Sets it in the flow that had that cookie before. Another's is as it was, as far as that one has not set it meanwhile. */
static __always_inline enum taken take_mark(struct flow *flow, u64 cookie, enum mark mark)
{
	if (set_mark(flow, mark))
		return MARK_WAS_SET;
	if (likely(cookie && cookie_of(flow) == cookie))
		return MARK_TAKEN;
	clear_mark(flow, mark);
	return MARK_OF_ANOTHER;
}

/*
 * The flow of a segment, and which one it is. What is about to be deleted is none: whoever made it
 * so deletes it, and until then there is no other on its tuple.
 */
static __always_inline struct flow *find_flow(struct packet *p)
{
	struct flow *flow = store_flow_lookup(&p->key);

	p->cookie = flow ? cookie_of(flow) : 0;
	return flow;
}

/* The same where it is rare: one copy of the code for all. */
static __noinline struct flow *find_flow_rarely(struct packet *p)
{
	return find_flow(p);
}

#endif
