/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Edges of the spin bit: which are believed, and the RTTs between them. */
#ifndef PPING_SPIN_EDGES_H
#define PPING_SPIN_EDGES_H

#include "spin_proof.h"

/* An edge counts once so many more packets have had its value than have not. */
#define SPIN_CONFIRMED 3
/* With so many packets since the last edge, it is taken to be the second packet: the first may have been overtaken. */
#define SPIN_MANY_MORE 16
#define SPIN_PROMPTLY 3 /* a proof: a change with the first packet, which may be all there is in a turn */
/* The least RTT grows by such a share of itself with each edge: queues grow, and what is below them is suspicious. */
#define SPIN_GROWTH 16

/* What comes earlier is suspicious. */
static __always_inline u32 soonest(const struct flow *flow, u8 direction)
{
	u32 least = flow->samples[direction & 1].spin_least;

	return least - least / SPIN_GROWTH;
}

/*
 * Whether an RTT may be believed: what is below all before it may be an edge that is none. It is believed the second
 * time.
 */
static __always_inline int is_plausible_spin(struct flow *flow, u8 answerer, u64 rtt)
{
	struct spin_end *end = spin_end(flow, answerer);
	u32 *known = &flow->samples[answerer & 1].spin_least;
	u32 least = *known, value = at_most_32_bits(rtt), growth;

	if (!(end->flags & SPIN_MEASURED)) {
		end->flags |= SPIN_MEASURED;
		*known = value;
		return 1;
	}
	if (value < soonest(flow, answerer) && !(end->flags & SPIN_LOW)) {
		end->flags |= SPIN_LOW;
		return 0;
	}
	end->flags &= ~SPIN_LOW;
	growth = value > least ? value - least : 0;
	*known = value < least ? value : least + (growth < least ? growth : least) / SPIN_GROWTH;
	return 1;
}

/*
 * Whether an end's edge follows its last one by less than half of the least round trip: RFC 9312, 4.4, has such a guard.
 * The path may have become shorter: that is believed step by step.
 */
static __always_inline int is_too_near(struct flow *flow, u8 direction, u64 edge)
{
	u64 last = flow->direction[direction & 1].spin_edge;
	u32 *first = &flow->samples[0].spin_least, *second = &flow->samples[1].spin_least;

	if (!last || !(spin_end(flow, 0)->flags & spin_end(flow, 1)->flags & SPIN_MEASURED) ||
	    (s64)(edge - last) >= (s64)(((u64)*first + *second) / 2))
		return 0;
	*first -= *first / SPIN_GROWTH;
	*second -= *second / SPIN_GROWTH;
	return 1;
}

/* What `answerer` has reflected. Counted, and told, as any other sample, which are at most one in each interval. */
static __noinline void report_spin(struct flow *flow, const struct packet *p, u8 answerer, u64 rtt)
{
	struct report report = report_of(rtt, hook_flag(spin_end(flow, answerer)->hook) | RTT_BY_SPIN_BIT | RTT_ANSWER_DATA);
	u8 sender = !answerer;
	u32 gap = flow->direction[sender & 1].spin_gap;
	int is_due;

	if (spin_end(flow, sender)->flags & SPIN_LOCAL)
		return;
	is_due = claim_alone(flow, sender, p->now);
	/* A window's time is kept in its place, and is none of a sample that is alone. */
	flow->direction[sender & 1].spin_gap = gap;
	if (!is_due)
		return;
	store_count(COUNTER_SPIN_MATCHED);
	update_rtt(flow, sender, rtt, p->now);
	if (is_reported(flow, sender, &report, p->now))
		report_rare_rtt(&p->key, flow, sender, &report, p->now);
}

/*
 * From the other's edge to this one. Where packets are overtaken, what came just before the edge may have been one of them:
 * then it ends with the packet that confirmed it. 0 where there is none.
 */
static __always_inline u64 spin_rtt(const struct flow *flow, u8 answerer, const struct spin_end *end)
{
	u64 asked = flow->direction[!answerer].spin_edge;
	u32 gap = end->overtaken || end->count >= SPIN_MANY_MORE ? flow->direction[answerer & 1].spin_gap : 0;
	u64 answered = end->candidate + gap;

	return asked && (s64)(answered - asked) > 0 ? answered - asked : 0;
}

/* The candidate of `answerer` is an edge: the turn is the other's. The RTT, if it may be told; else 0. */
static __noinline u64 settle_one(struct flow *flow, u8 answerer)
{
	struct spin_end *end;
	u64 edge, rtt;
	u8 *turns;
	int is_clean;

	end = spin_end(flow, answerer);
	turns = &spin_end(flow, 0)->turns;
	edge = end->candidate;
	is_clean = !(end->flags & SPIN_DISTURBED) && !is_too_near(flow, answerer, edge);
	rtt = is_clean ? spin_rtt(flow, answerer, end) : 0;
	if (end->flags & SPIN_PROMPT)
		weigh(flow, end, SPIN_PROMPTLY);
	end->flags = (end->flags ^ SPIN_VALUE) & ~(SPIN_DISTURBED | SPIN_PROMPT);
	end->candidate = 0;
	end->score = end->wrong = 0;
	end->count = 0;
	*turns = *turns == 255 ? 128 : *turns + 1;
	if (rtt && !is_plausible_spin(flow, answerer, rtt))
		is_clean = rtt = 0;
	flow->direction[answerer & 1].spin_edge = is_clean ? edge : 0;
	return is_proven(flow) ? rtt : 0;
}

/* An edge, and what may have answered it meanwhile. An int, as of any global function. */
__noinline int settle_edges(struct flow *flow, const struct packet *p, u8 answerer)
{
	u64 rtt;

	if (!flow || !p)
		return 0;
	for (int i = 0; i < 2; i++, answerer = !answerer) {
		rtt = settle_one(flow, answerer);
		if (rtt)
			report_spin(flow, p, answerer, rtt);
		if (spin_end(flow, !answerer)->score < SPIN_CONFIRMED)
			break;
	}
	return 0;
}

#endif
