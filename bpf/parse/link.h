/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Link layers: Ethernet, Linux cooked captures, BSD loopback, none. What else there may be before IP is for
 * carriers.h.
 *
 * Each access is preceded by its own check against `end`, which is also the form the BPF verifier can
 * follow.
 */
#ifndef PPING_LINK_H
#define PPING_LINK_H

#include "carriers.h"

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
	} else if (unlikely(link == LINK_PPP)) {
		*type = ETHERTYPE_PPP;
	} else if (unlikely(link == LINK_PPPOE)) {
		*type = ETHERTYPE_PPPOE;
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

/* Of a link layer without ethertypes: IP follows, or nothing that can be measured. */
static __always_inline enum parse_result parse_version(struct cursor *c, u8 *ip_version)
{
	if (c->position + 1 > c->end)
		return PARSE_TRUNCATED;
	*ip_version = *c->position >> 4;
	return *ip_version == 4 || *ip_version == 6 ? PARSE_OK : PARSE_NOT_IP;
}

/* Takes off all that comes before IP, or nothing where there is nothing. Sets the key's place and IP version. */
static __always_inline enum parse_result parse_link(struct cursor *c, const struct vantage *at,
						    struct flow_key *key)
{
	u32 interface = at->interface;
	/* Of all interfaces, without their indices: what a session carries is there a second time. */
	u32 apart = at->link == LINK_COOKED ? SESSIONS_APART : 0;
	enum parse_result result;
	u16 type = 0;

	if (at->link == LINK_FAMILY) {
		result = parse_family(c);
		if (result != PARSE_OK)
			return result;
	}
	if (at->link == LINK_IP || at->link == LINK_FAMILY) {
		key->place = place_of(interface, at->vlan, 0);
		return parse_version(c, &key->ip_version);
	}
	if (at->link == LINK_COOKED_V2)
		interface = (interface << COOKED_INTERFACE_BITS) + cooked_interface(c);
	result = parse_ethertype(c, at->link, &type);
	if (result != PARSE_OK)
		return result;

	if (unlikely(!is_ip(type)))
		return parse_carriers(c, type, interface, at->vlan | apart, key);
	key->ip_version = type == ETHERTYPE_IPV4 ? 4 : 6;
	key->place = place_of(interface, at->vlan, 0);
	return PARSE_OK;
}

#endif
