/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Segments that are not believed (acceptable.h). They may be real all the same, where a clock has jumped:
 * then what comes later must not make RTTs as if they had not been. What they can do is little, and
 * only where they are near what is expected: who forges them does not know where that is.
 */
#ifndef PPING_TCP_DOUBTS_H
#define PPING_TCP_DOUBTS_H

#include "acceptable.h"
#include "matching.h"

/* As with RSTs: RESET_WINDOW. */
#define MOST_DOUBTED_AHEAD (1 << 16)

/* What it brings may have been sent before, or may be sent again. */
static __always_inline void note_doubted_data(struct flow *flow, const struct packet *p)
{
	u32 next = flow->direction[p->direction & 1].next_seq;
	u8 *known = &flow->known[p->direction & 1];

	if (next - p->tcp.seq <= MOST_IN_FLIGHT)
		note_sent_again(flow, p);
	if (p->tcp.seq - next <= MOST_DOUBTED_AHEAD)
		*known = (*known & ~SEQ_WHOLE) | SEQ_DOUBTED;
}

/* Nothing that comes later is the first to acknowledge it: of what was seen sent, and nothing beyond. */
static __always_inline void note_doubted_ack(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	u32 end = flow->direction[!p->direction].next_seq, ack = p->tcp.ack;
	struct answered answered = {};

	if ((s32)(ack - end) > MOST_ACK_AHEAD)
		return;
	if (may_answer(flow, p) && take_slot(flow, p, &answered) != VERDICT_NONE &&
	    !answered.handshake)
		store_count(COUNTER_AMBIGUOUS);
	if ((s32)(ack - end) > 0)
		ack = end;
	if (end - ack > MOST_IN_FLIGHT || is_acknowledged(flow, !p->direction, ack - 1))
		return;
	d->ack = ack;
	flow->known[p->direction & 1] |= ACK_KNOWN;
}

__noinline int on_doubted(struct flow *flow, const struct packet *p, u32 doubt)
{
	if (doubt == COUNTER_NO_TIMESTAMP)
		return 0;
	store_count_fate(doubt);
	if (!flow || !p)
		return 0;
	if (sequence_length(p) && flow->known[p->direction & 1] & SEQ_KNOWN)
		note_doubted_data(flow, p);
	if (p->tcp.flags & TCP_ACK && flow->known[!p->direction] & SEQ_KNOWN)
		note_doubted_ack(flow, p);
	return 0;
}

#endif
