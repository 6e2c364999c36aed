/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Handshakes that begin, and those that begin on ports that have a connection. Anyone can send an Initial: it ends
 * nothing before the server has answered it.
 */
#ifndef PPING_QUIC_RIVALS_H
#define PPING_QUIC_RIVALS_H

#include "ids.h"
#include "questions.h"
#include "../../core/replaced.h"

/* Nothing that waits can be told apart any more. */
static __always_inline void drop_questions(struct flow *flow)
{
	for (u8 sender = 0; sender < 2; sender++) {
		struct question *slot = &flow->samples[sender].slot;

		drop_slot(slot, slot_time(slot));
	}
}

/* The handshake of the client's Initial, in this flow. */
static __noinline void begin(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[p->direction & 1];
	struct direction *server = &flow->direction[!p->direction];

	drop_questions(flow);
	client->connection_id = p->quic.scid;
	client->identifier_time = coarse_time_not_0(p->tick);
	server->connection_id = flow->retry_id = 0;
	server->first_id = p->quic.dcid;
	flow->quic_phase = QUIC_BEGUN;
	ask_question(context, flow, p, 0);
}

/* Whether what the server says next may be the first answer to any Initial that has passed, also after a Retry. */
static __always_inline int is_undecided(const struct flow *flow, u8 server)
{
	return !flow->direction[server & 1].packets || flow->quic_phase == QUIC_DISPUTED ||
	       (flow->quic_phase >= QUIC_BEGUN && flow->quic_phase <= QUIC_NEGOTIATED);
}

/* Of two that have begun at once it is not known any more what was sent before, and when. */
static __noinline void begin_or_dispute(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[p->direction & 1];

	if (is_long_ago(client->identifier_time, p))
		return begin(context, flow, p);
	drop_questions(flow);
	client->connection_id = client->rival_id = 0;
	client->identifier_time = coarse_time_not_0(p->tick);
	flow->quic_phase = QUIC_DISPUTED;
}

/* The client's Initial is of another connection than the flow. */
static __noinline void note_rival(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[p->direction & 1];
	struct direction *server = &flow->direction[!p->direction];
	struct question *slot = &flow->samples[p->direction & 1].slot;

	if (client->rival_id == p->quic.scid && server->rival_id == p->quic.dcid)
		return note_again(flow, p);
	if (server->rival_id && !is_long_ago(client->identifier_time, p)) {
		drop_slot(slot, slot_time(slot));
		client->rival_id = 0;
	} else {
		client->rival_id = p->quic.scid;
		server->rival_id = p->quic.dcid;
		/* Anyone can send an Initial: it must not cost the flow what is known of its spin bit. */
		if (!is_spin_seen(flow))
			ask_question(context, flow, p, 0);
	}
	client->identifier_time = coarse_time_not_0(p->tick);
}

/* Whether the server's packet answers that one, and is not of the flow's own connection. */
static __always_inline int answers_rival(const struct flow *flow, const struct packet *p)
{
	const struct direction *server = &flow->direction[p->direction & 1];
	u32 asked = flow->direction[!p->direction].rival_id;

	return asked && asked == p->quic.dcid && p->quic.scid != server->connection_id &&
	       is_answer_of(p, server->rival_id);
}

/* A server answers any Initial, also a forged one: while it talks to the client of a connection, it ends that for none. */
#define QUIC_SILENCE_NS (5 * NS_PER_SECOND)

/* Whether the server's packet at hand, which answers a rival, ends the flow. */
static __always_inline int is_given_up(const struct flow *flow, const struct packet *p)
{
	u64 silence = (p->tick - flow->direction[p->direction & 1].last_seen) * target_tick_ns();

	if (!has_room(FLOW_WAITING))
		return 0;
	return (flow->quic_phase != QUIC_CONFIRMED && flow->quic_phase != QUIC_UNKNOWN) || silence > QUIC_SILENCE_NS;
}

/* What is asked goes on to another flow. */
static __always_inline void move_question(struct flow *flow, u8 client, const struct question *question)
{
	if (question->time <= SLOT_BEING_FILLED)
		return;
	start_sample(flow, client, question->time);
	fill_slot(&flow->samples[client & 1].slot, question);
}

/* The flow of the connection that has begun on the ports of `flow`, which ends; 0 where there is no room. */
static __noinline struct flow *begin_successor(struct flow *flow, struct packet *p)
{
	u8 client = !p->direction;
	u32 own = flow->direction[client].rival_id, asked = flow->direction[p->direction & 1].rival_id;
	struct question question = flow->samples[client].slot;

	end_previous(flow, p, cause_of(REASON_INITIAL, trigger_of(flow, client)));
	flow = create_quic(p, client, REASON_INITIAL);
	if (!flow)
		return 0;
	flow->direction[client].connection_id = own;
	flow->direction[client].identifier_time = coarse_time_not_0(p->tick);
	flow->direction[p->direction & 1].first_id = asked;
	flow->quic_phase = QUIC_BEGUN;
	move_question(flow, client, &question);
	/* Its Initial has been counted in the flow before. */
	if (change_state(flow, p->cookie, FLOW_WAITING, FLOW_OPEN))
		emit_opening(&p->key, flow, p->now);
	return flow;
}

#endif
