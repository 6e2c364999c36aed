/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What tells connections apart, and the protocols that can be measured. */
#ifndef PPING_SHARED_FLOW_KEY_H
#define PPING_SHARED_FLOW_KEY_H

#include "types.h"

/* IANA's numbers of the protocols that can be measured; of what is over UDP, numbers that IANA gives to none. */
enum protocol {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_QUIC = 253,
	PROTOCOL_DNS = 254,
};

/* Which of them are asked for (--protocol). */
enum protocols {
	PROTOCOLS_TCP = 1,
	PROTOCOLS_ICMP = 2, /* the echo of both */
	PROTOCOLS_QUIC = 4,
	PROTOCOLS_DNS = 8,
};

/*
 * One connection, both directions, seen at one place: its two ends in canonical (lowest
 * first) order. Hashed as bytes.
 */
struct flow_key {
	struct address address[2];
	u16 port[2];   /* of ICMP echo both are its identifier */
	u8 ip_version; /* 4 or 6: a mapped address on the wire is not IPv4 */
	u8 protocol;   /* enum protocol */
	u16 place;     /* where it was seen (places.h); 0 = there is but one place */
};

_Static_assert(sizeof(struct flow_key) == 40, "flow_key has no padding");

#endif
