/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Connection ids of a handshake: which packets are of it, and which of the server's can answer the client's. */
#ifndef PPING_QUIC_IDS_H
#define PPING_QUIC_IDS_H

#include "flows.h"

/* A client fills up each datagram with an Initial, a server those that want an answer (RFC 9000, 14.1). */
#define QUIC_LEAST_INITIAL_BYTES 1200

/* hash_id() of one that has no bytes. */
#define QUIC_NO_ID 0x050c5d1fU

/* What the client addresses a server by whose own id it has yet to see. */
static __always_inline u32 asked_id(const struct flow *flow, u8 server)
{
	if (flow->retry_id && flow->quic_phase != QUIC_RETRIED)
		return flow->retry_id;
	return flow->direction[server & 1].first_id;
}

/* Whether the client's packet has ids of the handshake that is known. */
static __always_inline int is_of_connection(const struct flow *flow, const struct packet *p)
{
	const struct direction *server = &flow->direction[!p->direction];

	if (flow->quic_phase == QUIC_UNKNOWN)
		return p->quic.dcid == server->connection_id;
	if (p->quic.scid != flow->direction[p->direction & 1].connection_id)
		return 0;
	/* Of several Retries it may have taken another. */
	if (flow->quic_phase == QUIC_RETRIED && p->quic.scid != QUIC_NO_ID)
		return 1;
	return p->quic.dcid == server->connection_id || p->quic.dcid == server->first_id ||
	       p->quic.dcid == flow->retry_id;
}

/*
 * Whether the server's packet can be the first answer to an Initial for `asked`. A negotiation repeats that id (RFC 9000,
 * 17.2.1), a Retry has another (17.2.5.1). A Handshake packet that has it may be of a handshake that was met in its
 * midst, where the id is the server's own.
 */
static __always_inline int is_answer_of(const struct packet *p, u32 asked)
{
	switch (p->quic.type) {
	case QUIC_INITIAL:
		return 1;
	case QUIC_HANDSHAKE:
	case QUIC_RETRY:
		return p->quic.scid != asked;
	case QUIC_VERSION_NEGOTIATION:
		return p->quic.scid == asked;
	default:
		return 0;
	}
}

#endif
