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

/*
 * What speaks against it: another value than it has to have; one of a candidate's packets that has not its value; and no
 * change when there should have been one.
 */
#define SPIN_WRONG 8
#define SPIN_DOUBT 2
#define SPIN_LATE 3
/* So many wrong values in a row are no packets that were overtaken: whose turn it is was a mistake. */
#define SPIN_MOST_WRONG 4
/* After a change that was none, so many packets without one, and the next is no part of it. */
#define SPIN_CALM 6
#define SPIN_LEAST_PACKETS 8
/* So often the same one after the other, bytes are an id: what is encrypted there is so by chance once in 2^48 packets. */
#define SPIN_SURE_IDS 3
#define SPIN_STILL_NS NS_PER_SECOND

/* Its value is another: so is whose turn it is. */
static __always_inline void begin_turns_again(struct flow *flow)
{
	struct spin_end *first = spin_end(flow, 0);

	for (u8 direction = 0; direction < 2; direction++) {
		struct spin_end *end = spin_end(flow, direction);

		end->candidate = 0;
		end->score = end->wrong = end->judged = end->asks = 0;
		end->unrest = SPIN_CALM;
	}
	if (first->turns > SPIN_FEW_TURNS)
		first->turns = SPIN_FEW_TURNS;
}

/* Another value than it has to have. */
static __always_inline void contradict(struct flow *flow, u8 direction)
{
	struct spin_end *end = spin_end(flow, direction);

	weigh(flow, end, -SPIN_WRONG, -SPIN_WRONG);
	end->overtaken = 1;
	end->unrest = SPIN_CALM;
	end->wrong++;
	/* Its edge may have been none. */
	if (end->wrong > 1)
		end->asks = flow->spin_rtt[direction & 1] = 0;
	if (end->wrong < SPIN_MOST_WRONG)
		return;
	end->flags ^= SPIN_VALUE;
	begin_turns_again(flow);
}

/* It was no edge; what seemed to answer it is none either. */
static __always_inline void drop_candidates(struct flow *flow, u8 direction)
{
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);

	end->candidate = 0;
	/* Or it was one, of few packets. */
	end->count = 0;
	end->unrest = SPIN_CALM;
	weigh(flow, end, -SPIN_WRONG, -SPIN_WRONG);
	if (!other->candidate || turn_of(flow) != direction)
		return;
	other->candidate = other->score = other->judged = 0;
	other->unrest = SPIN_CALM;
}

/* A packet of a candidate's end that has not its value. */
static __always_inline void doubt(struct flow *flow, u8 direction)
{
	struct spin_end *end = spin_end(flow, direction);

	end->flags |= SPIN_DISTURBED;
	end->overtaken = 1;
	weigh(flow, end, -SPIN_DOUBT, 0);
	if (!--end->score)
		drop_candidates(flow, direction);
}

/* The value has not changed, in its turn: before the other's can have come back that is right, and then it is late. */
static __always_inline void judge_same(void *context, struct flow *flow, struct packet *p)
{
	u8 direction = p->direction & 1;
	struct spin_end *end = spin_end(flow, direction);

	if (end->judged && end->proof == SPIN_MOST_PROOF)
		return;
	read_clock(context, p);
	if (is_early(flow, direction, p->now))
		return weigh(flow, end, 1, 0);
	if (end->judged)
		return;
	end->judged = 1;
	weigh(flow, end, 0, -SPIN_LATE);
}

/* The value has not changed. It may be that the other's has not arrived yet. */
static __always_inline void note_same(void *context, struct flow *flow, struct packet *p)
{
	u8 direction = p->direction & 1;
	struct spin_end *end = spin_end(flow, direction), *other = spin_end(flow, !direction);

	if (end->candidate)
		return doubt(flow, direction);
	end->wrong = 0;
	if (end->unrest)
		end->unrest--;
	if (other->candidate || turn_of(flow) == direction)
		judge_same(context, flow, p);
	else
		weigh(flow, end, 1, 0);
}

