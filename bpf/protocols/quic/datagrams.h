/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Datagrams of QUIC (RFC 9000): what each changes of its flow, and who looks at what its first header says. Flows are
 * 4-tuples: a connection that migrates to another (RFC 9000, 9) goes on as another flow.
 */
#ifndef PPING_QUIC_DATAGRAMS_H
#define PPING_QUIC_DATAGRAMS_H

#include "handshake.h"
#include "spin.h"
#include "successors.h"
#include "../../core/exact.h"
#include "../../core/fates.h"

/* Of the flow that a packet makes. */
static __always_inline enum flow_reason opening_reason(const struct packet *p)
{
	return p->quic.type == QUIC_INITIAL && p->direction == client_of(p) ? REASON_INITIAL : REASON_FIRST_PACKET;
}

/* The flow of a long header: of another connection on its ports, once that is proven and where there is room for it. */
static __always_inline struct flow *flow_of_handshake(void *context, struct flow *flow, struct packet *p)
{
	if (p->direction == flow->initiator && proves_rival(flow, p) && has_room(FLOW_WAITING))
		return begin_successor(context, flow, p);
	return flow;
}

/* A datagram with a long header: what becomes of it. */
static __always_inline enum counter process_long_header(void *context, struct packet *p)
{
	struct flow *flow = find_flow_rarely(p);
	int may_begin;

	read_clock(context, p);
	if (!flow)
		flow = create_quic(p, client_of(p), opening_reason(p));
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	if (state_of(flow) >= FLOW_CLOSED)
		return COUNTER_LINGERING;
	flow = flow_of_handshake(context, flow, p);
	/* Another CPU does: there was room, and the flow before has left some. */
	if (!flow)
		return COUNTER_LINGERING;
	/* Of a connection that is known what begins on its ports is a rival: its successor is asked anew. */
	may_begin = flow->owner_state == OWNER_REFUSED || is_undecided(flow, !flow->initiator);
	if (is_datagram_refused(context, flow, p, may_begin))
		return COUNTER_FILTERED;
	update_flow(flow, p);
	on_long_header(context, flow, p);
	return COUNTER_HANDSHAKE;
}

/*
 * One with a short header. Without the fixed bit it is of a flow that there is, or of another protocol: where both
 * ends have agreed to it they leave the bit out of some, and the rest without these would tell RTTs that are too short.
 */
static __always_inline enum counter process_short_header(void *context, struct packet *p)
{
	struct flow *flow = find_flow_rarely(p);
	int is_settled;

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
	if (is_datagram_refused(context, flow, p, 0))
		return COUNTER_FILTERED;
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
