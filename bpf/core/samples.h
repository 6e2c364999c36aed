/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Identifiers: which are remembered, and what answers them. The rules are those of
 * docs/measurement.md.
 */
#ifndef PPING_SAMPLES_H
#define PPING_SAMPLES_H

#include "assured.h"
#include "rates.h"
#include "reports.h"
#include "sequences.h"
#include "waiting.h"

/*
 * New data whose TSvals are older than one that was seen so long ago: that one was false, since no
 * network puts packets that much out of order.
 */
#define CLOCK_BACK_NS NS_PER_SECOND
/* Where there is little room, an identifier may go unanswered for so many smoothed RTTs ... */
#define TIMESTAMP_LIFETIME_SRTTS 8
/*
 * ... but at least for RFC 6298's least RTO, doubled for each that went unanswered
 * before (5.5): a path whose RTT has risen far above its past must not lose every
 * sample that could tell.
 */
#define TIMESTAMP_LIFETIME_MIN_NS NS_PER_SECOND
#define TIMESTAMP_LIFETIME_MAX_DOUBLINGS 10

static __always_inline void update_rtt(struct samples *known, u64 rtt)
{
	if (!known->min_rtt || rtt < known->min_rtt)
		known->min_rtt = rtt;
	/* RFC 6298, 2.2 and 2.3, alpha = 1/8 */
	known->srtt = known->srtt ? (7 * known->srtt + rtt) / 8 : rtt;
}

static __always_inline void report_match(struct flow *flow, const struct packet *p,
					 const struct answered *answered)
{
	u8 sender = !p->direction;
	struct samples *known = &flow->samples[sender];
	u64 rtt = p->now - answered->time;
	u32 handshake = answered->handshake ? RTT_HANDSHAKE : 0;

	known->unanswered = 0;
	if (!answered->handshake)
		end_unassured(flow);
	update_rtt(known, rtt);
	report_sample(&p->key, flow, sender, rtt, handshake | hook_flag(p->hook), p->now);
}

/* SYN-ACKs are in none of these but the first. */
static __always_inline void count_verdict(enum verdict verdict, int handshake)
{
	if (verdict == VERDICT_ANSWERED)
		store_count(handshake ? COUNTER_HANDSHAKE_MATCHED : COUNTER_MATCHED);
	else if (handshake)
		return;
	else if (verdict == VERDICT_AMBIGUOUS)
		store_count(COUNTER_AMBIGUOUS);
	else if (verdict == VERDICT_SUPERSEDED)
		store_count(COUNTER_SUPERSEDED);
	else if (verdict == VERDICT_TOO_LATE)
		store_count(COUNTER_UNANSWERED);
	else
		store_count(COUNTER_BELOW_RESOLUTION);
}

static __noinline void conclude(struct flow *flow, const struct packet *p, enum verdict verdict,
				const struct answered *answered)
{
	count_verdict(verdict, answered->handshake);
	if (verdict == VERDICT_ANSWERED)
		report_match(flow, p, answered);
}

/*
 * A delayed acknowledgement may answer both what waits in the flow and, by its TSecr, an entry of
 * the map.
 */
static __noinline void match_identifier(struct flow *flow, const struct packet *p)
{
	struct answered answered;
	enum verdict in_flow = take_slot(flow, p, &answered), in_map = VERDICT_NONE;

	if (in_flow != VERDICT_NONE)
		conclude(flow, p, in_flow, &answered);
	if (flow->samples[!p->direction].mapped && p->tcp.tsecr)
		in_map = take_timestamp(flow, p, &answered);
	if (in_map != VERDICT_NONE)
		conclude(flow, p, in_map, &answered);
	if (in_flow == VERDICT_NONE && in_map == VERDICT_NONE)
		store_count(COUNTER_NO_MATCH);
}

/*
 * Whether this is the first data with its TSval. Reordered packets do not turn
 * the clock back: new means 0 < TSval - last < 2^31.
 */
static __always_inline int is_new(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	u32 advance = p->tcp.tsval - d->identifier;
	s64 age = (p->tick - d->identifier_tick) * target_tick_ns();

	if (!d->identifier_tick)
		return 1;
	return (advance > 0 && advance < 1U << 31) || age >= (s64)HALF_RANGE_NS ||
	       (advance && age >= (s64)CLOCK_BACK_NS && goes_on(flow, p));
}

/*
 * In mid-stream an earlier packet may have carried the first TSval that is met, with the same
 * data: wait for a change. A FIN is not sent twice within a tick.
 */
