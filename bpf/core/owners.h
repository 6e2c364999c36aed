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
#include "locality.h"

#ifdef PPING_OWNERS

/* Which end of its connection has sent a segment. */
enum sender_end {
	END_UNKNOWN, /* the handshake was not seen, or is not over */
	END_CONNECTED,
	END_ACCEPTED,
};

/* What the sender of a segment may be found by, wherever the segment is seen. */
struct sender {
	u32 syn_seq;     /* of the SYN that opened the connection */
	u32 syn_ack_seq; /* of the sender's own SYN-ACK; 0 = none was seen */
	u8 end;          /* enum sender_end; without it, neither is known */
};

/*
 * Whose socket has sent the segment: KNOWN, REFUSED by the filter, ABSENT where none is found, HIDDEN where one is
 * that may be another's, or UNKNOWN where the segment is of no connection.
 */
static enum owner_state target_owner(void *context, const struct packet *p, const struct sender *sender,
				     struct owner *owner);
static enum noted_sockets target_noted_sockets(void);

/* Whether the sender would be found wherever its segments are seen; and so would the other end. */
static __always_inline int is_findable(const struct sender *sender)
{
	return sender->end != END_UNKNOWN && target_noted_sockets() != NOTED_NONE;
}

/*
 * Whether the sender of this segment is to be asked whose the connection is. Where one end is none of this
 * machine's, or none of those that were asked for, the other may be.
 */
static __always_inline int may_ask(u8 state, u8 end, const struct packet *p, const struct sender *sender)
{
	if (p->hook != HOOK_EGRESS && p->hook != HOOK_LOOPBACK && !is_findable(sender))
		return 0;
	return state == OWNER_UNKNOWN || (state < OWNER_HIDDEN && end == !p->direction);
}

/* The end whose answer stands; what was refused has now been asked twice, or once. */
static __always_inline u8 asked_end(u8 before, enum owner_state state, const struct packet *p)
{
	return before != OWNER_UNKNOWN && state == OWNER_REFUSED ? BOTH_ENDS : p->direction;
}

/*
 * Of two ends on this machine the one in the interface's own network namespace comes first: what is watched from
 * within a container is the container's. With a filter the one that was asked for does.
 */
static __always_inline int is_for_local_end(void *context, const struct packet *p)
{
	return p->hook == HOOK_INGRESS && !target_is_owner_filtered() &&
	       target_is_local(context, &p->key, !p->direction, p->to_this_host);
}

/*
 * A SYN or SYN-ACK; returns whether the filter leaves its connection out. Without a socket (SYN cookies; or as
 * long as none has accepted it) it says nothing: what follows the handshake will.
 */
