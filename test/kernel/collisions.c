// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Two CPUs with the same flow at the moments that matter: when it opens, is answered,
 * ends, is swept. Both take the next of one row of tickets; tickets 2n and 2n + 1 are about
 * the same moment of the same flow, and all other flows come before its next one.
 */
#include "../../lab/kernel/drivers.c"

#define PHASES 8
#define PHASE_NS 100
#define ENDINGS 8

enum act {
	ACT_NONE,
	ACT_SYN,
	ACT_SYN_ACK,
	ACT_ACK,    /* of the client, pure */
	ACT_DATA,   /* of the client */
	ACT_ANSWER, /* of the server, pure ACK */
	ACT_REPLY,  /* data of the server */
	ACT_FIN,    /* of the client */
	ACT_SERVER_FIN,
	ACT_RESET, /* of the client */
	ACT_SERVER_RESET,
	ACT_SYN_ANEW, /* another connection on the same ports, ... */
	ACT_SYN_ACK_ANEW, /* ... and its answer, at once */
	ACT_SWEEP,    /* long after */
	ACT_FORGET,   /* long after, the identifier of the data of PHASE_DATA */
};

enum phase {
	PHASE_SYN,
	PHASE_SYN_ACK,
	PHASE_BEGINNING,
	PHASE_DATA,
	PHASE_ANSWER,
	PHASE_EXCHANGE,
	PHASE_ENDING,
	PHASE_AFTER,
};

/* Not static: the compiler would put such tables where libbpf does not find them. */
const u8 lives[PHASES][2] = {
	[PHASE_SYN] = { ACT_SYN, ACT_SYN },
	[PHASE_SYN_ACK] = { ACT_SYN_ACK, ACT_SYN_ACK },
	[PHASE_DATA] = { ACT_DATA, ACT_DATA },
	[PHASE_EXCHANGE] = { ACT_DATA, ACT_REPLY },
	[PHASE_AFTER] = { ACT_DATA, ACT_REPLY },
};

const u8 beginnings[4][2] = {
	{ ACT_ACK, ACT_DATA }, { ACT_ACK, ACT_REPLY }, { ACT_ACK, ACT_RESET },
	{ ACT_ACK, ACT_SERVER_FIN },
};

const u8 answers[4][2] = {
	{ ACT_ANSWER, ACT_ANSWER }, { ACT_ANSWER, ACT_FORGET }, { ACT_ANSWER, ACT_RESET },
	{ ACT_ANSWER, ACT_SYN_ACK },
};

const u8 endings[ENDINGS][2] = {
	{ ACT_FIN, ACT_SERVER_FIN }, { ACT_RESET, ACT_SERVER_RESET },
	/* The FIN may have moved the end beyond the RST, which is then believed only if nothing follows. */
	{ ACT_FIN, ACT_RESET },
	{ ACT_FIN, ACT_SWEEP },      { ACT_RESET, ACT_SWEEP },        { ACT_SYN_ANEW, ACT_SWEEP },
	{ ACT_SWEEP, ACT_SWEEP },    { ACT_SYN_ANEW, ACT_FIN },
};
/* The first of these leave tombstones only. */
#define FINAL_ENDINGS 2

/* Every combination of beginnings, answers and endings, with a handshake and without. */
static __always_inline u32 act_of(u32 flow, u32 phase, u32 which)
{
	if (phase <= PHASE_SYN_ACK && flow >> 7 & 1)
		return ACT_NONE;
	if (phase == PHASE_BEGINNING)
		return beginnings[flow >> 3 & 3][which & 1];
	if (phase == PHASE_ANSWER)
		return answers[flow >> 5 & 3][which & 1];
	if (phase == PHASE_ENDING)
		return endings[flow & 7][which & 1];
	return lives[phase & 7][which & 1];
}

static __noinline void sweep_one(u32 flow, u64 now)
{
	struct sweep sweep = { .now = now };
	struct packet p;
	struct flow *found;

	set_flow(&p, flow);
	found = store_flow_lookup(&p.key);
	if (found)
		sweep_flow(&p.key, found, &sweep);
}

static __noinline void forget_one(u32 flow, u64 now)
{
	struct timestamp_key key = { .identifier = PHASE_DATA + 1 };
	struct sweep sweep = { .now = now };
	struct timestamp *timestamp;
	struct packet p;
	const struct flow *found;

	set_flow(&p, flow);
	found = store_flow_lookup(&p.key);
	if (!found)
		return;
	key.cookie = cookie_of(found);
	timestamp = store_timestamp_lookup(&key);
	if (timestamp)
		sweep_timestamp(&key, timestamp, &sweep);
}

