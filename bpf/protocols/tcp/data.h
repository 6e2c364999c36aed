/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a segment brings: new data, which may be remembered; data sent again; or an acknowledgement and
 * nothing else.
 */
#ifndef PPING_TCP_DATA_H
#define PPING_TCP_DATA_H

#include "losses.h"
#include "matching.h"

/*
 * A direction met in mid-stream is as good as whole once so much of it has gone on that nothing of it was in
 * flight when it was met.
 */
static __always_inline void note_settled(struct flow *flow, const struct packet *p)
{
	u8 *known = &flow->known[p->direction & 1];

	if (!(*known & (SEQ_WHOLE | SEQ_DOUBTED)) && *known & SEQ_KNOWN &&
	    (s32)(p->tcp.seq - flow->samples[p->direction & 1].first) >= 2 * MOST_ACK_AHEAD)
		*known |= SEQ_WHOLE;
}

/* Data with a new identifier, or with that of the data before, and chosen. */
__noinline int try_remember(packet_source *context, struct flow *flow, const struct packet *p, enum asks asks)
{
	struct question question;
	struct direction *d;
	u32 last;

	if (!flow || !p)
		return COUNTER_COUNT;
	d = &flow->direction[p->direction & 1];
	last = p->tcp.seq + sequence_length(p) - 1;
	note_settled(flow, p);
	if (asks != ASKS_CHOSEN && !claim_identifier(flow, d, p))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (asks == ASKS_EARLY)
		return COUNTER_RATE_LIMITED;
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	if (is_acknowledged(flow, p->direction, last))
		return COUNTER_ALREADY_ACKNOWLEDGED;
	if (!claim_sample(flow, p->direction, p->now, p->tick))
		return COUNTER_RATE_LIMITED;
	question = question_of(flow, p);
	return remember_question(flow, p, &question);
}

/*
 * Data sent again is not remembered, even under a new TSval: it may get lost, and other data of the same tick be
 * answered.
 */
static __noinline void on_sent_again(void *context, struct flow *flow, const struct packet *p)
{
	flow->known[p->direction & 1] |= SEQ_RESENT;
	note_sent_again(flow, p);
	note_repeated(context, flow, p);
	store_count_fate(try_probe(context, flow, p, COUNTER_RETRANSMITTED));
}

static __always_inline void remember_data(void *context, struct flow *flow,
					  const struct packet *p, enum asks asks)
{
	u8 *known = &flow->known[p->direction & 1];

	if (unlikely(*known & SEQ_KNOWN && !goes_on(flow, p)))
		return on_sent_again(context, flow, p);
	/* What was sent again in this tick may fill a gap before this data, and delay its answer. */
	if (unlikely(*known & SEQ_RESENT))
		asks = ASKS_NOTHING;
	store_count_fate(likely(!asks) ? COUNTER_IDENTIFIER_NOT_NEW : try_remember(context, flow, p, asks));
	note_candidate(&flow->direction[p->direction & 1]);
}

/*
 * What no window reaches is not believed. Where it is true, much went by unseen: then nothing
 * goes on, and all is taken for sent again.
 */
static __always_inline void note_end(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	u8 *known = &flow->known[p->direction & 1];
	u32 end = p->tcp.seq + sequence_length(p);

	if (likely(*known & SEQ_KNOWN)) {
		if (end - d->next_seq - 1 >= LARGEST_WINDOW)
			return;
		if (unlikely((s32)(p->tcp.seq - d->next_seq) > 0)) {
			*known |= SEQ_DOUBTED;
			note_gap(context, flow, p);
		}
	} else {
		*known |= SEQ_KNOWN | (p->hook == HOOK_EGRESS ? SEQ_ON_EGRESS : 0);
	}
	d->next_seq = end;
}

/*
 * Of a tick that is over: it must not look as if that of the segments before it came anew. All by sign bits: the verifier
 * would follow what comes after once for each way that branches lead there.
 */
