/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Handshakes that begin in a flow, and those that begin at once. */
#ifndef PPING_QUIC_BEGINNINGS_H
#define PPING_QUIC_BEGINNINGS_H

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
	clear_mark(flow, MARK_PASSED_OVER);
	client->connection_id = p->quic.scid;
	client->identifier_time = coarse_time_not_0(p->tick);
	server->connection_id = flow->retry_id = 0;
	server->first_id = p->quic.dcid;
	flow->quic_phase = QUIC_BEGUN;
	ask_question(context, flow, p, 0);
}

/*
 * Whether what the server says next may be the first answer to any Initial that has passed, also after a Retry. Of a
 * handshake that was not seen it is, until the server has sent anything.
 */
static __always_inline int is_undecided(const struct flow *flow, u8 server)
{
	if (flow->quic_phase == QUIC_UNKNOWN)
		return !flow->direction[server & 1].packets;
	return flow->quic_phase == QUIC_DISPUTED || flow->quic_phase <= QUIC_NEGOTIATED;
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

#endif
