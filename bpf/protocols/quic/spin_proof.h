/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is known of the spin bit of both ends, and when it is enough to be believed. */
#ifndef PPING_SPIN_PROOF_H
#define PPING_SPIN_PROOF_H

#include "../../core/samples.h"
#include "../../core/spin.h"

/*
 * What proves that an end reflects, in bits: each packet whose value it has to have, where random values have it in half
 * of all cases. As much of both ends is needed, and one more for each contradiction: so that who tries for long does not
 * get it after all.
 */
#define SPIN_PROOF 24
#define SPIN_PROOF_AGAIN 100 /* of one that has been proven before, and turned out otherwise; the most there can be needed */
#define SPIN_MOST_PROOF 120
#define SPIN_PROVEN_PROOF 48 /* once it is proven, it has at least so much: a few packets that were overtaken are none against it */
#define SPIN_LEAST_TURNS 6

static __always_inline struct spin_end *spin_end(struct flow *flow, u8 direction)
{
	return &flow->samples[direction & 1].slot.spin;
}

/* Whose edge is next: the server's makes both values the same, the client's makes them differ. */
static __always_inline u8 turn_of(struct flow *flow)
{
	u8 differ = (spin_end(flow, 0)->flags ^ spin_end(flow, 1)->flags) & SPIN_VALUE;

	return differ ? !flow->initiator : flow->initiator & 1;
}

/* What the path takes at least stays known where it begins anew. */
static __always_inline void begin_spin(struct flow *flow, u64 tick)
{
	int is_known = is_spin_known(flow);
	u32 since = coarse_time(tick);

	for (u8 direction = 0; direction < 2; direction++) {
		struct spin_end *end = spin_end(flow, direction);
		u8 flags = is_known ? end->flags & SPIN_MEASURED : 0;

		__builtin_memset(end, 0, sizeof(*end));
		end->flags = flags;
		flow->direction[direction].spin_edge = 0;
		if (!flags)
			flow->samples[direction].spin_least = since;
		flow->known[direction] |= SPIN_KNOWN;
	}
}

static __always_inline u8 new_credit(int credit)
{
	if (credit < 0)
		return 0;
	return credit < SPIN_MOST_PROOF ? credit : SPIN_MOST_PROOF;
}

/* For so much more or less, by its values out of turn and in turn. Where it was proven, less may be too little. */
static __always_inline void weigh(struct flow *flow, struct spin_end *end, int kept, int changed)
{
	struct spin_end *first = spin_end(flow, 0);

	/* It begins anew. */
	if ((end->proof + kept < 0 || end->prompt + changed < 0) && end->against < 255)
		end->against++;
	end->proof = new_credit(end->proof + kept);
	end->prompt = new_credit(end->prompt + changed);
	if (first->state & SPIN_PROVEN && proof_of(end) < SPIN_LEAST_PROOF)
		first->state = (first->state & SPIN_RENEWED) | SPIN_LOST;
}

static __always_inline int is_end_proven(const struct spin_end *end, u8 state)
{
	u32 needed = SPIN_PROOF + end->against;

	if (state & SPIN_LOST || needed > SPIN_PROOF_AGAIN)
		needed = SPIN_PROOF_AGAIN;
	return proof_of(end) >= needed;
}

/* Whether both ends have been proven to reflect. */
static __always_inline int is_proven(struct flow *flow)
{
	struct spin_end *first = spin_end(flow, 0), *second = spin_end(flow, 1);

	if (first->state & SPIN_PROVEN)
		return 1;
	if (!is_end_proven(first, first->state) || !is_end_proven(second, first->state) ||
	    first->turns < SPIN_LEAST_TURNS)
		return 0;
	first->state |= SPIN_PROVEN;
	flow->spin_rtt[0] = flow->spin_rtt[1] = 0;
	first->proof = first->proof > SPIN_PROVEN_PROOF ? first->proof : SPIN_PROVEN_PROOF;
	second->proof = second->proof > SPIN_PROVEN_PROOF ? second->proof : SPIN_PROVEN_PROOF;
	end_unassured(flow);
	return 1;
}

#endif
