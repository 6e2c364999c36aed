/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Tunnels: IP in IP, by itself (RFC 2003, 4213, 2473) or in what gre.h and udp.h read.
 *
 * The connection in it is what is measured; which tunnel it is in is part of its place. Few packets are in
 * one: it is walked over in global functions, as ../tcp.h explains.
 */
#ifndef PPING_TUNNELS_TUNNELS_H
#define PPING_TUNNELS_TUNNELS_H

#include "gre.h"
#include "udp.h"
#include "../ip.h"

static __always_inline enum parse_result pass_ipv4(packet_source *source, struct tunnel_walk *walk)
{
	struct ipv4_header ip;
	u32 header_length, length;

	if (packet_load(source, walk->at.offset, &ip, sizeof(ip)))
		return PARSE_TRUNCATED;
	header_length = (ip.version_length & 0x0f) * 4;
	length = bswap16(ip.total_length);
	if (ip.version_length >> 4 != 4 || header_length < sizeof(ip) ||
	    ip.fragment & bswap16(IPV4_FRAGMENT_OFFSET))
		return PARSE_NOT_TCP;
	walk->is_cut |= ip.fragment & bswap16(IPV4_MORE_FRAGMENTS);
	walk->protocol = ip.protocol;
	walk->end = length ? walk->at.offset + length : walk->at.length;
	walk->at.offset += header_length;
	return PARSE_OK;
}

static __always_inline enum parse_result pass_ipv6(packet_source *source, struct tunnel_walk *walk)
{
	struct extension_walk extensions = {};
	struct ipv6_start ip;
	int result;

	if (packet_load(source, walk->at.offset, &ip, sizeof(ip)))
		return PARSE_TRUNCATED;
	walk->at.offset += sizeof(struct ipv6_header);
	walk->end = ip.payload_length ? walk->at.offset + bswap16(ip.payload_length) : walk->at.length;
	if (walk->end < walk->at.offset)
		return PARSE_NOT_TCP;
	walk->is_cut |= ip.next_header == PROTOCOL_FRAGMENT;
	extensions.offset = walk->at.offset;
	extensions.remaining = walk->end - walk->at.offset;
	extensions.next_header = ip.next_header;
	/* What is not measured is where the walk ends. */
	result = skip_extensions(source, &extensions);
	if (result != PARSE_OK && result != PARSE_NOT_TCP)
		return result;
	walk->at.offset = extensions.offset;
	walk->protocol = extensions.next_header;
	return PARSE_OK;
}

/* From a header of IP, with its extensions, to what comes after it; an enum parse_result. */
__noinline int pass_ip(packet_source *source, struct tunnel_walk *walk)
{
	if (!walk)
		return PARSE_NOT_TCP;
	return walk->at.type == ETHERTYPE_IPV4 ? pass_ipv4(source, walk) : pass_ipv6(source, walk);
}

static __always_inline enum parse_result take_ip_in_ip(struct tunnel_walk *walk,
						       struct tunnel_layer *layer)
{
	int is_in_ipv6 = walk->at.type == ETHERTYPE_IPV6;

	if (walk->protocol == PROTOCOL_IPV4) {
		set_layer(layer, is_in_ipv6 ? TUNNEL_IPV4_IN_IPV6 : TUNNEL_IPIP);
		walk->at.type = ETHERTYPE_IPV4;
	} else {
		set_layer(layer, is_in_ipv6 ? TUNNEL_IPV6_IN_IPV6 : TUNNEL_IPV6_IN_IPV4);
		walk->at.type = ETHERTYPE_IPV6;
	}
	return PARSE_OK;
}

/* From what a header of IP carries to IP in it, or what carries that; an enum parse_result. */
__noinline int enter_tunnel(packet_source *source, struct tunnel_walk *walk,
			    struct tunnel_layer *layer)
{
	enum parse_result result = PARSE_NOT_TCP;

	if (!walk || !layer)
		return PARSE_NOT_TCP;
	walk->at.vlans = walk->at.labels = 0;
	if (walk->protocol == PROTOCOL_IPV4 || walk->protocol == PROTOCOL_IPV6)
		result = take_ip_in_ip(walk, layer);
	else if (walk->protocol == PROTOCOL_GRE)
		result = take_gre(source, walk, layer);
	else if (walk->protocol == PROTOCOL_UDP)
		result = take_udp(source, walk, layer);
	return result;
}

/* One tunnel: from a header of IP to that in it. What else it carries, it carries over IP. */
static __always_inline enum parse_result take_tunnel(packet_source *source, struct tunnel_walk *walk,
						     struct tunnel_layer *layer)
{
	enum parse_result result = pass_ip(source, walk);

	if (result == PARSE_OK)
		result = enter_tunnel(source, walk, layer);
	if (result == PARSE_OK && !is_ip(walk->at.type))
		result = find_ip(source, &walk->at);
	layer->vlans = walk->at.vlans;
	return result == PARSE_NOT_IP ? PARSE_NOT_TCP : result;
}

/* Walks from the outermost header of IP to the innermost; an enum parse_result. */
__noinline int find_innermost(packet_source *source, struct tunnel_walk *walk)
{
	if (!walk)
		return PARSE_NOT_TCP;
	for (int i = 0; i < MOST_TUNNELS; i++) {
		struct carrier_walk ip = walk->at;
		u32 is_cut = walk->is_cut;
		int result = take_tunnel(source, walk, &walk->layers[i]);

		if (result == PARSE_OK)
			continue;
		/* What is in a tunnel may be no other tunnel. */
		walk->at = ip;
		walk->is_cut = is_cut;
		walk->layers[i].tunnel = TUNNEL_NONE;
		return i && result != PARSE_TRUNCATED ? PARSE_OK : result;
	}
	return PARSE_OK;
}

static __always_inline u16 place_within(u16 place, const struct tunnel_layer *layer)
{
	if (!layer->tunnel)
		return place;
	place = place_in_table(entry_of_tunnel(place, layer->tunnel, layer->id, layer->has_id));
	if (!layer->vlans)
		return place;
	return place_in_table(entry_of_tunnel(place, TUNNEL_VLANS, layer->vlans, 1));
}

/*
 * Takes off the tunnels of a packet that was PARSE_NOT_TCP, up to the innermost header of IP: sets p->inner,
 * and the key's IP version and place. `may_be_cut` is as in struct vantage.
 */
static __noinline int find_tunneled(packet_source *source, u32 wire_length, u8 may_be_cut,
				    struct packet *p)
{
	struct tunnel_walk walk = {
		.at = { .offset = p->inner.offset,
			.type = p->key.ip_version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
			.length = wire_length },
		.is_cut = may_be_cut,
	};
	enum parse_result result = find_innermost(source, &walk);

	if (result != PARSE_OK)
		return result;
	p->inner.offset = walk.at.offset;
	p->inner.is_cut = walk.is_cut;
	p->key.ip_version = walk.at.type == ETHERTYPE_IPV4 ? 4 : 6;
	p->key.place = place_within(p->key.place, &walk.layers[0]);
	p->key.place = place_within(p->key.place, &walk.layers[1]);
	return PARSE_OK;
}

#endif
