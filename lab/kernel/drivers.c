// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Drivers for tests that need millions of segments, or two CPUs at once: they make the
 * segments in the kernel and hand them to the very core and maps of the real programs.
 */
#include "../../bpf/tc_pping.c"

#define SERVER_ADDRESS 0x0afffffe /* 10.255.255.254 */
#define CLIENT_NETWORK 0x0a000000 /* a client per flow: 10.0.0.0 + its number */
#define SERVER_PORT 443
#define CLIENT_PORT 40000
#define PAYLOAD 100

/* Which segments drive() makes for each flow, in this order. */
enum what {
	WHAT_SYN = 1,
	WHAT_SYN_ACK = 2,
	WHAT_REQUEST = 4, /* data of the client */
	WHAT_ANSWER = 8,  /* a pure ACK of the server */
	WHAT_DATA = 16,   /* data of the server, which answers the client's, too */
	WHAT_FINS = 32,   /* of both ends */
	WHAT_RESET = 64,
};

/* What user space tells the drivers, and what they tell back. */
struct driver {
	u64 now;          /* time of the first segment */
	u64 step;         /* time from one flow to the next */
	u64 rtt;          /* from a segment to its answer */
	u32 first;        /* flow */
	u32 count;        /* flows, or segments of a race */
	u32 what;
	u32 identifier;
	u64 ticket;       /* of the next segment of a race */
	u64 violations;   /* times that a count of outstanding identifiers was negative */
	u64 alternations; /* times that the next ticket went to the other CPU */
	u32 last_cpu;
	u32 servers;      /* 1: each flow has a server of its own: 11.0.0.0 + its number */
};

volatile struct driver driver SEC(".data.driver");

struct context {
	struct __sk_buff *skb;
};

static __always_inline void set_flow(struct packet *p, u32 flow)
{
	__builtin_memset(p, 0, sizeof(*p));
	p->key.address[0].words[2] = __builtin_bswap32(0xffff);
	p->key.address[0].words[3] = __builtin_bswap32(CLIENT_NETWORK + flow);
	p->key.address[1].words[2] = __builtin_bswap32(0xffff);
	p->key.address[1].words[3] = __builtin_bswap32(SERVER_ADDRESS);
	p->key.port[0] = CLIENT_PORT;
	p->key.port[1] = SERVER_PORT;
	p->key.ip_version = 4;
	p->key.protocol = PROTOCOL_TCP;
	p->packets = 1;
	p->tcp.has_timestamp = 1;
	p->tcp.data_offset = 8 << 4;
	p->tcp.window = 1;
}

static __always_inline void set_sender(struct packet *p, u8 direction)
{
	p->direction = direction;
	p->hook = direction ? HOOK_INGRESS : HOOK_EGRESS;
}

/* The segment that `what` stands for, of the exchange with `identifier`. */
static __always_inline void set_segment(struct packet *p, u32 what, u32 identifier, u64 now)
{
	u32 sequence = identifier * PAYLOAD;
	int is_reply = what == WHAT_SYN_ACK || what == WHAT_ANSWER || what == WHAT_DATA;

	set_sender(p, is_reply);
	p->tick = p->now = is_reply ? now + driver.rtt : now;
	p->tcp.tsval = identifier;
	p->tcp.tsecr = is_reply ? identifier : 1;
	p->tcp.seq = sequence;
	p->tcp.ack = sequence + PAYLOAD;
	p->payload = what == WHAT_REQUEST || what == WHAT_DATA ? PAYLOAD : 0;
	p->tcp.flags = TCP_ACK;
	if (what == WHAT_SYN) {
		p->tcp.flags = TCP_SYN;
		p->tcp.tsecr = 0;
	} else if (what == WHAT_SYN_ACK) {
		p->tcp.flags = TCP_SYN | TCP_ACK;
		p->tcp.ack = sequence + 1;
	} else if (what == WHAT_RESET) {
		p->tcp.flags = TCP_RST;
	}
}

/*
 * Shows a segment to the core, and counts its packet. Not static: the verifier looks at it once, for
 * any segment, and not once for each kind of segment that a driver makes.
 */
__noinline int show_segment(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return 0;
	p->direction &= 1;
	if (driver.servers)
		p->key.address[1].words[3] = p->key.address[0].words[3] ^ __builtin_bswap32(1 << 24);
	store_count(p->hook == HOOK_EGRESS ? COUNTER_EGRESS : COUNTER_INGRESS);
	process_packet(skb, p);
	return 0;
}

