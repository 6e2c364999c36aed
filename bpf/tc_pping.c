// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The kernel target: TC programs over BPF maps.
 *
 * pping_egress and pping_ingress watch an interface and pass every packet on
 * unchanged; pping_egress_ip and pping_ingress_ip do so where no link layer is
 * around IP. pping_sweep is run by user space now and then to forget what is
 * stale. Events leave through a ring buffer.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

typedef struct __sk_buff packet_source;

#include "kernel/maps.h"
#include "core/filter.h"
#include "core/queries.h"
#include "core/sweeps.h"
#include "protocols/packets.h"
#include "kernel/clocks.h"
#include "kernel/entry.h"
#include "kernel/locality.h"
#ifdef PPING_OWNERS
#include "kernel/datagram_sockets.h"
#include "kernel/sockets.h"
#include "kernel/socket_states.h"
#include "kernel/unowned_flows.h"
#endif

/* include/net/net_namespace.h: the loopback interface has it in every namespace. */
#define LOOPBACK_IFINDEX 1

/* Ethernet, two tags, IPv6 with some extensions, and the longest TCP header; or two tunnels. */
#define MAX_HEADER_BYTES 256
#define MAX_LOAD_BYTES TCP_MAX_OPTIONS_LENGTH

/* --- watching --- */

static __always_inline int packet_load_up_to(struct __sk_buff *skb, u32 offset, void *to, u32 length, u32 most)
{
	u32 beyond_first = length - 1;

	/*
	 * The compiler may know the bounds; the verifier has to see them, and older
	 * ones (6.1) learn nothing from "not 0".
	 */
	barrier_var(beyond_first);
	if (beyond_first >= most)
		return -1;
	return bpf_skb_load_bytes(skb, offset, to, beyond_first + 1);
}

static __always_inline int packet_load(struct __sk_buff *skb, u32 offset, void *to, u32 length)
{
	return packet_load_up_to(skb, offset, to, length, MAX_LOAD_BYTES);
}

static __always_inline int parse_in_place(struct __sk_buff *skb, u32 link, struct packet *p)
{
	/* Where the network card, or the kernel, keeps the outermost VLAN tag apart from the frame. */
	struct vantage at = { .link = link,
			      .interface = fixed.several ? interface_of(skb) : 0,
			      .vlan = skb->vlan_present ? skb->vlan_tci & VLAN_ID_MASK : 0 };

	return parse_packet(skb, (const u8 *)(long)skb->data, (const u8 *)(long)skb->data_end,
			    skb->len, &at, p);
}

static __always_inline long pull_headers(struct __sk_buff *skb)
{
	return bpf_skb_pull_data(skb, skb->len < MAX_HEADER_BYTES ? skb->len : MAX_HEADER_BYTES);
}

/* Some drivers leave headers in page fragments. Rare, so the common path has none of this. */
static __noinline int parse_pulled(struct __sk_buff *skb, u32 link, struct packet *p)
{
	return pull_headers(skb) ? PARSE_TRUNCATED : parse_in_place(skb, link, p);
}

static __noinline int parse_tunneled_in_place(struct __sk_buff *skb, struct packet *p)
{
	return parse_tunneled(skb, (const u8 *)(long)skb->data, (const u8 *)(long)skb->data_end,
			      skb->len, p);
}

/* The walk reads headers wherever they are held. */
static __always_inline int look_into_tunnel(struct __sk_buff *skb, struct packet *p)
{
	int result = find_tunneled(skb, skb->len, 0, p);
	struct inner_ip inner = p->inner;

	if (result != PARSE_OK)
		return result;
	result = parse_tunneled_in_place(skb, p);
	if (result != PARSE_TRUNCATED || pull_headers(skb))
		return result;
	p->inner = inner;
	return parse_tunneled_in_place(skb, p);
}

/*
 * A global function: the verifier checks it once and by itself, not again for each way that parsing
 * may have gone (20,000 steps instead of 76,000). An int, and a packet that may be 0, because it is one.
 */
__noinline int measure(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		process_packet(skb, p);
	return 0;
}

/* The stack has no room for both in one. */
__noinline int measure_uncommon(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		process_uncommon(skb, p);
	return 0;
}

/* Likewise. */
__noinline int measure_quic(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		process_quic(skb, p);
	return 0;
}

