/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs by QUIC's spin bit (RFC 9000, 17.4; RFC 9312, 4.4): docs/measurement.md has the rules.
 *
 * A server sends the value that it has received last, a client its inverse. So there is one change on its way at any
 * time, and it passes here in turn: from the one end, from the other, from the first. The time from one such edge to the
 * next is the way from here to the other end and back. Whatever else changes is a packet that was overtaken, or a value
 * that means nothing.
 */
#ifndef PPING_SPIN_H
#define PPING_SPIN_H

#include "../../core/samples.h"
#include "../../core/spin.h"

/* An edge counts once so many more packets have had its value than have not. */
#define SPIN_CONFIRMED 3
/* With so many packets since the last edge, or more, it has to be confirmed by packets. */
#define SPIN_MANY 4
#define SPIN_MANY_MORE 16   /* it is taken to be the second packet: the first may have been overtaken */
/*
 * What proves that an end reflects: a packet with the value that it has to have until it is its turn, and a change with
 * the first packet of its turn. Both are one half where values are random. As much of both ends is needed.
 */
#define SPIN_PROOF 96
#define SPIN_PROOF_AGAIN 116 /* of one that has been proven before, and turned out otherwise */
#define SPIN_MOST_PROOF 120
#define SPIN_PROMPTLY 3      /* a change with the first packet: it may be all there is in a turn */
#define SPIN_LEAST_TURNS 8
/* What speaks against it: another value than it has to have; and no change when there should have been one long since. */
#define SPIN_WRONG 8
#define SPIN_LATE 12
/* So many wrong values in a row are no packets that were overtaken: whose turn it is was a mistake. */
#define SPIN_MOST_WRONG 4
/* The least RTT grows by such a share of itself with each edge: queues grow, and what is below them is suspicious. */
#define SPIN_GROWTH 16
#define SPIN_LEAST_PACKETS 8
#define SPIN_STILL_NS NS_PER_SECOND

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
static __always_inline void report_spin(struct flow *flow, const struct packet *p, u8 answerer, u64 rtt)
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

/* The candidate of `answerer` is an edge: the turn is the other's. */
static __always_inline void settle_one(struct flow *flow, const struct packet *p, u8 answerer)
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
	if (is_proven(flow) && rtt)
		report_spin(flow, p, answerer, rtt);
}

/* And so may be what has answered it meanwhile. An int, as of any global function. */
__noinline int settle_edge(struct flow *flow, const struct packet *p, u8 answerer)
{
	if (!flow || !p)
		return 0;
	for (int i = 0; i < 2; i++, answerer = !answerer) {
		settle_one(flow, p, answerer);
		if (spin_end(flow, !answerer)->score < SPIN_CONFIRMED)
			break;
	}
	return 0;
}

/* Its value is another: so is whose turn it is. */
static __always_inline void begin_turns_again(struct flow *flow)
{
	for (u8 direction = 0; direction < 2; direction++) {
		struct spin_end *end = spin_end(flow, direction);

		end->candidate = 0;
		end->score = end->wrong = 0;
		end->flags = (end->flags & ~SPIN_PROMPT) | SPIN_DISTURBED;
		flow->direction[direction].spin_edge = 0;
	}
}

/* Another value than it has to have. */
static __always_inline void contradict(struct flow *flow, u8 direction)
{
	struct spin_end *end = spin_end(flow, direction);

	weigh(flow, end, -SPIN_WRONG);
	end->overtaken = 1;
	end->wrong++;
	/* Its edge may have been none. */
	if (end->wrong > 1)
		flow->direction[direction & 1].spin_edge = 0;
	if (end->wrong < SPIN_MOST_WRONG)
		return;
	end->flags ^= SPIN_VALUE;
	begin_turns_again(flow);
}

/* Whether it is the first of its end since the turn is its. */
static __always_inline int is_first_in_turn(struct flow *flow, struct spin_end *end)
{
	u8 turns = spin_end(flow, 0)->turns;
	int is_first = end->noted != turns;

	end->noted = turns;
	return is_first;
}

/* It was no edge; what seemed to answer it is none either. */
static __always_inline void drop_candidates(struct flow *flow, u8 direction)
{
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);

	end->candidate = end->count = 0;
	weigh(flow, end, -SPIN_WRONG);
	if (!other->candidate || turn_of(flow) != direction)
		return;
	other->candidate = other->score = other->count = 0;
	other->flags |= SPIN_DISTURBED;
}

