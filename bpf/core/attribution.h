/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Telling user space what is known of a flow beyond its packets: its owner, and its ends before NAT. It is told just
 * before the flow's next event.
 *
 * Only with PPING_OWNERS is there any of it: otherwise these functions do nothing, and nothing is
 * left of them. The target defines the store_* and target_* functions.
 */
#ifndef PPING_ATTRIBUTION_H
#define PPING_ATTRIBUTION_H

#include "originals.h"

#ifdef PPING_OWNERS

/* Whether connections of some owners are left out. */
static int target_is_owner_filtered(void);
/* Room for one event, or 0; not counted: the event that it comes before is lost with it. */
static struct owner_event *target_reserve_owner(void);

/* Whether nothing is to be told of the flow: it may be none of those that were asked for. */
static __always_inline int is_withheld(const struct flow *flow)
{
	return target_is_owner_filtered() && flow->owner_state < OWNER_KNOWN;
}

/*
 * As in emit_opening(): the event's place is taken before it is said that it was. 0, or -1 where there
 * is no room.
 */
static __noinline int tell_owner(const struct flow_key *key, struct flow *flow, u64 now)
{
	struct owner_event *event = target_reserve_owner();
	u64 cookie = cookie_of(flow);
	enum taken taken;

	if (!event)
		return -1;
	taken = take_mark(flow, cookie, MARK_OWNER_TOLD);
	if (taken != MARK_TAKEN) {
		target_discard(event);
		return taken == MARK_WAS_SET ? 0 : -1;
	}
	set_header(&event->header, EVENT_OWNER, key, flow->owner_end & 1, cookie, now);
	event->owner = flow->owner;
	return submit_of(event, flow, cookie);
}

/* Of one that comes second it is when it ends: nothing has come of the other end. */
static __always_inline int is_owner_news(const struct flow *flow)
{
	if (flow->marks & MARK_OWNER_TOLD)
		return 0;
	return flow->owner_state >= OWNER_ABSENT ||
	       (flow->owner_state == OWNER_SECOND && state_of(flow) >= FLOW_CLOSING);
}

/*
 * Before any other event of the flow, if there is something that was not yet told. 0, or -1 where there is no
 * room for it: then there is none for the event either, which would be taken for one of nobody's.
 */
static __always_inline int tell_attribution(const struct flow_key *key, struct flow *flow, u64 now)
{
	if (unlikely(is_owner_news(flow)) && tell_owner(key, flow, now))
		return -1;
	if (unlikely(is_original_news(key, flow)))
		return tell_original(key, flow, now);
	return 0;
}

#else

static __always_inline int is_withheld(const struct flow *flow) { return 0; }
static __always_inline int tell_attribution(const struct flow_key *key, struct flow *flow, u64 now) { return 0; }

#endif

#endif