/*
 * How many the packet is on the wire. What a virtual machine sends merged tells the length of its
 * segments and not their number (SKB_GSO_DODGY).
 */
static __always_inline u32 packets_on_wire(const struct __sk_buff *skb, u32 payload)
{
	u32 segments = skb->gso_segs, length;

	if (segments)
		return segments;
	length = skb->gso_size;
	return length && payload ? (payload - 1) / length + 1 : 1;
}

/* Apart, so that those that are measured have more of the stack. All there is of the packet was there to read. */
static __noinline void count_unread(struct __sk_buff *skb, u32 link, u32 result)
{
	count_unparsed(result == PARSE_TRUNCATED ? PARSE_MALFORMED : result, skb->len, skb, link, skb->len);
}

static __always_inline void count(const struct __sk_buff *skb, enum hook hook)
{
	store_count_packet(hook == HOOK_INGRESS ? COUNTER_INGRESS : COUNTER_EGRESS, skb->len);
	if (fixed.several)
		store_count_carried(interface_of(skb), hook, skb->len);
}

static __always_inline int observe(struct __sk_buff *skb, enum hook hook, u32 link)
{
	struct packet p;
	enum parse_result result;

	count(skb, hook);
	result = parse_in_place(skb, link, &p);
	if (unlikely(result == PARSE_TRUNCATED))
		result = parse_pulled(skb, link, &p);
	if (unlikely(result == PARSE_NOT_TCP) && fixed.tunnels)
		result = look_into_tunnel(skb, &p);
	if (unlikely(result != PARSE_OK)) {
		count_unread(skb, link, result);
		return TC_ACT_UNSPEC;
	}
	if (fixed.filtered && is_filtered(&p.key)) {
		count_filtered(skb->len);
		return TC_ACT_UNSPEC;
	}
	p.tick = coarse_clock(skb);
	p.now = 0;
	p.bytes = skb->len;
	p.packets = packets_on_wire(skb, p.payload);
	p.hook = hook;
	p.to_this_host = skb->pkt_type == 0 /* PACKET_HOST */;
	if (likely(!is_uncommon(&p)))
		measure(skb, &p);
	if (likely(!is_uncommon(&p)))
		return TC_ACT_UNSPEC;
	if (is_quic_packet(&p))
		measure_quic(skb, &p);
	else
		measure_uncommon(skb, &p);
	return TC_ACT_UNSPEC;
}

static __always_inline int is_loopback(const struct __sk_buff *skb)
{
	return fixed.loopback || (fixed.several && skb->ifindex == LOOPBACK_IFINDEX);
}

SEC("tc")
int pping_egress(struct __sk_buff *skb)
{
	return observe(skb, is_loopback(skb) ? HOOK_LOOPBACK : HOOK_EGRESS, fixed.link_layer);
}

/* What leaves by the loopback interface has been seen: only then it still has its sender's socket. */
SEC("tc")
int pping_ingress(struct __sk_buff *skb)
{
	return is_loopback(skb) ? TC_ACT_UNSPEC : observe(skb, HOOK_INGRESS, fixed.link_layer);
}

SEC("tc")
int pping_egress_ip(struct __sk_buff *skb)
{
	return observe(skb, HOOK_EGRESS, LINK_IP);
}

SEC("tc")
int pping_ingress_ip(struct __sk_buff *skb)
{
	return observe(skb, HOOK_INGRESS, LINK_IP);
}

/* --- sweeping --- */

static long visit_timestamp(void *map, struct timestamp_key *key, struct timestamp *value,
			    struct sweep *sweep)
{
	sweep_timestamp(key, value, sweep);
	return 0;
}

/* Counts what is in a cell, and returns 1, where nothing is to be done. */
static __always_inline int leave_cell(const struct flow_cell *cell, struct sweep *sweep)
{
	return is_free(cell) || (!(cell->flow.marks & MARK_LEFT_OVER) && leave_flow(&cell->flow, sweep));
}

/* A global function, so that the verifier follows it once, and not for each cell of a block. */
__noinline int sweep_cell(u32 number, struct sweep *sweep)
{
	struct flow_cell *cell = bpf_map_lookup_elem(&flows, &number);

	if (!cell || !sweep || leave_cell(cell, sweep))
		return 0;
	if (!finish_deletion(cell, number) && has_flow(cell))
		sweep_flow(&cell->key, &cell->flow, sweep);
	return 0;
}