static __always_inline void show(struct __sk_buff *skb, u32 flow, u32 what, u32 identifier, u64 now)
{
	struct packet p;

	set_flow(&p, flow);
	set_segment(&p, what, identifier, now);
	if (what == WHAT_FINS || what == (WHAT_FINS | WHAT_DATA)) {
		set_sender(&p, what != WHAT_FINS);
		p.tcp.flags |= TCP_FIN;
	}
	show_segment(skb, &p);
}

static long drive_flow(u32 index, struct context *context)
{
	u32 what = driver.what, identifier = driver.identifier, flow = driver.first + index;
	u64 now = driver.now + index * driver.step;
	u32 kind;

	for (int bit = 0; bit < 7; bit++) {
		kind = 1U << bit;
		if (what & kind)
			show(context->skb, flow, kind, identifier, now);
	}
	if (what & WHAT_FINS)
		show(context->skb, flow, WHAT_FINS | WHAT_DATA, identifier, now);
	return 0;
}

/* For `count` flows from `first` on: the segments that `what` asks for. */
SEC("tc")
int drive(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, drive_flow, &context, 0);
	return TC_ACT_UNSPEC;
}

/* The time of an identifier's data tells which it is; its answer comes half a microsecond later. */
#define RACE_STEP_NS 1000
#define RACE_RTT_NS 500

static __always_inline void check_outstanding(const struct flow_key *key)
{
	struct flow *flow = store_flow_lookup(key);

	if (flow && ((s32)flow->samples[0].mapped < 0 || (s32)flow->samples[1].mapped < 0))
		__sync_fetch_and_add(&driver.violations, 1);
}

/*
 * Of each 64 segments the first 32 are data, of eight identifiers and both ends and each twice;
 * the others answer them, one end's after the other's, again each twice. So neighbours are
 * about the same identifier or the same direction.
 */
static __always_inline void race_segment(struct __sk_buff *skb, u64 ticket)
{
	u32 place = ticket & 31, identifier = driver.identifier + (ticket >> 6) * 8;
	struct packet p;

	set_flow(&p, driver.first);
	p.tcp.flags = TCP_ACK;
	if (ticket & 32) {
		identifier += place >> 1 & 7;
		set_sender(&p, !(place >> 4));
		p.tcp.tsecr = identifier;
		p.tcp.ack = identifier * PAYLOAD + PAYLOAD;
		p.tick = p.now = driver.now + identifier * RACE_STEP_NS + RACE_RTT_NS;
	} else {
		identifier += place >> 2;
		set_sender(&p, place >> 1 & 1);
		/* As through a router: at one hook it would be sent again. */
		p.hook = place & 1 ? HOOK_INGRESS : HOOK_EGRESS;
		p.tcp.tsval = identifier;
		p.tcp.seq = identifier * PAYLOAD;
		p.payload = PAYLOAD;
		p.tick = p.now = driver.now + identifier * RACE_STEP_NS;
	}
	show_segment(skb, &p);
	check_outstanding(&p.key);
}

static __always_inline u64 take_ticket(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	if (driver.last_cpu != cpu) {
		driver.last_cpu = cpu;
		__sync_fetch_and_add(&driver.alternations, 1);
	}
	return __sync_fetch_and_add(&driver.ticket, 1);
}

static long race_next(u32 index, struct context *context)
{
	race_segment(context->skb, take_ticket());
	return 0;
}

/* `count` segments of flow `first`, whose order all that run this at once share. */
SEC("tc")
int race(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, race_next, &context, 0);
	return TC_ACT_UNSPEC;
}

/* Everything of a datagram but what its protocol says of it, `when` after its flow begins. */
static __always_inline void set_datagram(struct packet *p, u32 flow, u8 protocol, u16 port, u32 when)
{
	set_flow(p, flow);
	__builtin_memset(&p->tcp, 0, sizeof(p->tcp));
	p->key.protocol = protocol;
	p->key.port[1] = port;
	p->payload = 1200;
	p->tick = p->now = driver.now + (u64)(flow - driver.first) * RACE_STEP_NS + when;
}

/* As show_segment(), of DNS and QUIC. */
__noinline int show_datagram(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return 0;
	p->direction &= 1;
	p->bytes = p->payload;
	store_count(p->hook == HOOK_EGRESS ? COUNTER_EGRESS : COUNTER_INGRESS);
	if (is_quic_packet(p))
		process_quic(skb, p);
	else
		process_uncommon(skb, p);
	return 0;
}

/*
 * Of each 64 messages of DNS the first 32 are queries with 16 ids, those of odd ids twice, and the others responses to them,
 * each twice. A group of so many is a flow.
 */
