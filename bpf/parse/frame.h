/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From bytes to a TCP segment: link layer, IP, TCP.
 *
 * What nearly every packet looks like is read in place; each access is preceded
 * by its own check against `end`, which is also the form the BPF verifier can
 * follow. Extension headers are walked in a global function, as tcp.h explains.
 */
#ifndef PPING_PACKET_H
#define PPING_PACKET_H

#include "places.h"
#include "tcp.h"

static __always_inline enum parse_result parse_link(struct cursor *c, const struct vantage *at,
						    struct flow_key *key);
static __always_inline enum parse_result parse_ipv4(struct cursor *c, struct flow_key *ends);
static __noinline int parse_ipv6(struct cursor *c, struct flow_key *ends);
static __always_inline void order_ends(struct segment *s);

/*
 * Parses one frame of `wire_length` bytes, of which those up to `end` can be
 * read, into `s`. When that is PARSE_OK, all of it is set but `now`, `packets`, `hook`
 * and `to_this_host`, which are the caller's.
 */
static __always_inline enum parse_result parse_segment(packet_source *source, const u8 *data,
						       const u8 *end, u32 wire_length,
						       const struct vantage *at, struct segment *s)
{
	struct cursor c = { .source = source, .start = data, .position = data, .end = end,
			    .wire_length = wire_length, .may_be_cut = at->may_be_cut };
	enum parse_result result;

	result = parse_link(&c, at, &s->key);
	if (result != PARSE_OK)
		return result;
	result = likely(s->key.ip_version == 4) ? parse_ipv4(&c, &s->key) : parse_ipv6(&c, &s->key);
	if (unlikely(result != PARSE_OK))
		return result;
	result = parse_tcp(&c, s);
	if (unlikely(result != PARSE_OK))
		return result;
	order_ends(s);
	return PARSE_OK;
}

/* Takes off the link header; `type` is the ethertype that it has. */
static __always_inline enum parse_result parse_ethertype(struct cursor *c, enum link_layer link,
							 u16 *type)
{
	const void *header = c->position;

	if (link == LINK_COOKED) {
		const struct cooked_header *cooked = header;
		if ((const u8 *)(cooked + 1) > c->end)
			return PARSE_TRUNCATED;
		*type = bswap16(cooked->type);
		c->position += sizeof(*cooked);
	} else if (link == LINK_COOKED_V2) {
		const struct cooked_v2_header *cooked = header;
		if ((const u8 *)(cooked + 1) > c->end)
			return PARSE_TRUNCATED;
		*type = bswap16(cooked->type);
		c->position += sizeof(*cooked);
	} else {
		const struct ethernet_header *ethernet = header;
		if ((const u8 *)(ethernet + 1) > c->end)
			return PARSE_TRUNCATED;
		*type = bswap16(ethernet->type);
		c->position += sizeof(*ethernet);
	}
	return PARSE_OK;
}

/*
 * The index of the interface it was captured on: a place of its own, and again at each of the
 * capture's own interfaces. An index has more bits than these only where a million were made before.
 */
static __always_inline u32 cooked_interface(const struct cursor *c)
{
	const struct cooked_v2_header *cooked = (const void *)c->position;

	return (const u8 *)(cooked + 1) > c->end ? 0 : bswap32(cooked->interface);
}

static __always_inline int is_ipv6_family(u32 family)
{
	return family == FAMILY_IPV6_LINUX || family == FAMILY_IPV6_NETBSD ||
	       family == FAMILY_IPV6_FREEBSD || family == FAMILY_IPV6_MACOS;
}

/* The byte order is that of the machine which captured; a family is a small number. */
static __always_inline enum parse_result parse_family(struct cursor *c)
{
	const u32 *header = (const void *)c->position;

	if ((const u8 *)(header + 1) > c->end)
		return PARSE_TRUNCATED;
	u32 family = *header > 0xffff ? bswap32(*header) : *header;
	c->position += sizeof(*header);
	return family == FAMILY_IPV4 || is_ipv6_family(family) ? PARSE_OK : PARSE_NOT_IP;
}

