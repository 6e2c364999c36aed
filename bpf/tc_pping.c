// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The kernel target: TC programs over BPF maps.
 *
 * pping_egress and pping_ingress watch an interface and pass every packet on
 * unchanged. pping_sweep is run by user space now and then to forget what is
 * stale. Events leave through a ring buffer.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

typedef struct __sk_buff packet_source;

#include "rtt.h"

#define EEXIST 17
#define AF_INET 2
#define AF_INET6 10

#define MAX_EMBRYOS 16384
#define RING_BYTES (8 << 20)
/* A wakeup costs microseconds in the packet's path: leave it to the reader's timer until it matters. */
#define RING_WAKEUP_BYTES (RING_BYTES / 4)
/* Ethernet, two tags, IPv6 with some extensions, and the longest TCP header. */
#define MAX_HEADER_BYTES 256
#define MAX_LOAD_BYTES TCP_MAX_OPTIONS_LENGTH

/* Sections of their own make each of these a map whose only content it is. */

/* Set before loading: the verifier folds the branches away. */
const volatile struct fixed_settings fixed SEC(".rodata.fixed") = {
	.link_layer = LINK_ETHERNET,
};

/* The global-variable map, mapped into user space: may change at any time. */
volatile struct settings settings SEC(".data.settings") = {
	.rate = 100 * 1000 * 1000,
	.flow_timeout = 300 * NS_PER_SECOND,
	.timestamp_timeout = 10 * NS_PER_SECOND,
	.handshake = 1,
};

u64 next_cookie = 1;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct timestamp_key);
	__type(value, struct timestamp);
} timestamps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_EMBRYOS);
	__type(key, struct flow_key);
	__type(value, struct embryo);
} embryos SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} events SEC(".maps");

/* Brings the layouts that only the ring carries into the object's BTF. */
const struct rtt_event *unused_rtt_event __attribute__((unused));
const struct flow_event *unused_flow_event __attribute__((unused));
const struct sweep *unused_sweep __attribute__((unused));
const enum counter *unused_counter __attribute__((unused));
const enum link_layer *unused_link_layer __attribute__((unused));
const enum event_type *unused_event_type __attribute__((unused));
const enum rtt_type *unused_rtt_type __attribute__((unused));
const enum rtt_flag *unused_rtt_flag __attribute__((unused));
const enum flow_change *unused_flow_change __attribute__((unused));
const enum flow_reason *unused_flow_reason __attribute__((unused));
const enum flow_trigger *unused_flow_trigger __attribute__((unused));

static __always_inline volatile struct settings *store_settings(void)
{
	return &settings;
}

static __always_inline void store_count(enum counter counter)
{
	u32 zero = 0;
	struct counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (mine)
		mine->by_cause[counter]++;
}

static __always_inline struct flow *store_flow_lookup(const struct flow_key *key)
{
	return bpf_map_lookup_elem(&flows, key);
}

static __always_inline int store_flow_create(const struct flow_key *key, const struct flow *flow)
{
	long status = bpf_map_update_elem(&flows, key, flow, BPF_NOEXIST);

	/* Another CPU may have been first. */
	return status && status != -EEXIST ? -1 : 0;
}

static __always_inline void store_flow_delete(const struct flow_key *key)
{
	bpf_map_delete_elem(&flows, key);
}

static __always_inline u64 store_next_cookie(void)
{
	return __sync_fetch_and_add(&next_cookie, 1);
}

static __always_inline struct embryo *store_embryo_lookup(const struct flow_key *key)
{
	return bpf_map_lookup_elem(&embryos, key);
}

static __always_inline void store_embryo_put(const struct flow_key *key,
					     const struct embryo *embryo)
{
	bpf_map_update_elem(&embryos, key, embryo, BPF_ANY);
}

static __always_inline int store_embryo_delete(const struct flow_key *key)
{
	return bpf_map_delete_elem(&embryos, key);
}

static __always_inline struct timestamp *store_timestamp_lookup(const struct timestamp_key *key)
{
	return bpf_map_lookup_elem(&timestamps, key);
}

static __always_inline int store_timestamp_insert(const struct timestamp_key *key,
						  const struct timestamp *value)
{
	long status = bpf_map_update_elem(&timestamps, key, value, BPF_NOEXIST);

	if (!status)
		return 0;
	return status == -EEXIST ? 1 : -1;
}

static __always_inline int store_timestamp_delete(const struct timestamp_key *key)
{
	return bpf_map_delete_elem(&timestamps, key);
}

static __always_inline struct rtt_event *store_rtt_event(void)
{
	struct rtt_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		store_count(COUNTER_RTT_EVENTS_LOST);
	return event;
}

static __always_inline struct flow_event *store_flow_event(void)
{
	struct flow_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		store_count(COUNTER_FLOW_EVENTS_LOST);
	return event;
}

static __always_inline void store_submit(void *event)
{
	u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(event, waiting >= RING_WAKEUP_BYTES ? BPF_RB_FORCE_WAKEUP
							       : BPF_RB_NO_WAKEUP);
}

static __always_inline void store_discard(void *event)
{
	bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
}

/*
 * The routing table knows which addresses are ours, secondary and any-IP ones
 * included. A machine that does not forward is not asked: what the link layer
 * delivers to it, it keeps; a mirrored packet (promiscuous) it does not.
 */
