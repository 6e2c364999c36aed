/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs of QUIC's handshake, by the connection ids of its long headers (RFC 9000, 7.2 and 17.2). docs/measurement.md has
 * the rules and why.
 *
 * The client's first Initial is a question, and the first packet with which the server shows that it has seen it the
 * answer. So are a Retry, and the server's first flight: what answers these has an id that the client can only have
 * from them, or keys.
 */
#ifndef PPING_QUIC_HANDSHAKE_H
#define PPING_QUIC_HANDSHAKE_H

#include "rivals.h"

/* Some hundred nanoseconds: as long as a packet of a handshake takes, if it does not end a flow. */
#define HANDSHAKE_ATTEMPTS 16

/*
 * By its id the client shows that it has seen what is asked; where that tells nothing (0), by a Handshake packet: then it
 * has keys of the server's. What another CPU asks in the last moment of a flow may be in the next one's slot.
 */
static __always_inline int is_shown(const struct question *slot, const struct packet *p)
{
	return slot->identifier ? slot->identifier == p->quic.dcid : p->quic.type == QUIC_HANDSHAKE;
}

/* What the server has asked, and the client answers. */
static __always_inline void answer_server(struct flow *flow, const struct packet *p)
{
	struct question *slot = &flow->samples[!p->direction].slot;

	if (!is_shown(slot, p))
		return;
	flow->quic_phase = QUIC_CONFIRMED;
	answer_question(flow, p);
	/* The client has got an answer where it says it is. */
	end_unassured(flow);
}

/* An Initial after a Retry, with the id that the Retry has told, or another has: the client takes one of several. */
static __always_inline void begin_again(void *context, struct flow *flow, const struct packet *p)
{
	struct question *slot = &flow->samples[!p->direction].slot;

	if (p->quic.dcid == flow->direction[!p->direction].first_id)
		return;
	if (is_shown(slot, p))
		answer_question(flow, p);
	else
		drop_slot(slot, slot_time(slot));
	flow->retry_id = p->quic.dcid;
	flow->quic_phase = QUIC_BEGUN;
	ask_question(context, flow, p, 0);
}

/* One of another connection, as far as its ids tell: 1 where the flow is that from now on. */
static __always_inline int is_another(void *context, struct flow *flow, const struct packet *p)
{
	if (flow->quic_phase == QUIC_NEGOTIATED) {
		if (p->quic.dcid != flow->direction[!p->direction].first_id)
			begin(context, flow, p);
		return 1;
	}
	if (is_of_connection(flow, p))
		return 0;
	if (is_undecided(flow, !p->direction))
		begin_or_dispute(context, flow, p);
	else
		note_rival(context, flow, p);
	return 1;
}

static __always_inline void on_client_initial(void *context, struct flow *flow, const struct packet *p)
{
	/* A server takes no smaller one (RFC 9000, 14.1). */
	if (p->payload < QUIC_LEAST_INITIAL_BYTES || is_another(context, flow, p))
		return;
	/* Until the server's own id is known what the client sends counts as its beginning: is_undecided(). */
	if (flow->quic_phase == QUIC_BEGUN || flow->quic_phase == QUIC_RETRIED)
		flow->direction[p->direction & 1].identifier_time = coarse_time_not_0(p->tick);
	if (flow->quic_phase == QUIC_RETRIED)
		return begin_again(context, flow, p);
	if (flow->quic_phase == QUIC_BEGUN && p->quic.dcid == asked_id(flow, !p->direction))
		return note_again(flow, p);
	if (flow->quic_phase == QUIC_ASKED && p->quic.dcid == flow->direction[!p->direction].connection_id)
		answer_server(flow, p);
}

static __always_inline void on_client_header(void *context, struct flow *flow, const struct packet *p)
{
	if (p->quic.type == QUIC_INITIAL)
		on_client_initial(context, flow, p);
	else if (p->quic.type == QUIC_HANDSHAKE && flow->quic_phase == QUIC_ASKED && is_of_connection(flow, p) &&
		 p->quic.dcid == flow->direction[!p->direction].connection_id)
		answer_server(flow, p);
}

