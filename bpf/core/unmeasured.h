/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Why a flow has no RTTs: as far as its state tells.
 */
#ifndef PPING_UNMEASURED_H
#define PPING_UNMEASURED_H

#include "spin.h"

/* Of QUIC alone: it was met after its handshake, or in its midst, and nothing else tells an RTT. */
static __always_inline int is_without_spin(const struct flow *flow)
{
	return is_of_quic(flow) && flow->quic_phase == QUIC_UNKNOWN && spin_verdict(flow) != SPIN_VALID;
}

/* Of what `sender` has sent, to which the other end's answers are RTTs. */
static __always_inline enum unmeasured why_unmeasured(const struct flow *flow, u8 sender)
{
	const struct direction *d = &flow->direction[sender & 1];
	const struct samples *samples = &flow->samples[sender & 1];

	if (samples->srtt)
		return UNMEASURED_NOT;
	if (flow->marks & MARK_UNSTAMPED)
		return UNMEASURED_NO_TIMESTAMPS;
	if (flow->locality[sender & 1] == LOCALITY_LOCAL)
		return UNMEASURED_LOCAL;
	if (!flow->direction[0].packets || !flow->direction[1].packets)
		return UNMEASURED_ONE_DIRECTION;
	if (is_without_spin(flow))
		return UNMEASURED_NO_SPIN;
	if (!d->bytes || flow->marks & MARK_ONLY_ANSWERS << (sender & 1))
		return UNMEASURED_NO_DATA;
	if (!d->window_start)
		return UNMEASURED_NOTHING_NEW;
	return samples->unanswered || samples->slot.time ? UNMEASURED_UNANSWERED : UNMEASURED_AMBIGUOUS;
}

/*
 * Of both directions: that of 0, and above it that of 1. Global, so that the verifier follows its many branches once, and
 * not after each path that leads to an event (6.1).
 */
#define UNMEASURED_BITS 4

__noinline int why_both_unmeasured(struct flow *flow)
{
	if (!flow)
		return 0;
	return why_unmeasured(flow, 0) | why_unmeasured(flow, 1) << UNMEASURED_BITS;
}

static __always_inline enum unmeasured reason_of(int both, u8 sender)
{
	return both >> (sender & 1) * UNMEASURED_BITS & ((1 << UNMEASURED_BITS) - 1);
}

/* Else it is no news: anyone can make flows of one direction, and many ends only acknowledge. */
#define UNMEASURED_LEAST_BYTES 100000

/* Global likewise. */
__noinline int is_worth_telling(struct flow *flow, enum flow_state state)
{
	enum unmeasured first, second, most;
	int both, is_large;

	if (!flow)
		return 0;
	both = why_both_unmeasured(flow);
	first = reason_of(both, 0);
	second = reason_of(both, 1);
	most = first > second ? first : second;
	is_large = flow->direction[0].bytes + flow->direction[1].bytes >= UNMEASURED_LEAST_BYTES;
	if (state == FLOW_WAITING || flow->marks & MARK_UNSTAMPED)
		return is_large;
	return flow->marks & MARK_TOLD && !flow->reset &&
	       (most > UNMEASURED_NO_DATA || (most == UNMEASURED_NO_DATA && is_large));
}

#endif
