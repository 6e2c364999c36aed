/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RSTs: which of them are believed. Anyone can send one.
 */
#ifndef PPING_RESETS_H
#define PPING_RESETS_H

#include "embryos.h"
#include "samples.h"

/*
 * A RST's sequence number is that of what comes next, or where that is not known what was last
 * acknowledged.
 */
#define RESET_WINDOW (1 << 16)

/* A RST ends a handshake only if it is of that very one. */
static __noinline void reset_embryo(const struct segment *s)
{
	const struct embryo *embryo = find_embryo(s);
	int fits;

	if (!embryo || !is_known(embryo))
		return;
	if (s->direction == embryo->initiator)
		fits = s->seq - embryo->seq[0] - 1 <= embryo->payload[0];
	else
		fits = acknowledges_syn(embryo, s) ||
		       (embryo->time[1] && s->seq == embryo->seq[1] + 1 + embryo->payload[1]);
	if (fits)
		store_embryo_delete(&s->key);
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
static __always_inline enum fit fits_flow(const struct flow *flow, const struct segment *s)
{
	const struct direction *d = &flow->direction[s->direction & 1];
	const struct direction *peer = &flow->direction[!s->direction];
	u32 known = flow->known[s->direction & 1];
	enum fit to_end = known & SEQ_KNOWN ? fit(s->seq, d->next_seq) : FIT_NOT;
	enum fit to_ack;

	if (!(flow->known[!s->direction] & ACK_KNOWN))
		return known & SEQ_KNOWN ? to_end : FIT_EXACTLY;
	to_ack = fit(s->seq, peer->ack);
	return to_ack > to_end ? to_ack : to_end;
}

static __always_inline void reset_flow(void *context, struct flow *flow, const struct segment *s)
{
	if (cookie_of(flow) != s->cookie)
		return;
	flow->reset = 1;
	if (state_of(flow) < FLOW_CLOSED)
		note_original(context, flow, s);
	report_all_held(&s->key, flow, s->now);
	if (end_life(flow, s->cookie, FLOW_CLOSED) == FLOW_OPEN)
		emit_closing(&s->key, flow, REASON_RST, trigger_of(flow, s->direction), s->now);
}

/*
 * Closes at once what it fits exactly; what it fits nearly, since packets before it were not seen, only
 * if nothing follows (sweeps.h). Most RSTs carry no timestamp; none is ever matched.
 */
static __noinline void on_reset(void *context, struct segment *s)
{
	struct flow *flow = find_flow(s);
	enum fit fitting;

	if (flow && is_left_to_others(flow))
		count_filtered(s->bytes);
	else
		count_unmeasurable(COUNTER_RESET, s->bytes);
	if (!flow || flow->successor)
		reset_embryo(s);
	if (!flow)
		return;
	fitting = fits_flow(flow, s);
	if (fitting == FIT_EXACTLY)
		return reset_flow(context, flow, s);
	store_count(COUNTER_STRAY_RESET);
	if (fitting == FIT_NEARLY)
		flow->doubted_reset = 1 + s->direction;
}

#endif
