/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Why a flow has no RTTs: as far as its state tells.
 */
#ifndef PPING_UNMEASURED_H
#define PPING_UNMEASURED_H

#include "lives.h"

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
	if (!d->bytes)
		return UNMEASURED_NO_DATA;
	if (!d->sample_time)
		return UNMEASURED_NOTHING_NEW;
	return samples->unanswered || samples->slot.time ? UNMEASURED_UNANSWERED : UNMEASURED_AMBIGUOUS;
}

/* A function of its own: the stack has no room for it where it is called from. To each end the other one sends. */
static __noinline void tell_unmeasured(struct flow_event *event, const struct flow *flow)
{
	u8 src = flow->initiator & 1;

	event->unmeasured_src = why_unmeasured(flow, !src);
	event->unmeasured_dest = why_unmeasured(flow, src);
}

/* Else it is no news: anyone can make flows of one direction, and many ends only acknowledge. */
#define UNMEASURED_LEAST_BYTES 100000

static __always_inline int is_worth_telling(const struct flow *flow, enum flow_state state)
{
	enum unmeasured first = why_unmeasured(flow, 0), second = why_unmeasured(flow, 1);
	enum unmeasured most = first > second ? first : second;
	int is_large = flow->direction[0].bytes + flow->direction[1].bytes >= UNMEASURED_LEAST_BYTES;

	if (state == FLOW_WAITING || flow->marks & MARK_UNSTAMPED)
		return is_large;
	return flow->told && !flow->reset &&
	       (most > UNMEASURED_NO_DATA || (most == UNMEASURED_NO_DATA && is_large));
}

#endif
