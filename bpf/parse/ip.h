/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * IPv4 (RFC 791) and IPv6 (RFC 8200): the ends, the protocol, and where its header is.
 *
 * Extension headers are walked in a global function, as tcp.h explains.
 */
#ifndef PPING_IP_H
#define PPING_IP_H

#include "packet.h"

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
	if (unlikely(ip->fragment & bswap16(IPV4_FRAGMENT_OFFSET)))
		return PARSE_FRAGMENT;
	if (unlikely(!is_measured(ip->protocol)))
		return PARSE_NOT_TCP;

	ends->protocol = ip->protocol;
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

static __always_inline int is_extension(u32 protocol)
{
	return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING ||
	       protocol == PROTOCOL_FRAGMENT || protocol == PROTOCOL_AUTHENTICATION ||
	       protocol == PROTOCOL_DESTINATION;
}

/* Takes one extension header (RFC 8200, 4). */
static __always_inline enum parse_result skip_extension(packet_source *source,
							volatile struct extension_walk *walk)
{
	struct ipv6_extension extension;
	u32 kind = walk->next_header;
	u32 length;

	if (!is_extension(kind))
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

/* Walks the extension headers up to what is measured; an enum parse_result. */
__noinline int skip_extensions(packet_source *source, struct extension_walk *walk)
{
	if (!walk)
		return PARSE_MALFORMED;
	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		int result = skip_extension(source, walk);

		if (result != PARSE_OK || is_measured(walk->next_header))
			return result;
	}
	return is_extension(walk->next_header) ? PARSE_MALFORMED : PARSE_NOT_TCP;
}

static __always_inline enum parse_result parse_extensions(struct cursor *c, u8 *protocol)
{
	struct extension_walk walk = { .offset = c->position - c->start,
				       .remaining = c->remaining,
				       .next_header = *protocol };
	enum parse_result result = skip_extensions(c->source, &walk);

	if (result != PARSE_OK)
		return result;
	if (walk.offset > MAX_EXTENSION_HEADERS * 2048 || walk.remaining > c->remaining)
		return PARSE_MALFORMED;
	c->position = c->start + walk.offset;
	c->remaining = walk.remaining;
	*protocol = walk.next_header;
	return PARSE_OK;
}

/* Likewise. Where it is PARSE_NOT_TCP the cursor stays at the header, as it does in IPv4. */
static __noinline int parse_ipv6(struct cursor *c, struct flow_key *ends)
{
	const struct ipv6_header *ip = (const void *)c->position;
	enum parse_result result;

	if ((const u8 *)(ip + 1) > c->end)
		return PARSE_TRUNCATED;
	if (*c->position >> 4 != 6)
		return PARSE_MALFORMED;
	__builtin_memcpy(&ends->address[0], ip->source, sizeof(ends->address[0]));
	__builtin_memcpy(&ends->address[1], ip->destination, sizeof(ends->address[1]));
	u16 payload_length = bswap16(ip->payload_length);
	ends->protocol = ip->next_header;
	c->position += sizeof(*ip);
	if (set_remaining(c, payload_length) != PARSE_OK)
		return PARSE_MALFORMED;
	if (is_measured(ends->protocol))
		return PARSE_OK;
	result = parse_extensions(c, &ends->protocol);
	if (result != PARSE_OK)
		c->position -= sizeof(*ip);
	return result;
}

#endif