static __always_inline u32 is_overtaken(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	u32 is_older = (p->tcp.tsval - d->latest) >> 31;
	u32 is_behind = (p->tcp.seq + sequence_length(p) - d->next_seq - 1) >> 31;

	return is_older & is_behind & flow->known[p->direction & 1] & SEQ_KNOWN;
}

/* It acknowledges what the one before it did. */
static __noinline enum counter on_repeated_ack(void *context, struct flow *flow, const struct packet *p)
{
	note_repeated_ack(flow, p);
	return try_probe(context, flow, p, COUNTER_PURE_ACK);
}

static __always_inline void remember(void *context, struct flow *flow, const struct packet *p,
				     enum asks asks)
{
	struct direction *d = &flow->direction[p->direction & 1];
	u32 overtaken = is_overtaken(flow, p);

	/* That tick is over, also where a pure ACK is the first of the next. */
	if (unlikely(flow->known[p->direction & 1] & SEQ_RESENT) && d->latest != p->tcp.tsval && !overtaken)
		flow->known[p->direction & 1] &= ~SEQ_RESENT;
	if (sequence_length(p)) {
		remember_data(context, flow, p, asks);
	} else {
		note_pure_ack(flow, d, p);
		store_count_fate(likely(p->tcp.ack != d->ack) ? COUNTER_PURE_ACK : on_repeated_ack(context, flow, p));
	}
	if (unlikely(!(flow->known[p->direction & 1] & SEQ_KNOWN)))
		flow->samples[p->direction & 1].first = p->tcp.seq;
	if (likely(!overtaken)) {
		d->latest = p->tcp.tsval;
		d->echoed = p->tcp.tsecr;
	}
	note_end(context, flow, p);
	note_acknowledgement(flow, p);
}

/* Where it has passed through may_be_asked_unstamped(), the clock has been read. */
static __noinline enum counter try_remember_unstamped(void *context, struct flow *flow,
						      const struct packet *p)
{
	struct samples *samples = &flow->samples[p->direction & 1];
	struct question question;

	note_settled(flow, p);
	if (samples->slot.time)
		return COUNTER_ANSWER_PENDING;
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	if (is_acknowledged(flow, p->direction, p->tcp.seq + sequence_length(p) - 1))
		return COUNTER_ALREADY_ACKNOWLEDGED;
	if (!p->now || !claim_sample(flow, p->direction, p->now, p->tick))
		return COUNTER_RATE_LIMITED;
	question = question_by_sequence(p);
	return remember_question(flow, p, &question);
}

static __always_inline enum counter remember_unstamped_data(void *context, struct flow *flow,
							    const struct packet *p)
{
	if (!(flow->known[p->direction & 1] & SEQ_KNOWN))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (goes_on(flow, p)) {
		enum counter fate = is_recovering(flow, p) ? COUNTER_ANSWER_PENDING
							   : try_remember_unstamped(context, flow, p);

		note_candidate(&flow->direction[p->direction & 1]);
		return fate;
	}
	note_sent_again(flow, p);
	note_repeated(context, flow, p);
	note_recovery(flow, p);
	return try_probe(context, flow, p, COUNTER_RETRANSMITTED);
}

/* As remember(), of a segment without timestamps. */
static __always_inline void remember_unstamped(void *context, struct flow *flow, const struct packet *p)
{
	enum counter fate = COUNTER_PURE_ACK;

	if (unlikely(!(flow->known[p->direction & 1] & SEQ_KNOWN)))
		flow->samples[p->direction & 1].first = p->tcp.seq;
	if (sequence_length(p))
		fate = remember_unstamped_data(context, flow, p);
	else if (p->tcp.ack == flow->direction[p->direction & 1].ack)
		fate = on_repeated_ack(context, flow, p);
	store_count_fate(fate);
	note_end(context, flow, p);
	note_acknowledgement(flow, p);
}

#endif