static __always_inline int is_vlan(u16 type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

/* Of a link layer without ethertypes: IP follows, or nothing that can be measured. */
static __always_inline enum parse_result parse_version(struct cursor *c, u8 *ip_version)
{
	if (c->position + 1 > c->end)
		return PARSE_TRUNCATED;
	*ip_version = *c->position >> 4;
	return *ip_version == 4 || *ip_version == 6 ? PARSE_OK : PARSE_NOT_IP;
}

/*
 * Takes off the link header with its VLAN tags (IEEE 802.1Q), or nothing where there is none. Sets
 * the key's place and IP version. A tag with the id 0 tells a priority, not a VLAN.
 */
static __always_inline enum parse_result parse_link(struct cursor *c, const struct vantage *at,
						    struct flow_key *key)
{
	u32 interface = at->interface;
	u16 outer = at->vlan, inner = 0;
	enum parse_result result;
	u16 type = 0;

	if (at->link == LINK_FAMILY) {
		result = parse_family(c);
		if (result != PARSE_OK)
			return result;
	}
	if (at->link == LINK_IP || at->link == LINK_FAMILY) {
		key->place = place_of(interface, outer, 0);
		return parse_version(c, &key->ip_version);
	}
	if (at->link == LINK_COOKED_V2)
		interface = (interface << COOKED_INTERFACE_BITS) + cooked_interface(c);
	result = parse_ethertype(c, at->link, &type);
	if (result != PARSE_OK)
		return result;

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		if (likely(!is_vlan(type)))
			break;
		const struct vlan_tag *tag = (const void *)c->position;
		if ((const u8 *)(tag + 1) > c->end)
			return PARSE_TRUNCATED;
		u16 id = bswap16(tag->control) & VLAN_ID_MASK;
		inner = outer && id ? id : inner;
		outer = outer ? outer : id;
		type = bswap16(tag->type);
		c->position += sizeof(*tag);
	}
	if (unlikely(type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6))
		return PARSE_NOT_IP;
	key->ip_version = type == ETHERTYPE_IPV4 ? 4 : 6;
	key->place = place_of(interface, outer, inner);
	return PARSE_OK;
}

/*
 * What is left of the frame for the IP packet must hold what its header says.
 * 0 stands for more than 16 bits can say: the kernel's own merged packets
 * (BIG TCP), which end where the frame ends.
 */
static __always_inline enum parse_result set_remaining(struct cursor *c, u32 ip_length)
{
	u32 available = c->wire_length - (u32)(c->position - c->start);

	if (ip_length > available && !c->may_be_cut)
		return PARSE_MALFORMED;
	c->remaining = ip_length ? ip_length : available;
	return PARSE_OK;
}

/* The ends are [0] the source and [1] the destination until order_ends(). */
static __always_inline enum parse_result parse_ipv4(struct cursor *c, struct flow_key *ends)
{
	const struct ipv4_header *ip = (const void *)c->position;
	if ((const u8 *)(ip + 1) > c->end)
		return PARSE_TRUNCATED;
	u32 header_length = (ip->version_length & 0x0f) * 4;
	if (unlikely(ip->version_length >> 4 != 4 || header_length < sizeof(*ip)))
		return PARSE_MALFORMED;
	if (set_remaining(c, bswap16(ip->total_length)) != PARSE_OK || c->remaining < header_length)
		return PARSE_MALFORMED;
	if (unlikely(ip->fragment & bswap16(0x1fff)))
		return PARSE_FRAGMENT;
	if (unlikely(ip->protocol != PROTOCOL_TCP))
		return PARSE_NOT_TCP;

	ends->address[0].halves[0] = ends->address[1].halves[0] = 0;
	ends->address[0].words[2] = ends->address[1].words[2] = bswap32(0x0000ffff);
	ends->address[0].words[3] = ip->source;
	ends->address[1].words[3] = ip->destination;
	c->position += header_length;
	c->remaining -= header_length;
	return PARSE_OK;
}

