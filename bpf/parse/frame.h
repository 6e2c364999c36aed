/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From bytes to a packet: link layer, IP, and the protocol that it carries.
 *
 * What nearly every packet looks like is read in place.
 */
#ifndef PPING_FRAME_H
#define PPING_FRAME_H

#include "ip.h"
#include "link.h"
#include "tcp.h"
#include "tunnels/tunnels.h"

static __always_inline void order_ends(struct packet *p);

/* What is in a tunnel, where IP carries nothing that is measured. */
static __noinline int parse_inner(struct cursor *c, struct flow_key *key)
{
	int result = parse_tunnels(c, key);

	if (result != PARSE_OK)
		return result;
	return key->ip_version == 4 ? parse_ipv4(c, key) : parse_ipv6(c, key);
}

/*
 * Parses one frame of `wire_length` bytes, of which those up to `end` can be
 * read, into `p`. When that is PARSE_OK, all of it is set but `now`, `packets`, `hook`
 * and `to_this_host`, which are the caller's.
 */
static __always_inline enum parse_result parse_packet(packet_source *source, const u8 *data,
						      const u8 *end, u32 wire_length,
						      const struct vantage *at, struct packet *p)
{
	struct cursor c = { .source = source, .start = data, .position = data, .end = end,
			    .wire_length = wire_length, .may_be_cut = at->may_be_cut };
	enum parse_result result;

	result = parse_link(&c, at, &p->key);
	if (result != PARSE_OK)
		return result;
	result = likely(p->key.ip_version == 4) ? parse_ipv4(&c, &p->key) : parse_ipv6(&c, &p->key);
	if (unlikely(result != PARSE_OK)) {
		if (result != PARSE_NOT_TCP || !at->tunnels)
			return result;
		result = parse_inner(&c, &p->key);
		if (result != PARSE_OK)
			return result;
	}
	result = parse_tcp(&c, p);
	if (unlikely(result != PARSE_OK))
		return result;
	order_ends(p);
	return PARSE_OK;
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
