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

#include "questions.h"
#include "spin_edges.h"

/* With so many packets since the last edge, or more, it has to be confirmed by packets. */
#define SPIN_MANY 4
/* What speaks against it: another value than it has to have; and no change when there should have been one long since. */
#define SPIN_WRONG 8
#define SPIN_LATE 12
/* So many wrong values in a row are no packets that were overtaken: whose turn it is was a mistake. */
#define SPIN_MOST_WRONG 4
#define SPIN_LEAST_PACKETS 8
#define SPIN_STILL_NS NS_PER_SECOND

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

/* Whose edge is settled by a packet. */
enum settled {
	SETTLED_NONE,
	SETTLED_BY_OWN,   /* that of the end that has sent it */
	SETTLED_BY_OTHER,
};

/*
 * The value has changed: an enum settled. An answer in turn confirms what it answers, too, where packets are few: there may be
 * one in each turn.
 */
static __always_inline int note_changed(void *context, struct flow *flow, struct packet *p)
{
	u8 direction = p->direction & 1;
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);
	int is_answer = turn_of(flow) != direction;

	if (is_answer && !other->candidate) {
		contradict(flow, direction);
		return SETTLED_NONE;
	}
	read_clock(context, p);
	if (end->candidate)
		confirm(flow, p, end);
	else
		begin_candidate(context, flow, p);
	if (is_answer)
		return other->count < SPIN_MANY ? SETTLED_BY_OTHER : SETTLED_NONE;
	return end->score >= SPIN_CONFIRMED ? SETTLED_BY_OWN : SETTLED_NONE;
}

/* For the verdict that its value is constant. */
static __always_inline void note_stillness(struct flow *flow, const struct packet *p)
{
	u32 since = coarse_time(p->tick) - flow->samples[p->direction & 1].spin_least;

	if (flow->direction[p->direction & 1].packets >= SPIN_LEAST_PACKETS &&
	    since > SPIN_STILL_NS >> COARSE_TIME_SHIFT)
		spin_end(flow, p->direction)->flags |= SPIN_STILL;
}

/* A packet with a short header: an enum settled. The edge is settled after this, and not within, for the stack. */
__noinline int note_spin(packet_source *context, struct flow *flow, struct packet *p)
{
	struct spin_end *end;
	u8 value;

	keep_argument(context);
	if (!flow || !p)
		return SETTLED_NONE;
	/* Of a handshake that is not over, or not answered. */
	if ((flow->samples[0].slot.time || flow->samples[1].slot.time) && !end_old_questions(flow, p)) {
		flow->known[0] &= ~SPIN_KNOWN;
		return SETTLED_NONE;
	}
	if (!is_spin_known(flow))
		begin_spin(flow, p->tick);
	end = spin_end(flow, p->direction);
	value = p->quic.spin ? SPIN_VALUE : 0;
	if (!(end->flags & spin_end(flow, !p->direction)->flags & SPIN_SEEN)) {
		end->flags = (end->flags & ~SPIN_VALUE) | SPIN_SEEN | value;
		return SETTLED_NONE;
	}
	if (end->count < 255)
		end->count++;
	if (spin_end(flow, 0)->turns <= 1)
		note_stillness(flow, p);
	if ((end->flags & SPIN_VALUE) != value)
		return note_changed(context, flow, p);
	note_same(context, flow, p);
	return SETTLED_NONE;
}

#endif
