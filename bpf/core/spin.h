/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is kept of the spin bit of a flow of QUIC, and what it turned out to be. How it is found:
 * protocols/quic/spin.h.
 */
#ifndef PPING_SPIN_VERDICTS_H
#define PPING_SPIN_VERDICTS_H

#include "lives.h"

/* In `known` of both directions: there is a struct spin_end of it. Of TCP the same bit is something else. */
#define SPIN_KNOWN SEQ_RESENT

enum spin_flag {
	SPIN_VALUE = 1,     /* the last that counts */
	SPIN_SEEN = 2,
	SPIN_DISTURBED = 4, /* packets are out of order about its next edge: no RTT begins or ends there */
	SPIN_PROMPT = 8,    /* the candidate came first in its turn, once it could */
	SPIN_EARLY_EDGE = 16, /* the candidate is sooner than the path allows */
	SPIN_STILL = 32,    /* it has not changed for long */
	SPIN_LOCAL = 64,    /* what it sends arrives for this machine, which is not to be measured */
	SPIN_MEASURED = 128, /* `spin_least` is an RTT */
};

/* Of a flow. */
enum spin_state {
	SPIN_PROVEN = 1,
	SPIN_LOST = 2,      /* it was, and turned out otherwise */
	SPIN_RENEWED = 4,   /* an end has used another id */
};

/* Below this it is no proof any more. */
#define SPIN_LEAST_PROOF 8
#define SPIN_MOST_TURNS 7
#define SPIN_FEW_TURNS 2
/* So many contradictions are no accident where there is no proof. */
#define SPIN_MOST_AGAINST 32

/* Where QUIC is not asked for, nothing is left of this. */
static __always_inline int is_of_quic(const struct flow *flow)
{
	return target_protocols() & PROTOCOLS_QUIC && flow->marks & MARK_QUIC;
}

static __always_inline int is_spin_known(const struct flow *flow)
{
	return flow->known[0] & flow->known[1] & SPIN_KNOWN && !flow->samples[0].slot.time && !flow->samples[1].slot.time;
}

/* The same, and both ends have sent short headers. */
static __always_inline int is_spin_seen(const struct flow *flow)
{
	return is_spin_known(flow) && flow->samples[0].slot.spin.flags & flow->samples[1].slot.spin.flags & SPIN_SEEN;
}

static __always_inline u32 proof_of(const struct spin_end *end)
{
	return (u32)end->proof + end->prompt;
}

static __always_inline int is_against(const struct spin_end *end)
{
	return end->against >= SPIN_MOST_AGAINST && proof_of(end) < SPIN_LEAST_PROOF;
}

/* Of a flow of QUIC. */
static __always_inline enum spin spin_verdict(const struct flow *flow)
{
	const struct spin_end *first = &flow->samples[0].slot.spin, *second = &flow->samples[1].slot.spin;

	if (!is_spin_known(flow))
		return SPIN_NONE;
	if (first->state & SPIN_PROVEN)
		return SPIN_VALID;
	if (first->state & SPIN_LOST || is_against(first) || is_against(second))
		return SPIN_RANDOM;
	return first->flags & second->flags & SPIN_STILL && first->turns <= 1 ? SPIN_CONSTANT : SPIN_NONE;
}

#endif
