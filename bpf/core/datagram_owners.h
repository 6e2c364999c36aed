/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whose flow it is that has no sequence numbers, of QUIC or of pings, and whose query of DNS: as the socket tells that a
 * packet still has where it is seen. Each end of a flow is asked once, by the first of its packets. Nothing else would
 * find these sockets.
 *
 * Only with PPING_OWNERS is there any of it, as in owners.h.
 */
#ifndef PPING_DATAGRAM_OWNERS_H
#define PPING_DATAGRAM_OWNERS_H

#include "events.h"
#include "locality.h"
#include "waiting.h"

#ifdef PPING_OWNERS

/* Whether owners are asked for; does not change in a run. */
static int target_are_owners_known(void);
/*
 * Whose socket has sent the packet: KNOWN, REFUSED by the filter, or ABSENT where it has none that surely did. Only what
 * is KNOWN is written to `owner`.
 */
static enum owner_state target_datagram_owner(void *context, const struct packet *p, struct owner *owner);

/* The cookie of the socket that has surely sent the packet; 0 where there is none. */
static u64 target_sender_cookie(void *context, const struct packet *p);

/* Of a flow that begins. */
static __always_inline enum owner_state first_owner_state(void)
{
	return target_are_owners_known() ? OWNER_UNKNOWN : OWNER_HIDDEN;
}

/* Whether the sender of this packet was not asked yet, and is to be. */
static __always_inline int is_sender_open(const struct flow *flow, const struct packet *p)
{
	return flow->owner_state == OWNER_UNKNOWN ||
	       (flow->owner_state == OWNER_ELSEWHERE && flow->owner_end == !p->direction);
}

/*
 * Of two ends on this machine the one comes first that is in the interface's own network namespace, and of two in it
 * the client. With a filter whoever was asked for does. Pings are answered by the kernel, which is no owner.
 */
static __always_inline int is_for_other_end(void *context, struct flow *flow, const struct packet *p)
{
	if (target_is_owner_filtered() || p->key.protocol != PROTOCOL_QUIC)
		return 0;
	if (p->hook == HOOK_LOOPBACK)
		return p->direction != flow->initiator;
	return p->hook == HOOK_INGRESS && ends_here(context, &flow->locality[p->direction & 1], p);
}

/* What is known with the answer of this packet's end. */
static __always_inline enum owner_state state_with(void *context, struct flow *flow, const struct packet *p)
{
	int is_first = flow->owner_state == OWNER_UNKNOWN;
	enum owner_state answer = target_datagram_owner(context, p, &flow->owner);

	if (answer == OWNER_KNOWN && !(is_first && is_for_other_end(context, flow, p)))
		return OWNER_KNOWN;
	if (is_first)
		return OWNER_ELSEWHERE;
	/* Who is not here is not one of those that were asked for. */
	return target_is_owner_filtered() ? OWNER_REFUSED : OWNER_HIDDEN;
}

/* Of two CPUs one asks. What was withheld until the owner is known is told. */
static __noinline void note_datagram_owner(void *context, struct flow *flow, struct packet *p)
{
	enum owner_state state;

	if (set_mark(flow, MARK_OWNER_CLAIMED))
		return;
	/* Another may have asked this end meanwhile. */
	if (!is_sender_open(flow, p)) {
		clear_mark(flow, MARK_OWNER_CLAIMED);
		return;
	}
	state = state_with(context, flow, p);
	flow->owner_end = state == OWNER_REFUSED ? BOTH_ENDS : p->direction;
	/* Who sees the state sees the owner. */
	full_barrier(&flow->marks);
	flow->owner_state = state;
	full_barrier(&flow->marks);
	if (state < OWNER_HIDDEN)
		clear_mark(flow, MARK_OWNER_CLAIMED);
	if (state != OWNER_KNOWN || !target_is_owner_filtered() || state_of(flow) != FLOW_OPEN)
		return;
	read_clock(context, p);
	emit_opening(&p->key, flow, p->now);
}

/* Whether it is known whose the flow is, and that socket has sent the packet. */
static __always_inline int is_of_owner(void *context, const struct flow *flow, const struct packet *p)
{
	return flow->owner_state == OWNER_KNOWN && flow->owner_end == p->direction &&
	       target_sender_cookie(context, p) == flow->owner.socket_cookie;
}

/* A flow that is yet to be made is of the owner of the one before it, if that is the end that sends `direction`. */
static __always_inline void keep_owner(struct flow *fresh, const struct flow *flow, u8 direction)
{
	if (flow->owner_state != OWNER_KNOWN || flow->owner_end != direction)
		return;
	fresh->owner = flow->owner;
	fresh->owner_end = direction;
	fresh->owner_state = OWNER_KNOWN;
	fresh->marks |= MARK_OWNER_CLAIMED;
}

/*
 * Another socket may have the same ports by now. What may begin something anew shows whether the flow is still of the one
 * that is known, or left out.
 */
static __noinline void ask_again(void *context, struct flow *flow, const struct packet *p)
{
	int is_known = flow->owner_state == OWNER_KNOWN;
	u64 cookie;

	if (is_known ? flow->owner_end != p->direction : flow->owner_state != OWNER_REFUSED)
		return;
	cookie = target_sender_cookie(context, p);
	if (!cookie || (is_known && cookie == flow->owner.socket_cookie))
		return;
	/* What it was asked is from before it was left out. */
	if (!is_known)
		free_slots(flow);
	flow->owner_end = !p->direction;
	full_barrier(&flow->marks);
	flow->owner_state = OWNER_ELSEWHERE;
	full_barrier(&flow->marks);
	clear_mark(flow, MARK_OWNER_TOLD);
	clear_mark(flow, MARK_OWNER_CLAIMED);
}

/*
 * Whether the filter leaves the flow out, as far as this packet can tell.
 * @may_begin: whether the packet may be the first of another socket's
 */
static __always_inline int is_datagram_refused(void *context, struct flow *flow, struct packet *p, int may_begin)
{
	if (may_begin && target_are_owners_known())
		ask_again(context, flow, p);
	if (likely(flow->owner_state >= OWNER_HIDDEN))
		return 0;
	if (is_sender_open(flow, p))
		note_datagram_owner(context, flow, p);
	return flow->owner_state == OWNER_REFUSED;
}

static __always_inline int are_owners_filtered(void)
{
	return target_is_owner_filtered();
}

/* Whether the filter leaves the query out, whose asker is told with what comes of it. */
static __always_inline int is_query_refused(void *context, const struct packet *p, struct dns_query *query)
{
	enum owner_state state = OWNER_ABSENT;

	if (target_are_owners_known())
		state = target_datagram_owner(context, p, &query->owner);
	return target_is_owner_filtered() && state != OWNER_KNOWN;
}

#else

static __always_inline int are_owners_filtered(void) { return 0; }
static __always_inline int is_query_refused(void *context, const struct packet *p,
					    struct dns_query *query) { return 0; }
static __always_inline enum owner_state first_owner_state(void) { return OWNER_HIDDEN; }
static __always_inline int is_datagram_refused(void *context, struct flow *flow, struct packet *p,
					       int may_begin) { return 0; }
static __always_inline int is_of_owner(void *context, const struct flow *flow, const struct packet *p) { return 0; }
static __always_inline void keep_owner(struct flow *fresh, const struct flow *flow, u8 direction) {}

#endif

#endif
