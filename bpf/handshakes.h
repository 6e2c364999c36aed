/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How connections open: handshakes, embryos, and flows met in mid-stream.
 */
#ifndef PPING_HANDSHAKES_H
#define PPING_HANDSHAKES_H

#include "samples.h"

/* A SYN older than this says nothing about a segment seen now (tcp_synack_retries: 63 s). */
#define EMBRYO_TIMEOUT_NS (64 * NS_PER_SECOND)

/* A late copy of the flow's own handshake; a SYN-ACK never ends a flow. */
static __always_inline int is_own_handshake(const struct flow *flow, const struct segment *s)
{
	if (s->flags & TCP_ACK)
		return 1;
	return s->has_timestamp && flow->handshake_seen && flow->syn_identifier == s->tsval &&
	       flow->syn_seq == s->seq;
}

/* A SYN on a tuple that still has state begins a new connection. */
static __always_inline void end_previous(struct flow *flow, const struct segment *s)
{
	report_all_held(&s->key, flow, s->now);
	if (__sync_lock_test_and_set(&flow->state, FLOW_CLOSED) == FLOW_OPEN)
		emit_closing(&s->key, flow, REASON_SYN, trigger_of(flow, s->direction), s->now);
	free_slots(flow);
	store_flow_delete(&s->key);
}

static __always_inline int is_recent(const struct embryo *embryo, u64 now)
{
	return embryo && (s64)(now - embryo->time[embryo->time[0] ? 0 : 1]) <
				 (s64)EMBRYO_TIMEOUT_NS;
}

static __always_inline void on_syn(struct embryo *embryo, const struct segment *s)
{
	/* Another connection on the same ports, not the same SYN again. */
	if (embryo->seq[0] != s->seq) {
		embryo->packets[0] = embryo->packets[1] = 0;
		forget_embryo_owner(embryo);
	}
	embryo->packets[0] += s->packets;
	if (embryo->time[0] && embryo->identifier[0] == s->tsval && embryo->seq[0] == s->seq)
		return;
	embryo->time[0] = s->now;
	embryo->time[1] = 0;
	embryo->rtt = 0;
	embryo->identifier[0] = s->tsval;
	embryo->seq[0] = s->seq;
	embryo->hook[0] = s->hook;
	embryo->to_this_host[0] = s->to_this_host;
	embryo->initiator = s->direction;
}

/* Whether the segment answers the SYN (step 0) or SYN-ACK (1) as data is answered: see may_answer(). */
static __always_inline int answers_step(const struct embryo *embryo, const struct segment *s,
					int step)
{
	return embryo->time[step] && s->flags & TCP_ACK && s->tsecr &&
	       s->tsecr == embryo->identifier[step] && acknowledges(s, embryo->seq[step]);
}

static __always_inline void on_syn_ack(struct embryo *embryo, const struct segment *s)
{
	/* Where both ends open at once (RFC 9293, 3.5), the one whose SYN came last sends this, too. */
	if (embryo->time[0] && s->direction == embryo->initiator) {
		embryo->packets[0] += s->packets;
		return;
	}
	embryo->packets[1] += s->packets;
	if (!embryo->time[0] && embryo->seq[1] != s->seq)
		forget_embryo_owner(embryo);
	if (!embryo->rtt && answers_step(embryo, s, 0)) {
		embryo->rtt = s->now - embryo->time[0];
		embryo->answer_hook = s->hook;
	}
	if (embryo->time[1] && embryo->identifier[1] == s->tsval)
		return;
	embryo->time[1] = s->now;
	embryo->identifier[1] = s->tsval;
	embryo->seq[1] = s->seq;
	embryo->hook[1] = s->hook;
	embryo->to_this_host[1] = s->to_this_host;
	embryo->initiator = !s->direction;
}

/*
 * SYN and SYN-ACK make no flow yet: they are kept as an embryo until the handshake is over. Returns
 * whether the filter leaves it out.
 */
static __always_inline int keep_embryo(void *context, const struct segment *s)
{
	struct embryo *known = store_embryo_lookup(&s->key);
	struct embryo embryo = {};
	int refused;

	if (is_recent(known, s->now))
		embryo = *known;
	if (s->flags & TCP_ACK)
		on_syn_ack(&embryo, s);
	else
		on_syn(&embryo, s);
	refused = note_embryo_owner(context, &embryo, s);
	store_embryo_put(&s->key, &embryo);
	return refused;
}

/* A function of its own, as on_reset(): together they would take more stack than there is (6.1). */
static __noinline void on_handshake(void *context, const struct segment *s)
{
	struct flow *flow = store_flow_lookup(&s->key);

	if (flow && is_own_handshake(flow, s))
		return store_count(flow->state == FLOW_CLOSED ? COUNTER_LINGERING
							      : COUNTER_HANDSHAKE);
	if (flow)
		end_previous(flow, s);
	if (!s->has_timestamp)
		return count_unmeasurable(COUNTER_NO_TIMESTAMP, s->bytes);
	if (keep_embryo(context, s))
		count_filtered(s->bytes);
	else
		store_count(COUNTER_HANDSHAKE);
}

