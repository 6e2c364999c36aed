// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A flow is deleted, and its memory given to another, while somebody still holds it: what is then
 * done to it must not be done to the other. And a flow that a sweep is about to delete, while
 * packets of its tuple come.
 */
#include "../../lab/kernel/drivers.c"

#define OLD 1
#define OTHER 2

enum deed {
	DEED_OPEN,
	DEED_FINS,
	DEED_RESET,
	DEED_END_PREVIOUS,
	DEED_FORGET,
};

/* What user space asks for, and what came of it. */
struct trial {
	u32 deed;      /* in */
	u32 first;     /* in: enum flow_state that the other flow is in */
	u32 is_reused; /* the other has the memory */
	u32 state;     /* of the other afterwards; 0 where it is gone */
	u32 marks;     /* other signs of an end that it then has */
};

volatile struct trial trial SEC(".data.trial");

static __always_inline struct flow *put_flow(u32 number, u64 cookie, enum flow_state state)
{
	struct flow *fresh = store_blank_flow();
	struct packet p;

	if (!fresh)
		return 0;
	set_flow(&p, number);
	fresh->life = life_of(cookie, state);
	fresh->marks = MARK_TOLD;
	store_flow_create(&p.key, fresh);
	return store_flow_lookup(&p.key);
}

static __always_inline void do_deed(struct __sk_buff *skb, struct flow *flow, struct packet *p)
{
	struct sweep sweep = { .now = p->now };

	switch (trial.deed) {
	case DEED_OPEN:
		return open_flow(flow, p);
	case DEED_FINS:
		on_fin(flow, p);
		set_sender(p, 1);
		on_fin(flow, p);
		return;
	case DEED_RESET:
		return reset_flow(skb, flow, p);
	case DEED_END_PREVIOUS:
		end_previous(flow, p, 0);
		return;
	default:
		return forget_flow(&p->key, flow, p->cookie, &sweep);
	}
}

/* What the old flow's packets or sweep do to the memory that is another's by now. */
SEC("tc")
int reuse(struct __sk_buff *skb)
{
	struct flow *old, *other;
	struct packet p;

	set_flow(&p, OTHER);
	store_flow_delete(&p.key);
	old = put_flow(OLD, OLD, trial.first);
	set_flow(&p, OLD);
	set_sender(&p, 0);
	p.now = p.tick = NS_PER_SECOND;
	p.cookie = OLD;
	if (!old)
		return TC_ACT_SHOT;
	store_flow_delete(&p.key);
	other = put_flow(OTHER, OTHER, trial.first);
	trial.is_reused = other == old;
	do_deed(skb, old, &p);
	set_flow(&p, OTHER);
	other = store_flow_lookup(&p.key);
	trial.state = other ? state_of(other) : 0;
	trial.marks = other ? (other->marks & MARKS_ENDED) + other->reset : 0;
	return TC_ACT_UNSPEC;
}

static __always_inline void show_of_old(struct __sk_buff *skb, u8 sender, u8 flags, u32 seq, u32 ack)
{
	struct packet p;

	set_flow(&p, OLD);
	set_sender(&p, sender);
	p.now = p.tick = NS_PER_SECOND + seq + ack;
	p.tcp.tsval = seq;
	p.tcp.tsecr = ack;
	p.tcp.flags = flags;
	p.tcp.seq = seq;
	p.tcp.ack = ack;
	show_segment(skb, &p);
}

/* Another connection on the ports of one that a sweep has found stale and not yet deleted. */
SEC("tc")
int succeed(struct __sk_buff *skb)
{
	struct flow *old = put_flow(OLD, OLD, FLOW_OPEN), *next;
	struct packet p;

	if (!old)
		return TC_ACT_SHOT;
	end_life(old, OLD, FLOW_DELETED);
	show_of_old(skb, 0, TCP_SYN, 1000, 0);
	show_of_old(skb, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	show_of_old(skb, 0, TCP_ACK, 1001, 5001);
	set_flow(&p, OLD);
	/* The sweep goes on. */
	store_flow_delete(&p.key);
	show_of_old(skb, 1, TCP_ACK, 5001, 1001);
	next = store_flow_lookup(&p.key);
	trial.state = next ? state_of(next) : 0;
	return TC_ACT_UNSPEC;
}
