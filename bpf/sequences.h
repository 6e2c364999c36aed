/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is learnt of each direction's sequence space: where it ends, and how much of it has been
 * acknowledged (RFC 9293, 3.4).
 */
#ifndef PPING_SEQUENCES_H
#define PPING_SEQUENCES_H

#include "answers.h"

/* What an acknowledgement covers: a FIN takes a sequence number, too (RFC 9293, 3.4). */
static __always_inline u32 sequence_length(const struct segment *s)
{
	return s->payload + (s->flags & TCP_FIN ? 1 : 0);
}

/* Data that goes on where its direction had ended was, as far as can be seen, never sent before. */
static __always_inline int goes_on(const struct direction *d, const struct segment *s)
{
	return d->known & SEQ_KNOWN && s->seq - d->next_seq < LARGEST_WINDOW;
}

/*
 * What no window reaches is not believed. Where it is true, much went by unseen: then nothing
 * goes on, and all is taken for sent again.
 */
static __always_inline void note_end(struct direction *d, u32 seq, u32 end)
{
	if (likely(d->known & SEQ_KNOWN)) {
		if (end - d->next_seq - 1 >= LARGEST_WINDOW)
			return;
		if (unlikely((s32)(seq - d->next_seq) > 0))
			d->known |= SEQ_DOUBTED;
	}
	d->next_seq = end;
	d->known |= SEQ_KNOWN;
}

/*
 * An acknowledgement near the end of what was seen sent: captures miss packets, and put them out
 * of order.
 */
static __always_inline int is_near_end(const struct flow *flow, const struct segment *s)
{
	const struct direction *sent = &flow->direction[!s->direction];

	return !(sent->known & SEQ_KNOWN) ||
	       sent->next_seq + MOST_ACK_AHEAD - s->ack <= LARGEST_WINDOW;
}

/*
 * One that was only guessed must not make what follows look acknowledged, nor what went before
 * look not. What goes on from the last one is believed as it is: the other direction's cache line
 * is left alone.
 */
static __always_inline void note_acknowledgement(const struct flow *flow, struct direction *d,
						 const struct segment *s)
{
	u32 advance = s->ack - d->ack;

	if (likely(d->known & ACK_KNOWN)) {
		if (!advance || advance > LARGEST_WINDOW)
			return;
	} else {
		advance = LARGEST_WINDOW;
	}
	if (!(s->flags & TCP_ACK) || (advance > MOST_ACK_AHEAD && !is_near_end(flow, s)))
		return;
	d->ack = s->ack;
	d->known |= ACK_KNOWN;
}

#endif
