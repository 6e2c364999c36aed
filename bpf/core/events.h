/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Telling user space.
 */
#ifndef PPING_EVENTS_H
#define PPING_EVENTS_H

#include "aggregated_traffic.h"
#include "attribution.h"
#include "losses.h"
#include "spin.h"
#include "unmeasured.h"

/* A function of its own: the stack has no room for it where it is called from. */
static __noinline void tell_traffic(struct flow_event *event, const struct flow *flow)
{
	u8 src = flow->initiator & 1;
	const struct flow_losses *losses = known_losses(flow);
	const struct direction *from_src = &flow->direction[src], *to_src = &flow->direction[!src];

	event->sent_packets = to_src->packets;
	event->sent_bytes = to_src->bytes;
	event->rec_packets = from_src->packets;
	event->rec_bytes = from_src->bytes;
	tell_losses(&event->sent_losses, losses, !src);
	tell_losses(&event->rec_losses, losses, src);
}

/* Not if it is `nameless`: what it is about was not told, and it would be taken for something else. */
static __always_inline void submit_flow(struct flow_event *event, const struct flow_key *key,
					struct flow *flow, u64 cookie, int nameless, enum flow_change change,
					enum flow_reason reason, enum flow_trigger trigger, u64 now)
{
	int both = why_both_unmeasured(flow);

	set_header(&event->header, EVENT_FLOW, key, flow->initiator, cookie, now);
	event->change = change;
	event->reason = reason;
	event->trigger = trigger;
	event->spin = is_of_quic(flow) ? spin_verdict(flow) : SPIN_NOT;
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
	tell_traffic(event, flow);
	event->unmeasured_src = reason_of(both, !flow->initiator);
	event->unmeasured_dest = reason_of(both, flow->initiator);
	if (unlikely(submit_of(event, flow, nameless ? 0 : cookie)))
		store_count(COUNTER_FLOW_EVENTS_LOST);
}

#ifdef PPING_ORIGINALS

/* With all that is asked there, the stack has no room for it (6.1). */
static __always_inline int leaves_room(const struct flow *flow)
{
	return 0;
}

#else

/* A function of its own: together with those that ask it would take more stack than there is. */
static __noinline int is_short_of_events(void)
{
	return target_is_short_of_events();
}

/* Flows that anyone can make (assured.h) leave the last of the room to the others. */
static __always_inline int leaves_room(const struct flow *flow)
{
	return unlikely(!(flow->marks & MARK_ASSURED)) && is_short_of_events();
}

#endif

/*
 * Once, whichever CPU comes first. The event's place is taken before that is said: who
 * finds it said and goes on to tell of the closing comes after it.
 */
__noinline int emit_opening(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct flow_event *event;
	enum taken taken;
	int nameless;
	u64 cookie;
	u8 reason;

	if (!key || !flow || flow->marks & MARK_TOLD || is_withheld(flow))
		return 0;
	cookie = cookie_of(flow);
	reason = flow->opening_reason;
	if (leaves_room(flow)) {
		if (take_mark(flow, cookie, MARK_TOLD) != MARK_WAS_SET)
			store_count(COUNTER_FLOW_EVENTS_LOST);
		return 0;
	}
	nameless = tell_attribution(key, flow, now);
	event = target_reserve_flow();
	/* Looked at once, and first: Linux 6.1 forgets that it was. The barrier keeps what both ways begin with in each. */
	if (!event) {
		asm volatile("" : : : "memory");
		take_mark(flow, cookie, MARK_TOLD);
		return 0;
	}
	taken = take_mark(flow, cookie, MARK_TOLD);
	if (taken != MARK_TAKEN) {
		target_discard(event);
		/* Who has ended the flow may have taken it for told. */
		if (taken == MARK_OF_ANOTHER)
			store_count(COUNTER_FLOW_EVENTS_LOST);
		return 0;
	}
	submit_flow(event, key, flow, cookie, nameless, CHANGE_OPENING, reason,
		    reason == REASON_SYN_ACK ? TRIGGER_DEST : TRIGGER_SRC, now);
	return 0;
}

