/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Datagrams of QUIC (RFC 9000): what each changes of its flow, and who looks at what its first header says. Flows are
 * 4-tuples: a connection that migrates to another (RFC 9000, 9) goes on as another flow.
 */
#ifndef PPING_QUIC_DATAGRAMS_H
#define PPING_QUIC_DATAGRAMS_H

#include "handshake.h"
#include "spin.h"
#include "../../core/exact.h"
#include "../../core/fates.h"

/* Of the flow that a packet makes. */
static __always_inline enum flow_reason opening_reason(const struct packet *p)
{
	return p->quic.type == QUIC_INITIAL && p->direction == client_of(p) ? REASON_INITIAL : REASON_FIRST_PACKET;
}

/* The flow of a long header: of the connection that it has begun, where it is that. 0 where there is no room. */
static __always_inline struct flow *flow_of_handshake(struct flow *flow, struct packet *p)
{
	if (p->direction != flow->initiator && answers_rival(flow, p) && is_given_up(flow, p))
		return begin_successor(flow, p);
	return flow;
}

/* A datagram with a long header: what becomes of it. */
static __always_inline enum counter process_long_header(void *context, struct packet *p)
{
	struct flow *flow;

	if (is_exact_left_out())
		return COUNTER_FILTERED;
	flow = find_flow_rarely(p);
	read_clock(context, p);
	if (!flow)
		flow = create_quic(p, client_of(p), opening_reason(p));
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	if (state_of(flow) >= FLOW_CLOSED)
		return COUNTER_LINGERING;
	flow = flow_of_handshake(flow, p);
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	update_flow(flow, p);
	if (p->direction == flow->initiator)
		on_client_header(context, flow, p);
	else
		on_server_header(context, flow, p);
	return COUNTER_HANDSHAKE;
}

/*
 * One with a short header. Without the fixed bit it is of a flow that there is, or of another protocol: where both
 * ends have agreed to it they leave the bit out of some, and the rest without these would tell RTTs that are too short.
 */
static __always_inline enum counter process_short_header(void *context, struct packet *p)
{
	struct flow *flow;
	int is_settled;

	if (is_exact_left_out())
		return COUNTER_FILTERED;
	flow = find_flow_rarely(p);
	if (!flow && !p->quic.is_fixed)
		return COUNTER_NOT_TCP;
	if (!flow || state_of(flow) == FLOW_WAITING)
		read_clock(context, p);
	if (!flow)
		flow = create_quic(p, client_of(p), REASON_FIRST_PACKET);
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	if (state_of(flow) >= FLOW_CLOSED)
		return COUNTER_LINGERING;
	update_flow(flow, p);
	is_settled = note_spin(context, flow, p);
	if (is_settled)
		settle_edges(flow, p, is_settled == SETTLED_BY_OWN ? p->direction : !p->direction);
	return spin_verdict(flow) == SPIN_VALID ? COUNTER_SPIN_BIT : COUNTER_NO_SPIN;
}

static __always_inline void process_quic(void *context, struct packet *p)
{
	enum counter fate = p->quic.type == QUIC_SHORT ? process_short_header(context, p) : process_long_header(context, p);

	if (fate == COUNTER_NO_SPIN)
		return count_unmeasurable(fate, p->bytes);
	if (likely(fate != COUNTER_NOT_TCP))
		return count_beside_tcp(fate, COUNTER_QUIC_BYTES, p->bytes);
	store_count_unparsed(fate, UNREAD_UDP);
	store_add(COUNTER_UNMEASURABLE_BYTES, p->bytes);
}

#endif
