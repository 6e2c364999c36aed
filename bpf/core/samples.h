/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which questions are remembered, as far as that is the same for all protocols, and what becomes of
 * their answers. The rules are those of docs/measurement.md.
 */
#ifndef PPING_SAMPLES_H
#define PPING_SAMPLES_H

#include "assured.h"
#include "locality.h"
#include "rates.h"
#include "reports.h"
#include "rtts.h"
#include "waiting.h"

/* Where there is little room, an identifier may go unanswered for so many smoothed RTTs ... */
#define TIMESTAMP_LIFETIME_SRTTS 8
/*
 * ... but at least for RFC 6298's least RTO, doubled for each that went unanswered
 * before (5.5): a path whose RTT has risen far above its past must not lose every
 * sample that could tell.
 */
#define TIMESTAMP_LIFETIME_MIN_NS NS_PER_SECOND
#define TIMESTAMP_LIFETIME_MAX_DOUBLINGS 10

/* Of QUIC's handshake; an enum rtt_flag. */
static __always_inline u32 connection_id_flag(const struct packet *p, const struct answered *answered)
{
	return target_protocols() & PROTOCOLS_QUIC && p->key.protocol == PROTOCOL_QUIC && answered->handshake
		       ? RTT_BY_CONNECTION_ID : 0;
}

/*
 * What is told of an RTT besides how long it was; an enum rtt_flag. Global, for the stack: a compiler (clang 22) may work
 * out all of them side by side, and keep each until the end.
 */
__noinline int flags_of_match(const struct packet *p, const struct answered *answered)
{
	if (!p || !answered)
		return 0;
	return hook_flag(p->hook) | by_flag(answered->by_sequence) | (answered->handshake ? RTT_HANDSHAKE : 0) |
	       (answered->keep_alive ? RTT_KEEP_ALIVE : 0) | (answered->by_identifier ? RTT_BY_IDENTIFIER : 0) |
	       connection_id_flag(p, answered) | data_flag(p);
}

static __always_inline void report_match(struct flow *flow, const struct packet *p,
					 const struct answered *answered)
{
	u8 sender = !p->direction;
	u64 rtt = p->now - answered->time;
	struct report report = report_of(rtt, flags_of_match(p, answered));

	flow->samples[sender].unanswered = 0;
	/* Replies to pings of any identifier are for anyone to have. */
	if (!answered->handshake && !answered->by_identifier)
		end_unassured(flow);
	update_rtt(flow, sender, rtt, p->now);
	if (is_reported(flow, sender, &report, p->now))
		report_rare_rtt(&p->key, flow, sender, &report, p->now);
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

__noinline int conclude(struct flow *flow, const struct packet *p, enum verdict verdict,
			const struct answered *answered)
{
	if (!flow || !p || !answered)
		return 0;
	count_verdict(verdict, answered->handshake);
	if (verdict == VERDICT_ANSWERED)
		report_match(flow, p, answered);
	return 0;
}

/* Only this machine's own stack would be measured. */
static __always_inline int is_left_out(void *context, struct flow *flow, const struct packet *p)
{
	u8 *locality = &flow->locality[p->direction & 1];

	if (p->hook != HOOK_INGRESS || target_settings()->include_local)
		return 0;
	return ends_here(context, locality, p);
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

/* A question that may be asked now: where there is room, it waits for its answer. */
static __always_inline enum counter remember_question(struct flow *flow, const struct packet *p,
						      const struct question *question)
{
	struct samples *known = &flow->samples[p->direction & 1];
	int status = put_question(flow, p, question, p->now + timestamp_lifetime(known));

	/* Not within a burst: its first sample may have found room. */
	if ((status < 0 || target_settings()->spread) && flow->burst[p->direction & 1] == 1)
		spread_attempts(flow, p->direction, question->identifier);
	if (!status)
		return COUNTER_REMEMBERED;
	if (status > 0)
		return state_of(flow) == FLOW_WAITING ? COUNTER_RATE_LIMITED : COUNTER_IDENTIFIER_NOT_NEW;
	return COUNTER_TIMESTAMP_MAP_FULL;
}

#endif
