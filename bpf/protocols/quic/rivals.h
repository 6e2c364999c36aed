/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Handshakes that begin on ports that have a connection. Anyone can send an Initial, and a server answers any: the flow
 * that there is ends only once the client has shown that it has the id that the server has told it.
 *
 * A flow has one rival at a time: its ids and, as 32 bits of nanoseconds, its times. Nothing else of the flow changes for it.
 * Where two begin at once neither is followed: which of them is answered cannot be told.
 */
#ifndef PPING_QUIC_RIVALS_H
#define PPING_QUIC_RIVALS_H

#include "beginnings.h"

/* `rival` of a flow. */
enum rival_flag {
	RIVAL_ANSWER_HOOK = 3, /* enum hook, where the server's answer was seen */
	RIVAL_ANSWERED = 4,    /* the server has told it an id, which is not known to others */
	RIVAL_RETRIED = 8,     /* by a Retry */
	RIVAL_ASKED = 16,      /* what told it is a question, too */
	RIVAL_TIMED = 32,      /* how long it took to be answered is known */
	RIVAL_OF_OWNER = 64,   /* the socket that has answered is known: the flow is its own */
};

/* Beyond it 32 bits of nanoseconds do not tell. */
#define RIVAL_MOST_NS (4 * NS_PER_SECOND)
#define RIVAL_NEVER ~0U

/* Nanoseconds since `time`, which was at about `coarse`: RIVAL_NEVER where that is not known, or too long ago. */
static __always_inline u32 since_rival(u32 time, u32 coarse, const struct packet *p)
{
	s32 about = coarse_time(p->tick) - coarse;
	u32 since = p->now - time;

	return time && about <= (s32)(RIVAL_MOST_NS >> COARSE_TIME_SHIFT) && since <= RIVAL_MOST_NS ? since : RIVAL_NEVER;
}

static __always_inline void begin_rival(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[p->direction & 1];
	int is_asked = target_settings()->handshake && !is_left_out(context, flow, p);

	client->rival_id = p->quic.scid;
	flow->direction[!p->direction].rival_id = p->quic.dcid;
	flow->rival = 0;
	flow->samples[p->direction & 1].rival_time = is_asked ? p->now : 0;
	flow->samples[!p->direction].rival_time = 0;
}

/* Its Initial once more: what follows within a flight is of it. Once it is answered nothing of it is asked any more. */
static __always_inline void repeat_rival(struct flow *flow, const struct packet *p)
{
	u32 *asked = &flow->samples[p->direction & 1].rival_time;

	if (!(flow->rival & RIVAL_ANSWERED) &&
	    since_rival(*asked, flow->direction[p->direction & 1].identifier_time, p) > QUIC_FLIGHT_NS)
		*asked = 0;
}

/* The client's Initial is of another connection than the flow. */
static __noinline void note_rival(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[p->direction & 1];
	struct direction *server = &flow->direction[!p->direction];

	if (!server->rival_id || is_long_ago(client->identifier_time, p))
		begin_rival(context, flow, p);
	else if (client->rival_id == p->quic.scid && server->rival_id == p->quic.dcid)
		repeat_rival(flow, p);
	else
		client->rival_id = 0;
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

/* Whether the client has to answer the server's packet: on_flight(). */
static __always_inline int is_question_of_server(const struct packet *p)
{
	return p->quic.type == QUIC_RETRY || (p->quic.type == QUIC_INITIAL && p->payload >= QUIC_LEAST_INITIAL_BYTES);
}

/* What the server has answered before. Sent again, what answers it cannot be told. */
static __always_inline void repeat_answer(struct flow *flow, const struct packet *p)
{
	const struct direction *server = &flow->direction[p->direction & 1];

	if (p->quic.scid == flow->direction[!p->direction].offered_id && is_question_of_server(p) &&
	    since_rival(flow->samples[p->direction & 1].rival_time, server->identifier_time, p) > QUIC_FLIGHT_NS)
		flow->rival &= ~RIVAL_ASKED;
}

/*
 * The id that it tells is what shows that the client has seen it. One that it has not, or that the client has made up, shows nothing:
 * whoever forges an Initial knows it. After a negotiation the client begins anew.
 */
static __always_inline int is_id_told(struct flow *flow, const struct packet *p)
{
	struct direction *client = &flow->direction[!p->direction], *server = &flow->direction[p->direction & 1];

	if (p->quic.type != QUIC_VERSION_NEGOTIATION && p->quic.scid != server->rival_id && p->quic.scid != QUIC_NO_ID)
		return 1;
	client->rival_id = 0;
	if (p->quic.type == QUIC_VERSION_NEGOTIATION)
		server->rival_id = 0;
	return 0;
}

/* What is known of the answer: enum rival_flag. */
static __always_inline u8 flags_of_answer(void *context, struct flow *flow, const struct packet *p)
{
	u32 asked = flow->samples[!p->direction].rival_time;
	u32 since = since_rival(asked, flow->direction[!p->direction].identifier_time, p);
	u8 flags = RIVAL_ANSWERED | (p->hook & RIVAL_ANSWER_HOOK);

	if (since != RIVAL_NEVER && since <= target_settings()->timestamp_timeout)
		flags |= RIVAL_TIMED;
	if (p->quic.type == QUIC_RETRY)
		flags |= RIVAL_RETRIED;
	if (is_question_of_server(p) && target_settings()->handshake && !is_left_out(context, flow, p))
		flags |= RIVAL_ASKED;
	if (is_of_owner(context, flow, p))
		flags |= RIVAL_OF_OWNER;
	return flags;
}

/* The server's answer to it: how long that took is told once the rival is a flow. Of two CPUs one has seen the first. */
static __noinline void answer_rival(void *context, struct flow *flow, const struct packet *p)
{
	u32 *time = &flow->samples[p->direction & 1].rival_time, now = p->now;

	if (*time || __sync_val_compare_and_swap(time, 0, now ? now : 1))
		return repeat_answer(flow, p);
	if (!is_id_told(flow, p))
		return;
	flow->direction[p->direction & 1].identifier_time = coarse_time_not_0(p->tick);
	flow->direction[!p->direction].offered_id = p->quic.scid;
	flow->rival = flags_of_answer(context, flow, p);
}

/* Whether the client's packet shows that it has what the server has told the rival. */
static __always_inline int proves_rival(const struct flow *flow, const struct packet *p)
{
	const struct direction *client = &flow->direction[p->direction & 1];
	int is_initial = p->quic.type == QUIC_INITIAL && p->payload >= QUIC_LEAST_INITIAL_BYTES;
	int is_answer = is_initial || (p->quic.type == QUIC_HANDSHAKE && !(flow->rival & RIVAL_RETRIED));

	return is_answer && flow->rival & RIVAL_ANSWERED && client->rival_id == p->quic.scid &&
	       client->offered_id == p->quic.dcid;
}

#endif
