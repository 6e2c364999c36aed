/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs by the timestamp option (RFC 7323): a segment asks with a TSval that is new, and what echoes it
 * as its TSecr answers.
 *
 * The first segment that acknowledges remembered data ends the wait, always: whatever comes later
 * answers something else. Whether the time that has passed is an RTT is told by its TSecr, and where
 * the data was sent only once by that alone (Karn and Partridge, 1987; RFC 7323, 4.3 says which TSval a
 * receiver echoes).
 */
#ifndef PPING_TCP_TIMESTAMPS_H
#define PPING_TCP_TIMESTAMPS_H

#include "sequences.h"
#include "../../core/rates.h"

/*
 * New data whose TSvals are older than one that was seen so long ago: that one was false, since no
 * network puts packets that much out of order.
 */
#define CLOCK_BACK_NS NS_PER_SECOND

/*
 * Whether this is the first data with its TSval. Reordered packets do not turn
 * the clock back: new means 0 < TSval - last < 2^31.
 */
static __always_inline int is_new(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	u32 advance = p->tcp.tsval - d->identifier;
	s32 age = coarse_time(p->tick) - d->identifier_time;

	if (!d->identifier_time)
		return 1;
	return (advance > 0 && advance < 1U << 31) || age >= (s32)(HALF_RANGE_NS >> COARSE_TIME_SHIFT) ||
	       (advance && age >= (s32)(CLOCK_BACK_NS >> COARSE_TIME_SHIFT) && goes_on(flow, p));
}

/*
 * Whether data that has no TSval of its own is to be taken, in a window that one has opened. Global, for the verifier
 * (6.1).
 */
__noinline int is_chosen(struct flow *flow, const struct packet *p)
{
	const struct direction *d;

	if (!flow || !p)
		return 0;
	d = &flow->direction[p->direction & 1];
	return d->window_start && p->tcp.tsval == d->latest && goes_on(flow, p) &&
	       !flow->samples[p->direction & 1].slot.time && d->candidates >= chosen(flow, d);
}

enum asks {
	ASKS_NOTHING,
	ASKS_EARLY,  /* with a TSval of its own, but no sample of it is due */
	ASKS_NEW,    /* data with a TSval of its own, unless another CPU has one with it */
	ASKS_CHOSEN,
};

/*
 * Whether data may be asked about. One that goes on under the TSval of the data before was sent once, too:
 * whatever acknowledges it answers it. It waits in its flow or not at all.
 */
static __always_inline enum asks may_be_asked(struct flow *flow, const struct packet *p)
{
	if (!sequence_length(p))
		return ASKS_NOTHING;
	if (is_new(flow, p))
		return is_too_early(flow, p->direction, p->tick) ? ASKS_EARLY : ASKS_NEW;
	return unlikely(!is_sampled(flow, p->direction)) && is_chosen(flow, p) ? ASKS_CHOSEN : ASKS_NOTHING;
}

/*
 * In mid-stream, and where of a handshake this end's part was not seen, an earlier packet may have carried the first
 * TSval that is met, with the same data: wait for a change. A FIN is not sent twice within a tick.
 */
static __always_inline int is_first_known(const struct flow *flow, const struct packet *p)
{
	enum known known = flow->known[p->direction & 1] & (SEQ_KNOWN | SEQ_DOUBTED);

	return (flow->handshake_seen && known == SEQ_KNOWN) || p->tcp.flags & TCP_FIN;
}

/* Of two CPUs one claims a new identifier. */
static __always_inline int claim_identifier(const struct flow *flow, struct direction *d,
					    const struct packet *p)
{
	u32 last = d->identifier;

	if (!d->identifier_time) {
		d->identifier = p->tcp.tsval;
		return __sync_val_compare_and_swap(&d->identifier_time, 0, coarse_time_not_0(p->tick)) == 0 &&
		       is_first_known(flow, p);
	}
	/* Another CPU may have claimed it since it was found to be new. */
	if (!is_new(flow, p) || __sync_val_compare_and_swap(&d->identifier, last, p->tcp.tsval) != last)
		return 0;
	d->identifier_time = coarse_time_not_0(p->tick);
	return 1;
}

/* Pure ACKs are never remembered: the peer does not answer them. */
static __always_inline void note_pure_ack(const struct flow *flow, struct direction *d,
					  const struct packet *p)
{
	if (!d->identifier_time && !is_first_known(flow, p)) {
		d->identifier = p->tcp.tsval;
		d->identifier_time = coarse_time_not_0(p->tick);
	}
}

/* What to wait for the answer to. */
static __always_inline struct question question_of(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];
	struct question question = {
		.time = p->now,
		.identifier = p->tcp.tsval,
		/* What has been acknowledged already is no proof of arrival. */
		.seq = is_acknowledged(flow, p->direction, p->tcp.seq) ? peer->ack : p->tcp.seq,
		.sent_once = goes_on(flow, p),
		.is_alone = !(flow->known[p->direction & 1] & SEQ_KNOWN) || d->latest != p->tcp.tsval,
		.hook = p->hook,
	};

	return question;
}

/*
 * An acknowledgement that echoes an older TSval (a delayed one echoes the earliest that it
 * answers) proves the arrival of data sent once, if it acknowledges nothing that was not seen:
 * what is missing may have been this very data, and who guesses acknowledgements from afar makes
 * no RTT.
 */
static __always_inline int is_proof(const struct flow *flow, const struct packet *p,
				    const struct question *question)
{
	const struct direction *sent = &flow->direction[!p->direction];
	const struct samples *samples = &flow->samples[!p->direction];
	u32 known = flow->known[!p->direction];

	if (!question->sent_once || (s32)(p->tcp.ack - sent->next_seq) > 0)
		return 0;
	if (known & SEQ_WHOLE)
		return 1;
	/* In mid-stream, what may have been in flight then may have been sent, and have arrived, before. */
	return !(known & SEQ_DOUBTED) && p->tcp.tsecr &&
	       (s32)(question->seq - samples->first) >= MOST_ACK_AHEAD;
}

/* The first segment to acknowledge what has waited since `time`. */
static __always_inline enum verdict judge(const struct flow *flow, const struct packet *p, u64 time,
					  const struct question *question)
{
	/*
	 * A TSecr of 0 is taken as none (RFC 7323, 3.2 has it so without ACK; some stacks
	 * always).
	 */
	s32 newer = p->tcp.tsecr ? (s32)(p->tcp.tsecr - question->identifier) : -1;
	const struct direction *sent = &flow->direction[!p->direction];

	if (flow->known[!p->direction] & SEQ_KNOWN && (s32)(p->tcp.ack - sent->next_seq) > MOST_ACK_AHEAD)
		return VERDICT_AMBIGUOUS;
	if (newer > 0)
		return VERDICT_SUPERSEDED;
	if (newer < 0 && !is_proof(flow, p, question))
		return VERDICT_AMBIGUOUS;
	/*
	 * Sent again, and another segment had the TSval before: the receiver may still have it
	 * from that.
	 */
	if (!newer && !question->sent_once && !question->is_alone)
		return VERDICT_AMBIGUOUS;
	return judge_time(p, time, time + target_settings()->timestamp_timeout);
}

#endif