/* In one number: five arguments take more stack than there is (6.1). */
static __always_inline u32 cause_of(enum flow_reason reason, enum flow_trigger trigger)
{
	return reason | trigger << 8;
}

/* Beside these: it has no closing, or had one. */
#define CAUSE_UNMEASURED (1U << 16)

/* What is told of a flow last. */
__noinline int emit_end(const struct flow_key *key, struct flow *flow, u32 cause, u64 now)
{
	enum flow_change change = cause & CAUSE_UNMEASURED ? CHANGE_UNMEASURED : CHANGE_CLOSING;
	struct flow_event *event;
	int nameless;
	u64 cookie;

	if (!key || !flow || is_withheld(flow))
		return 0;
	cookie = cookie_of(flow);
	/* The CPU that opened the flow may not have told of it yet. */
	if (change == CHANGE_CLOSING)
		emit_opening(key, flow, now);
	if (leaves_room(flow)) {
		store_count(COUNTER_FLOW_EVENTS_LOST);
		return 0;
	}
	nameless = tell_attribution(key, flow, now);
	event = target_reserve_flow();
	if (!event)
		return 0;
	submit_flow(event, key, flow, cookie, nameless, change, cause & 0xff, cause >> 8 & 0xff, now);
	return 0;
}

static __always_inline void emit_closing(const struct flow_key *key, struct flow *flow, u32 cause, u64 now)
{
	emit_end(key, flow, cause, now);
}

/*
 * Of a flow that has no closing, or had one when a FIN was seen, after which there may still be RTTs. `state` is what
 * it is, or was until now.
 */
static __always_inline void emit_unmeasured(const struct flow_key *key, struct flow *flow, enum flow_state state, u64 now)
{
	if (is_worth_telling(flow, state))
		emit_end(key, flow, cause_of(flow->opening_reason, TRIGGER_CLEANUP) | CAUSE_UNMEASURED, now);
}

static __always_inline enum flow_trigger trigger_of(const struct flow *flow, u8 direction)
{
	return direction == flow->initiator ? TRIGGER_SRC : TRIGGER_DEST;
}

/* Where the reply that makes an RTT was seen; an enum rtt_flag. */
static __always_inline u32 hook_flag(u8 hook)
{
	if (hook == HOOK_UNKNOWN)
		return RTT_HOOK_UNKNOWN;
	return hook == HOOK_EGRESS ? RTT_MATCH_ON_EGRESS : 0;
}

/* By what it was found; an enum rtt_flag. */
static __always_inline u32 by_flag(int by_sequence)
{
	return by_sequence ? RTT_BY_SEQUENCE : 0;
}

/* Whether an answer brings data, which may have waited for an application; an enum rtt_flag. */
static __always_inline u32 data_flag(const struct packet *answer)
{
	return answer->key.protocol == PROTOCOL_TCP && answer->payload ? RTT_ANSWER_DATA : 0;
}

/* Where the answer to what was seen at `hook` would have been seen; an enum rtt_flag. */
static __always_inline u32 answer_flag(u8 hook)
{
	if (hook == HOOK_UNKNOWN)
		return RTT_HOOK_UNKNOWN;
	return hook == HOOK_INGRESS ? RTT_MATCH_ON_EGRESS : 0;
}

/* Data that nothing has answered. */
struct overdue {
	u64 time; /* when it was seen */
	u8 hook;  /* where */
	u8 sender;
};

/*
 * After a reset nobody waits any more; and where no other direction was seen, nothing could
 * answer. Nobody has to answer a ping; those of traceroute are not meant to arrive.
 */
