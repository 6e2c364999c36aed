/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From TCP segments to RTTs. Written once for every target; docs/measurement.md says what
 * it does and why.
 */
#ifndef PPING_TCP_SEGMENTS_H
#define PPING_TCP_SEGMENTS_H

#include "data.h"
#include "doubts.h"
#include "handshakes.h"
#include "openings.h"
#include "resets.h"
#include "../../core/fates.h"
#include "../../core/traffic.h"

__noinline int on_fin(struct flow *flow, const struct packet *p)
{
	int was_open;
	u32 mine;

	if (!flow || !p || cookie_of(flow) != p->cookie)
		return 0;
	mine = MARK_ENDED << (p->direction & 1);
	if (((__sync_fetch_and_or(&flow->marks, mine) | mine) & MARKS_ENDED) == MARKS_ENDED)
		was_open = end_life(flow, p->cookie, FLOW_CLOSED) == FLOW_OPEN;
	else
		was_open = change_state(flow, p->cookie, FLOW_OPEN, FLOW_CLOSING);
	report_all_held(&p->key, flow, p->now);
	if (was_open)
		emit_closing(&p->key, flow, cause_of(REASON_FIN, trigger_of(flow, p->direction)), p->now);
	return 0;
}

/*
 * After a proper end the last ACK still answers the last data; after a reset nothing counts. As long as
 * segments come, the tombstone stays: without it a copy of one would look like the first of its data.
 */
static __always_inline void on_stray(struct flow *flow, const struct packet *p)
{
	store_count(COUNTER_LINGERING);
	flow->direction[p->direction & 1].last_seen = p->tick;
	/* Both: by how long that is ago it is told whether the next one's TSval fits. */
	if (p->tcp.has_timestamp)
		flow->direction[p->direction & 1].latest = p->tcp.tsval;
	if (flow->reset || state_of(flow) == FLOW_DELETED)
		return;
	if (may_answer(flow, p))
		match_identifier(flow, p);
	if (sequence_length(p))
		note_sent_again(flow, p);
	note_acknowledgement(flow, p);
}

/* The filter has left this flow out: it is kept only so that this is known. */
static __noinline void leave_out(struct flow *flow, const struct packet *p)
{
	flow->direction[p->direction & 1].last_seen = p->tick;
	/* By these its socket may be found yet: unowned.h. */
	flow->direction[p->direction & 1].next_seq = p->tcp.seq + sequence_length(p);
	flow->direction[p->direction & 1].ack = p->tcp.ack;
	count_filtered(p->bytes);
	if (p->tcp.flags & TCP_FIN)
		on_fin(flow, p);
}

/* The flow of a segment after the handshake, which makes it where there is none; 0 where it can not. */
static __always_inline struct flow *flow_of(void *context, struct packet *p)
{
	struct flow *flow = find_flow(p);
	int successor;

	if (unlikely(!flow || state_of(flow) != FLOW_OPEN || p->tcp.flags & TCP_FIN))
		read_clock(context, p);
	if (unlikely(flow && flow->successor)) {
		read_clock(context, p);
		successor = is_of_successor(flow, p);
		if (successor) {
			end_previous(flow, p, cause_of_syn(flow, successor - 1));
			flow = 0;
		}
	}
	if (likely(flow))
		return flow;
	flow = create_flow(context, p);
	if (flow && flow->handshake_seen) {
		note_owner_early(context, flow, p);
		report_handshake(context, flow, p);
	}
	return flow;
}

/*
 * A segment that has timestamps, or begins a connection, or resets one. Where its connection ignores
 * timestamps, nothing is done but that it is said to have none.
 */
