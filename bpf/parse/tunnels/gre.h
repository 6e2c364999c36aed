/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * GRE (RFC 2784) with its key and sequence number (RFC 2890), and ERSPAN in it, by which switches mirror
 * frames (draft-foschiano-erspan).
 */
#ifndef PPING_TUNNELS_GRE_H
#define PPING_TUNNELS_GRE_H

#include "walk.h"

/* Type II says how the frame was in its session (10 bits), and whether it was cut. */
static __always_inline enum parse_result take_erspan(packet_source *source, struct tunnel_walk *walk,
						     struct tunnel_layer *layer, u32 type)
{
	u32 header, flags = 0, length = type == 2 ? ERSPAN_II_BYTES : ERSPAN_III_BYTES;
	enum parse_result result = peek(source, walk, &header, sizeof(header));

	if (result != PARSE_OK)
		return result;
	header = bswap32(header);
	if (header >> ERSPAN_VERSION_SHIFT != type - 1)
		return PARSE_NOT_TCP;
	set_id(layer, header & ERSPAN_SESSION);
	walk->is_cut |= header & ERSPAN_TRUNCATED;
	walk->at.offset += length;
	if (type == 2)
		return enter_frame(source, walk);
	if (packet_load(source, walk->at.offset - sizeof(flags), &flags, sizeof(flags)))
		return PARSE_TRUNCATED;
	if (flags & bswap32(ERSPAN_III_FRAME_TYPE))
		return PARSE_NOT_TCP;
	if (flags & bswap32(ERSPAN_III_SUBHEADER))
		walk->at.offset += ERSPAN_III_SUBHEADER_BYTES;
	return enter_frame(source, walk);
}

static __always_inline enum parse_result take_gre(packet_source *source, struct tunnel_walk *walk,
						  struct tunnel_layer *layer)
{
	struct gre_header gre;
	enum parse_result result = peek(source, walk, &gre, sizeof(gre));
	u32 flags, type, key;

	if (result != PARSE_OK)
		return result;
	flags = bswap16(gre.flags);
	type = bswap16(gre.type);
	if (flags & (GRE_VERSION | GRE_ROUTING))
		return PARSE_NOT_TCP;
	set_layer(layer, TUNNEL_GRE);
	walk->at.offset += sizeof(gre) + (flags & GRE_CHECKSUM ? GRE_FIELD_BYTES : 0);
	if (flags & GRE_KEY) {
		result = peek(source, walk, &key, sizeof(key));
		if (result != PARSE_OK)
			return result;
		set_id(layer, bswap32(key));
		walk->at.offset += GRE_FIELD_BYTES;
	}
	if (flags & GRE_SEQUENCE)
		walk->at.offset += GRE_FIELD_BYTES;
	if (type != ETHERTYPE_ERSPAN && type != ETHERTYPE_ERSPAN_III)
		return enter_type(source, walk, type);
	set_layer(layer, TUNNEL_ERSPAN);
	/* Type I has neither a sequence number nor a header. */
	if (type == ETHERTYPE_ERSPAN && !(flags & GRE_SEQUENCE))
		return enter_frame(source, walk);
	return take_erspan(source, walk, layer, type == ETHERTYPE_ERSPAN ? 2 : 3);
}

#endif
