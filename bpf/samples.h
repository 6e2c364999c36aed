/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Identifiers: which are remembered, and what answers them. The rules are those of
 * docs/measurement.md.
 */
#ifndef PPING_SAMPLES_H
#define PPING_SAMPLES_H

#include "rates.h"
#include "reports.h"

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

static __always_inline void update_rtt(struct direction *d, u64 rtt)
{
	if (!d->min_rtt || rtt < d->min_rtt)
		d->min_rtt = rtt;
	/* RFC 6298, 2.2 and 2.3, alpha = 1/8 */
	d->srtt = d->srtt ? (7 * d->srtt + rtt) / 8 : rtt;
}

/* An answer acknowledges what it answers (serial arithmetic, RFC 9293, 3.4). */
static __always_inline int acknowledges(const struct segment *s, u32 seq)
{
	return (s32)(s->ack - seq) > 0;
}

/*
 * Acknowledging the remembered data tells its answer from that to a pure ACK which
 * carried the same TSval a moment earlier. A function of its own, like the insertion:
 * the stack of a BPF program is 512 bytes.
 */
static __noinline void match_identifier(struct flow *flow, const struct segment *s)
{
	u8 sender = !s->direction;
	struct direction *d = &flow->direction[sender];
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsecr,
				     .direction = sender };
	const struct timestamp *remembered = store_timestamp_lookup(&key);
	u64 rtt;

	if (!remembered || !acknowledges(s, remembered->seq))
		return store_count(COUNTER_NO_MATCH);
	rtt = s->now - remembered->time;
	/* Two CPUs may have found it: whoever deletes it reports. */
	if ((s64)rtt <= 0 || store_timestamp_delete(&key))
		return store_count(COUNTER_NO_MATCH);
	__sync_fetch_and_sub(&d->outstanding, 1);
	store_count(COUNTER_MATCHED);
	d->unanswered = 0;
	update_rtt(d, rtt);
	report_sample(&s->key, flow, sender, rtt, hook_flag(s->hook), s->now);
}

/* RFC 7323: TSecr counts only with ACK set. 0 is taken as "none". */
static __always_inline void match(struct flow *flow, const struct segment *s)
{
	if (s->flags & TCP_ACK && s->tsecr && flow->direction[!s->direction].outstanding)
		match_identifier(flow, s);
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
 * the clock back: new means 0 < TSval - last < 2^31. Of two CPUs one claims it.
 */
static __always_inline int claim_identifier(const struct flow *flow, struct direction *d,
					    const struct segment *s)
{
	u32 last = d->identifier;
	u32 advance = s->tsval - last;
	u64 since = d->identifier_time;

	if (!since) {
		/* In mid-stream an earlier packet may have carried it: wait for a change. */
		d->identifier = s->tsval;
		return __sync_val_compare_and_swap(&d->identifier_time, 0, s->now) == 0 &&
		       flow->handshake_seen;
	}
	if ((advance == 0 || advance >= 1U << 31) &&
	    (s64)(s->now - since) < (s64)IDENTIFIER_HALF_RANGE_NS)
		return 0;
	if (is_ambiguous(d, s))
		return 0;
	if (__sync_val_compare_and_swap(&d->identifier, last, s->tsval) != last)
		return 0;
	d->identifier_time = s->now;
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

static __always_inline u64 timestamp_lifetime(const struct direction *d)
{
	u64 longest = store_settings()->timestamp_timeout;
	u64 lifetime = d->srtt * TIMESTAMP_LIFETIME_SRTTS;

	u32 doublings = d->unanswered;

	if (!d->srtt || lifetime > longest)
		return longest;
	if (lifetime < TIMESTAMP_LIFETIME_MIN_NS)
		lifetime = TIMESTAMP_LIFETIME_MIN_NS;
	if (doublings > TIMESTAMP_LIFETIME_MAX_DOUBLINGS)
		doublings = TIMESTAMP_LIFETIME_MAX_DOUBLINGS;
	lifetime <<= doublings;
	return lifetime < longest ? lifetime : longest;
}

static __noinline enum counter insert_timestamp(struct flow *flow, const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsval,
				     .direction = s->direction };
	struct timestamp value = { .time = s->now, .expires = s->now + timestamp_lifetime(d),
				   .seq = s->seq, .flow = s->key };
	int status;

	/* Counted before it can be answered, so that the count never goes below zero. */
	__sync_fetch_and_add(&d->outstanding, 1);
	status = store_timestamp_insert(&key, &value);
	/* Not within a burst: its first sample may have found room. */
	if ((status < 0 || store_settings()->spread) && d->burst == 1)
		spread_attempts(d, flow->cookie, s->tsval);
	if (!status)
		return COUNTER_REMEMBERED;
	__sync_fetch_and_sub(&d->outstanding, 1);
	return status > 0 ? COUNTER_IDENTIFIER_NOT_NEW : COUNTER_TIMESTAMP_MAP_FULL;
}

/* Pure ACKs are never remembered: the peer does not answer them. */
static __always_inline void note_pure_ack(const struct flow *flow, struct direction *d,
					  const struct segment *s)
{
	d->ack_identifier = s->tsval;
	if (!d->identifier_time && !flow->handshake_seen) {
		d->identifier = s->tsval;
		d->identifier_time = s->now;
	}
}

static __always_inline enum counter try_remember(void *context, struct flow *flow,
						 struct direction *d, const struct segment *s)
{
	if (!claim_identifier(flow, d, s))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (is_left_out(context, flow, s))
		return COUNTER_LOCAL;
	if (!claim_sample(d, s->now))
		return COUNTER_RATE_LIMITED;
	return insert_timestamp(flow, s);
}

static __always_inline void remember(void *context, struct flow *flow, const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];
	u32 end = s->seq + s->payload;
	int first = !d->identifier_time;

	if (s->payload) {
		store_count(try_remember(context, flow, d, s));
	} else {
		note_pure_ack(flow, d, s);
		store_count(COUNTER_PURE_ACK);
	}
	if (first || (s32)(end - d->next_seq) > 0)
		d->next_seq = end;
}

#endif
