// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * For test/kernel/nat.test.ts: what the lookup (bpf/kernel/nat.h) says of the first packet that each end of a
 * connection sends, at each hook of each interface.
 */
#include "../../bpf/tc_pping.c"
#include "../../bpf/kernel/nat.h"

/* Set before loading, as what stands before the lookup has to be where the kernel may lack it. */
const volatile u32 is_wanted SEC(".rodata.wanted") = 1;

struct lookup_key {
	struct flow_key flow;
	u32 interface;
	u32 hook;      /* enum hook */
	u32 direction; /* of the packet, as in struct packet */
	u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct lookup_key);
	__type(value, struct original);
} lookups SEC(".maps");

static __always_inline int look_up(struct __sk_buff *skb, enum hook hook)
{
	struct original original = {};
	struct lookup_key key = {};
	struct packet p;

	if (parse_in_place(skb, LINK_ETHERNET, &p) != PARSE_OK)
		return TC_ACT_UNSPEC;
	p.hook = hook;
	if (is_wanted)
		look_up_original(skb, &p, &original);
	key.flow = p.key;
	key.interface = skb->ifindex;
	key.hook = hook;
	key.direction = p.direction;
	bpf_map_update_elem(&lookups, &key, &original, BPF_NOEXIST);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int nat_egress(struct __sk_buff *skb)
{
	return look_up(skb, HOOK_EGRESS);
}

SEC("tc")
int nat_ingress(struct __sk_buff *skb)
{
	return look_up(skb, HOOK_INGRESS);
}
