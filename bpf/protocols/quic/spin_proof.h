/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is known of the spin bit of both ends, and when it is enough to be believed. */
#ifndef PPING_SPIN_PROOF_H
#define PPING_SPIN_PROOF_H

#include "../../core/samples.h"
#include "../../core/spin.h"

/*
 * What proves that an end reflects: a packet with the value that it has to have until it is its turn, and a change with
 * the first packet of its turn. Both are one half where values are random. As much of both ends is needed.
 */
#define SPIN_PROOF 96
#define SPIN_PROOF_AGAIN 116 /* of one that has been proven before, and turned out otherwise */
#define SPIN_MOST_PROOF 120
#define SPIN_LEAST_TURNS 8

static __always_inline struct spin_end *spin_end(struct flow *flow, u8 direction)
{
	return &flow->samples[direction & 1].slot.spin;
}

static __always_inline u8 *spin_state(struct flow *flow)
{
	return &flow->samples[0].slot.spin.state;
}

/* Whose edge is next: the server's makes both values the same, the client's makes them differ. */
static __always_inline u8 turn_of(struct flow *flow)
{
	u8 differ = (spin_end(flow, 0)->flags ^ spin_end(flow, 1)->flags) & SPIN_VALUE;

	return differ ? !flow->initiator : flow->initiator & 1;
}

static __always_inline void begin_spin(struct flow *flow, u64 tick)
{
	u32 since = coarse_time(tick);

	for (u8 direction = 0; direction < 2; direction++) {
		__builtin_memset(spin_end(flow, direction), 0, sizeof(struct spin_end));
		flow->direction[direction].spin_edge = 0;
		flow->samples[direction].spin_least = since;
		flow->known[direction] |= SPIN_KNOWN;
	}
}

/* For `more` or less; where it was proven, less may be too little. */
static __always_inline void weigh(struct flow *flow, struct spin_end *end, int more)
{
	int proof = end->proof + more;
	u8 *state = spin_state(flow);

	if (proof < 0)
		proof = 0;
	end->proof = proof < SPIN_MOST_PROOF ? proof : SPIN_MOST_PROOF;
	if (more < 0 && end->against < 255)
		end->against++;
	if (*state & SPIN_PROVEN && proof < SPIN_LEAST_PROOF)
		*state = (*state & ~SPIN_PROVEN) | SPIN_LOST;
}

/* Whether both ends have been proven to reflect. */
static __always_inline int is_proven(struct flow *flow)
{
	u8 *state = spin_state(flow);
	u8 needed = *state & SPIN_LOST ? SPIN_PROOF_AGAIN : SPIN_PROOF;

	if (*state & SPIN_PROVEN)
		return 1;
	if (spin_end(flow, 0)->proof < needed || spin_end(flow, 1)->proof < needed ||
	    spin_end(flow, 0)->turns < SPIN_LEAST_TURNS)
		return 0;
	*state |= SPIN_PROVEN;
	end_unassured(flow);
	return 1;
}

#endif
