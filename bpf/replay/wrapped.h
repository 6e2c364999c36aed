/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Headers that only captures have, around a link layer that is read as any other: what they say of the
 * packet is kept, and they are taken off.
 */
#ifndef PPING_REPLAY_WRAPPED_H
#define PPING_REPLAY_WRAPPED_H

#include "input.h"
#include "wifi.h"

/* PKTAP and PPI around radiotap; no header is twice in another. */
#define MOST_WRAPPERS 2

/* https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html */
#define NFLOG_HEADER_BYTES 4
#define NFLOG_FIELD_BYTES 4 /* length and type */
#define NFLOG_MOST_FIELDS 64
#define NFLOG_PACKET_HEADER 1
#define NFLOG_PAYLOAD 9
#define NFLOG_HARDWARE_TYPE 15
#define NFLOG_BRIDGE 7 /* among the address families */

/* Netfilter's hooks (linux/netfilter.h). */
enum netfilter_hook {
	NETFILTER_PREROUTING = 0,
	NETFILTER_INPUT = 1,
	NETFILTER_FORWARD = 2,
	NETFILTER_OUTPUT = 3,
	NETFILTER_POSTROUTING = 4,
};

/* https://www.tcpdump.org/linktypes/LINKTYPE_PKTAP.html; in version 2 the flags are at the same place. */
#define PKTAP_LEAST_BYTES 40
#define PKTAP_NAME_AT 12
#define PKTAP_NAME_BYTES 24
#define PKTAP_FLAGS_AT 36
#define PKTAP_PACKET 1
#define PKTAP_IN 0x1
#define PKTAP_OUT 0x2
#define PKTAP_V2 0x80000
#define PKTAP_V2_NAME_AT 3
#define PKTAP_V2_TYPE_AT 6

#define PPI_LEAST_BYTES 8

static __always_inline int is_wrapped(u32 link)
{
	return link >= LINK_NFLOG;
}

/* Of a link type that a header names. */
static __always_inline enum parse_result take_around(struct inner *f, u32 length, u32 least,
						     u32 link_type)
{
	u8 known = link_type < INPUT_LINK_TYPES ? link_layers[link_type] : 0;

	return known ? take_header(f, length, least, known - 1) : PARSE_NOT_IP;
}

/* What the capture file says itself goes before. */
static __always_inline void tell_side(struct inner *f, u8 hook, u8 to_this_host)
{
	if (f->side.hook != HOOK_UNKNOWN)
		return;
	f->side.hook = hook;
	f->side.to_this_host = to_this_host;
}

/* --- NFLOG --- */

/* What is forwarded is on both sides. */
static __always_inline void tell_netfilter_side(struct inner *f, u8 hook)
{
	if (hook == NETFILTER_PREROUTING || hook == NETFILTER_INPUT)
		tell_side(f, HOOK_INGRESS, hook == NETFILTER_INPUT);
	else if (hook == NETFILTER_OUTPUT || hook == NETFILTER_POSTROUTING)
		tell_side(f, HOOK_EGRESS, 0);
}

/* The payload, which is IP: its family says of which version. */
static __always_inline enum parse_result take_payload(struct inner *f, u32 length, u8 family)
{
	u8 version;

	take(f, NFLOG_FIELD_BYTES);
	f->length = length - NFLOG_FIELD_BYTES;
	if (has(f, f->length))
		f->end = f->position + f->length;
	f->link = LINK_IP;
	if (family == NFLOG_BRIDGE || !has(f, 1))
		return PARSE_OK;
	version = family == FAMILY_IPV4 ? 4 : 6;
	return *f->position >> 4 == version ? PARSE_OK : PARSE_MALFORMED;
}

/*
 * Walks the fields up to the payload, which the kernel puts last. They are in the byte order of the
 * machine that captured: types are small numbers.
 */