__noinline int emit_overdue(const struct flow_key *key, struct flow *flow, const struct overdue *overdue, u64 now)
{
	struct overdue_event *event;
	u64 cookie;

	if (!key || !flow || !overdue || key->protocol != PROTOCOL_TCP || flow->reset || !(flow->marks & MARK_TOLD) || is_withheld(flow))
		return 0;
	cookie = cookie_of(flow);
	if (are_aggregated()) {
		note_aggregated(flow, !overdue->sender, answer_flag(overdue->hook));
		aggregate_rtt(key, 0, answer_of(!overdue->sender, answer_flag(overdue->hook)));
	}
	event = target_reserve_overdue();
	if (!event)
		return 0;
	set_header(&event->header, EVENT_OVERDUE, key, !overdue->sender, cookie, now);
	event->waited = now - overdue->time;
	event->flags = answer_flag(overdue->hook);
	event->reserved = 0;
	if (unlikely(submit_of(event, flow, cookie)))
		store_count(COUNTER_FLOW_EVENTS_LOST);
	return 0;
}

/* Likewise a function of its own. */
static __noinline void tell_rtt_losses(struct rtt_event *event, const struct flow_losses *losses, u8 direction)
{
	event->flags |= RTT_LOSSES;
	tell_losses(&event->sent_losses, losses, direction);
	tell_losses(&event->rec_losses, losses, !direction);
}

static __always_inline void fill_rtt(struct rtt_event *event, const struct flow *flow, u8 direction,
				     const struct report *report)
{
	const struct direction *sent = &flow->direction[direction & 1];
	const struct direction *received = &flow->direction[!direction];
	const struct samples *known = &flow->samples[direction & 1];

	event->rtt = report->rtt;
	event->interval_min_rtt = report->least;
	event->min_rtt = known->min_rtt;
	event->srtt = known->srtt;
	event->sent_packets = sent->packets;
	event->sent_bytes = sent->bytes;
	event->rec_packets = received->packets;
	event->rec_bytes = received->bytes;
	event->flags = report->flags;
	event->samples = report->samples;
	event->rttvar = known->rttvar;
	event->reserved = 0;
}

static __always_inline void emit_rtt(const struct flow_key *key, struct flow *flow, u8 direction,
				     const struct report *report, u64 now)
{
	const struct flow_losses *losses;
	u64 cookie = cookie_of(flow);
	struct rtt_event *event;

	if (is_withheld(flow))
		return;
	if (leaves_room(flow) || tell_attribution(key, flow, now))
		return store_count(COUNTER_RTT_EVENTS_LOST);
	losses = known_losses(flow);
	/* That there are none, and so less room: the compiler may find it out twice (clang 13), and the verifier not follow. */
	asm volatile("" : "+r"(losses));
	if (likely(!losses))
		event = target_reserve_rtt(RTT_BYTES_WITHOUT_LOSSES);
	else
		event = target_reserve_rtt(sizeof(*event));
	if (!event)
		return;
	set_header(&event->header, EVENT_RTT, key, !direction, cookie, now);
	fill_rtt(event, flow, direction, report);
	if (unlikely(losses))
		tell_rtt_losses(event, losses, direction);
	if (unlikely(submit_of(event, flow, cookie)))
		store_count(COUNTER_RTT_EVENTS_LOST);
}

/* Global, for the stack, and so that the verifier follows it once, and not once more for each way that leads to it. */
__noinline int emit_rare_rtt(const struct flow_key *key, struct flow *flow, u8 direction,
			     const struct report *report, u64 now)
{
	if (key && flow && report)
		emit_rtt(key, flow, direction, report, now);
	return 0;
}

/* Beside telling, not within it, where the stack has no room for it. */
static __always_inline void count_in_aggregate(const struct flow_key *key, struct flow *flow, u8 direction,
					       const struct report *report)
{
	if (!are_aggregated() || is_withheld(flow))
		return;
	note_aggregated(flow, !direction, report->flags);
	aggregate_rtt(key, report, answer_of(!direction, report->flags));
}

/* Counts, and tells of, samples of what `direction` sent, answered by its peer. */
static __always_inline void report_rare_rtt(const struct flow_key *key, struct flow *flow, u8 direction,
					    const struct report *report, u64 now)
{
	count_in_aggregate(key, flow, direction, report);
	if (are_rtts_told())
		emit_rare_rtt(key, flow, direction, report, now);
}

#endif