static __always_inline int is_first_known(const struct flow *flow, const struct packet *p)
{
	return flow->handshake_seen || p->tcp.flags & TCP_FIN;
}

/* Of two CPUs one claims a new identifier. */
static __always_inline int claim_identifier(const struct flow *flow, struct direction *d,
					    const struct packet *p)
{
	u32 last = d->identifier;

	if (!d->identifier_tick) {
		d->identifier = p->tcp.tsval;
		return __sync_val_compare_and_swap(&d->identifier_tick, 0, p->tick) == 0 &&
		       is_first_known(flow, p);
	}
	/* Another CPU may have claimed it since it was found to be new. */
	if (!is_new(flow, p) || __sync_val_compare_and_swap(&d->identifier, last, p->tcp.tsval) != last)
		return 0;
	d->identifier_tick = p->tick;
	return 1;
}

/* Only this machine's own stack would be measured. Asked once per flow and direction. */
static __always_inline int is_left_out(void *context, struct flow *flow, const struct packet *p)
{
	u8 *locality = &flow->locality[p->direction & 1];

	if (p->hook != HOOK_INGRESS || target_settings()->include_local)
		return 0;
	if (*locality == LOCALITY_UNKNOWN)
		*locality = target_is_local(context, &p->key, !p->direction, p->to_this_host)
				? LOCALITY_LOCAL : LOCALITY_REMOTE;
	return *locality == LOCALITY_LOCAL;
}

/*
 * How long an identifier may wait in the map: as long as in its flow, unless the governor needs
 * room. Then for TIMESTAMP_LIFETIME_SRTTS, doubled for each that went unanswered before.
 */
static __always_inline u64 timestamp_lifetime(const struct samples *known)
{
	u64 longest = target_settings()->timestamp_timeout;
	u64 lifetime = known->srtt * TIMESTAMP_LIFETIME_SRTTS;
	u32 doublings = known->unanswered;

	if (!target_settings()->spread || !known->srtt || lifetime > longest)
		return longest;
	if (lifetime < TIMESTAMP_LIFETIME_MIN_NS)
		lifetime = TIMESTAMP_LIFETIME_MIN_NS;
	if (doublings > TIMESTAMP_LIFETIME_MAX_DOUBLINGS)
		doublings = TIMESTAMP_LIFETIME_MAX_DOUBLINGS;
	lifetime <<= doublings;
	return lifetime < longest ? lifetime : longest;
}

static __always_inline enum counter remember_identifier(struct flow *flow, struct direction *d,
							const struct packet *p)
{
	struct samples *known = &flow->samples[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];
	struct slot waiting = {
		.time = p->now,
		.identifier = p->tcp.tsval,
		/* What has been acknowledged already is no proof of arrival. */
		.seq = is_acknowledged(flow, p->direction, p->tcp.seq) ? peer->ack : p->tcp.seq,
		.sent_once = goes_on(flow, p),
		.is_alone = !flow->known[p->direction & 1] || d->latest != p->tcp.tsval,
		.hook = p->hook,
	};
	int status = put_identifier(flow, p, &waiting, p->now + timestamp_lifetime(known));

	/* Not within a burst: its first sample may have found room. */
	if ((status < 0 || target_settings()->spread) && d->burst == 1)
		spread_attempts(d, known, p->cookie, p->tcp.tsval);
	if (!status)
		return COUNTER_REMEMBERED;
	if (status > 0)
		return state_of(flow) == FLOW_WAITING ? COUNTER_RATE_LIMITED : COUNTER_IDENTIFIER_NOT_NEW;
	return COUNTER_TIMESTAMP_MAP_FULL;
}

/* Pure ACKs are never remembered: the peer does not answer them. */
static __always_inline void note_pure_ack(const struct flow *flow, struct direction *d,
					  const struct packet *p)
{
	if (!d->identifier_tick && !flow->handshake_seen) {
		d->identifier = p->tcp.tsval;
		d->identifier_tick = p->tick;
	}
}

static __noinline enum counter try_remember(void *context, struct flow *flow,
					    const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	u32 last = p->tcp.seq + sequence_length(p) - 1;

	if (!claim_identifier(flow, d, p))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	if (is_acknowledged(flow, p->direction, last))
		return COUNTER_ALREADY_ACKNOWLEDGED;
	if (!claim_sample(d, &flow->samples[p->direction & 1], p->now))
		return COUNTER_RATE_LIMITED;
	return remember_identifier(flow, d, p);
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
