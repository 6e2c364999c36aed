/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What SYNs and SYN-ACKs add to what is kept of their handshake, and which of them answers which.
 */
#ifndef PPING_TCP_SYNS_H
#define PPING_TCP_SYNS_H

#include "embryos.h"

/* The same SYN, or the same SYN-ACK, once more: what was known stays known. */
static __always_inline int is_sent_again(struct embryo *embryo, const struct packet *p, int step)
{
	if (!embryo->time[step] || embryo->seq[step] != p->tcp.seq) {
		embryo->repeats[step] = 0;
		return 0;
	}
	/* At another hook it is the same packet on its way through a router. */
	if (embryo->hook[step] == p->hook && embryo->repeats[step] < 255)
		embryo->repeats[step]++;
	if (embryo->identifier[step] == p->tcp.tsval && embryo->hook[step] == p->hook)
		embryo->again[step] = 1;
	/* An older TSval is that of a copy that was overtaken. */
	return (s32)(p->tcp.tsval - embryo->identifier[step]) <= 0 || (!step && embryo->is_answered);
}

/*
 * Whether its TSval tells it from all that its end has sent on these ports: from what a RST has ended, or
 * what an old segment, overtaken, had put into its place.
 */
static __always_inline int is_newest(const struct embryo *embryo, const struct packet *p, int step)
{
	return !embryo->seen[step] || (s32)(p->tcp.tsval - embryo->identifier[step]) > 0;
}

static __always_inline void note_step(struct embryo *embryo, const struct packet *p, int step)
{
	/*
	 * A SYN-ACK that has the sequence number of its sender's SYN is the same SYN, sent again.
	 */
	embryo->again[step] = !is_newest(embryo, p, step) ||
			      (step && (embryo->simultaneous || embryo->lost_syn_ack));
	if (is_newest(embryo, p, step))
		embryo->identifier[step] = p->tcp.tsval;
	embryo->seen[step] = 1;
	embryo->time[step] = p->now;
	embryo->seq[step] = p->tcp.seq;
	embryo->payload[step] = p->payload;
	embryo->hook[step] = p->hook;
	embryo->has_timestamp[step] = p->tcp.has_timestamp;
	embryo->to_this_host[step] = p->to_this_host;
}

static __always_inline void on_syn(struct embryo *embryo, const struct packet *p)
{
	int is_others = p->direction != embryo->initiator;
	int crossed_before = embryo->simultaneous;

	/* Another connection on the same ports, not the same SYN again. */
	if (embryo->seq[0] != p->tcp.seq || is_others) {
		forget_embryo_owner(embryo);
		embryo->disputed |= is_known(embryo);
		embryo->packets[0] = embryo->packets[1] = 0;
		embryo->repeats[0] = embryo->repeats[1] = 0;
		embryo->time[1] = 0;
		embryo->passed = 0;
		embryo->simultaneous = embryo->time[0] && is_others;
		embryo->is_answered = 0;
		if (is_others)
			embryo->seen[0] = embryo->seen[1] = 0;
	}
	embryo->packets[0] += p->packets;
	if (!is_others && is_sent_again(embryo, p, 0))
		return;
	note_step(embryo, p, 0);
	/*
	 * Of two that have crossed only the last is known: another after it may be the first,
	 * once more.
	 */
	embryo->again[0] |= crossed_before && is_others;
	embryo->initiator = p->direction;
}

/* Whether only its acknowledgement tells what the segment answers. */
static __always_inline int is_step_by_sequence(const struct embryo *embryo, const struct packet *p,
					       int step)
{
	return !embryo->has_timestamp[step] || !p->tcp.has_timestamp;
}

/*
 * Whether the segment answers the SYN (step 0) or SYN-ACK (1): unless TSecr tells another, or
 * cannot tell which. Without it, of what was sent once, exactly that is acknowledged.
 */
static __always_inline int answers_step(const struct embryo *embryo, const struct packet *p,
					int step)
{
	if (!embryo->time[step] || embryo->again[step] || !(p->tcp.flags & TCP_ACK) ||
	    !acknowledges(p, embryo->seq[step]))
		return 0;
	if (is_step_by_sequence(embryo, p, step))
		return target_settings()->sequence && embryo->packets[step] == 1 && !embryo->disputed &&
		       p->tcp.ack - embryo->seq[step] - 1 <= embryo->payload[step];
	return p->tcp.tsecr && p->tcp.tsecr == embryo->identifier[step];
}

static __always_inline void on_syn_ack(struct embryo *embryo, const struct packet *p)
{
	/*
	 * Where both ends open at once (RFC 9293, 3.5), the one whose SYN came last sends this,
	 * too. It shows that it has got the other's.
	 */
	if (embryo->time[0] && p->direction == embryo->initiator) {
		embryo->packets[0] += p->packets;
		embryo->simultaneous = embryo->again[1] = 1;
		return;
	}
	/* Of an earlier connection. */
	if (embryo->time[0] && !acknowledges_syn(embryo, p))
		return;
	embryo->packets[1] += p->packets;
	if (!embryo->time[0]) {
		if (embryo->seq[1] != p->tcp.seq)
			forget_embryo_owner(embryo);
		if (embryo->seq[0] != p->tcp.ack - 1)
			embryo->passed = 0;
		embryo->seq[0] = p->tcp.ack - 1;
	}
	if (!embryo->is_answered && answers_step(embryo, p, 0)) {
		embryo->is_answered = 1;
		embryo->rtt = p->now - embryo->time[0];
		embryo->by_sequence = is_step_by_sequence(embryo, p, 0);
		embryo->answer_hook = p->hook;
	}
	embryo->ack = p->tcp.ack;
	embryo->initiator = !p->direction;
	if (!is_sent_again(embryo, p, 1))
		note_step(embryo, p, 1);
}

/* What a RST has ended may still be answered, or come again. */
static __always_inline void forget_reset(struct embryo *embryo)
{
	forget_embryo_owner(embryo);
	embryo->time[0] = embryo->time[1] = 0;
	embryo->packets[0] = embryo->packets[1] = 0;
	embryo->passed = 0;
	embryo->is_answered = embryo->simultaneous = embryo->is_reset = 0;
	embryo->disputed = 1;
}

/* Beside the marks of a flow. */
#define PORTS_IN_USE (1U << 31)

/*
 * SYN and SYN-ACK make no flow yet: they are kept as an embryo until the handshake is over. `before` are the
 * marks of the flow that these ports have, or had a moment ago, with PORTS_IN_USE; 0 = none. Returns whether
 * the filter leaves it out.
 */
__noinline int keep_embryo(packet_source *context, const struct packet *p, u32 before)
{
	struct embryo *embryo;
	int refused;

	keep_argument(context);
	if (!p)
		return 0;
	embryo = find_embryo(p);
	if (!embryo)
		return 0;
	if (embryo->is_reset)
		forget_reset(embryo);
	embryo->disputed |= !!before;
	embryo->lost_syn_ack |= !!(before & MARK_SYN_ACK);
	if (p->tcp.flags & TCP_ACK)
		on_syn_ack(embryo, p);
	else
		on_syn(embryo, p);
	refused = note_embryo_owner(context, embryo, p);
	store_embryo_put(&p->key, embryo);
	return refused;
}

static __noinline int answers_embryo(const struct packet *p)
{
	const struct embryo *embryo = find_embryo(p);

	return embryo && embryo->time[0] && p->direction != embryo->initiator &&
	       acknowledges_syn(embryo, p);
}

#endif