/* What the handshake told about the packets that `direction` sent; step 0 is the SYN, 1 the SYN-ACK. */
static __always_inline void inherit(struct direction *d, const struct embryo *embryo, int step,
				    u64 tick)
{
	d->packets = embryo->packets[step];
	d->identifier = embryo->identifier[step];
	d->identifier_tick = tick;
	d->next_seq = embryo->seq[step] + 1;
}

/* A sample of the handshake counts against the rate like any other. */
static __always_inline void sample_handshake(void *context, struct flow *flow,
					     const struct embryo *embryo, const struct segment *s,
					     int step, u64 rtt, u64 answered, u8 answer_hook)
{
	u8 sender = step ? !embryo->initiator : embryo->initiator;
	struct direction *d = &flow->direction[sender & 1];

	if ((s64)rtt <= 0)
		return;
	if (embryo->hook[step] == HOOK_INGRESS && !store_settings()->include_local &&
	    store_is_local(context, &s->key, !sender, embryo->to_this_host[step])) {
		flow->locality[sender & 1] = LOCALITY_LOCAL;
		return;
	}
	start_sample(d, embryo->time[step]);
	update_rtt(&flow->samples[sender & 1], rtt);
	store_count(COUNTER_HANDSHAKE_MATCHED);
	report_sample(&s->key, flow, sender, rtt, RTT_HANDSHAKE | hook_flag(answer_hook), answered);
}

static __always_inline void sample_handshakes(void *context, struct flow *flow,
					      const struct embryo *embryo, const struct segment *s)
{
	sample_handshake(context, flow, embryo, s, 0, embryo->rtt, embryo->time[0] + embryo->rtt,
			 embryo->answer_hook);
	if (s->direction == embryo->initiator && answers_step(embryo, s, 1))
		sample_handshake(context, flow, embryo, s, 1, s->now - embryo->time[1], s->now,
				 s->hook);
}

static __always_inline void set_embryonic(struct flow *flow, const struct embryo *embryo,
					  const struct segment *s)
{
	int both_seen = embryo->time[1] && (embryo->time[0] || s->direction == embryo->initiator);

	flow->state = both_seen ? FLOW_OPEN : FLOW_WAITING;
	flow->handshake_seen = 1;
	flow->initiator = embryo->initiator;
	flow->opening_reason = embryo->time[1] ? REASON_SYN_ACK : REASON_SYN;
	flow->syn_identifier = embryo->identifier[0];
	flow->syn_seq = embryo->seq[0];
	inherit_owner(flow, embryo);
	if (embryo->time[0])
		inherit(&flow->direction[embryo->initiator & 1], embryo, 0, s->tick);
	if (embryo->time[1])
		inherit(&flow->direction[!embryo->initiator], embryo, 1, s->tick);
}

/*
 * The first segment after the handshake makes the flow, with the handshake's
 * identifiers; so does any segment of a connection met in mid-stream, unless it
 * is its last. What is asked about it is asked before another CPU can find it.
 */
static __noinline struct flow *create_flow(void *context, const struct segment *s)
{
	const struct embryo *embryo = store_embryo_lookup(&s->key);
	struct flow *flow, *fresh = store_blank_flow();

	if (!fresh)
		return 0;
	fresh->state = FLOW_WAITING;
	fresh->initiator = s->direction;
	fresh->opening_reason = REASON_FIRST_PACKET;
	if (is_recent(embryo, s->now)) {
		set_embryonic(fresh, embryo, s);
	} else if (s->flags & TCP_FIN) {
		store_count(COUNTER_LINGERING);
		return 0;
	}
	fresh->cookie = store_next_cookie();
	fresh->direction[s->direction & 1].last_seen = s->tick;
	note_original(context, fresh, s);
	if (store_flow_create(&s->key, fresh)) {
		store_count(COUNTER_FLOW_MAP_FULL);
		return 0;
	}
	flow = store_flow_lookup(&s->key);
	/* Another CPU was first, and has ended it, too. */
	if (!flow)
		store_count(COUNTER_LINGERING);
	return flow;
}

/* What the handshake of a new flow has to tell. Two CPUs may have met the embryo: whoever deletes it reports. */
static __noinline void report_handshake(void *context, struct flow *flow, const struct segment *s)
{
	const struct embryo *found = store_embryo_lookup(&s->key);
	struct embryo embryo;

	if (flow->state == FLOW_OPEN)
		emit_opening(&s->key, flow, s->now);
	if (!found)
		return;
	embryo = *found;
	if (!store_embryo_delete(&s->key) && store_settings()->handshake && !is_withheld(flow))
		sample_handshakes(context, flow, &embryo, s);
}

#endif