static __always_inline void on_retry(void *context, struct flow *flow, const struct packet *p)
{
	if (flow->quic_phase == QUIC_RETRIED && p->quic.scid == flow->retry_id)
		return note_again(flow, p);
	/* A client takes but one (RFC 9000, 17.2.5.2). */
	if (flow->quic_phase != QUIC_BEGUN || flow->retry_id)
		return;
	answer_question(flow, p);
	flow->retry_id = p->quic.scid;
	flow->quic_phase = QUIC_RETRIED;
	ask_question(context, flow, p, p->quic.scid);
}

/*
 * The server's first flight. An Initial that asks for an answer is filled up (RFC 9000, 14.1); one that is not only
 * acknowledges. Its id proves that the client has seen it only where the client has seen it in nothing before.
 */
static __always_inline void on_flight(void *context, struct flow *flow, const struct packet *p, int is_new_id)
{
	if (p->quic.type != QUIC_INITIAL || p->payload < QUIC_LEAST_INITIAL_BYTES)
		return;
	if (flow->quic_phase == QUIC_ASKED)
		return note_again(flow, p);
	if (flow->quic_phase != QUIC_ANSWERED)
		return;
	flow->quic_phase = QUIC_ASKED;
	ask_question(context, flow, p, is_new_id ? p->quic.scid : 0);
}

static __always_inline void on_server_packet(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *server = &flow->direction[p->direction & 1];
	int is_new_id = 0;

	if (flow->quic_phase == QUIC_BEGUN) {
		is_new_id = p->quic.scid != server->first_id && p->quic.scid != flow->retry_id;
		answer_question(flow, p);
		server->connection_id = p->quic.scid;
		flow->quic_phase = QUIC_ANSWERED;
	}
	if (p->quic.scid == server->connection_id)
		on_flight(context, flow, p, is_new_id);
}

/*
 * Of a handshake that is not known, met in its midst: the server's id, or that the client is to begin anew. What the server has
 * told a rival is the rival's, or what it sends again would no longer be seen.
 */
static __always_inline void on_unknown(struct flow *flow, const struct packet *p)
{
	if (p->quic.type <= QUIC_HANDSHAKE && p->quic.scid != flow->direction[!p->direction].offered_id)
		flow->direction[p->direction & 1].connection_id = p->quic.scid;
	/* What it answers was of a version that is not read. */
	if (p->quic.type == QUIC_VERSION_NEGOTIATION && !flow->direction[!p->direction].packets)
		flow->quic_phase = QUIC_NEGOTIATED;
}

static __always_inline void on_server_header(void *context, struct flow *flow, const struct packet *p)
{
	if (answers_rival(flow, p))
		return answer_rival(context, flow, p);
	if (flow->quic_phase == QUIC_UNKNOWN)
		on_unknown(flow, p);
	if (p->quic.dcid != flow->direction[!p->direction].connection_id ||
	    !is_answer_of(p, asked_id(flow, p->direction)))
		return;
	if (p->quic.type == QUIC_RETRY)
		on_retry(context, flow, p);
	else if (p->quic.type != QUIC_VERSION_NEGOTIATION)
		on_server_packet(context, flow, p);
	else if (flow->quic_phase == QUIC_BEGUN) {
		answer_question(flow, p);
		flow->quic_phase = QUIC_NEGOTIATED;
	}
}

/*
 * One CPU at a time, or what has been answered may be asked once more: by the same packet on its way through a router. Who
 * waits in vain passes its own over, and then nothing is asked any more until another handshake begins: what is sent again
 * after that looks new.
 */
static __noinline int enter_handshake(struct flow *flow, const struct packet *p)
{
	for (int i = 0; i < HANDSHAKE_ATTEMPTS; i++) {
		enum taken taken = take_mark(flow, p->cookie, MARK_IN_HANDSHAKE);

		if (taken != MARK_WAS_SET)
			return taken == MARK_TAKEN;
	}
	set_mark(flow, MARK_PASSED_OVER);
	return 0;
}

__noinline int on_long_header(packet_source *context, struct flow *flow, const struct packet *p)
{
	if (!flow || !p || !enter_handshake(flow, p))
		return 0;
	if (unlikely(flow->marks & MARK_PASSED_OVER))
		drop_questions(flow);
	if (p->direction == flow->initiator)
		on_client_header(context, flow, p);
	else
		on_server_header(context, flow, p);
	clear_mark(flow, MARK_IN_HANDSHAKE);
	return 0;
}

#endif
