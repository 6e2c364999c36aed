/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The flow of a connection that has begun on the ports of another: what it takes over of that, and what is told of it. */
#ifndef PPING_QUIC_SUCCESSORS_H
#define PPING_QUIC_SUCCESSORS_H

#include "rivals.h"

/* What a flow knows of its rival. */
struct rival {
	u64 answered; /* when it was; 0 = not known any more */
	u32 own;      /* ids: the client's own, */
	u32 asked;    /* what the client has made up for the server, */
	u32 offered;  /* and what the server has told it */
	u32 rtt;      /* to the server; 0 = not known */
	u32 flags;    /* enum rival_flag */
};

static __always_inline void read_rival(struct rival *rival, const struct flow *flow, const struct packet *p)
{
	const struct direction *client = &flow->direction[p->direction & 1], *server = &flow->direction[!p->direction];
	u32 answered = flow->samples[!p->direction].rival_time, asked = flow->samples[p->direction & 1].rival_time;
	u32 since = since_rival(answered, server->identifier_time, p);

	rival->answered = since == RIVAL_NEVER || flow->marks & MARK_PASSED_OVER ? 0 : p->now - since;
	rival->own = client->rival_id;
	rival->asked = server->rival_id;
	rival->offered = client->offered_id;
	rival->flags = flow->rival;
	rival->rtt = asked && rival->flags & RIVAL_TIMED ? answered - asked : 0;
}

/* As if it had been a flow from its beginning. What the client has sent last is yet to be looked at. */
static __always_inline void take_over(struct flow *flow, const struct packet *p, const struct rival *rival)
{
	u8 client = p->direction & 1, server = !p->direction;
	struct question question = { .time = rival->answered, .identifier = rival->offered, .handshake = 1,
				     .hook = rival->flags & RIVAL_ANSWER_HOOK, .seq = coarse_time_not_0(p->tick) };

	flow->direction[client].connection_id = rival->own;
	flow->direction[client].identifier_time = coarse_time_not_0(p->tick);
	flow->direction[server].first_id = rival->asked;
	if (rival->flags & RIVAL_RETRIED) {
		flow->retry_id = rival->offered;
		flow->quic_phase = QUIC_RETRIED;
	} else {
		flow->direction[server].connection_id = rival->offered;
		flow->quic_phase = rival->flags & RIVAL_ASKED ? QUIC_ASKED : QUIC_CONFIRMED;
		end_unassured(flow);
	}
	if (!(rival->flags & RIVAL_ASKED) || !rival->answered)
		return;
	start_sample(flow, server, rival->answered);
	fill_slot(&flow->samples[server].slot, &question);
}

/* Its RTT to the server, as of when that was measured. */
static __noinline void tell_first_rtt(struct flow *flow, const struct packet *p, const struct rival *rival)
{
	u8 client = p->direction & 1;
	u32 flags = hook_flag(rival->flags & RIVAL_ANSWER_HOOK) | RTT_HANDSHAKE | RTT_BY_CONNECTION_ID;
	struct report report = report_of(rival->rtt, flags);

	if (!rival->answered || !rival->rtt)
		return;
	start_sample(flow, client, rival->answered - rival->rtt);
	store_count(COUNTER_HANDSHAKE_MATCHED);
	update_rtt(flow, client, rival->rtt, rival->answered);
	if (is_reported(flow, client, &report, rival->answered))
		report_rare_rtt(&p->key, flow, client, &report, rival->answered);
}

/* It comes in the place of `flow`. Nobody looks at its handshake until it has what the rival knows. */
static __noinline struct flow *prepare_successor(const struct flow *flow, const struct packet *p, const struct rival *rival)
{
	u8 client = p->direction & 1;
	struct flow *fresh = prepare_quic(p, client, REASON_INITIAL);

	if (!fresh)
		return 0;
	fresh->marks |= MARK_IN_HANDSHAKE;
	/* The server has sent its packet before there was this flow. */
	if (rival->flags & RIVAL_OF_OWNER)
		keep_owner(fresh, flow, !client);
	return fresh;
}

/* The client has shown what proves_rival() asks for: `flow` ends. 0 where another CPU ends it, or where there is no room. */
static __noinline struct flow *begin_successor(void *context, struct flow *flow, struct packet *p)
{
	struct flow *fresh;
	struct rival rival;

	read_rival(&rival, flow, p);
	fresh = prepare_successor(flow, p, &rival);
	/* Who does not end it may have read what is another's by now. */
	if (!end_previous(flow, p, cause_of(REASON_INITIAL, trigger_of(flow, p->direction & 1))))
		return 0;
	flow = make_quic(p, fresh);
	if (!flow || !fresh)
		return 0;
	/* Another CPU may have made one meanwhile. */
	if (p->cookie != cookie_of(fresh))
		return flow;
	change_state(flow, p->cookie, FLOW_WAITING, FLOW_OPEN);
	take_over(flow, p, &rival);
	clear_mark(flow, MARK_IN_HANDSHAKE);
	/* Whose it is comes first: what nobody is known to have is withheld. */
	if (is_datagram_refused(context, flow, p, 0))
		return flow;
	emit_opening(&p->key, flow, p->now);
	tell_first_rtt(flow, p, &rival);
	return flow;
}

#endif