static long race_next_message(u32 index, struct context *context)
{
	u64 ticket = take_ticket();
	u32 is_response = ticket >> 5 & 1, id = ticket >> 1 & 15;
	struct packet p;

	if (!is_response && ticket & 1 && !(id & 1))
		return 0;
	set_datagram(&p, driver.first + (ticket >> 6), PROTOCOL_DNS, 53, is_response ? RACE_RTT_NS : 0);
	set_sender(&p, is_response);
	p.dns.id = id;
	p.dns.is_response = is_response;
	show_datagram(context->skb, &p);
	return 0;
}

/* `count` messages of flows from `first` on, whose order all that run this at once share. */
SEC("tc")
int race_dns(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, race_next_message, &context, 0);
	return TC_ACT_UNSPEC;
}

/* What each two of 16 datagrams are, one after the other, and what they say. */
struct said {
	u32 dcid;
	u32 scid;
	u32 when;
	u8 sender;
	u8 type;
};

/* A handshake, another on its ports, and short headers. */
static const struct said race_datagrams[8] = {
	{ 1, 2, 0, 0, QUIC_INITIAL },	 { 2, 3, 100, 1, QUIC_INITIAL }, { 3, 2, 130, 0, QUIC_HANDSHAKE },
	{ 11, 12, 200, 0, QUIC_INITIAL }, { 12, 13, 250, 1, QUIC_INITIAL }, { 13, 12, 260, 0, QUIC_HANDSHAKE },
	{ 0, 0, 300, 0, QUIC_SHORT },	 { 0, 0, 310, 1, QUIC_SHORT },
};

static long race_next_datagram(u32 index, struct context *context)
{
	u64 ticket = take_ticket();
	const struct said *said = &race_datagrams[ticket >> 1 & 7];
	struct packet p;

	set_datagram(&p, driver.first + (ticket >> 4), PROTOCOL_QUIC, SERVER_PORT, said->when);
	set_sender(&p, said->sender);
	/* As through a router. */
	if (ticket & 1)
		p.hook = !p.hook;
	p.quic.dcid = said->dcid;
	p.quic.scid = said->scid;
	p.quic.type = said->type;
	p.quic.is_fixed = 1;
	show_datagram(context->skb, &p);
	return 0;
}

/* The same of QUIC. */
SEC("tc")
int race_quic(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, race_next_datagram, &context, 0);
	return TC_ACT_UNSPEC;
}

/* Puts into `violations` how many flows are counted as not assured. */
SEC("tc")
int count_unassured(struct __sk_buff *skb)
{
	driver.violations = *store_unassured();
	return TC_ACT_UNSPEC;
}

static long check_next(u32 index, struct context *context)
{
	struct packet p;
	struct flow *flow;

	set_flow(&p, driver.first + index);
	flow = store_flow_lookup(&p.key);
	if (!flow || is_any_waiting(flow, 0) || is_any_waiting(flow, 1))
		__sync_fetch_and_add(&driver.violations, 1);
	return 0;
}

/* Counts in `violations` those of `count` flows that are gone or have something outstanding. */
SEC("tc")
int check_idle(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, check_next, &context, 0);
	return TC_ACT_UNSPEC;
}

static int lose_next(u32 index, struct context *context)
{
	u32 number = take_free_cell();
	struct flow_cell *cell = cell_of(number);

	if (cell)
		set_mark(&cell->flow, MARK_LEFT_OVER);
	return !cell;
}

/* Leaves all free cells as one that could not be added to them. */
SEC("tc")
int lose_cells(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, lose_next, &context, 0);
	return TC_ACT_UNSPEC;
}

static int end_next(u32 index, struct context *context)
{
	struct flow_bucket *bucket;
	struct flow_cell *cell;
	struct packet p;
	u32 *word, hash;

	set_flow(&p, driver.first + index);
	hash = hash_of(&p.key);
	bucket = flow_bucket_of(hash);
	word = bucket ? word_of(bucket, tag_of(hash)) : 0;
	cell = cell_of(word ? *word : 0);
	if (!word || !cell || !is_key(&cell->key, &p.key) || add_displaced(cell, (*word & fixed.cell_mask) - 1))
		return 0;
	*word = 0;
	end_life(&cell->flow, cookie_of(&cell->flow), FLOW_DELETED);
	end_unassured(&cell->flow);
	leave_over(cell);
	return 0;
}

/* Leaves `count` flows as one that is displaced, and could not be removed. */
SEC("tc")
int end_only(struct __sk_buff *skb)
{
	struct context context = { .skb = skb };

	bpf_loop(driver.count, end_next, &context, 0);
	return TC_ACT_UNSPEC;
}
