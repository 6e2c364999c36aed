/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The header of DNS (RFC 1035, 4.1.1). */
#ifndef PPING_DNS_H
#define PPING_DNS_H

#include "packet.h"

struct dns_header {
	u16 id;
	u8 kind;   /* QR, opcode, AA, TC, RD */
	u8 status; /* RA, Z, AD, CD, RCODE */
	u16 questions;
	u16 answers;
	u16 authorities;
	u16 additional;
};

#define DNS_RESPONSE 0x80
#define DNS_OPCODE 0x78 /* 0: a standard query */

static __always_inline enum parse_result parse_dns(struct cursor *c, struct packet *p)
{
	const struct dns_header *dns = (const void *)c->position;

	if (c->remaining < sizeof(*dns))
		return PARSE_NOT_TCP;
	if ((const u8 *)(dns + 1) > c->end)
		return PARSE_TRUNCATED;
	if (dns->kind & DNS_OPCODE)
		return PARSE_NOT_TCP;
	p->key.protocol = PROTOCOL_DNS;
	p->exact.identifier = bswap16(dns->id);
	p->exact.is_answer = !!(dns->kind & DNS_RESPONSE);
	return PARSE_OK;
}

#endif
