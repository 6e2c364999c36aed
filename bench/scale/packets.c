// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Sends the packet that it is shown, once for each of many flows, on or into the interface that
 * it is shown at. What watches that interface sees packets of exactly so many flows.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* A server per flow: 10.0.0.0 + its number. */
#define SERVER_NETWORK 0x0a000000
/*
 * From one flow to the next. Neighbours in this order are far apart in memory, however many there
 * are. It has no factor in common with their number, which is a power of ten or 2 or 5 times one.
 */
#define STRIDE 123607

/* What user space tells, in __sk_buff.cb. */
enum order {
	ORDER_FIRST,   /* place in the order of flows */
	ORDER_COUNT,   /* packets */
	ORDER_FLOWS,   /* how many there are in all */
	ORDER_ADDRESS, /* where the server's address is in the packet */
	ORDER_FLAGS,   /* of bpf_clone_redirect() */
};

struct portion {
	struct __sk_buff *skb;
	__u32 first;
	__u32 flows;
	__u32 address;
	__u32 flags;
};

static long send_next(__u32 index, struct portion *portion)
{
	__u64 place = portion->first + index;
	__u32 server = bpf_htonl(SERVER_NETWORK + place * STRIDE % portion->flows);

	bpf_skb_store_bytes(portion->skb, portion->address, &server, sizeof(server), 0);
	bpf_clone_redirect(portion->skb, portion->skb->ifindex, portion->flags);
	return 0;
}

SEC("tc")
int send_portion(struct __sk_buff *skb)
{
	struct portion portion = {
		.skb = skb,
		.first = skb->cb[ORDER_FIRST],
		.flows = skb->cb[ORDER_FLOWS],
		.address = skb->cb[ORDER_ADDRESS],
		.flags = skb->cb[ORDER_FLAGS],
	};

	bpf_loop(skb->cb[ORDER_COUNT], send_next, &portion, 0);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual MIT/GPL";
