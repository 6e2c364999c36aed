/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How flows begin: with the first segment after a handshake, or met in mid-stream.
 */
#ifndef PPING_TCP_OPENINGS_H
#define PPING_TCP_OPENINGS_H

#include "acceptable.h"
#include "losses.h"
#include "matching.h"
#include "syns.h"
#include "../../core/fates.h"

/*
 * What the handshake told about the packets that `direction` sent; step 0 is the SYN, 1 the SYN-
 * ACK.
 */
static __always_inline void inherit(struct flow *flow, const struct embryo *embryo, int step,
				    enum known known, u64 tick)
{
	u8 sender = step ? !embryo->initiator : embryo->initiator;
	struct direction *d = &flow->direction[sender & 1];

	d->packets = embryo->packets[step];
	d->bytes = embryo->payload[step];
	d->next_seq = end_of_step(embryo, step);
	flow->known[sender & 1] = SEQ_KNOWN | known | (embryo->hook[step] == HOOK_EGRESS ? SEQ_ON_EGRESS : 0);
	if (!is_stamped(embryo))
		return;
	/* Its own TSval is still new: what answers a SYN acknowledges no data. */
	d->identifier = embryo->identifier[step] - 1;
	d->identifier_time = coarse_time_not_0(tick);
	d->latest = d->identifier;
	flow->known[sender & 1] |= TSVAL_KNOWN;
}

/* Whether a sample of `sender` would be of this machine's own stack: see is_left_out(). */
static __always_inline int is_step_left_out(void *context, struct flow *flow,
					    const struct embryo *embryo, const struct packet *p,
					    int step, u8 sender)
{
	if (embryo->hook[step] != HOOK_INGRESS || target_settings()->include_local ||
	    !target_is_local(context, &p->key, !sender, embryo->to_this_host[step]))
		return 0;
	flow->locality[sender & 1] = LOCALITY_LOCAL;
	return 1;
}

/* A sample of the handshake counts against the rate like any other. */
static __always_inline void sample_handshake(void *context, struct flow *flow,
					     const struct embryo *embryo, const struct packet *p,
					     int step, u64 rtt, u64 answered, u32 flags)
{
	u8 sender = step ? !embryo->initiator : embryo->initiator;
	struct report report = report_of(rtt, RTT_HANDSHAKE | flags);

	if ((s64)rtt <= 0 || is_step_left_out(context, flow, embryo, p, step, sender))
		return;
	start_sample(flow, sender, embryo->time[step]);
	update_rtt(flow, sender, rtt, answered);
	store_count(COUNTER_HANDSHAKE_MATCHED);
	if (is_reported(flow, sender, &report, answered))
		report_rare_rtt(&p->key, flow, sender, &report, answered);
}

/* The SYN-ACK is still unanswered: with Fast Open (RFC 7413) data follow it at once. */
static __always_inline void let_syn_ack_wait(void *context, struct flow *flow,
					     const struct embryo *embryo, const struct packet *p)
{
	u8 sender = !embryo->initiator;
	/* Not "sent once": of an earlier SYN-ACK all that is known may be this one. */
	struct question question = { .time = embryo->time[1],
				     .identifier = embryo->identifier[1],
				     .seq = embryo->seq[1],
				     .is_alone = 1,
				     .handshake = 1,
				     .by_sequence = !embryo->has_timestamp[1],
				     .hook = embryo->hook[1] };

	if (!embryo->time[1] || embryo->again[1] ||
	    (question.by_sequence && (embryo->packets[1] != 1 || embryo->disputed)) ||
	    is_step_left_out(context, flow, embryo, p, 1, sender))
		return;
	start_sample(flow, sender, embryo->time[1]);
	fill_slot(&flow->samples[sender & 1].slot, &question);
}

