/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* ICMP echo: RFC 792, and RFC 4443, 4.1 and 4.2. Its identifier is in the place of both ports. */
#ifndef PPING_ICMP_H
#define PPING_ICMP_H

#include "packet.h"

struct icmp_header {
	u8 type;
	u8 code;
	u16 checksum;
	u16 identifier; /* from here on of echo */
	u16 sequence;
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO_REQUEST = 8,
	ICMPV6_ECHO_REQUEST = 128,
	ICMPV6_ECHO_REPLY = 129,
};

/* RFC 4443 has its own number, so that each is only within its own IP. */
static __always_inline int is_in_its_ip(const struct flow_key *ends)
{
	return ends->ip_version == (ends->protocol == PROTOCOL_ICMP ? 4 : 6);
}

static __always_inline enum parse_result parse_icmp(struct cursor *c, struct packet *p)
{
	const struct icmp_header *icmp = (const void *)c->position;
	u8 request = p->key.protocol == PROTOCOL_ICMP ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST;
	u8 reply = p->key.protocol == PROTOCOL_ICMP ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;

	if (c->remaining < sizeof(*icmp))
		return PARSE_MALFORMED;
	if ((const u8 *)(icmp + 1) > c->end)
		return PARSE_TRUNCATED;
	if (!is_in_its_ip(&p->key) || icmp->code || (icmp->type != request && icmp->type != reply))
		return PARSE_NOT_ECHO;
	p->key.port[0] = p->key.port[1] = bswap16(icmp->identifier);
	p->exact.identifier = bswap16(icmp->sequence);
	p->exact.is_answer = icmp->type == reply;
	p->payload = c->remaining - sizeof(*icmp);
	return PARSE_OK;
}

#endif
