/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From bytes to a packet: link layer, IP, and the protocol that it carries.
 *
 * What nearly every packet looks like is read in place.
 */
#ifndef PPING_FRAME_H
#define PPING_FRAME_H

#include "icmp.h"
#include "ip.h"
#include "link.h"
#include "tcp.h"
#include "tunnels/tunnels.h"
#include "udp.h"

static __always_inline void order_ends(struct packet *p);
static __always_inline int is_same_address(const struct address *a, const struct address *b);

/* Who asks itself has but one end: the direction is that of the packet's kind. */
static __always_inline enum parse_result parse_echo(struct cursor *c, struct packet *p)
{
	enum parse_result result = parse_icmp(c, p);

	if (result != PARSE_OK)
		return result;
	order_ends(p);
	if (is_same_address(&p->key.address[0], &p->key.address[1]))
		p->direction = p->exact.is_answer;
	return PARSE_OK;
}

/* `at` is where the header of IP is in the frame. */
static __always_inline enum parse_result parse_datagram(struct cursor *c, struct packet *p, u32 at)
{
	enum parse_result result = parse_udp(c, p, at);

	if (result == PARSE_OK)
		order_ends(p);
	return result;
}

static __always_inline enum parse_result parse_other(struct cursor *c, struct packet *p, u32 at)
{
	if (target_protocols() & PROTOCOLS_OVER_UDP && p->key.protocol == PROTOCOL_UDP)
		return parse_datagram(c, p, at);
	return parse_echo(c, p);
}

/* From the header of IP on. */
static __always_inline enum parse_result parse_ip_packet(struct cursor *c, struct packet *p)
{
	u32 at = c->position - c->start;
	enum parse_result result = likely(p->key.ip_version == 4) ? parse_ipv4(c, &p->key)
								  : parse_ipv6(c, &p->key);

	if (unlikely(result != PARSE_OK)) {
		p->inner.offset = c->position - c->start;
		return result;
	}
	if (unlikely(p->key.protocol != PROTOCOL_TCP) && target_protocols() & ~PROTOCOLS_TCP)
		return parse_other(c, p, at);
	result = parse_tcp(c, p);
	if (unlikely(result != PARSE_OK))
		return result;
	order_ends(p);
	return PARSE_OK;
}

/*
 * Parses one frame of `wire_length` bytes, of which those up to `end` can be
 * read, into `p`. When that is PARSE_OK, all of it is set but `now`, `packets`, `hook`
 * and `to_this_host`, which are the caller's. When it is PARSE_NOT_TCP, find_tunneled() may know more.
 */
static __always_inline enum parse_result parse_packet(packet_source *source, const u8 *data,
						      const u8 *end, u32 wire_length,
						      const struct vantage *at, struct packet *p)
{
	struct cursor c = { .source = source, .start = data, .position = data, .end = end,
			    .wire_length = wire_length, .may_be_cut = at->may_be_cut };
	enum parse_result result = parse_link(&c, at, &p->key);

	return likely(result == PARSE_OK) ? parse_ip_packet(&c, p) : result;
}

/* The same, of what find_tunneled() has found in the frame. */
static __always_inline enum parse_result parse_tunneled(packet_source *source, const u8 *data,
							const u8 *end, u32 wire_length,
							struct packet *p)
{
	struct cursor c = { .source = source, .start = data, .position = data, .end = end,
			    .wire_length = wire_length, .may_be_cut = !!p->inner.is_cut };

	/* What the verifier has forgotten. */
	if (p->inner.offset > MAX_TUNNEL_BYTES)
		return PARSE_NOT_TCP;
	c.position += p->inner.offset;
	return parse_ip_packet(&c, p);
}

static __always_inline int is_same_address(const struct address *a, const struct address *b)
{
	return a->halves[0] == b->halves[0] && a->halves[1] == b->halves[1];
}

/* Any total order will do, as long as both directions of a connection agree on it. */
static __always_inline int is_first_end(const struct address *a, u16 a_port,
					const struct address *b, u16 b_port)
{
	if (a->halves[0] != b->halves[0])
		return a->halves[0] < b->halves[0];
	if (a->halves[1] != b->halves[1])
		return a->halves[1] < b->halves[1];
	return a_port <= b_port;
}

/* Puts the lower end first, and says which one sent the packet. */
static __always_inline void order_ends(struct packet *p)
{
	struct flow_key *key = &p->key;
	struct address source = key->address[0];
	u16 source_port = key->port[0];

	p->direction = 0;
	if (is_first_end(&source, source_port, &key->address[1], key->port[1]))
		return;
	p->direction = 1;
	key->address[0] = key->address[1];
	key->port[0] = key->port[1];
	key->address[1] = source;
	key->port[1] = source_port;
}

#endif
