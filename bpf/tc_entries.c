// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What is attached to an interface where those of several network namespaces are watched: each may have the same
 * index there. These say which one it is, and go on with the programs that watch (tc_pping.c). Loaded anew for
 * each interface, and called as those are: others know pping by these names.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "pping.h"

const volatile struct entry entry SEC(".rodata.entry") = {};

/* Those that watch, by enum entry_program. One map for all interfaces. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, ENTRY_PROGRAMS);
	__type(key, u32);
	__type(value, u32);
} watching SEC(".maps");

/* Where there is nothing to go on with, which is once pping has ended, packets pass. */
static __always_inline int enter(struct __sk_buff *skb, enum entry_program program)
{
	skb->cb[ENTRY_CB_INTERFACE] = entry.interface;
	skb->cb[ENTRY_CB_NAMESPACE] = entry.namespace;
	bpf_tail_call(skb, &watching, program);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int pping_egress(struct __sk_buff *skb)
{
	return enter(skb, ENTRY_EGRESS);
}

SEC("tc")
int pping_ingress(struct __sk_buff *skb)
{
	return enter(skb, ENTRY_INGRESS);
}

SEC("tc")
int pping_egress_ip(struct __sk_buff *skb)
{
	return enter(skb, ENTRY_EGRESS_IP);
}

SEC("tc")
int pping_ingress_ip(struct __sk_buff *skb)
{
	return enter(skb, ENTRY_INGRESS_IP);
}

char _license[] SEC("license") = "Dual MIT/GPL";
