/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Edges of the spin bit: which are believed, and the RTTs between them. */
#ifndef PPING_SPIN_EDGES_H
#define PPING_SPIN_EDGES_H

#include "spin_held.h"

/* An edge counts once so many more packets have had its value than have not. */
#define SPIN_CONFIRMED 3
/* With so many packets since the last edge, or more, it has to be confirmed by packets. */
#define SPIN_MANY 4
/* An edge that is sooner than the least RTT by such a share of it is suspicious. */
#define SPIN_TOLERANCE 16
/* The least RTT grows by such a share of itself with each edge, at most: paths become longer. */
#define SPIN_GROWTH 256
/* What an edge that is too early speaks against it. */
#define SPIN_EARLY 3
#define SPIN_MOST_LOW 3

/* What comes earlier is suspicious. */
static __always_inline u32 soonest(const struct flow *flow, u8 direction)
{
	u32 least = flow->samples[direction & 1].spin_least;

	return least - least / SPIN_TOLERANCE;
}

/*
 * Whether an end's edge would be sooner than the path allows, as far as that is known: after the other's, and after its
 * own last one, of which the way is the whole (RFC 9312, 4.4, has such a guard).
 */
static __always_inline int is_early(struct flow *flow, u8 direction, u64 edge)
{
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);
	u64 last = flow->direction[direction & 1].spin_edge;
	u64 asked = other->candidate ? other->candidate : flow->direction[!direction].spin_edge;
	u64 least = soonest(flow, direction);

	if (!(end->flags & SPIN_MEASURED))
		return 0;
	if (asked && (s64)(edge - asked) < (s64)least)
		return 1;
	return other->flags & SPIN_MEASURED && last && (s64)(edge - last) < (s64)(least + soonest(flow, !direction));
}

/* What the path took at least: it may take longer by now, and an early edge may have been none. */
static __always_inline void note_least(struct flow *flow, u8 answerer, u64 rtt)
{
	struct spin_end *end = spin_end(flow, answerer);
	u32 *known = &flow->samples[answerer & 1].spin_least;
	u32 least = *known, value = at_most_32_bits(rtt), growth;

	growth = value > least ? value - least : 0;
	if (!(end->flags & SPIN_MEASURED) || value < least)
		*known = value;
	else
		*known = least + (growth < least ? growth : least) / SPIN_GROWTH;
	end->flags |= SPIN_MEASURED;
}

/*
 * The path may have become shorter: that is believed step by step, from the second early edge in a row on, and the faster
 * the more there are. Not where an end has used another id: what was on its way then comes early for as long.
 */
static __always_inline void note_early(struct flow *flow, u8 answerer)
{
	struct spin_end *end = spin_end(flow, answerer);

	weigh(flow, end, -SPIN_EARLY, -SPIN_EARLY);
	if (end->flags & SPIN_DISTURBED || spin_end(flow, 0)->state & SPIN_RENEWED)
		return;
	for (u8 direction = 0; direction < 2 && end->low; direction++)
		flow->samples[direction].spin_least -= flow->samples[direction].spin_least >> (5 - end->low);
	if (end->low < SPIN_MOST_LOW)
		end->low++;
}

/*
 * What `answerer` has reflected, with its edge at `time`. Counted, and told, as any other sample, which are at most one in
 * each interval.
 */
static __noinline void report_spin(struct flow *flow, const struct packet *p, u8 answerer, u64 rtt, u64 time)
{
	struct report report = report_of(rtt, hook_flag(spin_end(flow, answerer)->hook) | RTT_BY_SPIN_BIT | RTT_ANSWER_DATA);
	u8 sender = !answerer;
	u32 gap = flow->direction[sender & 1].spin_gap;
	u16 more = flow->direction[sender & 1].spin_more;
	int is_due;

	if (spin_end(flow, sender)->flags & SPIN_LOCAL)
		return;
	is_due = claim_alone(flow, sender, time);
	/* What a window has is kept in their place, and is none of a sample that is alone. */
	flow->direction[sender & 1].spin_gap = gap;
	flow->direction[sender & 1].spin_more = more;
	if (!is_due)
		return;
	store_count(COUNTER_SPIN_MATCHED);
	update_rtt(flow, sender, rtt, time);
	if (is_reported(flow, sender, &report, time))
		report_rare_rtt(&p->key, flow, sender, &report, time);
}

/* From the other's edge to this one; 0 where one of the two is not known well enough, or it is longer than is kept. */
static __always_inline u32 spin_rtt(struct flow *flow, u8 answerer, const struct spin_end *end)
{
	u64 asked = flow->direction[!answerer].spin_edge;

	if (end->flags & (SPIN_DISTURBED | SPIN_EARLY_EDGE) || !spin_end(flow, !answerer)->asks || (s64)(end->candidate - asked) <= 0)
		return 0;
	return end->candidate - asked < ~0U ? end->candidate - asked : 0;
}

/* Whether no more of its packets have come for so long that the first may be any. */
static __always_inline int is_before_silence(struct flow *flow, u8 answerer)
{
	return flow->direction[answerer & 1].spin_gap > soonest(flow, 0) + (u64)soonest(flow, 1);
}

/* The candidate of `answerer` is an edge: the turn is the other's. The RTT that may be told by now; 0 = there is none. */
static __noinline u64 settle_one(struct flow *flow, u8 answerer)
{
	struct spin_end *end = spin_end(flow, answerer), *first = spin_end(flow, 0);
	u32 rtt = spin_rtt(flow, answerer, end);

	if (end->flags & SPIN_PROMPT)
		weigh(flow, end, 0, 1);
	if (end->flags & SPIN_EARLY_EDGE)
		note_early(flow, answerer);
	else
		end->low = 0;
	if (rtt)
		note_least(flow, answerer, rtt);
	flow->direction[answerer & 1].spin_edge = end->candidate;
	end->asks = !(end->flags & (SPIN_DISTURBED | SPIN_EARLY_EDGE));
	end->flags = (end->flags ^ SPIN_VALUE) & ~(SPIN_DISTURBED | SPIN_PROMPT | SPIN_EARLY_EDGE);
	end->candidate = 0;
	end->score = end->wrong = end->judged = 0;
	end->many = end->count >= SPIN_MANY;
	/* Of few packets each turn has hardly one that does not change. */
	if (end->unrest && !end->many)
		end->unrest--;
	end->count = 0;
	if (first->turns < SPIN_MOST_TURNS)
		first->turns++;
	if (!rtt || is_before_silence(flow, answerer) || !is_proven(flow))
		return 0;
	return hold_rtt(flow, answerer, rtt);
}

/* An edge, and what may have answered it meanwhile. An int, as of any global function. */
__noinline int settle_edges(struct flow *flow, const struct packet *p, u8 answerer)
{
	u64 rtt, last;

	if (!flow || !p)
		return 0;
	for (int i = 0; i < 2; i++, answerer = !answerer) {
		/* With which the RTT ended that may be told by now, or one since that has ended none. */
		last = flow->direction[answerer & 1].spin_edge;
		rtt = settle_one(flow, answerer);
		if (rtt)
			report_spin(flow, p, answerer, rtt, last);
		if (spin_end(flow, !answerer)->score < SPIN_CONFIRMED)
			break;
	}
	return 0;
}

#endif