/* A walk over IPv6 extension headers. */
struct extension_walk {
	u32 offset;    /* of the next header in the frame */
	u32 remaining; /* bytes from there to the end of the IP payload */
	u32 next_header;
};

/* Takes one extension header (RFC 8200, 4). */
static __always_inline enum parse_result skip_extension(packet_source *source,
							volatile struct extension_walk *walk)
{
	struct ipv6_extension extension;
	u32 kind = walk->next_header;
	u32 length;

	if (kind != PROTOCOL_HOP_BY_HOP && kind != PROTOCOL_ROUTING && kind != PROTOCOL_FRAGMENT &&
	    kind != PROTOCOL_AUTHENTICATION && kind != PROTOCOL_DESTINATION)
		return PARSE_NOT_TCP;
	if (walk->remaining < sizeof(extension))
		return PARSE_MALFORMED;
	if (packet_load(source, walk->offset, &extension, sizeof(extension)))
		return PARSE_TRUNCATED;
	if (kind == PROTOCOL_FRAGMENT && extension.fragment & bswap16(0xfff8))
		return PARSE_FRAGMENT;
	length = (extension.length + 1) * 8;
	if (kind == PROTOCOL_AUTHENTICATION)
		length = (extension.length + 2) * 4;
	if (kind == PROTOCOL_FRAGMENT)
		length = sizeof(extension);
	if (length > walk->remaining)
		return PARSE_MALFORMED;
	walk->offset += length;
	walk->remaining -= length;
	walk->next_header = extension.next_header;
	return PARSE_OK;
}

/* Walks the extension headers up to TCP; an enum parse_result. */
__noinline int skip_extensions(packet_source *source, struct extension_walk *walk)
{
	if (!walk)
		return PARSE_MALFORMED;
	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		int result = skip_extension(source, walk);

		if (result != PARSE_OK || walk->next_header == PROTOCOL_TCP)
			return result;
	}
	return PARSE_MALFORMED;
}

static __always_inline enum parse_result parse_extensions(struct cursor *c, u8 next_header)
{
	struct extension_walk walk = { .offset = c->position - c->start,
				       .remaining = c->remaining,
				       .next_header = next_header };
	enum parse_result result = skip_extensions(c->source, &walk);

	if (result != PARSE_OK)
		return result;
	if (walk.offset > MAX_EXTENSION_HEADERS * 2048 || walk.remaining > c->remaining)
		return PARSE_MALFORMED;
	c->position = c->start + walk.offset;
	c->remaining = walk.remaining;
	return PARSE_OK;
}

static __noinline int parse_ipv6(struct cursor *c, struct flow_key *ends)
{
	const struct ipv6_header *ip = (const void *)c->position;
	if ((const u8 *)(ip + 1) > c->end)
		return PARSE_TRUNCATED;
	if (*c->position >> 4 != 6)
		return PARSE_MALFORMED;
	__builtin_memcpy(&ends->address[0], ip->source, sizeof(ends->address[0]));
	__builtin_memcpy(&ends->address[1], ip->destination, sizeof(ends->address[1]));
	u16 payload_length = bswap16(ip->payload_length);
	u8 next_header = ip->next_header;
	c->position += sizeof(*ip);
	if (set_remaining(c, payload_length) != PARSE_OK)
		return PARSE_MALFORMED;
	return next_header == PROTOCOL_TCP ? PARSE_OK : parse_extensions(c, next_header);
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

/* Puts the lower end first, and says which one sent the segment. */
static __always_inline void order_ends(struct segment *s)
{
	struct flow_key *key = &s->key;
	struct address source = key->address[0];
	u16 source_port = key->port[0];

	key->reserved = 0;
	s->direction = 0;
	if (is_first_end(&source, source_port, &key->address[1], key->port[1]))
		return;
	s->direction = 1;
	key->address[0] = key->address[1];
	key->port[0] = key->port[1];
	key->address[1] = source;
	key->port[1] = source_port;
}

#endif