static __always_inline int note_embryo_owner(void *context, struct embryo *embryo,
					     const struct packet *p)
{
	/* Where its socket is noted later, what is noted under its sequence number is another's. */
	int is_noted = !(p->tcp.flags & TCP_ACK) && target_noted_sockets() != NOTED_LATE;
	struct sender sender = { .syn_seq = p->tcp.seq, .end = is_noted ? END_CONNECTED : END_UNKNOWN };
	struct owner owner = {};
	enum owner_state state;

	if (may_ask(embryo->owner_state, embryo->owner_end, p, &sender)) {
		state = target_owner(context, p, &sender, &owner);
		if (state == OWNER_REFUSED || (state == OWNER_KNOWN && !is_for_local_end(context, p))) {
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
	/* With Fast Open (RFC 7413) who accepts may send before its handshake is over. */
	flow->is_conclusive = embryo->time[0] && !(target_noted_sockets() == NOTED_LATE && embryo->payload[0]);
	flow->syn_ack_seq = embryo->time[1] ? embryo->seq[1] : 0;
	if (embryo->owner_state >= OWNER_HIDDEN)
		flow->marks |= MARK_OWNER_CLAIMED;
	/* Its SYN had its socket, and waited: the process is noted by now. */
	if (embryo->owner_state == OWNER_KNOWN && !embryo->owner.pid && embryo->owner_end == embryo->initiator &&
	    target_noted_sockets() == NOTED_LATE) {
		flow->owner_state = OWNER_UNKNOWN;
		flow->marks &= ~MARK_OWNER_CLAIMED;
	}
}

static __always_inline struct sender sender_of(const struct flow *flow, const struct packet *p)
{
	struct sender sender = {};

	if (!flow->handshake_seen)
		return sender;
	sender.syn_seq = flow->syn_seq;
	sender.end = p->direction == flow->initiator ? END_CONNECTED : END_ACCEPTED;
	if (sender.end == END_ACCEPTED)
		sender.syn_ack_seq = flow->syn_ack_seq;
	return sender;
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

/* Where no event follows, which would be lost, and counted, with it. It may be tried again, and is lost once. */
static __always_inline void tell_owner_alone(const struct flow_key *key, struct flow *flow, u64 now)
{
	u64 cookie = cookie_of(flow);

	if (tell_owner(key, flow, now) && take_mark(flow, cookie, MARK_OWNER_LOST) != MARK_WAS_SET)
		store_count(COUNTER_FLOW_EVENTS_LOST);
}

/* After its last event: a client may have closed it before the server has sent anything. */
static __noinline void tell_late(void *context, struct flow *flow, struct packet *p)
{
	read_clock(context, p);
	tell_owner_alone(&p->key, flow, p->now);
}

/* What the answer of one end makes of what was known; the other is asked as well, where it can be. */
static __always_inline enum owner_state state_after(void *context, struct flow *flow, const struct packet *p,
						    const struct sender *sender, enum owner_state answer)
{
	u8 before = flow->owner_state;

	if (answer == OWNER_KNOWN)
		return before == OWNER_UNKNOWN && p->hook == HOOK_INGRESS && !target_is_owner_filtered() &&
				       ends_here(context, &flow->locality[p->direction & 1], p) ?
			       OWNER_SECOND : OWNER_KNOWN;
	if (answer == OWNER_HIDDEN)
		flow->is_conclusive = 0;
	else if (answer != OWNER_ABSENT)
		return answer;
	if (before == OWNER_SECOND)
		return OWNER_KNOWN;
	if (before == OWNER_UNKNOWN && is_findable(sender))
		return OWNER_ELSEWHERE;
	/* Who is not here is not one of those that were asked for. */
	if (target_is_owner_filtered())
		return OWNER_REFUSED;
	return before == OWNER_ELSEWHERE && flow->is_conclusive && target_noted_sockets() >= NOTED_ALL ?
		       OWNER_ABSENT : OWNER_HIDDEN;
}

/* Of two CPUs one asks. Whether something was withheld until the owner is known, which is to be told now. */
static __noinline int note_owner(void *context, struct flow *flow, struct packet *p)
{
	struct sender sender = sender_of(flow, p);
	struct owner owner = {};
	enum owner_state answer, state;

	if (set_mark(flow, MARK_OWNER_CLAIMED))
		return 0;
	/* Another may have asked this end meanwhile. */
	answer = may_ask(flow->owner_state, flow->owner_end, p, &sender) ?
			 target_owner(context, p, &sender, &owner) : OWNER_UNKNOWN;
	if (answer == OWNER_UNKNOWN) {
		clear_mark(flow, MARK_OWNER_CLAIMED);
		return 0;
	}
	state = state_after(context, flow, p, &sender, answer);
	/* That there is none is told as an empty one: it may have been inherited from another on the same ports. */
	if (answer == OWNER_KNOWN || state == OWNER_ABSENT)
		flow->owner = owner;
	/* Of one that comes second, and now is the only one, it is what it was. */
	if (answer == OWNER_KNOWN || state != OWNER_KNOWN)
		flow->owner_end = asked_end(flow->owner_state, state, p);
	/* Who sees the state sees the owner, and who has made the flow open before it sees the state is seen. */
	full_barrier(&flow->marks);
	flow->owner_state = state;
	full_barrier(&flow->marks);
	if (state < OWNER_HIDDEN)
		clear_mark(flow, MARK_OWNER_CLAIMED);
	return state == OWNER_KNOWN && target_is_owner_filtered();
}

/* Whether the flow asks for attention: all that it costs a flow whose owner is known. */
static __always_inline int is_owner_open(const struct flow *flow)
{
	return flow->owner_state < OWNER_HIDDEN;
}

static __always_inline int is_left_to_others(const struct flow *flow)
{
	return flow->owner_state == OWNER_REFUSED;
}

/* Before its handshake is told of: its first segment may be what finds its socket. */
static __always_inline void note_owner_early(void *context, struct flow *flow, struct packet *p)
{
	if (unlikely(is_owner_open(flow)))
		note_owner(context, flow, p);
}

/* Whether the filter leaves the flow out, as far as this segment can tell. */
static __noinline int is_refused(void *context, struct flow *flow, struct packet *p)
{
	struct sender sender = sender_of(flow, p);

	if (!may_ask(flow->owner_state, flow->owner_end, p, &sender))
		return is_left_to_others(flow);
	if (note_owner(context, flow, p))
		tell_withheld(context, flow, p);
	else if (flow->marks & MARK_TOLD && state_of(flow) >= FLOW_CLOSING && is_owner_news(flow))
		tell_late(context, flow, p);
	return is_left_to_others(flow);
}

#else

static __always_inline int note_embryo_owner(void *context, struct embryo *embryo,
					     const struct packet *p) { return 0; }
static __always_inline void forget_embryo_owner(struct embryo *embryo) {}
static __always_inline void inherit_owner(struct flow *flow, const struct embryo *embryo) {}
static __always_inline int is_owner_open(const struct flow *flow) { return 0; }
static __always_inline int is_left_to_others(const struct flow *flow) { return 0; }
static __always_inline void note_owner_early(void *context, struct flow *flow, struct packet *p) {}
static __always_inline int is_refused(void *context, struct flow *flow, struct packet *p) { return 0; }

#endif

#endif
