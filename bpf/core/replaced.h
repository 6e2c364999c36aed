/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How a connection ends where another has begun on its ports. */
#ifndef PPING_REPLACED_H
#define PPING_REPLACED_H

#include "assured.h"
#include "quic_verdicts.h"
#include "reports.h"
#include "waiting.h"

/* `cause`: cause_of(). Whether it was this one to end it. */
__noinline int end_previous(struct flow *flow, const struct packet *p, u32 cause)
{
	enum flow_state before = flow && p ? end_life(flow, p->cookie, FLOW_DELETED) : FLOW_DELETED;

	/* Another CPU does. */
	if (!flow || !p || before == FLOW_DELETED)
		return 0;
	report_all_held(&p->key, flow, p->now);
	count_ended(flow, before);
	if (before == FLOW_OPEN)
		emit_closing(&p->key, flow, cause, p->now);
	else
		emit_unmeasured(&p->key, flow, before, p->now);
	free_slots(flow);
	end_unassured(flow);
	if (are_aggregated())
		count_last_traffic(&p->key, flow, p->cookie);
	forget_losses(flow, p->cookie);
	store_flow_delete(&p->key);
	return 1;
}

/* The cause where it is a SYN that begins another; `initiator` is who has sent it. */
static __always_inline u32 cause_of_syn(const struct flow *flow, u8 initiator)
{
	return cause_of(REASON_SYN, trigger_of(flow, initiator));
}

#endif
