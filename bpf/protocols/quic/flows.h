/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Flows of QUIC, and which end of them is the client. */
#ifndef PPING_QUIC_FLOWS_H
#define PPING_QUIC_FLOWS_H

#include "../../core/assured.h"
#include "../../core/datagram_owners.h"
#include "../../core/forgotten.h"

/* The direction that the client sends: the end without a port of QUIC, or where that does not tell, who was seen first. */
static __always_inline u8 client_of(const struct packet *p)
{
	const volatile struct udp_ports *ports = target_udp_ports();
	u8 is_first_server = is_one_of(ports->quic, p->key.port[0]);
	u8 is_second_server = is_one_of(ports->quic, p->key.port[1]);

	return is_first_server == is_second_server ? p->direction & 1 : is_first_server;
}

/* One that is yet to be made: of each CPU there is one. */
static __noinline struct flow *prepare_quic(const struct packet *p, u8 client, enum flow_reason reason)
{
	struct flow *flow = store_blank_flow();

	if (!flow)
		return 0;
	flow->life = life_of(target_next_cookie(), FLOW_WAITING);
	flow->marks = MARK_QUIC | MARK_OWNER_SOUGHT; /* among sockets of TCP it is not */
	if (was_forgotten(p))
		flow->marks |= MARK_FORGOTTEN;
	flow->initiator = client;
	flow->opening_reason = reason;
	flow->owner_state = first_owner_state();
	/* Its least RTT is of a window, as with timestamps: each answer is known to be one. */
	flow->known[0] = flow->known[1] = TSVAL_KNOWN;
	flow->direction[p->direction & 1].last_seen = p->tick;
	return flow;
}

/* As it was prepared. 0 where there is no room. */
static __noinline struct flow *make_quic(struct packet *p, const struct flow *prepared)
{
	if (!prepared)
		return 0;
	if (create_unassured(&p->key, prepared) >= 0)
		return find_flow_rarely(p);
	/* What has a short header asks nothing. */
	if (p->quic.type != QUIC_SHORT)
		note_no_room(p);
	return 0;
}

/* Likewise. */
static __always_inline struct flow *create_quic(struct packet *p, u8 client, enum flow_reason reason)
{
	return make_quic(p, prepare_quic(p, client, reason));
}

#endif