/* The value has not changed. It may be that the other's has not arrived yet. */
static __always_inline void note_same(void *context, struct flow *flow, struct packet *p)
{
	u8 direction = p->direction & 1;
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);
	u64 asked = other->candidate ? other->candidate : flow->direction[!direction].spin_edge;
	int is_its_turn = other->candidate || turn_of(flow) == direction;

	if (end->candidate) {
		end->flags |= SPIN_DISTURBED;
		end->overtaken = 1;
		if (!--end->score)
			drop_candidates(flow, direction);
		return;
	}
	end->wrong = 0;
	/* Where packets are few, no change in its turn proves nothing. */
	if (!is_its_turn || end->count > SPIN_MANY)
		weigh(flow, end, 1);
	if (!is_its_turn)
		return;
	if (!is_first_in_turn(flow, end) || !asked || !(end->flags & SPIN_MEASURED))
		return;
	read_clock(context, p);
	if ((s64)(p->now - asked) >= (s64)soonest(flow, direction))
		weigh(flow, end, -SPIN_LATE);
}

static __always_inline void begin_candidate(void *context, struct flow *flow, struct packet *p)
{
	struct spin_end *end = spin_end(flow, p->direction);

	end->candidate = p->now;
	flow->direction[p->direction & 1].spin_gap = 0;
	end->score = 1;
	end->hook = p->hook;
	if (is_first_in_turn(flow, end))
		end->flags |= SPIN_PROMPT;
	if (is_left_out(context, flow, p))
		end->flags |= SPIN_LOCAL;
	else
		end->flags &= ~SPIN_LOCAL;
}

/* One more packet has the candidate's value. */
static __always_inline void confirm(struct flow *flow, const struct packet *p, struct spin_end *end)
{
	u32 *gap = &flow->direction[p->direction & 1].spin_gap;

	if (!*gap)
		*gap = at_most_32_bits(p->now - end->candidate);
	if (end->score >= SPIN_CONFIRMED)
		return;
	end->score++;
	weigh(flow, end, 1);
}

/* The value has changed. An answer in turn confirms what it answers, too, where packets are few: there may be one in each turn. */
static __always_inline void note_changed(void *context, struct flow *flow, struct packet *p)
{
	u8 direction = p->direction & 1;
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);
	int is_answer = turn_of(flow) != direction;

	if (is_answer && !other->candidate)
		return contradict(flow, direction);
	read_clock(context, p);
	if (end->candidate)
		confirm(flow, p, end);
	else
		begin_candidate(context, flow, p);
	if (is_answer && other->count < SPIN_MANY)
		settle_edge(flow, p, !direction);
	else if (!is_answer && end->score >= SPIN_CONFIRMED)
		settle_edge(flow, p, direction);
}

/* For the verdict that its value is constant. */
static __always_inline void note_stillness(struct flow *flow, const struct packet *p)
{
	u32 since = coarse_time(p->tick) - flow->samples[p->direction & 1].spin_least;

	if (flow->direction[p->direction & 1].packets >= SPIN_LEAST_PACKETS &&
	    since > SPIN_STILL_NS >> COARSE_TIME_SHIFT)
		spin_end(flow, p->direction)->flags |= SPIN_STILL;
}

/* A packet with a short header: an enum counter. */
__noinline int process_spin(packet_source *context, struct flow *flow, struct packet *p)
{
	struct spin_end *end;
	u8 value;

	keep_argument(context);
	if (!flow || !p)
		return COUNTER_SPIN_BIT;
	/* Of a handshake that is not over, or not answered. */
	if (flow->samples[0].slot.time || flow->samples[1].slot.time) {
		flow->known[0] &= ~SPIN_KNOWN;
		return COUNTER_SPIN_BIT;
	}
	if (!is_spin_known(flow))
		begin_spin(flow, p->tick);
	end = spin_end(flow, p->direction);
	value = p->quic.spin ? SPIN_VALUE : 0;
	if (!(end->flags & spin_end(flow, !p->direction)->flags & SPIN_SEEN)) {
		end->flags = (end->flags & ~SPIN_VALUE) | SPIN_SEEN | value;
		return COUNTER_SPIN_BIT;
	}
	if (end->count < 255)
		end->count++;
	if (spin_end(flow, 0)->turns <= 1)
		note_stillness(flow, p);
	if ((end->flags & SPIN_VALUE) != value)
		note_changed(context, flow, p);
	else
		note_same(context, flow, p);
	return COUNTER_SPIN_BIT;
}

#endif
