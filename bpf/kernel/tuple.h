/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A connection as the kernel's helpers want it named. For the kernel target alone.
 */
#ifndef PPING_TUPLE_H
#define PPING_TUPLE_H

#include "../parse/packet.h"

#define AF_INET 2
#define AF_INET6 10

/* From one end of the key to the other; returns the size that says which IP version it is. */
static __always_inline u32 set_tuple(struct bpf_sock_tuple *tuple, const struct flow_key *key,
				     u8 from)
{
	u8 to = !from;

	if (key->ip_version == 4) {
		tuple->ipv4.saddr = key->address[from].words[3];
		tuple->ipv4.daddr = key->address[to].words[3];
		tuple->ipv4.sport = bswap16(key->port[from]);
		tuple->ipv4.dport = bswap16(key->port[to]);
		return sizeof(tuple->ipv4);
	}
	__builtin_memcpy(tuple->ipv6.saddr, &key->address[from], sizeof(tuple->ipv6.saddr));
	__builtin_memcpy(tuple->ipv6.daddr, &key->address[to], sizeof(tuple->ipv6.daddr));
	tuple->ipv6.sport = bswap16(key->port[from]);
	tuple->ipv6.dport = bswap16(key->port[to]);
	return sizeof(tuple->ipv6);
}

#endif
