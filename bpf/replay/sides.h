/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * On which side of the interface a packet of a capture was: as the capture tells, or the user.
 */
#ifndef PPING_REPLAY_SIDES_H
#define PPING_REPLAY_SIDES_H

#include "capture.h"
#include "../core/filter.h"
#include "../core/state.h"

static struct prefix local_prefixes[MOST_PREFIXES];
static u32 local_prefix_count;
/* 1: nobody has named them. What the capture tells goes before, and no address is this machine. */
static u32 local_is_guess;

static __always_inline int is_machine(const struct prefix *prefix)
{
	return prefix->mask.halves[0] == ~0ULL && prefix->mask.halves[1] == ~0ULL;
}

static int is_ours(const struct flow_key *key, u8 end, int machines_only)
{
	for (u32 i = 0; i < local_prefix_count; i++)
		if (is_within(&key->address[end], key->ip_version, &local_prefixes[i]) &&
		    (!machines_only || is_machine(&local_prefixes[i])))
			return 1;
	return 0;
}

/* A whole address on our side is this machine; a network is behind it. Where none is named, the capture tells. */
static __always_inline int target_is_local(void *context, const struct flow_key *key,
					  u8 destination, u8 to_this_host)
{
	return local_prefix_count && !local_is_guess ? is_ours(key, destination & 1, 1)
						     : to_this_host;
}

/* What a capture says of where a packet was seen. */
struct side {
	u8 hook;         /* enum hook */
	u8 to_this_host;
};

/* Of Linux cooked captures: as the link header has it. */
static __always_inline struct side cooked_side(u32 packet_type, u32 hardware_type)
{
	struct side unknown = { .hook = HOOK_UNKNOWN };
	struct side side = { .hook = packet_type == COOKED_OUTGOING ? HOOK_EGRESS : HOOK_INGRESS,
			     .to_this_host = packet_type == COOKED_TO_THIS_HOST };

	return packet_type > COOKED_OUTGOING || hardware_type == HARDWARE_LOOPBACK ? unknown : side;
}

static __always_inline struct side side_of(const struct captured_packet *packet, u32 link)
{
	const void *header = (const void *)packet->data;
	const struct cooked_header *cooked = header;
	const struct cooked_v2_header *cooked_v2 = header;
	struct side told = { .hook = packet->hook, .to_this_host = packet->to_this_host };

	if (told.hook != HOOK_UNKNOWN)
		return told;
	if (link == LINK_COOKED && packet->captured >= sizeof(*cooked))
		return cooked_side(bswap16(cooked->packet_type), bswap16(cooked->hardware_type));
	if (link == LINK_COOKED_V2 && packet->captured >= sizeof(*cooked_v2))
		return cooked_side(cooked_v2->packet_type, bswap16(cooked_v2->hardware_type));
	return told;
}

/* As the interface between our side and the others would see it; else as it was told. */
static __always_inline u8 hook_of(u8 told, const struct packet *p)
{
	int from_us, to_us;

	if (!local_prefix_count || (local_is_guess && told != HOOK_UNKNOWN))
		return told;
	from_us = is_ours(&p->key, p->direction, 0);
	to_us = is_ours(&p->key, !p->direction, 0);
	if (from_us == to_us)
		return told;
	return from_us ? HOOK_EGRESS : HOOK_INGRESS;
}

#endif