static __always_inline int is_of_server(u32 act)
{
	return act == ACT_SYN_ACK || act == ACT_SYN_ACK_ANEW || act == ACT_ANSWER || act == ACT_REPLY ||
	       act == ACT_SERVER_FIN || act == ACT_SERVER_RESET;
}

static __always_inline u8 flags_of(u32 act)
{
	switch (act) {
	case ACT_SYN:
	case ACT_SYN_ANEW:
		return TCP_SYN;
	case ACT_SYN_ACK:
	case ACT_SYN_ACK_ANEW:
		return TCP_SYN | TCP_ACK;
	case ACT_FIN:
	case ACT_SERVER_FIN:
		return TCP_FIN | TCP_ACK;
	case ACT_RESET:
	case ACT_SERVER_RESET:
		return TCP_RST;
	default:
		return TCP_ACK;
	}
}

/* Each end's TSval is the number of the phase + 1, which the other answers in the next. */
static __always_inline void show_act(struct __sk_buff *skb, u32 flow, u32 act, u32 phase, u64 now)
{
	struct packet p;

	set_flow(&p, flow);
	set_sender(&p, is_of_server(act));
	p.tick = p.now = now;
	p.tcp.tsval = phase + 1;
	p.tcp.tsecr = phase;
	p.tcp.seq = phase * PAYLOAD;
	p.tcp.ack = phase * PAYLOAD + 1;
	p.tcp.flags = flags_of(act);
	if (act == ACT_DATA || act == ACT_REPLY)
		p.payload = PAYLOAD;
	if (act == ACT_SYN_ACK)
		p.tcp.ack = PHASE_SYN * PAYLOAD + 1;
	show_segment(skb, &p);
	check_outstanding(&p.key);
}

static __always_inline void live(struct __sk_buff *skb, u64 ticket)
{
	/* Each of two CPUs has half of each flow's acts. */
	u32 flows = driver.count / PHASES;
	u32 phase = ticket / 2 / flows;
	u32 flow = driver.first + ticket / 2 % flows;
	u32 act = act_of(flow, phase, ticket & 1);
	u64 now = driver.now + phase * PHASE_NS;
	u64 long_after = now + settings.flow_timeout + NS_PER_SECOND;

	if (act == ACT_SWEEP)
		sweep_one(flow, long_after);
	else if (act == ACT_FORGET)
		forget_one(flow, long_after);
	else if (act != ACT_NONE)
		show_act(skb, flow, act, phase, now);
	if (act == ACT_SYN_ANEW)
		show_act(skb, flow, ACT_SYN_ACK_ANEW, phase, now);
}

static long live_next(u32 index, struct context *context)
{
	live(context->skb, take_ticket());
	return 0;
}

/* Half of the acts of the lives of count / PHASES flows, from flow `first` on. */
SEC("tc")
int collide(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, live_next, &context, 0);
	return TC_ACT_UNSPEC;
}

static long check_ended(u32 index, struct context *context)
{
	u32 flow = driver.first + index;
	struct packet p;

	set_flow(&p, flow);
	if ((flow & (ENDINGS - 1)) < FINAL_ENDINGS && store_flow_lookup(&p.key))
		__sync_fetch_and_add(&driver.violations, 1);
	return 0;
}

/* Counts in `violations` those of `count` flows that were ended by both ends and are still there. */
SEC("tc")
int check_gone(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, check_ended, &context, 0);
	return TC_ACT_UNSPEC;
}

/*
 * Of each 16 tickets: data of two identifiers by either end, neighbours of the same end;
 * their answers; both again, the newer first. Late copies must not be measured again.
 */
static __always_inline void repeat_segment(struct __sk_buff *skb, u64 ticket)
{
	u32 part = ticket >> 2 & 3;
	u32 identifier = driver.identifier + (ticket >> 4) * 2 + ((ticket ^ part >> 1) & 1);
	u8 sender = ticket >> 1 & 1;
	struct packet p;

	set_flow(&p, driver.first);
	p.tcp.flags = TCP_ACK;
	p.tick = p.now = driver.now + (u64)identifier * RACE_STEP_NS;
	if (part & 1) {
		set_sender(&p, !sender);
		p.tcp.tsecr = identifier;
		p.tcp.ack = identifier * PAYLOAD + PAYLOAD;
		p.tick = p.now += RACE_RTT_NS;
	} else {
		set_sender(&p, sender);
		p.tcp.tsval = identifier;
		p.tcp.seq = identifier * PAYLOAD;
		p.payload = PAYLOAD;
	}
	show_segment(skb, &p);
	check_outstanding(&p.key);
}

static long repeat_next(u32 index, struct context *context)
{
	repeat_segment(context->skb, take_ticket());
	return 0;
}

/* `count` segments of flow `first`, each data and answer twice. */
SEC("tc")
int repeat(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, repeat_next, &context, 0);
	return TC_ACT_UNSPEC;
}
