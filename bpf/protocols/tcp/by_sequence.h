/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs by sequence number, of connections without timestamps: data that goes on where its direction had
 * ended asks, and the first segment that acknowledges a byte of it answers.
 *
 * Any byte: of data sent once it proves the arrival. To wait for the last one would add the time that it
 * takes to send what the kernel holds merged, and favour delayed acknowledgements.
 */
#ifndef PPING_TCP_BY_SEQUENCE_H
#define PPING_TCP_BY_SEQUENCE_H

#include "sequences.h"
#include "../../core/rates.h"

/*
 * What was sent again fills a gap, and the answer to whatever goes on from there may have to wait for it:
 * nothing is asked until all that had been sent by then is acknowledged.
 */
static __always_inline void note_recovery(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];

	flow->known[p->direction & 1] |= SEQ_RESENT;
	d->latest = d->next_seq;
}

static __always_inline int is_recovering(struct flow *flow, const struct packet *p)
{
	u8 *known = &flow->known[p->direction & 1];

	if (likely(!(*known & SEQ_RESENT)))
		return 0;
	if (!is_acknowledged(flow, p->direction, flow->direction[p->direction & 1].latest - 1))
		return 1;
	*known &= ~SEQ_RESENT;
	return 0;
}

/* In mid-stream the first data may have been sent before; only what goes on from it was not. */
static __always_inline int may_be_asked_unstamped(struct flow *flow, const struct packet *p)
{
	const struct samples *samples = &flow->samples[p->direction & 1];

	return sequence_length(p) && goes_on(flow, p) && !samples->slot.time && !is_recovering(flow, p) &&
	       !is_too_early(flow, p->direction, p->tick);
}

static __always_inline struct question question_by_sequence(const struct packet *p)
{
	struct question question = { .time = p->now, .seq = p->tcp.seq, .hook = p->hook, .by_sequence = 1 };

	return question;
}

/*
 * The first segment to acknowledge what has waited since `time`. Where it acknowledges more than was seen
 * sent, what is missing may be what it answers. So may be, in mid-stream, what was sent before anything
 * was seen: that shows where it would be faster than the path has been.
 */
static __always_inline enum verdict judge_by_sequence(const struct flow *flow, const struct packet *p,
						      u64 time)
{
	const struct direction *sent = &flow->direction[!p->direction];

	if ((s32)(p->tcp.ack - sent->next_seq) > 0)
		return VERDICT_AMBIGUOUS;
	if (!(flow->known[!p->direction] & SEQ_WHOLE) &&
	    p->now - time < flow->samples[!p->direction].min_rtt)
		return VERDICT_AMBIGUOUS;
	return judge_time(p, time, time + target_settings()->timestamp_timeout);
}

#endif
