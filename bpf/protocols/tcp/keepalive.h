/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs of connections that say nothing: a keep-alive probe (RFC 9293, 3.8.4) asks, and the other end's
 * kernel answers at once.
 *
 * Where the answer echoes the probe's TSval, that tells it. Most do not: a probe lies before the window, so that
 * RFC 7323 (5.3, R2) has it rejected before its TSval is taken. Then the answer says nothing that the last
 * acknowledgement did not say. It is believed if nothing else can have caused it: all that both ends have sent is
 * acknowledged, the other end has been silent for long, each probe before was answered, and the window is what the
 * last answer said (else it may be an update of that).
 */
#ifndef PPING_TCP_KEEPALIVE_H
#define PPING_TCP_KEEPALIVE_H

#include "timestamps.h"
#include "../../core/samples.h"

/* Silence after which a segment answers nothing from before it; the least interval of probes is a second. */
#define QUIET_NS (900 * 1000 * 1000ULL)
#define QUIET_SRTTS 2
/*
 * The same where no RTT is known; or none since data was sent again, or a probe was not answered in time: the path may be
 * longer than the probes are apart by now, and each answer be to the probe before.
 */
#define SETTLED_NS (10 * NS_PER_SECOND)
#define SETTLED_TIME (u32)(SETTLED_NS >> COARSE_TIME_SHIFT)

/*
 * Asks whether the other end is still there, or has room by now: it repeats a byte at most (RFC 9293, 3.8.4 and
 * 3.8.6.1). Without a FIN, which takes a sequence number of its own.
 */
static __always_inline int is_probe(const struct flow *flow, const struct packet *p)
{
	return p->payload <= 1 && !(p->tcp.flags & (TCP_FIN | TCP_SYN)) &&
	       p->tcp.seq + 1 == flow->direction[p->direction & 1].next_seq;
}

/* An idle connection is met with a probe, and what that seems to be the end of goes on by what is acknowledged. */
static __always_inline void find_end(struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];

	if (!p->payload && p->tcp.seq == d->next_seq && !(flow->known[p->direction & 1] & SEQ_WHOLE) &&
	    flow->known[!p->direction] & ACK_KNOWN && flow->direction[!p->direction].ack == d->next_seq + 1)
		d->next_seq++;
}

/*
 * Both ends have all that the other has sent, and the probe can be told from all before it: after a handshake
 * `latest` is one less than the TSval of the SYN or SYN-ACK, which an ACK of that may yet echo.
 */
static __always_inline int may_be_probed(const struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];
	u8 both = flow->known[0] & flow->known[1];

	return state_of(flow) == FLOW_OPEN && both & SEQ_KNOWN && both & ACK_KNOWN &&
	       !(flow->known[p->direction & 1] & SEQ_DOUBTED) && !flow->samples[p->direction & 1].mapped &&
	       peer->ack == d->next_seq && d->ack == peer->next_seq && p->tcp.ack == d->ack &&
	       (!p->tcp.has_timestamp ||
		(d->identifier_time && is_new(flow, p) && (s32)(p->tcp.tsval - d->latest) > 1));
}

/* Whether the other end has said nothing for so long that what it says next is no answer to what was before. */
static __always_inline int is_quiet(const struct flow *flow, const struct packet *p)
{
	u64 silence = (p->tick - flow->direction[!p->direction].last_seen) * target_tick_ns();
	u64 srtt = flow->samples[p->direction & 1].srtt, least = srtt * QUIET_SRTTS;

	if (!srtt || flow->srtt_doubted[p->direction & 1])
		return silence >= SETTLED_NS;
	return silence >= (least > QUIET_NS ? least : QUIET_NS);
}

/* What is known of the probes before one that may be asked, as that one's enum probe. */
static __always_inline enum probe probe_after(const struct flow *flow, const struct packet *p,
					      const struct question *slot)
{
	const struct direction *peer = &flow->direction[!p->direction];

	if (slot->seq != p->tcp.seq)
		return PROBE_FIRST;
	if (slot->probe == PROBE_DISPUTED)
		return coarse_time(p->tick) - slot->identifier < SETTLED_TIME ? PROBE_DISPUTED : PROBE_FIRST;
	if (slot->probe == PROBE_PASSED && (s32)(coarse_time(peer->last_seen) - slot->identifier) < 0)
		return PROBE_DISPUTED;
	if (slot->probe != PROBE_ANSWERED && slot->probe != PROBE_PASSED)
		return PROBE_FIRST;
	return target_settings()->sequence && is_quiet(flow, p) ? PROBE_ALONE : PROBE_FIRST;
}

/* One that is not sampled will be answered all the same. */
static __always_inline void pass_over(struct question *slot, const struct packet *p, enum probe probe)
{
	if (probe == PROBE_DISPUTED)
		return dispute_probe(slot, p->tick);
	slot->probe = probe == PROBE_ALONE ? PROBE_PASSED : PROBE_NONE;
	slot->identifier = coarse_time(p->tick);
}

/*
 * What the other end says to a RST or a SYN (a challenge ACK: RFC 5961, 3.2 and 4.2) would pass for its answer to the
 * probe.
 */
