/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * SYNs and SYN-ACKs: of a handshake that begins, or of the connection that their ports have.
 */
#ifndef PPING_TCP_HANDSHAKES_H
#define PPING_TCP_HANDSHAKES_H

#include "losses.h"
#include "matching.h"
#include "syns.h"
#include "../../core/fates.h"
#include "../../core/replaced.h"

/* What Fast Open sends with a SYN fits into one segment (RFC 7413). */
#define MOST_SYN_PAYLOAD 0xffff

/* Whether the only end that was seen has acknowledged this SYN: it was overtaken, or is sent again. */
static __always_inline int is_acknowledged_by_first(const struct flow *flow, const struct packet *p)
{
	const struct direction *peer = &flow->direction[!p->direction];

	return state_of(flow) == FLOW_WAITING && !(flow->known[p->direction & 1] & SEQ_KNOWN) &&
	       flow->known[!p->direction] & ACK_KNOWN && is_beyond(peer->ack, p->tcp.seq);
}

/*
 * Whether it passes where those of its end do not: who sends it is elsewhere, or it is the same packet on its
 * way through a router.
 */
static __always_inline int is_elsewhere(const struct flow *flow, const struct packet *p)
{
	return state_of(flow) < FLOW_CLOSED && is_passing_again(flow, p);
}

/*
 * Whether a SYN-ACK answers a SYN that passed at the other hook. On a host no single sender can forge such a pair, and
 * where the ends of the flow before are was perhaps made up.
 */
static __noinline int answers_across(const struct packet *p)
{
	const struct embryo *embryo = find_embryo(p);

	return embryo && p->tcp.flags & TCP_ACK && embryo->time[0] && embryo->hook[0] != p->hook &&
	       p->direction != embryo->initiator && acknowledges_syn(embryo, p);
}

/*
 * Whether a SYN or SYN-ACK on a tuple that has state is of another connection than that. A SYN ends
 * nothing: anyone can send one. Its answer does, by which the other end shows that it knows of no
 * connection, and a tombstone gives way at once. Neither does from elsewhere, but for answers_across(): one sender
 * could forge both.
 */
static __always_inline int begins_another(struct flow *flow, const struct packet *p)
{
	if (p->tcp.flags & TCP_ACK)
		return flow->successor && answers_embryo(p);
	if (flow->handshake_seen && p->direction == flow->initiator && flow->syn_seq == p->tcp.seq)
		return 0;
	if (is_acknowledged_by_first(flow, p))
		return 0;
	flow->successor = 1;
	return 1;
}

static __always_inline int may_begin(const struct flow *flow, u8 sender, u32 initial)
{
	return !(flow->known[sender & 1] & SEQ_KNOWN) || is_beyond(flow->direction[sender & 1].next_seq, initial);
}

/* Whether a SYN-ACK that begins no other connection is this one's: anyone can send one. */
static __always_inline int is_syn_ack_of(const struct flow *flow, const struct packet *p)
{
	if (!flow->handshake_seen)
		return may_begin(flow, p->direction, p->tcp.seq) && may_begin(flow, !p->direction, p->tcp.ack - 1);
	/* Both ends may have opened at once. */
	if (p->direction == flow->initiator)
		return p->tcp.seq == flow->syn_seq;
	return p->tcp.ack - flow->syn_seq - 1 <= MOST_SYN_PAYLOAD;
}

/* The connection's own SYN or SYN-ACK, once more. */
static __always_inline void note_own_handshake(struct flow *flow, const struct packet *p)
{
	/* It may still wait for its answer: see let_syn_ack_wait(). */
	if (p->tcp.flags & TCP_ACK)
		note_sent_again(flow, p);
	/* It goes on. */
	flow->doubted_reset = 0;
	/* Of others the time has to be that of the last TSval. */
	if (state_of(flow) == FLOW_WAITING)
		flow->direction[p->direction & 1].last_seen = p->tick;
	note_repeated_handshake(flow, p);
}

/* A function of its own, as on_reset(): together they would take more stack than there is (6.1). */
__noinline int on_handshake(packet_source *context, struct packet *p)
{
	int is_wanted, elsewhere, refused = 0;
	struct flow *flow;
	u32 before;

	if (!p)
		return 0;
	is_wanted = p->tcp.has_timestamp || target_settings()->sequence;
	flow = find_flow_rarely(p);
	before = flow ? flow->marks | PORTS_IN_USE : 0;
	if (flow)
		flow->known[p->direction & 1] |= SEQ_CHALLENGED;
	elsewhere = flow && is_elsewhere(flow, p) && !answers_across(p);
	if (flow && (elsewhere || !begins_another(flow, p))) {
		/* Whosever it is: the next handshake's may be the same. */
		if (p->tcp.flags & TCP_ACK)
			set_mark(flow, MARK_SYN_ACK);
		if (!elsewhere && (!(p->tcp.flags & TCP_ACK) || is_syn_ack_of(flow, p)))
			note_own_handshake(flow, p);
		store_count(state_of(flow) >= FLOW_CLOSED ? COUNTER_LINGERING : COUNTER_HANDSHAKE);
		return 0;
	}
	if (flow && (p->tcp.flags & TCP_ACK || state_of(flow) >= FLOW_CLOSED))
		end_previous(flow, p, cause_of_syn(flow, p->tcp.flags & TCP_ACK ? !p->direction : p->direction));
	/* Of one that is left out only that it ends another. */
	if (is_wanted || flow)
		refused = keep_embryo(context, p, before);
	if (!is_wanted)
		count_unmeasurable(COUNTER_NO_TIMESTAMP, p->bytes);
	else if (refused)
		count_filtered(p->bytes);
	else
		store_count(COUNTER_HANDSHAKE);
	return 0;
}

#endif
