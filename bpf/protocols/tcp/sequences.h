/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is learnt of each direction's sequence space: where it ends, and how much of it has been
 * acknowledged (RFC 9293, 3.4).
 */
#ifndef PPING_TCP_SEQUENCES_H
#define PPING_TCP_SEQUENCES_H

#include "clocks.h"
#include "../../core/answers.h"

/* An acknowledgement of more than was seen sent is believed up to this: captures miss packets. */
#define MOST_ACK_AHEAD (1 << 20)
/* RFC 7323, 2.3 */
#define LARGEST_WINDOW (1U << 30)

/* Serial arithmetic, RFC 9293, 3.4; what no window reaches is of another connection. */
static __always_inline int acknowledges(const struct packet *p, u32 seq)
{
	return p->tcp.ack - seq - 1 < LARGEST_WINDOW;
}

/* What an acknowledgement covers: a FIN takes a sequence number, too (RFC 9293, 3.4). */
static __always_inline u32 sequence_length(const struct packet *p)
{
	return p->payload + (p->tcp.flags & TCP_FIN ? 1 : 0);
}

/* Data that goes on where its direction had ended was, as far as can be seen, never sent before. */
static __always_inline int goes_on(const struct flow *flow, const struct packet *p)
{
	u32 ahead = p->tcp.seq - flow->direction[p->direction & 1].next_seq;

	return flow->known[p->direction & 1] & SEQ_KNOWN && ahead < LARGEST_WINDOW;
}

/* At another hook it is the same packet on its way through a router. */
static __always_inline int is_passing_again(const struct flow *flow, const struct packet *p)
{
	u8 known = flow->known[p->direction & 1];

	return known & SEQ_KNOWN && !(known & SEQ_ON_EGRESS) != (p->hook != HOOK_EGRESS);
}

/* Whether nothing comes after it, as far as was seen; to be asked once that was noted. */
static __always_inline int ends_direction(const struct flow *flow, const struct packet *p)
{
	return flow->direction[p->direction & 1].next_seq == p->tcp.seq + sequence_length(p);
}

/*
 * An acknowledgement near the end of what was seen sent: captures miss packets, and put them out
 * of order.
 */
static __always_inline int is_near_end(const struct flow *flow, const struct packet *p)
{
	const struct direction *sent = &flow->direction[!p->direction];

	return !(flow->known[!p->direction] & SEQ_KNOWN) ||
	       sent->next_seq + MOST_ACK_AHEAD - p->tcp.ack <= LARGEST_WINDOW;
}

/* Or the other end's clock, which it has from what it acknowledges: much was sent and not seen. */
static __always_inline int echoes_sender(const struct flow *flow, const struct packet *p)
{
	const struct direction *sent = &flow->direction[!p->direction];

	/* Without timestamps it has been asked whether it comes with the very next sequence number. */
	if (!p->tcp.has_timestamp)
		return 1;
	return p->tcp.tsecr && sent->packets &&
	       fits_clock(sent, p->tcp.tsecr, sent->latest, p->tick);
}

/*
 * One that was only guessed must not make what follows look acknowledged, nor what went before
 * look not. What goes on from the last one is believed as it is: the other direction's cache line
 * is left alone.
 */
static __always_inline void note_acknowledgement(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	u8 *known = &flow->known[p->direction & 1];
	u32 advance = p->tcp.ack - d->ack;

	if (likely(*known & ACK_KNOWN)) {
		if (!advance || advance > LARGEST_WINDOW)
			return;
	} else {
		/* Nothing is known to compare it with but what was sent: an old one would pass for the highest. */
		if (flow->known[!p->direction] & SEQ_WHOLE && !is_near_end(flow, p))
			return;
		advance = LARGEST_WINDOW;
	}
	if (!(p->tcp.flags & TCP_ACK) || (advance > MOST_ACK_AHEAD && !is_near_end(flow, p) && !echoes_sender(flow, p)))
		return;
	d->ack = p->tcp.ack;
	if (unlikely(!(*known & ACK_KNOWN)))
		*known |= ACK_KNOWN;
}

#endif
