/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which segments of a connection are believed. Anyone can send one with its addresses and ports, but
 * who has not seen its packets knows neither the clock behind its TSvals nor its sequence numbers.
 * What does not fit both changes nothing: TCP itself would drop it (RFC 7323, 5.3; RFC 9293, 3.10.7.4).
 *
 * Clocks and sequence numbers that really jump, since packets were not seen or a machine slept, are
 * believed once the other end shows that it has received them.
 */
#ifndef PPING_TCP_ACCEPTABLE_H
#define PPING_TCP_ACCEPTABLE_H

#include "sequences.h"

/* Data that was not seen, up to this, is a gap and no forgery. */
#define MOST_SEQ_AHEAD (1U << 20)
/* What may be in flight beyond the last acknowledgement. */
#define MOST_IN_FLIGHT (1U << 26)

static __always_inline int lies_within(u32 number, u32 least, u32 most)
{
	return number - least <= most - least;
}

static __always_inline int is_near_in_sequence(const struct direction *d, const struct packet *p)
{
	return lies_within(p->tcp.seq, d->next_seq - LARGEST_WINDOW, d->next_seq + MOST_SEQ_AHEAD);
}

/* Whether it acknowledges about what the other end has sent. */
static __always_inline int is_acknowledgement_near(const struct flow *flow, const struct packet *p)
{
	const struct direction *sent = &flow->direction[!p->direction];

	return !(flow->known[!p->direction] & SEQ_KNOWN) ||
	       lies_within(p->tcp.ack, sent->next_seq - MOST_IN_FLIGHT, sent->next_seq + MOST_ACK_AHEAD);
}

/* A TSval that does not fit may be what the other end echoes by now, as after a machine has slept. */
static __always_inline int is_clock_acceptable(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];

	return fits_clock(d, p->tcp.tsval, d->latest, p->tick) ||
	       (peer->packets && fits_clock(d, p->tcp.tsval, peer->echoed, p->tick));
}

/*
 * Beyond a gap that is too large to be believed, sequence numbers are taken up again from what the
 * other end has acknowledged.
 */
static __always_inline int takes_up(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];

	if (!is_acknowledged(flow, p->direction, d->next_seq) ||
	    p->tcp.seq - peer->ack > MOST_IN_FLIGHT)
		return 0;
	d->next_seq = p->tcp.seq;
	flow->known[p->direction & 1] &= ~SEQ_WHOLE;
	flow->known[p->direction & 1] |= SEQ_DOUBTED;
	return 1;
}

static __always_inline int is_sequence_acceptable(struct flow *flow, const struct packet *p)
{
	return is_near_in_sequence(&flow->direction[p->direction & 1], p) || takes_up(flow, p);
}

/*
 * COUNTER_COUNT, or as what a segment without a timestamp is counted that is not believed. Where sequence numbers
 * are all there is, acknowledgements have to be there and to fit, too (RFC 5961, 5): of who guesses both one in
 * 4,000 does, and one in 2^18 beyond the end. Far from it they are true where much went by unseen, and then come
 * with the very next sequence number.
 */
static __noinline enum counter reason_to_doubt_unstamped(struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];

	if (!d->packets || state_of(flow) == FLOW_WAITING)
		return COUNTER_COUNT;
	if (!lies_within(p->tcp.seq, d->next_seq - MOST_IN_FLIGHT, d->next_seq + MOST_SEQ_AHEAD) &&
	    !takes_up(flow, p))
		return COUNTER_OUT_OF_WINDOW;
	if (!(p->tcp.flags & TCP_ACK) || (!is_acknowledgement_near(flow, p) && p->tcp.seq != d->next_seq))
		return COUNTER_OUT_OF_WINDOW;
	return COUNTER_COUNT;
}

/* What was noted of segments without a timestamp is no TSval's. */
static __always_inline void begin_timestamps(struct flow *flow, const struct packet *p)
{
	flow->direction[p->direction & 1].identifier_time = 0;
	flow->direction[p->direction & 1].latest = p->tcp.tsval;
	flow->known[p->direction & 1] |= TSVAL_KNOWN;
}

/* Its handshake has agreed on none: what is there all the same is ignored (RFC 7323, 3.2). */
static __always_inline int ignores_timestamps(const struct flow *flow)
{
	return flow->handshake_seen && !((flow->known[0] | flow->known[1]) & TSVAL_KNOWN);
}

/*
 * The same of one with a timestamp. The first of its direction has to pass for one without. COUNTER_NO_TIMESTAMP
 * where it is one without: nothing has been done but to say so.
 */
static __noinline enum counter reason_to_doubt(struct flow *flow, struct packet *p)
{
	if (ignores_timestamps(flow)) {
		p->tcp.has_timestamp = 0;
		return COUNTER_NO_TIMESTAMP;
	}
	if (!(flow->known[p->direction & 1] & TSVAL_KNOWN)) {
		enum counter doubt = reason_to_doubt_unstamped(flow, p);

		if (doubt == COUNTER_COUNT)
			begin_timestamps(flow, p);
		return doubt;
	}
	/* Nothing is known to judge by, or nobody there to ask. */
	if (!flow->direction[p->direction & 1].packets || state_of(flow) == FLOW_WAITING)
		return COUNTER_COUNT;
	if (!is_clock_acceptable(flow, p))
		return COUNTER_IMPLAUSIBLE_TSVAL;
	return is_sequence_acceptable(flow, p) ? COUNTER_COUNT : COUNTER_OUT_OF_WINDOW;
}

/* All that it costs a segment that goes on from the one before. */
static __always_inline int goes_on_plainly(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];

	return flow->known[p->direction & 1] & TSVAL_KNOWN &&
	       lies_within(p->tcp.tsval, d->latest - MOST_TSVAL_OFF, d->latest + MOST_TSVAL_OFF) &&
	       is_near_in_sequence(d, p);
}

#endif
