/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whose connection it is: asked once per flow, and never a part of its key. It is told just before the
 * flow's next event (attribution.h).
 *
 * Only with PPING_OWNERS is there any of it: otherwise these functions do nothing, and nothing is
 * left of them. The target defines the store_* and target_* functions.
 */
#ifndef PPING_OWNERS_H
#define PPING_OWNERS_H

#include "events.h"

#ifdef PPING_OWNERS

/*
 * Whose socket the segment, on its way out, comes from: KNOWN, REFUSED by the filter, ABSENT without
 * a socket, or UNKNOWN where that is none of a connection.
 */
static enum owner_state target_owner(void *context, const struct packet *p, struct owner *owner);

/*
 * Whether the sender of this segment can be asked whose the connection is. Only on its way out: on
 * ingress a socket, if there is one, is the sender's. Where one end is none of those that were asked
 * for, the other may be, if both are on this machine.
 */
static __always_inline int may_ask(u8 state, u8 end, const struct packet *p)
{
	if (p->hook != HOOK_EGRESS && p->hook != HOOK_LOOPBACK)
		return 0;
	return state == OWNER_UNKNOWN || (state == OWNER_REFUSED && end == !p->direction);
}

/* The end whose answer stands; what was refused has now been asked twice, or once. */
static __always_inline u8 asked_end(u8 before, enum owner_state state, const struct packet *p)
{
	return before == OWNER_REFUSED && state == OWNER_REFUSED ? BOTH_ENDS : p->direction;
}

/* With a filter, who is not here is not one of those that were asked for. */
static __always_inline enum owner_state ask_owner(void *context, const struct packet *p,
						  struct owner *owner)
{
	enum owner_state state = target_owner(context, p, owner);

	return state == OWNER_ABSENT && target_is_owner_filtered() ? OWNER_REFUSED : state;
}

/*
 * A SYN or SYN-ACK; returns whether the filter leaves its connection out. Without a socket (SYN cookies)
 * it says nothing: what follows the handshake will.
 */
static __always_inline int note_embryo_owner(void *context, struct embryo *embryo,
					     const struct packet *p)
{
	struct owner owner = {};
	enum owner_state state;

	if (may_ask(embryo->owner_state, embryo->owner_end, p)) {
		state = target_owner(context, p, &owner);
		if (state == OWNER_KNOWN || state == OWNER_REFUSED) {
			embryo->owner = owner;
			embryo->owner_end = asked_end(embryo->owner_state, state, p);
			embryo->owner_state = state;
		}
	}
	return embryo->owner_state == OWNER_REFUSED;
}

/* Another connection on the same ports. */
static __always_inline void forget_embryo_owner(struct embryo *embryo)
{
	embryo->owner_state = OWNER_UNKNOWN;
}

static __always_inline void inherit_owner(struct flow *flow, const struct embryo *embryo)
{
	flow->owner = embryo->owner;
	flow->owner_state = embryo->owner_state;
	flow->owner_end = embryo->owner_end;
	if (embryo->owner_state >= OWNER_ABSENT)
		flow->marks |= MARK_OWNER_CLAIMED;
}

/* What was withheld, as far as it would have been told by now. */
static __noinline void tell_withheld(void *context, struct flow *flow, struct packet *p)
{
	read_clock(context, p);
	if (state_of(flow) == FLOW_OPEN)
		emit_opening(&p->key, flow, p->now);
	/* The FIN was the other end's: of this one nothing had been seen. */
	if (state_of(flow) == FLOW_CLOSING)
		emit_closing(&p->key, flow, cause_of(REASON_FIN, trigger_of(flow, !p->direction)), p->now);
}

/* Of two CPUs one asks. Whether something was withheld until the owner is known, which is to be told now. */
static __noinline int note_owner(void *context, struct flow *flow, struct packet *p)
{
	struct owner owner = {};
	enum owner_state state;

	if (set_mark(flow, MARK_OWNER_CLAIMED))
		return 0;
	state = ask_owner(context, p, &owner);
	if (state == OWNER_UNKNOWN) {
		clear_mark(flow, MARK_OWNER_CLAIMED);
		return 0;
	}
	if (state == OWNER_KNOWN)
		flow->owner = owner;
	flow->owner_end = asked_end(flow->owner_state, state, p);
	/* Who sees the state sees the owner, and who has made the flow open before it sees the state is seen. */
	full_barrier(&flow->marks);
	flow->owner_state = state;
	full_barrier(&flow->marks);
	if (state < OWNER_ABSENT)
		clear_mark(flow, MARK_OWNER_CLAIMED);
	return state == OWNER_KNOWN && target_is_owner_filtered();
}

/* Whether the flow asks for attention: all that it costs a flow whose owner is known. */
static __always_inline int is_owner_open(const struct flow *flow)
{
	return flow->owner_state < OWNER_ABSENT;
}

static __always_inline int is_left_to_others(const struct flow *flow)
{
	return flow->owner_state == OWNER_REFUSED;
}

/* Whether the filter leaves the flow out, as far as this segment can tell. */
static __noinline int is_refused(void *context, struct flow *flow, struct packet *p)
{
	if (may_ask(flow->owner_state, flow->owner_end, p) && note_owner(context, flow, p))
		tell_withheld(context, flow, p);
	return is_left_to_others(flow);
}

#else

static __always_inline int note_embryo_owner(void *context, struct embryo *embryo,
					     const struct packet *p) { return 0; }
static __always_inline void forget_embryo_owner(struct embryo *embryo) {}
static __always_inline void inherit_owner(struct flow *flow, const struct embryo *embryo) {}
static __always_inline int is_owner_open(const struct flow *flow) { return 0; }
static __always_inline int is_left_to_others(const struct flow *flow) { return 0; }
static __always_inline int is_refused(void *context, struct flow *flow, struct packet *p) { return 0; }

#endif

#endif