static __always_inline int store_is_local(void *context, const struct flow_key *key,
					  u8 destination, u8 to_this_host)
{
	struct __sk_buff *skb = context;
	const struct address *to = &key->address[destination & 1];
	const struct address *from = &key->address[!destination];
	struct bpf_fib_lookup route = { .ifindex = skb->ifindex, .l4_protocol = PROTOCOL_TCP };
	long verdict;

	if (key->ip_version == 4) {
		route.family = AF_INET;
		route.ipv4_src = from->words[3];
		route.ipv4_dst = to->words[3];
	} else {
		route.family = AF_INET6;
		__builtin_memcpy(route.ipv6_src, from, sizeof(*from));
		__builtin_memcpy(route.ipv6_dst, to, sizeof(*to));
	}
	verdict = bpf_fib_lookup(skb, &route, sizeof(route), 0);
	if (verdict == BPF_FIB_LKUP_RET_FWD_DISABLED)
		return to_this_host;
	return verdict == BPF_FIB_LKUP_RET_NOT_FWDED;
}

/* --- watching --- */

static __always_inline int packet_load(struct __sk_buff *skb, u32 offset, void *to, u32 length)
{
	u32 beyond_first = length - 1;

	/*
	 * The compiler may know the bounds; the verifier has to see them, and older
	 * ones (6.1) learn nothing from "not 0".
	 */
	barrier_var(beyond_first);
	if (beyond_first >= MAX_LOAD_BYTES)
		return -1;
	return bpf_skb_load_bytes(skb, offset, to, beyond_first + 1);
}

static __noinline int parse_in_place(struct __sk_buff *skb, struct segment *s)
{
	return parse_segment(skb, (const u8 *)(long)skb->data, (const u8 *)(long)skb->data_end,
			     skb->len, fixed.link_layer, s);
}

/* Some drivers leave headers in page fragments. Rare, so the common path has none of this. */
static __always_inline int parse_pulled(struct __sk_buff *skb, struct segment *s)
{
	u32 length = skb->len < MAX_HEADER_BYTES ? skb->len : MAX_HEADER_BYTES;

	if (bpf_skb_pull_data(skb, length))
		return PARSE_TRUNCATED;
	__builtin_memset(s, 0, sizeof(*s));
	return parse_in_place(skb, s);
}

static __always_inline void count_unmeasurable(enum parse_result result)
{
	switch (result) {
	case PARSE_NOT_IP:
		return store_count(COUNTER_NOT_IP);
	case PARSE_NOT_TCP:
		return store_count(COUNTER_NOT_TCP);
	case PARSE_FRAGMENT:
		return store_count(COUNTER_FRAGMENT);
	default:
		return store_count(COUNTER_MALFORMED);
	}
}

static __always_inline int observe(struct __sk_buff *skb, enum hook hook)
{
	struct segment segment = {};
	enum parse_result result;

	store_count(hook == HOOK_EGRESS ? COUNTER_EGRESS : COUNTER_INGRESS);
	result = parse_in_place(skb, &segment);
	if (result == PARSE_TRUNCATED)
		result = parse_pulled(skb, &segment);
	if (result != PARSE_OK) {
		count_unmeasurable(result);
		return TC_ACT_UNSPEC;
	}
	segment.now = fixed.clock_from_packet ? skb->tstamp : bpf_ktime_get_ns();
	segment.packets = skb->gso_segs > 1 ? skb->gso_segs : 1;
	segment.hook = hook;
	segment.to_this_host = skb->pkt_type == 0 /* PACKET_HOST */;
	process_segment(skb, &segment);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int pping_egress(struct __sk_buff *skb)
{
	return observe(skb, HOOK_EGRESS);
}

SEC("tc")
int pping_ingress(struct __sk_buff *skb)
{
	return observe(skb, HOOK_INGRESS);
}

/* --- sweeping --- */

static long sweep_timestamp(void *map, struct timestamp_key *key, struct timestamp *value,
			    struct sweep *sweep)
{
	struct timestamp_key stale = *key;
	struct flow_key flow = value->flow;

	sweep->timestamps++;
	if (timestamp_is_stale(&stale, value, sweep->now)) {
		sweep->timestamps_deleted++;
		forget_timestamp(&stale, &flow);
	}
	return 0;
}

static long sweep_flow(void *map, struct flow_key *key, struct flow *flow, struct sweep *sweep)
{
	struct flow_key stale = *key;
	u64 cookie = flow->cookie;

	sweep->flows++;
	if (flow_is_stale(&stale, flow, sweep->now)) {
		sweep->flows_deleted++;
		forget_flow(&stale, cookie);
		return 0;
	}
	if (flow->state == FLOW_WAITING)
		sweep->flows_waiting++;
	if (sweep->flush)
		report_all_held(&stale, flow, sweep->now);
	else
		report_overdue(&stale, flow, sweep->now);
	return 0;
}

/* Walks both maps once; run through BPF_PROG_RUN with a struct sweep as its context. */
SEC("syscall")
int pping_sweep(struct sweep *context)
{
	struct sweep sweep = { .now = context->now ? context->now : bpf_ktime_get_ns(),
			       .flush = context->flush };

	/* Flows first: identifiers go with them. */
	bpf_for_each_map_elem(&flows, sweep_flow, &sweep, 0);
	bpf_for_each_map_elem(&timestamps, sweep_timestamp, &sweep, 0);
	*context = sweep;
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
