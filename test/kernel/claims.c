// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * For test/kernel/claims.test.ts: two CPUs that ask for the owner of one flow at once. Each takes the next of one row
 * of tickets; TURNS tickets that follow one another are segments of one flow, of either end in turn, each of which answers
 * the one before. Each end has a socket that was noted, whose owner is the same number in all its fields.
 */
#define PPING_OWNERS
#include "../../lab/kernel/drivers.c"

#define TURNS 6
#define FIRST_SEQ(flow) (((flow) + 1) * 100000)

/* The segment of that turn after the handshake, without payload. */
static __always_inline void set_claim(struct packet *p, u32 flow, u32 turn)
{
	set_flow(p, flow);
	set_sender(p, turn & 1);
	p->tick = p->now = driver.now + (2 + turn) * RACE_STEP_NS;
	p->tcp.flags = TCP_ACK;
	p->tcp.seq = FIRST_SEQ(flow) + 1 + turn / 2 * PAYLOAD;
	p->tcp.ack = FIRST_SEQ(flow) + 1 + (turn + 1) / 2 * PAYLOAD;
	p->tcp.tsval = 3 + turn;
	p->tcp.tsecr = 2 + turn;
}

static long shake(u32 index, struct context *context)
{
	u32 flow = driver.first + index;
	struct packet p;

	set_claim(&p, flow, 0);
	p.tick = p.now = driver.now;
	p.tcp.flags = TCP_SYN;
	p.tcp.seq = FIRST_SEQ(flow);
	p.tcp.tsval = 1;
	p.tcp.tsecr = 0;
	show_segment(context->skb, &p);
	set_claim(&p, flow, 1);
	p.tick = p.now = driver.now + RACE_STEP_NS;
	p.tcp.flags = TCP_SYN | TCP_ACK;
	p.tcp.seq = FIRST_SEQ(flow);
	p.tcp.ack = FIRST_SEQ(flow) + 1;
	p.tcp.tsval = 2;
	p.tcp.tsecr = 1;
	show_segment(context->skb, &p);
	return 0;
}

/* Handshakes of `count` flows from `first` on, before anything is known of their sockets. */
SEC("tc")
int shake_hands(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, shake, &context, 0);
	return TC_ACT_UNSPEC;
}

static __always_inline void note_socket(u32 flow, enum sender_end end)
{
	struct opened_key key = { .syn_seq = FIRST_SEQ(flow), .end = end };
	struct opened_socket opened = { .isn = FIRST_SEQ(flow), .timestamp_tick = NS_PER_MS };
	u32 number = 2 * flow + end;
	struct packet p;

	set_flow(&p, flow);
	opened.owner.cgroup = opened.owner.socket_cookie = number;
	opened.owner.uid = opened.owner.pid = number;
	for (int at = 0; at < 8; at++)
		opened.owner.comm[at] = 'a' + (number >> 4 * at & 15);
	opened.address[0] = p.key.address[end == END_ACCEPTED];
	opened.address[1] = p.key.address[end != END_ACCEPTED];
	opened.port[0] = p.key.port[end == END_ACCEPTED];
	opened.port[1] = p.key.port[end != END_ACCEPTED];
	bpf_map_update_elem(&opened_sockets, &key, &opened, BPF_ANY);
}

static long note_both(u32 index, struct context *context)
{
	note_socket(driver.first + index, END_CONNECTED);
	note_socket(driver.first + index, END_ACCEPTED);
	return 0;
}

SEC("tc")
int note_sockets(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, note_both, &context, 0);
	return TC_ACT_UNSPEC;
}

static long claim_next(u32 index, struct context *context)
{
	u64 ticket = take_ticket();
	u32 turn = ticket % TURNS;
	struct packet p;

	if (ticket >= (u64)driver.count * TURNS)
		return 1;
	set_claim(&p, driver.first + ticket / TURNS, turn);
	p.payload = PAYLOAD;
	show_segment(context->skb, &p);
	return 0;
}

/* Until all tickets are taken, on as many CPUs as run this. */
SEC("tc")
int race_claims(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count * TURNS, claim_next, &context, 0);
	return TC_ACT_UNSPEC;
}

static long end_flow(u32 index, struct context *context)
{
	struct packet p;

	set_claim(&p, driver.first + index, TURNS);
	p.tcp.flags |= TCP_FIN;
	show_segment(context->skb, &p);
	return 0;
}

/* The clients' ends, before which whatever was not told yet is. */
SEC("tc")
int end_flows(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, end_flow, &context, 0);
	return TC_ACT_UNSPEC;
}

static __always_inline void forget_socket(u32 flow, enum sender_end end)
{
	struct opened_key key = { .syn_seq = FIRST_SEQ(flow), .end = end };

	bpf_map_delete_elem(&opened_sockets, &key);
}

static long forget_both(u32 index, struct context *context)
{
	forget_socket(driver.first + index, END_CONNECTED);
	forget_socket(driver.first + index, END_ACCEPTED);
	return 0;
}

/* Once the map is full it makes room for the next by whatever it thinks is old, which may be one of the next. */
SEC("tc")
int forget_sockets(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, forget_both, &context, 0);
	return TC_ACT_UNSPEC;
}
