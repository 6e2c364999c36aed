/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How many flows of QUIC there are, and how many are over, by what their spin bit has turned out to be. Those of one
 * direction are none of them: anyone can make these.
 */
#ifndef PPING_QUIC_VERDICTS_H
#define PPING_QUIC_VERDICTS_H

#include "spin.h"

/* Global, and its int, for the stack: whoever ends a flow has little left. */
__noinline int count_ended_quic(struct flow *flow)
{
	if (!flow)
		return 0;
	switch (spin_verdict(flow)) {
	case SPIN_VALID:
		store_count(COUNTER_QUIC_ENDED_VALID);
		break;
	case SPIN_RANDOM:
		store_count(COUNTER_QUIC_ENDED_RANDOM);
		break;
	case SPIN_CONSTANT:
		store_count(COUNTER_QUIC_ENDED_CONSTANT);
		break;
	default:
		store_count(COUNTER_QUIC_ENDED_NONE);
	}
	return 0;
}

/* A flow that is deleted, once; `before` is what it was. */
static __always_inline void count_ended(struct flow *flow, enum flow_state before)
{
	if (is_of_quic(flow) && before != FLOW_WAITING)
		count_ended_quic(flow);
}

/* One that a sweep leaves. */
static __always_inline void count_left(const struct flow *flow, enum flow_state state, struct sweep *sweep)
{
	if (!is_of_quic(flow) || state == FLOW_WAITING)
		return;
	switch (spin_verdict(flow)) {
	case SPIN_VALID:
		sweep->quic_valid++;
		break;
	case SPIN_RANDOM:
		sweep->quic_random++;
		break;
	case SPIN_CONSTANT:
		sweep->quic_constant++;
		break;
	default:
		sweep->quic_none++;
	}
}

#endif
