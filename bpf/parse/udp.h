/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* UDP (RFC 768), and what is over it that has RTTs: by its port, and by its form. */
#ifndef PPING_UDP_H
#define PPING_UDP_H

#include "dns.h"
#include "quic.h"
#include "tunnels/headers.h"

/* Either end's. */
static __always_inline int is_port_of(const volatile u16 *ports, u16 from, u16 to)
{
	return is_one_of(ports, from) || is_one_of(ports, to);
}

static __always_inline int has_port_of(const volatile u16 *ports, const struct packet *p)
{
	return is_port_of(ports, p->key.port[0], p->key.port[1]);
}

/* `at` is where the datagram's header of IP is: what is not measured may be a tunnel. */
static __always_inline enum parse_result not_measured(struct packet *p, u32 at)
{
	p->inner.offset = at;
	return PARSE_NOT_TCP;
}

static __always_inline enum parse_result parse_udp(struct cursor *c, struct packet *p, u32 at)
{
	const struct udp_header *udp = (const void *)c->position;
	const volatile struct udp_ports *ports = target_udp_ports();
	enum parse_result result = PARSE_NOT_TCP;

	if (c->remaining < sizeof(*udp))
		return PARSE_MALFORMED;
	if ((const u8 *)(udp + 1) > c->end)
		return PARSE_TRUNCATED;
	p->key.port[0] = bswap16(udp->source_port);
	p->key.port[1] = bswap16(udp->destination_port);
	if (bswap16(udp->length) < sizeof(*udp))
		return not_measured(p, at);
	if (bswap16(udp->length) < c->remaining)
		c->remaining = bswap16(udp->length);
	c->position += sizeof(*udp);
	c->remaining -= sizeof(*udp);
	p->payload = c->remaining;
	if (target_protocols() & PROTOCOLS_DNS && has_port_of(ports->dns, p))
		result = parse_dns(c, p, ports->dns);
	else if (target_protocols() & PROTOCOLS_QUIC && has_port_of(ports->quic, p))
		result = parse_quic(c, p);
	return result == PARSE_NOT_TCP ? not_measured(p, at) : result;
}

#endif