static __always_inline void sample_handshakes(void *context, struct flow *flow,
					      const struct embryo *embryo, const struct packet *p)
{
	if (embryo->is_answered)
		sample_handshake(context, flow, embryo, p, 0, embryo->rtt,
				 embryo->time[0] + embryo->rtt,
				 hook_flag(embryo->answer_hook) | by_flag(embryo->by_sequence));
	if (p->direction != embryo->initiator)
		let_syn_ack_wait(context, flow, embryo, p);
	else if (answers_step(embryo, p, 1))
		sample_handshake(context, flow, embryo, p, 1, p->now - embryo->time[1], p->now,
				 hook_flag(p->hook) | by_flag(is_step_by_sequence(embryo, p, 1)) |
					 data_flag(p));
}

/* Whether, as far as the first segment after the handshake shows, nothing has been sent that was not seen. */
static __always_inline enum known extent(const struct embryo *embryo, const struct packet *p, int step)
{
	u8 sender = step ? !embryo->initiator : embryo->initiator;
	u32 end = embryo->seq[step] + 1 + embryo->payload[step];
	int is_whole = p->direction == sender ? p->tcp.seq == end : (s32)(p->tcp.ack - end) <= 0;

	return is_whole && end == end_of_step(embryo, step) ? SEQ_WHOLE : SEQ_DOUBTED;
}

static __always_inline void set_embryonic(struct flow *flow, const struct embryo *embryo,
					  const struct packet *p)
{
	struct direction *first = &flow->direction[embryo->initiator & 1];
	struct direction *other = &flow->direction[!embryo->initiator];
	int both_seen = embryo->time[1] && (embryo->time[0] || p->direction == embryo->initiator);

	flow->life = both_seen ? FLOW_OPEN : FLOW_WAITING;
	flow->handshake_seen = 1;
	flow->initiator = embryo->initiator;
	flow->opening_reason = embryo->time[1] ? REASON_SYN_ACK : REASON_SYN;
	flow->syn_seq = embryo->seq[0];
	inherit_owner(flow, embryo);
	if (embryo->time[0])
		inherit(flow, embryo, 0, extent(embryo, p, 0), p->tick);
	if (!embryo->time[1])
		return;
	inherit(flow, embryo, 1, embryo->time[0] ? extent(embryo, p, 1) : SEQ_DOUBTED, p->tick);
	other->ack = embryo->ack;
	flow->known[!embryo->initiator] |= ACK_KNOWN;
	if (embryo->time[0])
		return;
	/* Its SYN has been acknowledged, and maybe not only now. */
	first->next_seq = embryo->ack + embryo->passed;
	flow->known[embryo->initiator & 1] =
		SEQ_KNOWN | SEQ_DOUBTED | (embryo->hook[1] == HOOK_INGRESS ? SEQ_ON_EGRESS : 0);
}

/*
 * What is known of the connection that a first segment is of; -1 where it is of one that has
 * ended. Apart, so that what comes after it has more of the stack.
 */
static __noinline int begin_flow(struct flow *flow, const struct embryo *embryo,
				 const struct packet *p)
{
	flow->life = FLOW_WAITING;
	flow->initiator = p->direction;
	flow->opening_reason = REASON_FIRST_PACKET;
	flow->direction[p->direction & 1].last_seen = p->tick;
	if (!is_known(embryo))
		return 0;
	if (!belongs(embryo, p) || lacks_timestamp(embryo, p))
		return -1;
	set_embryonic(flow, embryo, p);
	return 0;
}

/*
 * The first segment after the handshake makes the flow, with the handshake's
 * identifiers; so does any segment of a connection met in mid-stream. What is asked about it is asked
 * before another CPU can find it. -1 where there is none.
 */
__noinline int make_flow(packet_source *context, struct packet *p)
{
	struct flow *fresh = store_blank_flow();
	struct embryo *embryo;

	keep_argument(context);
	if (!p || !fresh)
		return -1;
	embryo = find_embryo(p);
	if (!embryo)
		return -1;
	if (begin_flow(fresh, embryo, p)) {
		/* Data that is sent again once there is a flow was not sent once. */
		if (p->direction == embryo->initiator)
			note_passed(embryo, p, p->tcp.seq + sequence_length(p), FIRST_WINDOW);
		store_count(COUNTER_LINGERING);
		return -1;
	}
	fresh->life |= target_next_cookie() << STATE_BITS;
	note_innermost(fresh, p);
	note_original(context, fresh, p);
	if (create_unassured(&p->key, fresh) < 0) {
		/* What comes later is not the first to answer it. */
		store_embryo_delete(&p->key);
		store_count(COUNTER_FLOW_MAP_FULL);
		return -1;
	}
	return 0;
}