static __always_inline void begin_candidate(void *context, struct flow *flow, struct packet *p)
{
	struct spin_end *end = spin_end(flow, p->direction);
	u8 flags = end->flags & ~(SPIN_DISTURBED | SPIN_PROMPT | SPIN_EARLY_EDGE | SPIN_LOCAL);

	if (is_early(flow, p->direction & 1, p->now))
		flags |= SPIN_EARLY_EDGE;
	else if (!end->judged)
		flags |= SPIN_PROMPT;
	/* The first packet of this edge may have been before. */
	if (end->unrest)
		flags |= SPIN_DISTURBED;
	if (is_left_out(context, flow, p))
		flags |= SPIN_LOCAL;
	end->candidate = p->now;
	flow->direction[p->direction & 1].spin_gap = 0;
	end->score = end->judged = 1;
	end->hook = p->hook;
	end->flags = flags;
}

/* One more packet has the candidate's value. */
static __always_inline void confirm(struct flow *flow, const struct packet *p, struct spin_end *end)
{
	u32 *gap = &flow->direction[p->direction & 1].spin_gap;

	if (end->score >= SPIN_CONFIRMED)
		return;
	if (!*gap || end->overtaken)
		*gap = at_most_32_bits(p->now - end->candidate);
	end->score++;
	weigh(flow, end, 1, 0);
}

/* Whether its edge may be confirmed by the other's answer: there may be one packet in each turn. */
static __always_inline int is_of_few(const struct spin_end *end)
{
	return end->count < SPIN_MANY && !(end->many && end->flags & SPIN_EARLY_EDGE);
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
		return is_of_few(other) ? SETTLED_BY_OTHER : SETTLED_NONE;
	return end->score >= SPIN_CONFIRMED ? SETTLED_BY_OWN : SETTLED_NONE;
}

/*
 * Whether its end uses another id: then its value is 0 again (RFC 9000, 17.4), at any time, and there may be more than one
 * change on its way for long. One packet alone says nothing: it may be forged.
 */
static __always_inline int is_id_new(struct flow *flow, const struct packet *p)
{
	struct spin_end *end = spin_end(flow, p->direction);
	u16 *known = &flow->direction[p->direction & 1].spin_id, id = p->quic.dcid;
	u8 *other = &flow->other_id[p->direction & 1], bits = id | 1;
	int is_sure = end->same_ids == SPIN_SURE_IDS;

	if (!id)
		return 0;
	if (id == *known) {
		end->same_ids += !is_sure;
		*other = 0;
		return 0;
	}
	if (is_sure && *other != bits) {
		*other = bits;
		return 0;
	}
	*known = id;
	end->same_ids = *other = 0;
	return is_sure;
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
	if (is_answer_awaited(flow, p) ||
	    ((flow->samples[0].slot.time || flow->samples[1].slot.time) && !end_old_questions(flow, p))) {
		flow->known[0] &= ~SPIN_KNOWN;
		return SETTLED_NONE;
	}
	if (!is_spin_known(flow))
		begin_spin(flow, p->tick);
	if (is_id_new(flow, p)) {
		begin_spin(flow, p->tick);
		spin_end(flow, 0)->state = SPIN_RENEWED;
	}
	end = spin_end(flow, p->direction);
	value = p->quic.spin ? SPIN_VALUE : 0;
	if (!(end->flags & spin_end(flow, !p->direction)->flags & SPIN_SEEN)) {
		end->flags = (end->flags & ~SPIN_VALUE) | SPIN_SEEN | value;
		return SETTLED_NONE;
	}
	if (end->count < 255)
		end->count++;
	if (spin_end(flow, 0)->turns <= 1 && !(end->flags & SPIN_MEASURED))
		note_stillness(flow, p);
	if ((end->flags & SPIN_VALUE) != value)
		return note_changed(context, flow, p);
	note_same(context, flow, p);
	return SETTLED_NONE;
}

#endif
