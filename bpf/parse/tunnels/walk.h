/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A walk from a header of IP to the innermost in it, and the steps that all tunnels share.
 */
#ifndef PPING_TUNNELS_WALK_H
#define PPING_TUNNELS_WALK_H

#include "headers.h"
#include "../carriers.h"

struct tunnel_layer {
	u32 tunnel; /* enum tunnel */
	u32 id;
	u32 has_id;
	u32 vlans;  /* ids of the tags in it, as place_in_table() takes them */
};

struct tunnel_walk {
	struct carrier_walk at; /* `type` is at `offset`: IP, between one tunnel and the next */
	u32 protocol;           /* of what is at `offset`, once the header of IP is behind it */
	u32 end;                /* in the frame, of the payload of IP */
	u32 is_cut;             /* what is in the tunnel may be longer than its frame */
	struct tunnel_layer layers[MOST_TUNNELS]; /* the outermost first */
};

/* Copies what is at walk->offset without going on; PARSE_NOT_TCP where its packet ends before. */
static __always_inline enum parse_result peek(packet_source *source, const struct tunnel_walk *walk,
					      void *to, u32 length)
{
	if (walk->at.offset + length > walk->end)
		return PARSE_NOT_TCP;
	return packet_load(source, walk->at.offset, to, length) ? PARSE_TRUNCATED : PARSE_OK;
}

static __always_inline void set_layer(struct tunnel_layer *layer, enum tunnel tunnel)
{
	layer->tunnel = tunnel;
	layer->has_id = 0;
}

static __always_inline void set_id(struct tunnel_layer *layer, u32 id)
{
	layer->id = id;
	layer->has_id = 1;
}

/* Ethernet in a tunnel. */
static __always_inline enum parse_result enter_frame(packet_source *source, struct tunnel_walk *walk)
{
	if (walk->at.offset + sizeof(struct ethernet_header) > walk->end)
		return PARSE_NOT_TCP;
	return result_of(enter_ethernet(source, &walk->at), PARSE_NOT_TCP);
}

/* What a header's field for an ethertype says that there is. */
static __always_inline enum parse_result enter_type(packet_source *source, struct tunnel_walk *walk,
						    u32 type)
{
	if (type == ETHERTYPE_BRIDGED)
		return enter_frame(source, walk);
	walk->at.type = type;
	return PARSE_OK;
}

#endif
