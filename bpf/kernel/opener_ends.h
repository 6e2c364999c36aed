/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The ends of a connection as the socket has them that has opened it, in whatever network namespace: the innermost,
 * however often NAT has changed them since. For the kernel target alone.
 */
#ifndef PPING_OPENER_ENDS_H
#define PPING_OPENER_ENDS_H

#include "opened_sockets.h"

/* Of IPv6 packets with an IPv4 socket's data (464XLAT), or the other way round, nothing is told. */
static __always_inline int is_of_version(const struct address *address, u8 ip_version)
{
	int is_mapped = !address->halves[0] && address->words[2] == bswap32(0x0000ffff);

	return is_mapped == (ip_version == 4);
}

/*
 * Whether the socket is the one that has opened the flow: the one that the flow's SYN was found to be of; else as its
 * segment shows.
 */
static __always_inline int is_opener(const struct opened_socket *opened, const struct sender *sender,
				     const struct flow *flow, const struct packet *p)
{
	if (flow->owner_state == OWNER_KNOWN && flow->owner_end == flow->initiator)
		return opened->owner.socket_cookie == flow->owner.socket_cookie;
	return p->direction == flow->initiator && is_its_segment(opened, p, sender);
}

static __noinline int target_opener_ends(const struct flow *flow, const struct packet *p,
					 struct original *original)
{
	const struct sender sender = { .syn_seq = flow->syn_seq, .end = END_CONNECTED };
	const struct opened_socket *opened;
	u8 opener = flow->initiator & 1;

	if (!fixed.originals || !fixed.owners || target_noted_sockets() == NOTED_NONE)
		return -1;
	opened = find_opened(&sender);
	if (!opened || !is_of_version(&opened->address[0], p->key.ip_version) ||
	    !is_opener(opened, &sender, flow, p))
		return -1;
	original->address[opener] = opened->address[0];
	original->address[!opener] = opened->address[1];
	original->port[opener] = opened->port[0];
	original->port[!opener] = opened->port[1];
	return 0;
}

#endif