/* The flow that it makes, or that another CPU has made; 0 where there is none. */
static __always_inline struct flow *create_flow(void *context, struct packet *p)
{
	struct flow *flow;

	if (make_flow(context, p))
		return 0;
	flow = find_flow_rarely(p);
	if (flow && state_of(flow) != FLOW_DELETED)
		return flow;
	/* Another CPU was first, and has ended it, too. */
	store_count(COUNTER_LINGERING);
	return 0;
}

/* With the SYN-ACK, where there was one: the RTT that it gives is told with that time, too. */
static __always_inline u64 time_of_opening(const struct flow *flow, const struct embryo *embryo,
					   const struct packet *p)
{
	if (flow->opening_reason != REASON_SYN_ACK || !embryo || !embryo->time[1])
		return p->now;
	return embryo->is_answered ? embryo->time[0] + embryo->rtt : embryo->time[1];
}

/*
 * What the handshake of a new flow has to tell. Two CPUs may have met the embryo: whoever deletes
 * it reports.
 */
__noinline int report_handshake(packet_source *context, struct flow *flow, const struct packet *p)
{
	const struct embryo *embryo;

	if (!flow || !p)
		return 0;
	embryo = find_embryo(p);
	if (state_of(flow) == FLOW_OPEN)
		emit_opening(&p->key, flow, time_of_opening(flow, embryo, p));
	if (!embryo || !is_known(embryo))
		return 0;
	if (store_embryo_delete(&p->key))
		return 0;
	inherit_repeats(flow, p, embryo->initiator, embryo->repeats[0]);
	inherit_repeats(flow, p, !embryo->initiator, embryo->repeats[1]);
	if (target_settings()->handshake && !is_withheld(flow))
		sample_handshakes(context, flow, embryo, p);
	return 0;
}

/*
 * Of a tuple on which another connection is alive as far as was seen, better be sure: it is the very first
 * segment after the embryo's handshake. Anyone can send a SYN, and the segment after it. So where both ends are
 * there it is the other one that decides, by acknowledging the SYN. Where its SYN-ACK was not seen it may
 * acknowledge more, which cannot be meant of the flow before. What came meanwhile may be sent again.
 */
static __always_inline int takes_over(const struct flow *flow, struct embryo *embryo, const struct packet *p)
{
	enum flow_state state = state_of(flow);
	int are_both_there = state == FLOW_OPEN || state == FLOW_CLOSING;
	int is_initiators = p->direction == embryo->initiator;

	/* See is_elsewhere() and answers_across(). */
	if (!embryo->time[0] || (is_passing_again(flow, p) && (is_initiators || embryo->hook[0] == p->hook)))
		return 0;
	if (is_initiators) {
		if (p->tcp.seq == embryo->seq[0] + 1 + embryo->payload[0] &&
		    (!are_both_there || (embryo->time[1] && acknowledges_syn_ack(embryo, p))))
			return 1;
	} else {
		if (acknowledges_syn(embryo, p))
			return 1;
		if (embryo->time[1] || !acknowledges_beyond(embryo, p) || is_acknowledgement_near(flow, p))
			return 0;
	}
	if (is_initiators)
		note_passed(embryo, p, p->tcp.seq + sequence_length(p), FIRST_WINDOW);
	else
		note_passed(embryo, p, p->tcp.ack, MOST_BEYOND_HANDSHAKE);
	return !is_initiators;
}

/*
 * Whether the segment is the first of the connection that was seen to begin on this flow's ports: 0, or 1 + the
 * direction of who began that.
 */
static __noinline int is_of_successor(struct flow *flow, const struct packet *p)
{
	struct embryo *embryo = find_embryo(p);

	if (embryo && is_known(embryo))
		return takes_over(flow, embryo, p) ? 1 + embryo->initiator : 0;
	flow->successor = 0;
	return 0;
}

#endif
