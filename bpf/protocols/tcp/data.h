/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a segment brings: new data, which may be remembered; data sent again; or an acknowledgement and
 * nothing else.
 */
#ifndef PPING_TCP_DATA_H
#define PPING_TCP_DATA_H

#include "matching.h"

static __noinline enum counter try_remember(void *context, struct flow *flow,
					    const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	struct question question;
	u32 last = p->tcp.seq + sequence_length(p) - 1;

	if (!claim_identifier(flow, d, p))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	if (is_acknowledged(flow, p->direction, last))
		return COUNTER_ALREADY_ACKNOWLEDGED;
	if (!claim_sample(d, &flow->samples[p->direction & 1], p->now))
		return COUNTER_RATE_LIMITED;
	question = question_of(flow, p);
	return remember_question(flow, p, &question);
}

static __always_inline void remember_data(void *context, struct flow *flow,
					  const struct packet *p, int new)
{
	u8 *known = &flow->known[p->direction & 1];

	if (unlikely(*known & SEQ_RESENT) && flow->direction[p->direction & 1].latest != p->tcp.tsval)
		*known &= ~SEQ_RESENT;
	/*
	 * Data sent again is not remembered, even under a new TSval: it may get lost, and other
	 * data of the same tick be answered.
	 */
	if (unlikely(*known & SEQ_KNOWN && !goes_on(flow, p))) {
		*known |= SEQ_RESENT;
		note_sent_again(flow, p);
		return store_count(COUNTER_RETRANSMITTED);
	}
	/* What was sent again in this tick may fill a gap before this data, and delay its answer. */
	if (unlikely(*known & SEQ_RESENT))
		new = 0;
	store_count(likely(!new) ? COUNTER_IDENTIFIER_NOT_NEW : try_remember(context, flow, p));
}

static __always_inline void remember(void *context, struct flow *flow, const struct packet *p,
				     int new)
{
	struct direction *d = &flow->direction[p->direction & 1];

	if (sequence_length(p)) {
		remember_data(context, flow, p, new);
	} else {
		note_pure_ack(flow, d, p);
		store_count(COUNTER_PURE_ACK);
	}
	if (unlikely(!flow->known[p->direction & 1]))
		flow->samples[p->direction & 1].first = p->tcp.tsval;
	d->latest = p->tcp.tsval;
	d->echoed = p->tcp.tsecr;
	note_end(flow, p);
	note_acknowledgement(flow, p);
}

#endif
