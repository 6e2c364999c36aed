/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What any packet changes of its flow: when it was last seen, how much has passed, and that both
 * directions have been seen.
 */
#ifndef PPING_TRAFFIC_H
#define PPING_TRAFFIC_H

#include "events.h"

/* Both directions have been seen. The one that was seen first may have said already that it ends. */
static __noinline void open_flow(struct flow *flow, const struct packet *p)
{
	enum flow_state open = flow->marks & MARKS_ENDED ? FLOW_CLOSING : FLOW_OPEN;

	if (!change_state(flow, p->cookie, FLOW_WAITING, open))
		return;
	emit_opening(&p->key, flow, p->now);
	if (open == FLOW_CLOSING)
		emit_closing(&p->key, flow, cause_of(REASON_FIN, trigger_of(flow, !p->direction)), p->now);
}

static __always_inline void update_flow(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];

	d->last_seen = p->tick;
	__sync_fetch_and_add(&d->packets, p->packets);
	if (p->payload)
		__sync_fetch_and_add(&d->bytes, p->payload);
	if (unlikely(state_of(flow) == FLOW_WAITING) && flow->direction[!p->direction].packets)
		open_flow(flow, p);
}

#endif