static __always_inline void forget_challenge(struct flow *flow, const struct packet *p, struct question *slot)
{
	u8 *known = &flow->known[p->direction & 1];

	if (likely(!(*known & SEQ_CHALLENGED)))
		return;
	*known &= ~SEQ_CHALLENGED;
	dispute_probe(slot, p->tick);
}

/*
 * Whether a segment of a direction that had ended may be asked as a probe, and as which; else PROBE_NONE. Global, as
 * judge_probe().
 */
__noinline int weigh_probe(struct flow *flow, const struct packet *p)
{
	struct question *slot;
	enum probe probe;

	if (!flow || !p)
		return PROBE_NONE;
	slot = &flow->samples[p->direction & 1].slot;
	find_end(flow, p);
	if (is_passing_again(flow, p))
		return PROBE_NONE;
	if (!is_probe(flow, p)) {
		if (sequence_length(p))
			flow->srtt_doubted[p->direction & 1] = 1;
		return PROBE_NONE;
	}
	if (slot->time && slot->probe) {
		flow->srtt_doubted[p->direction & 1] = 1;
		dispute_probe(slot, p->tick);
		drop_slot(slot, slot_time(slot));
	}
	if (slot->time)
		return PROBE_NONE;
	forget_challenge(flow, p, slot);
	probe = probe_after(flow, p, slot);
	if (slot->probe == PROBE_PASSED && probe == PROBE_DISPUTED)
		flow->srtt_doubted[p->direction & 1] = 1;
	if (may_be_probed(flow, p) && (probe != PROBE_DISPUTED || p->tcp.has_timestamp))
		return probe;
	pass_over(slot, p, probe == PROBE_DISPUTED ? PROBE_DISPUTED : PROBE_NONE);
	return PROBE_NONE;
}

/* Returns what becomes of the segment: `otherwise` where it is no probe that could be sampled. */
__noinline int try_probe(packet_source *context, struct flow *flow, const struct packet *p, u32 otherwise)
{
	int probe = flow && p ? weigh_probe(flow, p) : PROBE_NONE;
	struct question question = {};

	if (!flow || !p || probe == PROBE_NONE)
		return otherwise;
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	question.identifier = p->tcp.tsval;
	question.seq = p->tcp.seq;
	question.hook = p->hook;
	question.probe = probe;
	question.time = p->now ? p->now : target_clock(context, p->hook);
	if (!claim_alone(flow, p->direction, question.time)) {
		pass_over(&flow->samples[p->direction & 1].slot, p, probe);
		return COUNTER_RATE_LIMITED;
	}
	return remember_question(flow, p, &question);
}

/* An acknowledgement for its own sake, of all that there was when the probe was seen. */
static __always_inline int is_plain_answer(const struct flow *flow, const struct packet *p,
					   const struct question *slot)
{
	return p->tcp.ack == slot->seq + 1 && flow->direction[!p->direction].next_seq == p->tcp.ack &&
	       !p->payload && !(p->tcp.flags & TCP_FIN) &&
	       p->tcp.seq == flow->direction[p->direction & 1].next_seq;
}

/* Without an echo: whether nothing but the probe can have caused it. */
static __always_inline int can_be_nothing_else(const struct flow *flow, const struct packet *p,
					       const struct question *slot)
{
	const struct direction *d = &flow->direction[p->direction & 1];

	if (slot->probe != PROBE_ALONE || slot->window != p->tcp.window)
		return 0;
	return !p->tcp.has_timestamp || ((s32)(p->tcp.tsval - d->latest) > 0 && p->tcp.tsecr == d->echoed);
}

/*
 * The other end's own probe, sent before this one had arrived: what comes long after it shows that the answer was lost.
 */
static __always_inline int is_crossing(const struct flow *flow, const struct packet *p, u64 time)
{
	return is_probe(flow, p) && p->now - time <= flow->samples[!p->direction].srtt * QUIET_SRTTS;
}

/*
 * What the other end says while a probe waits. VERDICT_NONE where it goes on waiting. Global, so that the verifier
 * follows it once.
 */
__noinline int judge_probe(struct flow *flow, const struct packet *p, struct answered *answered)
{
	struct question *slot;
	int is_echo;

	if (!flow || !p || !answered)
		return VERDICT_NONE;
	slot = &flow->samples[!p->direction].slot;
	is_echo = p->tcp.has_timestamp && p->tcp.tsecr && p->tcp.tsecr == slot->identifier;
	if (!is_echo && is_crossing(flow, p, answered->time))
		return VERDICT_NONE;
	answered->by_sequence = !is_echo;
	if (!is_plain_answer(flow, p, slot) || (!is_echo && flow->known[!p->direction] & SEQ_CHALLENGED) ||
	    (!is_echo && slot->probe != PROBE_FIRST && !can_be_nothing_else(flow, p, slot))) {
		slot->window = p->tcp.window;
		dispute_probe(slot, p->tick);
		return VERDICT_AMBIGUOUS;
	}
	slot->window = p->tcp.window;
	/* Now it is known what an answer says; the first may have been another's. */
	if (!is_echo && slot->probe == PROBE_FIRST) {
		slot->probe = PROBE_ANSWERED;
		return VERDICT_AMBIGUOUS;
	}
	slot->probe = PROBE_ANSWERED;
	return judge_time(p, answered->time, answered->time + target_settings()->timestamp_timeout);
}

#endif
