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
 * Whether a SYN or SYN-ACK on a tuple that has state is of that very connection. A SYN ends
 * nothing: anyone can send one. Its answer does, by which the other end shows that it knows of no
 * connection, and a tombstone gives way at once. Neither does from elsewhere: one sender could forge both.
 */
static __always_inline int is_own_handshake(struct flow *flow, const struct packet *p)
{
	if (p->tcp.flags & TCP_ACK)
		return !flow->successor || is_elsewhere(flow, p) || !answers_embryo(p);
	if (flow->handshake_seen && p->direction == flow->initiator && flow->syn_seq == p->tcp.seq)
		return 1;
	if (is_acknowledged_by_first(flow, p) || is_elsewhere(flow, p))
		return 1;
	flow->successor = 1;
	return 0;
}

/* A function of its own, as on_reset(): together they would take more stack than there is (6.1). */
__noinline int on_handshake(packet_source *context, struct packet *p)
{
	int is_wanted, refused = 0;
	struct flow *flow;
	u32 before;

	if (!p)
		return 0;
	is_wanted = p->tcp.has_timestamp || target_settings()->sequence;
	flow = find_flow_rarely(p);
	before = flow ? flow->marks | PORTS_IN_USE : 0;
	if (flow)
		flow->known[p->direction & 1] |= SEQ_CHALLENGED;
	if (flow && is_own_handshake(flow, p)) {
		/* It may still wait for its answer: see let_syn_ack_wait(). */
		if (p->tcp.flags & TCP_ACK) {
			set_mark(flow, MARK_SYN_ACK);
			note_sent_again(flow, p);
		}
		/* It goes on. */
		flow->doubted_reset = 0;
		/* Of others the time has to be that of the last TSval. */
		if (state_of(flow) == FLOW_WAITING)
			flow->direction[p->direction & 1].last_seen = p->tick;
		note_repeated_handshake(flow, p);
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
