/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Flows that nothing has told whose they are, since their handshake was not seen: connections from before this run, and
 * those that were idle for longer than the flow timeout. User space looks for their sockets, by what each end has sent
 * last, and says whose they are. Packets have no part in it.
 */
#ifndef PPING_UNOWNED_H
#define PPING_UNOWNED_H

#include "owners.h"
#include "waiting.h"

#ifdef PPING_OWNERS

/* The exact clock. */
static u64 target_now(void);

/* Of those that are still sought. What the packets of a handshake tell is never asked again. */
static __always_inline int is_unowned(const struct flow *flow)
{
	enum flow_state state = state_of(flow);

	return flow->owner_state <= OWNER_HIDDEN && flow->owner_state != OWNER_SECOND &&
	       !(flow->marks & (MARK_OWNER_SOUGHT | MARK_UNSTAMPED)) && !flow->handshake_seen &&
	       state >= FLOW_WAITING && state <= FLOW_CLOSING;
}

/* What the filter leaves out has its sequence numbers kept, and nothing is concluded from them. */
static __always_inline u8 known_of(const struct flow *flow, u32 direction)
{
	if (flow->owner_state == OWNER_REFUSED)
		return flow->direction[direction].last_seen ? SEQ_KNOWN | ACK_KNOWN : 0;
	return flow->known[direction] & (SEQ_KNOWN | ACK_KNOWN);
}

static __always_inline void describe_unowned(struct unowned_flow *unowned, const struct flow_key *key,
					     const struct flow *flow, u64 cookie, u32 cell)
{
	unowned->key = *key;
	unowned->cookie = cookie;
	unowned->cell = cell;
	for (u32 direction = 0; direction < 2; direction++) {
		/* First: what becomes known meanwhile is not. */
		unowned->known[direction] = known_of(flow, direction);
		unowned->next_seq[direction] = flow->direction[direction].next_seq;
		unowned->ack[direction] = flow->direction[direction].ack;
	}
	unowned->verdict = UNOWNED_UNDECIDED;
}

/* What would have been told by now, had it been known from the start. */
static __always_inline void tell_found(const struct flow_key *key, struct flow *flow)
{
	enum flow_state state = state_of(flow);
	u64 now = target_now();

	if (state == FLOW_OPEN)
		emit_opening(key, flow, now);
	if (state == FLOW_CLOSING && !(flow->marks & MARK_TOLD))
		emit_closing(key, flow, cause_of(REASON_FIN, trigger_of(flow, !(flow->marks & MARK_ENDED))), now);
	/* Else it is with its first event. */
	if (flow->marks & MARK_TOLD && is_owner_news(flow))
		tell_owner_alone(key, flow, now);
}

/*
 * Whether nobody else writes its owner: a packet may, and then it is listed again. What is hidden none does. The memory
 * may be another flow's by now.
 */
static __always_inline int claim_owner(struct flow *flow, u64 cookie)
{
	int is_hidden = flow->owner_state == OWNER_HIDDEN;

	if (!is_hidden && set_mark(flow, MARK_OWNER_CLAIMED))
		return 0;
	full_barrier(&flow->marks);
	if (likely(cookie_of(flow) == cookie))
		return 1;
	if (!is_hidden)
		clear_mark(flow, MARK_OWNER_CLAIMED);
	return 0;
}

/* Of the flow that had that cookie when it was listed: whose it is. */
static __always_inline void decide_unowned(struct unowned_flow *unowned, struct flow *flow)
{
	struct owner owner = unowned->owner;
	struct flow_key key = unowned->key;
	u8 verdict = unowned->verdict, end = unowned->end & 1;

	if (cookie_of(flow) != unowned->cookie || !is_unowned(flow))
		return;
	if (verdict == UNOWNED_GIVEN_UP) {
		set_mark(flow, MARK_OWNER_SOUGHT);
		return;
	}
	if (!claim_owner(flow, unowned->cookie))
		return;
	/* What it was asked, and what was known of it, is from before it was left out. */
	if (flow->owner_state == OWNER_REFUSED) {
		free_slots(flow);
		flow->known[0] = flow->known[1] = 0;
	}
	flow->owner = owner;
	flow->owner_end = verdict == UNOWNED_REFUSED ? BOTH_ENDS : end;
	full_barrier(&flow->marks);
	flow->owner_state = verdict == UNOWNED_REFUSED ? OWNER_REFUSED : OWNER_KNOWN;
	full_barrier(&flow->marks);
	if (verdict == UNOWNED_REFUSED)
		set_mark(flow, MARK_OWNER_SOUGHT);
	else
		tell_found(&key, flow);
}

#endif

#endif
