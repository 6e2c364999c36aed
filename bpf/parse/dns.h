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
#define DNS_TC 0x02     /* truncated */
#define DNS_RCODE 0x0f

/* A query asks one thing (RFC 9619) and answers nothing; some responses do not repeat the question. */
static __always_inline int is_query_or_response(const struct dns_header *dns)
{
	u16 questions = bswap16(dns->questions);

	if (dns->kind & DNS_OPCODE)
		return 0;
	return dns->kind & DNS_RESPONSE ? questions <= 1 : questions == 1 && !dns->answers;
}

/* Whether it is read from one place on the stack or from the other, the verifier does not follow: both are. */
static __always_inline u16 resolver_port(const struct dns_header *dns, const struct packet *p)
{
	u32 source = p->key.port[0], destination = p->key.port[1];

	asm volatile("" : "+r"(source), "+r"(destination));
	return dns->kind & DNS_RESPONSE ? source : destination;
}

/*
 * `ports`: of DNS. A query is to one of them and a response from one, so that it is known who asks. Notifications,
 * updates and what else is no standard query is not measured.
 */
static __always_inline enum parse_result parse_dns(struct cursor *c, struct packet *p, const volatile u16 *ports)
{
	const struct dns_header *dns = (const void *)c->position;

	if (c->remaining < sizeof(*dns))
		return PARSE_NOT_TCP;
	if ((const u8 *)(dns + 1) > c->end)
		return PARSE_TRUNCATED;
	if (!is_query_or_response(dns) || !is_one_of(ports, resolver_port(dns, p)))
		return PARSE_NOT_TCP;
	p->key.protocol = PROTOCOL_DNS;
	p->dns.id = bswap16(dns->id);
	p->dns.is_response = !!(dns->kind & DNS_RESPONSE);
	p->dns.rcode = dns->status & DNS_RCODE;
	p->dns.is_truncated = !!(dns->kind & DNS_TC);
	p->dns.question = c->position - c->start + sizeof(*dns);
	p->dns.question_bytes = dns->questions ? c->remaining - sizeof(*dns) : 0;
	return PARSE_OK;
}

#endif
