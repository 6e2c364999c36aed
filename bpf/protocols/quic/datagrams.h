/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Datagrams of QUIC (RFC 9000): what each changes of its flow, and who looks at what its first header says. Flows are
 * 4-tuples: a connection that migrates to another (RFC 9000, 9) goes on as another flow.
 */
#ifndef PPING_QUIC_DATAGRAMS_H
#define PPING_QUIC_DATAGRAMS_H

#include "flows.h"
#include "spin.h"
#include "../../core/exact.h"

/* What becomes of a datagram. */
static __always_inline enum counter process_datagram(void *context, struct packet *p)
{
	struct flow *flow;

	if (is_exact_left_out()) {
		store_add(COUNTER_FILTERED_BYTES, p->bytes);
		return COUNTER_FILTERED;
	}
	flow = find_flow_rarely(p);
	if (!flow || state_of(flow) == FLOW_WAITING || p->quic.type != QUIC_SHORT)
		read_clock(context, p);
	if (!flow)
		flow = create_quic(p, client_of(p));
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	if (state_of(flow) >= FLOW_CLOSED)
		return COUNTER_LINGERING;
	update_flow(flow, p);
	return p->quic.type == QUIC_SHORT ? process_spin(context, flow, p) : COUNTER_HANDSHAKE;
}

static __noinline void process_quic(void *context, struct packet *p)
{
	store_count_fate(process_datagram(context, p));
}

#endif
