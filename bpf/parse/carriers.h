/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What carries IP at the link layer besides Ethernet: VLAN tags (IEEE 802.1Q), sessions of PPPoE (RFC 2516), PPP (RFC
 * 1661), Cisco HDLC (RFC 1547, 4.3.1), MPLS (RFC 3032) with the pseudowires of Ethernet in it (RFC 4448), SNAP
 * (RFC 1042), and the frames in those of a provider's backbone (IEEE 802.1ah).
 *
 * Most packets have none of it: it is walked over in global functions, as tcp.h explains.
 */
#ifndef PPING_CARRIERS_H
#define PPING_CARRIERS_H

#include "places.h"

/* How sure it is that something is what it is taken for. The best of several readings is the greatest. */
enum likeness {
	UNLIKE,
	CUT_OFF, /* before that could be told */
	LIKE,
	SURE,
};

struct carrier_walk {
	u32 offset; /* in the frame, of what `type` says */
	u32 type;   /* ethertype */
	u32 vlans;  /* ids of the tags, as place_in_table() takes them */
	u32 labels; /* of MPLS, taken off so far */
	u32 sessions; /* of PPPoE */
	u32 length; /* of the whole frame */
};

static __always_inline int is_vlan(u32 type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

static __always_inline int is_ip(u32 type)
{
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

/* What parsing makes of it, where something that is not like it is `otherwise`. */
static __always_inline enum parse_result result_of(int likeness, enum parse_result otherwise)
{
	if (likeness == CUT_OFF)
		return PARSE_TRUNCATED;
	return likeness == UNLIKE ? otherwise : PARSE_OK;
}

/* The checksum over a whole header, its own field included, comes to ffff (RFC 1071). */
static __always_inline enum likeness likeness_of_ipv4(packet_source *source, u32 offset)
{
	u32 sum = 0, word;
	u8 first;

	if (packet_load(source, offset, &first, sizeof(first)))
		return CUT_OFF;
	if (first < 0x45 || first > 0x4f)
		return UNLIKE;
	for (u32 i = 0; i < 0x0f && i < (first & 0x0fU); i++) {
		if (packet_load(source, offset + i * sizeof(word), &word, sizeof(word)))
			return LIKE;
		sum += (word & 0xffff) + (word >> 16);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? SURE : LIKE;
}

static __always_inline enum likeness likeness_of_ipv6(packet_source *source, u32 offset, u32 end)
{
	u8 first;
	u16 length;

	if (packet_load(source, offset, &first, sizeof(first)))
		return CUT_OFF;
	if (first >> 4 != 6)
		return UNLIKE;
	if (packet_load(source, offset + IPV6_LENGTH_OFFSET, &length, sizeof(length)))
		return LIKE;
	return offset + sizeof(struct ipv6_header) + bswap16(length) == end ? SURE : LIKE;
}

static __always_inline enum likeness likeness_of_session(packet_source *source, u32 offset)
{
	u16 start;

	if (packet_load(source, offset, &start, sizeof(start)))
		return CUT_OFF;
	return start == PPPOE_SESSION_DATA ? LIKE : UNLIKE;
}

/* Whether there is at walk->offset what walk->type says; an enum likeness. */
__noinline int likeness_of(packet_source *source, struct carrier_walk *walk)
{
	if (!walk)
		return UNLIKE;
	if (walk->type == ETHERTYPE_IPV4)
		return likeness_of_ipv4(source, walk->offset);
	if (walk->type == ETHERTYPE_IPV6)
		return likeness_of_ipv6(source, walk->offset, walk->length);
	if (walk->type == ETHERTYPE_PPPOE)
		return likeness_of_session(source, walk->offset);
	return UNLIKE;
}

/* The outermost id, and the innermost. A tag with the id 0 tells a priority, not a VLAN. */
static __always_inline u32 with_tag(u32 vlans, u16 control)
{
	u32 id = bswap16(control) & VLAN_ID_MASK;

	if (!id || !(vlans & VLAN_ID_MASK))
		return vlans | id;
	return (vlans & VLAN_ID_MASK) | id << PLACE_VLAN_ID_BITS;
}

/* Takes off the tags that there are; an enum parse_result. */
__noinline int take_tags(packet_source *source, struct carrier_walk *walk)
{
	if (!walk)
		return PARSE_MALFORMED;
	for (int i = 0; i < MAX_VLAN_TAGS && is_vlan(walk->type); i++) {
		struct vlan_tag tag;

		if (packet_load(source, walk->offset, &tag, sizeof(tag)))
			return PARSE_TRUNCATED;
		walk->offset += sizeof(tag);
		walk->type = bswap16(tag.type);
		walk->vlans = with_tag(walk->vlans, tag.control);
	}
	return PARSE_OK;
}

/* Takes off an Ethernet header with its tags; whether it was one, an enum likeness. */
__noinline int enter_ethernet(packet_source *source, struct carrier_walk *walk)
{
	u16 type;

	if (!walk)
		return UNLIKE;
	if (packet_load(source, walk->offset + ETHERTYPE_OFFSET, &type, sizeof(type)))
		return CUT_OFF;
	walk->offset += sizeof(struct ethernet_header);
	walk->type = bswap16(type);
	return take_tags(source, walk) == PARSE_OK ? likeness_of(source, walk) : CUT_OFF;
}

/*
 * Below the labels nothing says what there is. The first four bits tell IP (RFC 4928) from a pseudowire's
 * control word (RFC 4385); but a pseudowire may have none, and then these are of an Ethernet address, which
 * may begin with any. So both readings are tried, and what fits better is believed.
 */
__noinline int enter_payload(packet_source *source, struct carrier_walk *walk)
{
	struct carrier_walk told, bare;
	int likeness = UNLIKE, likeness_of_bare = UNLIKE;
	u8 first;

	if (!walk)
		return PARSE_MALFORMED;
	if (packet_load(source, walk->offset, &first, sizeof(first)))
		return PARSE_TRUNCATED;
	told = bare = *walk;
	first >>= 4;
	if (first == 4 || first == 6) {
		told.type = first == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
		likeness = likeness_of(source, &told);
	} else if (first == 0) {
		told.offset += CONTROL_WORD_BYTES;
		likeness = enter_ethernet(source, &told);
	}
	if (likeness != SURE)
		likeness_of_bare = enter_ethernet(source, &bare);
	if (likeness_of_bare > likeness) {
		told = bare;
		likeness = likeness_of_bare;
	}
	if (likeness >= LIKE)
		*walk = told;
	return result_of(likeness, PARSE_NOT_IP);
}

static __always_inline enum parse_result take_label(packet_source *source,
						    struct carrier_walk *walk)
{
	u32 label;

	if (walk->labels == MAX_MPLS_LABELS)
		return PARSE_NOT_IP;
	if (packet_load(source, walk->offset, &label, sizeof(label)))
		return PARSE_TRUNCATED;
	walk->labels++;
	walk->offset += sizeof(label);
	return label & MPLS_BOTTOM_OF_STACK ? enter_payload(source, walk) : PARSE_OK;
}

/* The ethertype for a protocol of PPP; 0 where it carries no IP. */
static __always_inline u32 type_of_protocol(u32 protocol)
{
	if (protocol == PPP_IPV4)
		return ETHERTYPE_IPV4;
	if (protocol == PPP_IPV6)
		return ETHERTYPE_IPV6;
	return protocol == PPP_MPLS || protocol == PPP_MPLS_MULTICAST ? ETHERTYPE_MPLS : 0;
}

/* An odd first byte is all of it: the field is compressed (RFC 1661, 2 and 6.5). */
static __always_inline enum parse_result take_protocol(packet_source *source,
						       struct carrier_walk *walk)
{
	u8 field[2];

	if (packet_load(source, walk->offset, field, sizeof(field)))
		return PARSE_TRUNCATED;
	walk->offset += field[0] & 1 ? 1 : 2;
	walk->type = type_of_protocol(field[0] & 1 ? field[0] : (u32)field[0] << 8 | field[1]);
	return walk->type ? PARSE_OK : PARSE_NOT_IP;
}

static __always_inline enum parse_result take_session(packet_source *source,
						      struct carrier_walk *walk)
{
	struct pppoe_header header;

	if (packet_load(source, walk->offset, &header, sizeof(header)))
		return PARSE_TRUNCATED;
	if (header.version_type_code != PPPOE_SESSION_DATA)
		return PARSE_NOT_IP;
	walk->offset += sizeof(header);
	walk->sessions++;
	return take_protocol(source, walk);
}

/* A line's frame: PPP, in HDLC-like framing (RFC 1662) or none, or Cisco HDLC with its ethertypes. */
static __always_inline enum parse_result take_line(packet_source *source, struct carrier_walk *walk)
{
	u16 framing, type;

	if (packet_load(source, walk->offset, &framing, sizeof(framing)))
		return PARSE_TRUNCATED;
	if (framing == HDLC_UNNUMBERED)
		walk->offset += sizeof(framing);
	if (framing != CISCO_HDLC_UNICAST && framing != CISCO_HDLC_MULTICAST)
		return take_protocol(source, walk);
	if (packet_load(source, walk->offset + sizeof(framing), &type, sizeof(type)))
		return PARSE_TRUNCATED;
	walk->offset += sizeof(framing) + sizeof(type);
	walk->type = bswap16(type);
	return PARSE_OK;
}

static __always_inline enum parse_result take_snap(packet_source *source, struct carrier_walk *walk)
{
	struct snap_header header;

	if (packet_load(source, walk->offset, &header, sizeof(header)))
		return PARSE_TRUNCATED;
	if (header.start != LLC_SNAP_ETHERTYPE || header.organization)
		return PARSE_NOT_IP;
	walk->offset += sizeof(header);
	walk->type = bswap16(header.type);
	return PARSE_OK;
}

/* The addresses of the customer's frame are a part of the tag, as its standard has it. */
static __always_inline enum parse_result take_backbone(packet_source *source,
						       struct carrier_walk *walk)
{
	walk->offset += PBB_TAG_BYTES;
	return result_of(enter_ethernet(source, walk), PARSE_NOT_IP);
}

/* A step of the walk, which the verifier would follow once more for each. */
__noinline int take_carrier(packet_source *source, struct carrier_walk *walk)
{
	u32 type;

	if (!walk)
		return PARSE_MALFORMED;
	type = walk->type;
	if (type == ETHERTYPE_MPLS || type == ETHERTYPE_MPLS_MULTICAST)
		return take_label(source, walk);
	if (type == ETHERTYPE_PPPOE)
		return take_session(source, walk);
	if (type == ETHERTYPE_PPP)
		return take_line(source, walk);
	if (type == ETHERTYPE_PBB)
		return take_backbone(source, walk);
	return type < LEAST_ETHERTYPE ? take_snap(source, walk) : PARSE_NOT_IP;
}

/* Walks from what carries IP to IP; an enum parse_result. */
__noinline int find_ip(packet_source *source, struct carrier_walk *walk)
{
	if (!walk)
		return PARSE_MALFORMED;
	for (int i = 0; i < MAX_CARRIERS; i++) {
		int result = take_carrier(source, walk);

		if (result != PARSE_OK || is_ip(walk->type))
			return result;
	}
	return PARSE_NOT_IP;
}

/*
 * Takes off what carries IP, where the link layer says `type`. Sets the key's place and IP version. `vlans` may
 * have SESSIONS_APART in it.
 */
static __noinline int parse_carriers(struct cursor *c, u32 type, u32 interface, u32 vlans,
				     struct flow_key *key)
{
	struct carrier_walk walk = { .offset = c->position - c->start,
				     .type = type,
				     .vlans = vlans & ~SESSIONS_APART,
				     .length = c->wire_length };
	enum parse_result result = take_tags(c->source, &walk);

	if (result == PARSE_OK && !is_ip(walk.type))
		result = find_ip(c->source, &walk);
	if (result != PARSE_OK)
		return result;
	/* What the verifier has forgotten. */
	if (walk.offset > MAX_CARRIER_BYTES)
		return PARSE_MALFORMED;
	c->position = c->start + walk.offset;
	key->ip_version = walk.type == ETHERTYPE_IPV4 ? 4 : 6;
	key->place = place_of(interface, walk.vlans & VLAN_ID_MASK,
			      walk.vlans >> PLACE_VLAN_ID_BITS & VLAN_ID_MASK);
	if (vlans & SESSIONS_APART && walk.sessions)
		key->place = place_in_table(entry_of_tunnel(key->place, TUNNEL_SESSION, 0, 0));
	return PARSE_OK;
}

#endif
