/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RSTs: which of them are believed. Anyone can send one.
 */
#ifndef PPING_TCP_RESETS_H
#define PPING_TCP_RESETS_H

#include "embryos.h"
#include "../../core/fates.h"
#include "../../core/reports.h"

/*
 * A RST's sequence number is that of what comes next, or where that is not known what was last
 * acknowledged.
 */
#define RESET_WINDOW (1 << 16)

/* A RST ends a handshake only if it is of that very one. */
static __noinline void reset_embryo(const struct packet *p)
{
	struct embryo *embryo = find_embryo(p);
	int fits;

	if (!embryo || !is_known(embryo))
		return;
	if (p->direction == embryo->initiator)
		fits = p->tcp.seq - embryo->seq[0] - 1 <= embryo->payload[0];
	else
		fits = acknowledges_syn(embryo, p) ||
		       (embryo->time[1] && p->tcp.seq == embryo->seq[1] + 1 + embryo->payload[1]);
	if (!fits)
		return;
	embryo->is_reset = 1;
	store_embryo_put(&p->key, embryo);
}

static __always_inline int is_near(u32 number, u32 expected)
{
	return number - expected + RESET_WINDOW <= 2 * RESET_WINDOW;
}

enum fit {
	FIT_NOT,
	FIT_NEARLY,
	FIT_EXACTLY,
};

static __always_inline enum fit fit(u32 number, u32 expected)
{
	if (number == expected)
		return FIT_EXACTLY;
	return is_near(number, expected) ? FIT_NEARLY : FIT_NOT;
}

/*
 * Whether a RST is of the flow (RFC 5961, 3.2, as far as one can see who knows no windows). One
 * that answers what its sender knows nothing of takes its sequence number from there: what was
 * acknowledged last.
 */
static __always_inline enum fit fits_flow(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];
	u32 known = flow->known[p->direction & 1];
	enum fit to_end = known & SEQ_KNOWN ? fit(p->tcp.seq, d->next_seq) : FIT_NOT;
	enum fit to_ack;

	if (!(flow->known[!p->direction] & ACK_KNOWN))
		return known & SEQ_KNOWN ? to_end : FIT_EXACTLY;
	to_ack = fit(p->tcp.seq, peer->ack);
	return to_ack > to_end ? to_ack : to_end;
}

static __always_inline void reset_flow(void *context, struct flow *flow, const struct packet *p)
{
	if (cookie_of(flow) != p->cookie)
		return;
	flow->reset = 1;
	if (state_of(flow) < FLOW_CLOSED)
		note_original(context, flow, p);
	report_all_held(&p->key, flow, p->now);
	if (end_life(flow, p->cookie, FLOW_CLOSED) == FLOW_OPEN)
		emit_closing(&p->key, flow, cause_of(REASON_RST, trigger_of(flow, p->direction)), p->now);
}

/*
 * Closes at once what it fits exactly; what it fits nearly, since packets before it were not seen, only
 * if nothing follows (sweeps.h). Most RSTs carry no timestamp; none is ever matched.
 */
__noinline int on_reset(packet_source *context, struct packet *p)
{
	struct flow *flow;
	enum fit fitting;

	keep_argument(context);
	if (!p)
		return 0;
	flow = find_flow_rarely(p);
	if (flow && is_left_to_others(flow))
		count_filtered(p->bytes);
	else
		count_unmeasurable(COUNTER_RESET, p->bytes);
	if (!flow || flow->successor)
		reset_embryo(p);
	if (!flow)
		return 0;
	fitting = fits_flow(flow, p);
	if (fitting == FIT_EXACTLY) {
		reset_flow(context, flow, p);
		return 0;
	}
	store_count(COUNTER_STRAY_RESET);
	flow->known[p->direction & 1] |= SEQ_CHALLENGED;
	if (fitting == FIT_NEARLY)
		flow->doubted_reset = DOUBTED_RESET + p->direction;
	return 0;
}

#endif
