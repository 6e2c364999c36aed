/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whether a connection ends on this machine: as the routing table says, and who has a socket for it. */
#ifndef PPING_KERNEL_LOCALITY_H
#define PPING_KERNEL_LOCALITY_H

#include "settings.h"
#include "tcp_states.h"
#include "tuple.h"

/* IANA's number. */
static __always_inline u8 protocol_on_wire(const struct flow_key *key)
{
	return target_protocols() & PROTOCOLS_OVER_UDP && key->protocol >= PROTOCOL_QUIC ? PROTOCOL_UDP : key->protocol;
}

/* What the routing table says of an address; a BPF_FIB_LKUP_RET_*. */
static __noinline long look_up_route(struct __sk_buff *skb, const struct flow_key *key, u8 destination)
{
	const struct address *to = &key->address[destination & 1];
	const struct address *from = &key->address[!destination];
	struct bpf_fib_lookup route = { .ifindex = skb->ifindex, .l4_protocol = protocol_on_wire(key) };

	if (key->ip_version == 4) {
		route.family = AF_INET;
		route.ipv4_src = from->words[3];
		route.ipv4_dst = to->words[3];
	} else {
		route.family = AF_INET6;
		__builtin_memcpy(route.ipv6_src, from, sizeof(*from));
		__builtin_memcpy(route.ipv6_dst, to, sizeof(*to));
	}
	return bpf_fib_lookup(skb, &route, sizeof(route), 0);
}

/* Whether this machine has the connection's other end. One that listens may do so for any address. */
static __noinline int has_socket(struct __sk_buff *skb, const struct flow_key *key, u8 destination)
{
	struct bpf_sock_tuple tuple = {};
	u32 size = set_tuple(&tuple, key, !destination);
	struct bpf_sock *sk = bpf_skc_lookup_tcp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	int is_its_own;

	if (!sk)
		return 0;
	is_its_own = sk->state != TCP_LISTEN;
	bpf_sk_release(sk);
	return is_its_own;
}

/*
 * The routing table knows which addresses are ours, secondary and any-IP ones included, but is not asked
 * where the interface does not forward: there what the link layer delivers to this machine stays on it.
 * What the link layer addresses to another may still end here: a bridge, or a device stacked on this one, has
 * an address of its own, and a transparent proxy takes what would be forwarded. Then there is a socket.
 */
static __always_inline int target_is_local(void *context, const struct flow_key *key,
					  u8 destination, u8 to_this_host)
{
	long verdict = look_up_route(context, key, destination);

	if (verdict == BPF_FIB_LKUP_RET_NOT_FWDED)
		return 1;
	if (verdict == BPF_FIB_LKUP_RET_FWD_DISABLED && to_this_host)
		return 1;
	return key->protocol == PROTOCOL_TCP && has_socket(context, key, destination);
}

#endif
