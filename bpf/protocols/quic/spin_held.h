/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs by the spin bit wait for the next one of their side: an end that stops spinning has none, and a packet that was
 * overtaken looks like an edge until others show what is usual.
 */
#ifndef PPING_SPIN_HELD_H
#define PPING_SPIN_HELD_H

#include "spin_proof.h"

/* In units of 4 us. */
#define SPIN_MORE_SHIFT 12
#define SPIN_MORE_UNKNOWN 0xffff

/* From the edge's first packet to one that is surely of it, no less; SPIN_MORE_UNKNOWN where none has come. */
static __always_inline u16 more_of(u32 gap)
{
	u32 more = (gap >> SPIN_MORE_SHIFT) + 1;

	return gap && more < SPIN_MORE_UNKNOWN ? more : SPIN_MORE_UNKNOWN;
}

/* What was held until now is less than the RTTs before and after it: its edge's first packet may have been overtaken. */
static __always_inline u64 lengthened(u32 held, u16 more)
{
	return more == SPIN_MORE_UNKNOWN ? 0 : held + ((u64)more << SPIN_MORE_SHIFT);
}

/*
 * `rtt` is held, and what was held until now may be told: that RTT; 0 = there is none. Where packets of an end are
 * overtaken its RTTs end with the packet that has confirmed the edge.
 */
static __always_inline u64 hold_rtt(struct flow *flow, u8 answerer, u32 rtt)
{
	struct direction *d = &flow->direction[answerer & 1];
	u32 held = flow->spin_rtt[answerer & 1], gap = d->spin_gap;
	u64 told = held && held < rtt ? lengthened(held, d->spin_more) : held;

	if (spin_end(flow, answerer)->overtaken) {
		/* Longer than is kept: it is not told. */
		rtt = rtt < ~0U - gap ? rtt + gap : 0;
		gap = 0;
	}
	d->spin_more = !held || rtt < held ? more_of(gap) : 0;
	flow->spin_rtt[answerer & 1] = rtt;
	return told;
}

#endif
