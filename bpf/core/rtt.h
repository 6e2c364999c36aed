/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From segments to RTTs. Written once for every target; docs/measurement.md says what
 * it does and why.
 */
#ifndef PPING_RTT_H
#define PPING_RTT_H

#include "doubts.h"
#include "handshakes.h"
#include "resets.h"
#include "sweeps.h"

static __noinline void on_fin(struct flow *flow, const struct segment *s)
{
	u32 mine = s->direction ? 2 : 1;
	int was_open;

	if (cookie_of(flow) != s->cookie)
		return;
	if ((__sync_fetch_and_or(&flow->ended, mine) | mine) == 3)
		was_open = end_life(flow, s->cookie, FLOW_CLOSED) == FLOW_OPEN;
	else
		was_open = change_state(flow, s->cookie, FLOW_OPEN, FLOW_CLOSING);
	report_all_held(&s->key, flow, s->now);
	if (was_open)
		emit_closing(&s->key, flow, REASON_FIN, trigger_of(flow, s->direction), s->now);
}

/* Both directions have been seen. The one that was seen first may have said already that it ends. */
static __noinline void open_flow(struct flow *flow, const struct segment *s)
{
	enum flow_state open = flow->ended ? FLOW_CLOSING : FLOW_OPEN;

	if (!change_state(flow, s->cookie, FLOW_WAITING, open))
		return;
	emit_opening(&s->key, flow, s->now);
	if (open == FLOW_CLOSING)
		emit_closing(&s->key, flow, REASON_FIN, trigger_of(flow, !s->direction), s->now);
}

static __always_inline void update_flow(struct flow *flow, const struct segment *s)
{
	struct direction *d = &flow->direction[s->direction & 1];

	d->last_seen = s->tick;
	__sync_fetch_and_add(&d->packets, s->packets);
	if (s->payload)
		__sync_fetch_and_add(&d->bytes, s->payload);
	if (unlikely(state_of(flow) == FLOW_WAITING) && flow->direction[!s->direction].packets)
		open_flow(flow, s);
}

/* After a proper end the last ACK still answers the last data; after a reset nothing counts. */
static __noinline void on_stray(struct flow *flow, const struct segment *s)
{
	store_count(COUNTER_LINGERING);
	if (flow->reset || state_of(flow) == FLOW_DELETED)
		return;
	if (may_answer(flow, s))
		match_identifier(flow, s);
	if (sequence_length(s))
		note_sent_again(flow, s);
	note_acknowledgement(flow, s);
}

/* The filter has left this flow out: it is kept only so that this is known. */
static __noinline void leave_out(struct flow *flow, const struct segment *s)
{
	flow->direction[s->direction & 1].last_seen = s->tick;
	count_filtered(s->bytes);
	if (s->flags & TCP_FIN)
		on_fin(flow, s);
}

/*
 * The measurement: one segment, seen now. `context` is handed to target_clock and
 * target_is_local.
 */
static __always_inline void process_segment(void *context, struct segment *s)
{
	struct flow *flow;
	enum counter doubt;
	int answers, new;

	if (unlikely(s->flags & (TCP_RST | TCP_SYN))) {
		read_clock(context, s);
		return s->flags & TCP_RST ? on_reset(context, s) : on_handshake(context, s);
	}
	if (unlikely(!s->has_timestamp))
		return count_unmeasurable(COUNTER_NO_TIMESTAMP, s->bytes);

	flow = find_flow(s);
	if (unlikely(!flow || state_of(flow) != FLOW_OPEN || s->flags & TCP_FIN))
		read_clock(context, s);
	if (unlikely(flow && flow->successor)) {
		read_clock(context, s);
		if (is_of_successor(flow, s)) {
			end_previous(flow, s, s->direction);
			flow = 0;
		}
	}
	if (unlikely(!flow)) {
		flow = create_flow(context, s);
		if (!flow)
			return;
		if (flow->handshake_seen)
			report_handshake(context, flow, s);
	}
	if (unlikely(is_owner_open(flow)) && is_refused(context, flow, s))
		return leave_out(flow, s);
	if (unlikely(!goes_on_plainly(flow, s))) {
		doubt = reason_to_doubt(flow, s);
		if (doubt != COUNTER_COUNT)
			return on_doubted(flow, s, doubt);
	}
	if (unlikely(state_of(flow) >= FLOW_CLOSED))
		return on_stray(flow, s);
	/* It goes on: nobody has reset it. */
	if (unlikely(flow->doubted_reset))
		flow->doubted_reset = 0;
	/* Before what this segment itself has to tell. */
	if (unlikely(s->flags & TCP_FIN))
		note_original(context, flow, s);
	/*
	 * Asked before anything is changed, so that the cache lines are waited for together: an atomic
	 * operation waits for all that was read before it.
	 */
	answers = may_answer(flow, s);
	new = is_new(flow, s);
	if (answers || (new && sequence_length(s)))
		read_clock(context, s);
	update_flow(flow, s);
	if (answers)
		match_identifier(flow, s);
	remember(context, flow, s, new);
	/* Not one from before the end: that would be forged. */
	if (unlikely(s->flags & TCP_FIN) && ends_direction(flow, s))
		on_fin(flow, s);
}

static __always_inline enum counter counter_for(enum parse_result result)
{
	switch (result) {
	case PARSE_NOT_IP:
		return COUNTER_NOT_IP;
	case PARSE_NOT_TCP:
		return COUNTER_NOT_TCP;
	case PARSE_FRAGMENT:
		return COUNTER_FRAGMENT;
	case PARSE_TRUNCATED:
		return COUNTER_TRUNCATED;
	default:
		return COUNTER_MALFORMED;
	}
}

/* What parsing made nothing of is counted, and that is all. */
static __always_inline void count_unparsed(enum parse_result result, u32 bytes)
{
	count_unmeasurable(counter_for(result), bytes);
}

#endif