/*
 * The index has a bucket for each 16 cells: one call by the kernel for so many. While it makes one for each cell, a CPU
 * waits for the memory of one cell after the other.
 */
static long visit_flows(void *map, u32 *block, void *bucket, struct sweep *sweep)
{
	u32 first = *block * BUCKET_WORDS;

	if (is_beyond_flows(first))
		return 1;
	for (u32 i = 0; i < BUCKET_WORDS; i++)
		sweep_cell(first + i, sweep);
	return 0;
}

static long visit_query(void *map, struct dns_key *key, struct dns_query *query, struct sweep *sweep)
{
	sweep_query(key, query, sweep);
	return 0;
}

/* Walks the maps once; run through BPF_PROG_RUN with a struct sweep as its context. */
SEC("syscall")
int pping_sweep(struct sweep *context)
{
	struct sweep sweep = { .now = context->now, .tick = context->now, .flush = context->flush,
			       .is_crowded = is_crowded() };

	if (!sweep.now) {
		sweep.now = bpf_ktime_get_ns();
		sweep.tick = bpf_jiffies64();
	}

	/* Flows first: identifiers go with them. */
	bpf_for_each_map_elem(&flow_index, visit_flows, &sweep, 0);
	bpf_for_each_map_elem(&timestamps, visit_timestamp, &sweep, 0);
	if (fixed.protocols & PROTOCOLS_DNS)
		bpf_for_each_map_elem(&queries, visit_query, &sweep, 0);
	*context = sweep;
	return 0;
}

static long visit_flow_traffic(void *map, u32 *number, struct flow_cell *cell, void *context)
{
	struct flow_key own;
	u64 cookie;

	if (is_beyond_flows(*number))
		return 1;
	if (!has_flow(cell))
		return 0;
	/* Before its key, as in sweep_flow(). */
	cookie = cookie_of(&cell->flow);
	own = cell->key;
	count_traffic(&own, &cell->flow, cookie);
	return 0;
}

/* What flows have carried in the interval that is about to end. Not while a sweep runs. */
SEC("syscall")
int pping_traffic(void *context)
{
	bpf_for_each_map_elem(&flows, visit_flow_traffic, 0, 0);
	return 0;
}

#ifdef PPING_OWNERS
/* Attached to cgroups: sees TCP sockets of all network namespaces as they open, or listen. It decides nothing. */
SEC("sockops")
int pping_sockets(struct bpf_sock_ops *ops)
{
	if (ops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		note_opened(ops, END_CONNECTED);
	else if (ops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		note_accepted(ops);
	else if (ops->op == BPF_SOCK_OPS_TCP_LISTEN_CB && ops->sk)
		note_listening(ops->sk);
	return 1;
}

/* Likewise where more than TCP is measured: sees who makes sockets of other protocols. It lets all be made. */
SEC("cgroup/sock_create")
int pping_makers(struct bpf_sock *sk)
{
	if (is_datagram_socket(sk))
		note_maker(sk);
	return 1;
}

/* Runs once for each file of each process. */
SEC("iter/task_file")
int pping_listeners(struct bpf_iter__task_file *walk)
{
	struct task_struct *task = walk->task;
	struct file *file = walk->file;

	/* Once more at the end, with neither. */
	if (task && file)
		note_holder(task, file);
	return 0;
}

/* Lists the flows that nothing has told whose they are; run as pping_sweep is, with a struct unowned_walk. */
SEC("syscall")
int pping_unowned(struct unowned_walk *context)
{
	struct unowned_walk walk = {};

	bpf_for_each_map_elem(&flows, list_unowned, &walk, 0);
	context->count = walk.count;
	return 0;
}

/* Takes what has been found out about those that are listed. */
SEC("syscall")
int pping_decide(struct unowned_walk *context)
{
	struct unowned_walk walk = { .count = context->count };

	bpf_for_each_map_elem(&unowned_flows, visit_unowned, &walk, 0);
	return 0;
}

/* In its place, where that cannot be attached: the socket, its state, and the next one. */
SEC("tp_btf/inet_sock_set_state")
int pping_states(u64 *context)
{
	on_socket_state((void *)context[0], context[1], context[2]);
	return 0;
}
#endif

char _license[] SEC("license") = "Dual MIT/GPL";
