/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Tunnels over UDP: VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS 29.281).
 */
#ifndef PPING_TUNNELS_UDP_H
#define PPING_TUNNELS_UDP_H

#include "walk.h"

static __always_inline enum parse_result take_vxlan(packet_source *source, struct tunnel_walk *walk,
						    struct tunnel_layer *layer)
{
	struct vxlan_header vxlan;
	enum parse_result result = peek(source, walk, &vxlan, sizeof(vxlan));

	if (result != PARSE_OK)
		return result;
	if (!(vxlan.flags & bswap32(VXLAN_HAS_VNI)))
		return PARSE_NOT_TCP;
	set_layer(layer, TUNNEL_VXLAN);
	set_id(layer, bswap32(vxlan.vni) >> VNI_SHIFT);
	walk->at.offset += sizeof(vxlan);
	return enter_frame(source, walk);
}

static __always_inline enum parse_result take_geneve(packet_source *source, struct tunnel_walk *walk,
						     struct tunnel_layer *layer)
{
	struct geneve_header geneve;
	enum parse_result result = peek(source, walk, &geneve, sizeof(geneve));

	if (result != PARSE_OK)
		return result;
	if (geneve.version_length >> GENEVE_VERSION_SHIFT || geneve.flags & GENEVE_CONTROL)
		return PARSE_NOT_TCP;
	set_layer(layer, TUNNEL_GENEVE);
	set_id(layer, bswap32(geneve.vni) >> VNI_SHIFT);
	walk->at.offset += sizeof(geneve) + (geneve.version_length & GENEVE_LENGTH) * 4;
	return enter_type(source, walk, bswap16(geneve.type));
}

/* Each extension header says how many words it has, and at its end what comes after it. */
static __always_inline enum parse_result skip_gtp_extensions(packet_source *source,
							     struct tunnel_walk *walk,
							     int has_extension)
{
	struct gtp_fields fields;
	enum parse_result result = peek(source, walk, &fields, sizeof(fields));
	u8 next, words;

	if (result != PARSE_OK)
		return result;
	walk->at.offset += sizeof(fields);
	next = has_extension ? fields.next_extension : 0;
	for (int i = 0; i < MOST_GTP_EXTENSIONS && next; i++) {
		result = peek(source, walk, &words, sizeof(words));
		if (result != PARSE_OK)
			return result;
		if (!words)
			return PARSE_NOT_TCP;
		walk->at.offset += words * 4U;
		if (packet_load(source, walk->at.offset - 1, &next, sizeof(next)))
			return PARSE_TRUNCATED;
	}
	return next ? PARSE_NOT_TCP : PARSE_OK;
}

/* The TEID is each end's own: the two directions have different ones, so that it is no part of the place. */
static __always_inline enum parse_result take_gtp(packet_source *source, struct tunnel_walk *walk,
						  struct tunnel_layer *layer)
{
	struct gtp_header gtp;
	enum parse_result result = peek(source, walk, &gtp, sizeof(gtp));
	u8 first;

	if (result != PARSE_OK)
		return result;
	if ((gtp.flags & GTP_VERSION_TYPE) != GTP_VERSION_1 || gtp.type != GTP_USER_DATA)
		return PARSE_NOT_TCP;
	set_layer(layer, TUNNEL_GTP_U);
	walk->at.offset += sizeof(gtp);
	if (gtp.flags & GTP_ANY_FIELD) {
		result = skip_gtp_extensions(source, walk, gtp.flags & GTP_EXTENSION);
		if (result != PARSE_OK)
			return result;
	}
	result = peek(source, walk, &first, sizeof(first));
	if (result != PARSE_OK)
		return result;
	walk->at.type = first >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
	return first >> 4 == 4 || first >> 4 == 6 ? PARSE_OK : PARSE_NOT_TCP;
}

/* By the port that a packet goes to: where it comes from spreads it over paths (RFC 7348, 5). */
static __always_inline enum parse_result take_udp(packet_source *source, struct tunnel_walk *walk,
						  struct tunnel_layer *layer)
{
	struct udp_header udp;
	enum parse_result result = peek(source, walk, &udp, sizeof(udp));
	u16 port;

	if (result != PARSE_OK)
		return result;
	port = bswap16(udp.destination_port);
	walk->at.offset += sizeof(udp);
	if (port == PORT_VXLAN || port == PORT_VXLAN_LINUX)
		return take_vxlan(source, walk, layer);
	if (port == PORT_GENEVE)
		return take_geneve(source, walk, layer);
	return port == PORT_GTP_U ? take_gtp(source, walk, layer) : PARSE_NOT_TCP;
}

#endif