static __always_inline void process_segment(void *context, struct packet *p)
{
	struct flow *flow;
	enum counter doubt;
	enum asks asks;
	int answers;

	if (unlikely(p->tcp.flags & (TCP_RST | TCP_SYN))) {
		read_clock(context, p);
		if (p->tcp.flags & TCP_RST)
			on_reset(context, p);
		else
			on_handshake(context, p);
		return;
	}
	flow = flow_of(context, p);
	if (unlikely(!flow))
		return;
	if (unlikely(is_owner_open(flow)) && is_refused(context, flow, p))
		return leave_out(flow, p);
	if (unlikely(!goes_on_plainly(flow, p))) {
		doubt = reason_to_doubt(flow, p);
		if (doubt != COUNTER_COUNT) {
			on_doubted(flow, p, doubt);
			return;
		}
	}
	if (unlikely(state_of(flow) >= FLOW_CLOSED))
		return on_stray(flow, p);
	/* It goes on: nobody has reset it. */
	if (unlikely(flow->doubted_reset))
		flow->doubted_reset = 0;
	if (unlikely(!p->tcp.window))
		note_zero_window(flow, p);
	/* Before what this segment itself has to tell. */
	if (unlikely(p->tcp.flags & TCP_FIN))
		note_original(context, flow, p);
	/*
	 * Asked before anything is changed, so that the cache lines are waited for together: an atomic
	 * operation waits for all that was read before it.
	 */
	answers = may_answer(flow, p);
	asks = may_be_asked(flow, p);
	if (answers || asks > ASKS_EARLY)
		read_clock(context, p);
	update_flow(flow, p);
	if (answers)
		match_identifier(flow, p);
	remember(context, flow, p, asks);
	/* Not one from before the end: that would be forged. */
	if (unlikely(p->tcp.flags & TCP_FIN) && ends_direction(flow, p))
		on_fin(flow, p);
}

/* 0 where there is no room. Nothing is known of it, and nothing is going to be. */
static __noinline struct flow *create_unstamped(struct packet *p)
{
	struct flow *flow = store_blank_flow();

	if (!flow)
		return 0;
	flow->life = life_of(target_next_cookie(), FLOW_WAITING);
	flow->marks = MARK_UNSTAMPED;
	flow->initiator = p->direction;
	flow->opening_reason = REASON_FIRST_PACKET;
	flow->direction[p->direction & 1].last_seen = p->tick;
	return create_unassured(&p->key, flow) < 0 ? 0 : find_flow_rarely(p);
}

/* Of what is left out it is kept how much it is, so that its hosts can be told of (emit_unmeasured()). */
static __noinline void note_unstamped(struct packet *p)
{
	struct flow *flow = find_flow_rarely(p);
	struct direction *d;

	if (!flow)
		flow = create_unstamped(p);
	if (!flow || !(flow->marks & MARK_UNSTAMPED))
		return;
	d = &flow->direction[p->direction & 1];
	d->last_seen = p->tick;
	__sync_fetch_and_add(&d->packets, p->packets);
	__sync_fetch_and_add(&d->bytes, p->payload);
}

/* Any other. */
static __always_inline void process_unstamped(void *context, struct packet *p)
{
	struct flow *flow;
	enum counter doubt;
	int answers;

	if (!target_settings()->sequence) {
		note_unstamped(p);
		return count_unmeasurable(COUNTER_NO_TIMESTAMP, p->bytes);
	}
	flow = flow_of(context, p);
	if (unlikely(!flow))
		return;
	if (unlikely(is_owner_open(flow)) && is_refused(context, flow, p))
		return leave_out(flow, p);
	/* Its connection has timestamps: TCP itself would drop it (RFC 7323, 3.2). */
	if (unlikely(flow->known[p->direction & 1] & TSVAL_KNOWN))
		return count_unmeasurable(COUNTER_NO_TIMESTAMP, p->bytes);
	doubt = reason_to_doubt_unstamped(flow, p);
	if (unlikely(doubt != COUNTER_COUNT)) {
		on_doubted(flow, p, doubt);
		return;
	}
	if (unlikely(state_of(flow) >= FLOW_CLOSED))
		return on_stray(flow, p);
	if (unlikely(flow->doubted_reset))
		flow->doubted_reset = 0;
	if (unlikely(!p->tcp.window))
		note_zero_window(flow, p);
	if (unlikely(p->tcp.flags & TCP_FIN))
		note_original(context, flow, p);
	answers = may_answer(flow, p);
	if (answers || may_be_asked_unstamped(flow, p))
		read_clock(context, p);
	update_flow(flow, p);
	if (answers)
		match_identifier(flow, p);
	remember_unstamped(context, flow, p);
	if (unlikely(p->tcp.flags & TCP_FIN) && ends_direction(flow, p))
		on_fin(flow, p);
}

#endif
