/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Identifiers: which are remembered, and what answers them. The rules are those of
 * docs/measurement.md.
 */
#ifndef PPING_SAMPLES_H
#define PPING_SAMPLES_H

#include "rates.h"
#include "reports.h"
#include "waiting.h"

/*
 * 2^31 ticks of the fastest clock in use, 1 MHz (tcp_usec_ts): after this long,
 * "older" and "newer" can no longer be told apart (RFC 7323, 5.4).
 */
#define IDENTIFIER_HALF_RANGE_NS ((1ULL << 31) * 1000)
/* An identifier may go unanswered for so many smoothed RTTs ... */
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

static __noinline void match_identifier(struct flow *flow, const struct segment *s)
{
	u8 sender = !s->direction;
	struct samples *known = &flow->samples[sender];
	u64 sent = take_identifier(flow, s);

	if (!sent)
		return store_count(COUNTER_NO_MATCH);
	store_count(COUNTER_MATCHED);
	known->unanswered = 0;
	update_rtt(known, s->now - sent);
	report_sample(&s->key, flow, sender, s->now - sent, hook_flag(s->hook), s->now);
}

/* RFC 7323: TSecr counts only with ACK set. 0 is taken as "none". */
static __always_inline int may_answer(const struct flow *flow, const struct segment *s)
{
	return unlikely(is_any_waiting(flow, !s->direction)) && s->flags & TCP_ACK && s->tsecr;
}

/*
 * Data sent again under a TSval that a pure ACK has carried too: what answers that
 * ACK may acknowledge the data as well, since the peer may have had it before.
 */
static __always_inline int is_ambiguous(const struct direction *d, const struct segment *s)
{
	return s->tsval == d->ack_identifier && (s32)(s->seq - d->next_seq) < 0;
}

/*
 * Whether this is the first data with its TSval. Reordered packets do not turn
 * the clock back: new means 0 < TSval - last < 2^31.
 */
static __always_inline int is_new(const struct direction *d, const struct segment *s)
{
	u32 advance = s->tsval - d->identifier;

	if (!d->identifier_tick)
		return 1;
	if ((advance == 0 || advance >= 1U << 31) &&
	    (s64)((s->tick - d->identifier_tick) * store_tick_ns()) < (s64)IDENTIFIER_HALF_RANGE_NS)
		return 0;
	return !is_ambiguous(d, s);
}

/* Of two CPUs one claims a new identifier. */
static __always_inline int claim_identifier(const struct flow *flow, struct direction *d,
					    const struct segment *s)
{
	u32 last = d->identifier;

	if (!d->identifier_tick) {
		/* In mid-stream an earlier packet may have carried it: wait for a change. */
		d->identifier = s->tsval;
		return __sync_val_compare_and_swap(&d->identifier_tick, 0, s->tick) == 0 &&
		       flow->handshake_seen;
	}
	/* Another CPU may have claimed it since it was found to be new. */
	if (!is_new(d, s) || __sync_val_compare_and_swap(&d->identifier, last, s->tsval) != last)
		return 0;
	d->identifier_tick = s->tick;
	return 1;
}

/* Only this machine's own stack would be measured. Asked once per flow and direction. */
static __always_inline int is_left_out(void *context, struct flow *flow, const struct segment *s)
{
	u8 *locality = &flow->locality[s->direction & 1];

	if (s->hook != HOOK_INGRESS || store_settings()->include_local)
		return 0;
	if (*locality == LOCALITY_UNKNOWN)
		*locality = store_is_local(context, &s->key, !s->direction, s->to_this_host)
				? LOCALITY_LOCAL : LOCALITY_REMOTE;
	return *locality == LOCALITY_LOCAL;
}

static __always_inline u64 timestamp_lifetime(const struct samples *known)
{
	u64 longest = store_settings()->timestamp_timeout;
	u64 lifetime = known->srtt * TIMESTAMP_LIFETIME_SRTTS;
	u32 doublings = known->unanswered;

	if (!known->srtt || lifetime > longest)
		return longest;
	if (lifetime < TIMESTAMP_LIFETIME_MIN_NS)
		lifetime = TIMESTAMP_LIFETIME_MIN_NS;
	if (doublings > TIMESTAMP_LIFETIME_MAX_DOUBLINGS)
		doublings = TIMESTAMP_LIFETIME_MAX_DOUBLINGS;
	lifetime <<= doublings;
	return lifetime < longest ? lifetime : longest;
}

static __always_inline enum counter remember_identifier(struct flow *flow, struct direction *d,
							const struct segment *s)
{
	struct samples *known = &flow->samples[s->direction & 1];
	int status = put_identifier(flow, s, s->now + timestamp_lifetime(known));

	/* Not within a burst: its first sample may have found room. */
	if ((status < 0 || store_settings()->spread) && d->burst == 1)
		spread_attempts(d, known, flow->cookie, s->tsval);
	if (!status)
		return COUNTER_REMEMBERED;
	return status > 0 ? COUNTER_IDENTIFIER_NOT_NEW : COUNTER_TIMESTAMP_MAP_FULL;
}

/* Pure ACKs are never remembered: the peer does not answer them. */
static __always_inline void note_pure_ack(const struct flow *flow, struct direction *d,
					  const struct segment *s)
{
	d->ack_identifier = s->tsval;
	if (!d->identifier_tick && !flow->handshake_seen) {
		d->identifier = s->tsval;
		d->identifier_tick = s->tick;
	}
}

static __noinline enum counter try_remember(void *context, struct flow *flow,
					    const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];

	if (!claim_identifier(flow, d, s))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (is_left_out(context, flow, s))
		return COUNTER_LOCAL;
	if (!claim_sample(d, &flow->samples[s->direction & 1], s->now))
		return COUNTER_RATE_LIMITED;
	return remember_identifier(flow, d, s);
}

static __always_inline void remember(void *context, struct flow *flow, const struct segment *s,
				     int new)
{
	struct direction *d = &flow->direction[s->direction & 1];
	u32 end = s->seq + s->payload;
	int first = !d->identifier_tick;

	if (s->payload) {
		store_count(likely(!new) ? COUNTER_IDENTIFIER_NOT_NEW
					 : try_remember(context, flow, s));
	} else {
		note_pure_ack(flow, d, s);
		store_count(COUNTER_PURE_ACK);
	}
	if (first || (s32)(end - d->next_seq) > 0)
		d->next_seq = end;
}

#endif