static __always_inline enum parse_result take_fields(struct inner *f, u8 family)
{
	int is_big = has(f, NFLOG_FIELD_BYTES) && little16(f->position + 2) > 0xff;
	struct side told = f->side;

	for (int i = 0; i < NFLOG_MOST_FIELDS; i++) {
		const u8 *field = f->position, *value = field + NFLOG_FIELD_BYTES;
		u32 length, type;

		if (!has(f, NFLOG_FIELD_BYTES))
			return PARSE_TRUNCATED;
		length = is_big ? big16(field) : little16(field);
		type = is_big ? big16(field + 2) : little16(field + 2);
		if (length < NFLOG_FIELD_BYTES)
			return PARSE_MALFORMED;
		if (type == NFLOG_PAYLOAD)
			return take_payload(f, length, family);
		length = (length + 3) & ~3;
		if (!has(f, length))
			return PARSE_TRUNCATED;
		if (type == NFLOG_PACKET_HEADER && length >= NFLOG_FIELD_BYTES + 4)
			tell_netfilter_side(f, value[2]);
		/* What the loopback device sends may be logged only as it comes in. */
		if (type == NFLOG_HARDWARE_TYPE && length >= NFLOG_FIELD_BYTES + 4 &&
		    big16(value) == HARDWARE_LOOPBACK)
			f->side = told;
		take(f, length);
	}
	return PARSE_MALFORMED;
}

static __always_inline enum parse_result take_nflog(struct inner *f)
{
	const u8 *header = f->position;
	u8 family;

	if (!has(f, NFLOG_HEADER_BYTES))
		return PARSE_TRUNCATED;
	family = header[0];
	if (header[1] || (family != FAMILY_IPV4 && family != FAMILY_IPV6_LINUX &&
			  family != NFLOG_BRIDGE))
		return PARSE_NOT_IP;
	take(f, NFLOG_HEADER_BYTES);
	return take_fields(f, family);
}

/* --- PKTAP, PPI --- */

/* Each interface is a place of its own: its name, hashed (FNV-1a), and not as low as indices are. */
static __always_inline u32 named_interface(const struct inner *f, u32 at)
{
	u32 hash = 2166136261u ^ f->interface;

	for (u32 i = at; i < at + PKTAP_NAME_BYTES && has(f, i + 1) && f->position[i]; i++)
		hash = (hash ^ f->position[i]) * 16777619u;
	return hash | 1u << 31;
}

static __always_inline enum parse_result take_pktap(struct inner *f)
{
	const u8 *header = f->position;
	u32 flags, name_at;

	if (!has(f, PKTAP_LEAST_BYTES))
		return PARSE_TRUNCATED;
	flags = little32(header + PKTAP_FLAGS_AT);
	if (flags & (PKTAP_IN | PKTAP_OUT))
		tell_side(f, flags & PKTAP_IN ? HOOK_INGRESS : HOOK_EGRESS, 0);
	name_at = flags & PKTAP_V2 ? header[PKTAP_V2_NAME_AT] : PKTAP_NAME_AT;
	f->interface = named_interface(f, name_at);
	if (flags & PKTAP_V2)
		return take_around(f, header[0], PKTAP_LEAST_BYTES, little16(header + PKTAP_V2_TYPE_AT));
	if (little32(header + 4) != PKTAP_PACKET)
		return PARSE_NOT_IP;
	return take_around(f, little32(header), PKTAP_LEAST_BYTES, little32(header + 8));
}

static __always_inline enum parse_result take_ppi(struct inner *f)
{
	const u8 *header = f->position;

	if (!has(f, PPI_LEAST_BYTES))
		return PARSE_TRUNCATED;
	if (header[0])
		return PARSE_MALFORMED;
	return take_around(f, little16(header + 2), PPI_LEAST_BYTES, little32(header + 4));
}

/* --- all --- */

static __always_inline enum parse_result unwrap_one(struct inner *f)
{
	switch (f->link) {
	case LINK_NFLOG:
		return take_nflog(f);
	case LINK_PKTAP:
		return take_pktap(f);
	case LINK_PPI:
		return take_ppi(f);
	case LINK_WIFI_RADIOTAP:
		return take_radiotap(f);
	case LINK_WIFI_PRISM:
		return take_prism(f);
	case LINK_WIFI_AVS:
		return take_avs(f);
	default:
		return take_wifi(f, 0);
	}
}

/* Up to a link layer that parse_packet() reads. */
static __noinline enum parse_result unwrap(struct inner *f)
{
	for (int i = 0; i < MOST_WRAPPERS && is_wrapped(f->link); i++) {
		enum parse_result result = unwrap_one(f);

		if (result != PARSE_OK)
			return result;
	}
	return is_wrapped(f->link) ? PARSE_NOT_IP : PARSE_OK;
}

#endif
