/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * IEEE 802.11, alone or behind what the card said of its reception: radiotap (https://www.radiotap.org),
 * Prism or AVS headers. What is encrypted, and what is not data, is not IP to us.
 */
#ifndef PPING_REPLAY_WIFI_H
#define PPING_REPLAY_WIFI_H

#include "inner.h"

/* The frame control field's first byte, ... */
#define WIFI_VERSION_AND_TYPE 0x0f
#define WIFI_DATA 0x08
#define WIFI_WITHOUT_DATA 0x40
#define WIFI_QOS 0x80
/* ... and its second. */
#define WIFI_BOTH_DS 0x03 /* from one access point to another: four addresses */
#define WIFI_PROTECTED 0x40
#define WIFI_ORDER 0x80   /* of QoS data: there is an HT control field */

#define WIFI_HEADER_BYTES 24
#define WIFI_SEQUENCE_AT 22
#define WIFI_FRAGMENT 0x0f
#define WIFI_AGGREGATE 0x80 /* A-MSDU, in the QoS field's first byte */

#define LLC_BYTES 8
#define LLC_SNAP 0xaaaa03
#define OUI_ETHERTYPE 0x000000
#define OUI_BRIDGE_TUNNEL 0x0000f8 /* IEEE 802.1H */

#define RADIOTAP_LEAST_BYTES 8
#define RADIOTAP_HAS_TIME (1u << 0)
#define RADIOTAP_HAS_FLAGS (1u << 1)
#define RADIOTAP_GOES_ON (1u << 31)
#define RADIOTAP_PADDED 0x20 /* the IEEE 802.11 header, to a multiple of four bytes */
#define RADIOTAP_BAD 0x40    /* the frame check sequence does not fit */

#define PRISM_BYTES 144
#define AVS_LEAST_BYTES 8
#define AVS_VERSION_1 0x80211001
#define AVS_VERSION_2 0x80211002

static __always_inline u32 oui(const u8 *at)
{
	return (u32)at[0] << 16 | at[1] << 8 | at[2];
}

/*
 * LLC and SNAP (IEEE 802.2, RFC 1042), which end with an ethertype. So does an Ethernet header, of which
 * nothing else is read: what precedes, and is longer, stands for one.
 */
static __always_inline enum parse_result take_llc(struct inner *f)
{
	u32 before = sizeof(struct ethernet_header) - LLC_BYTES;
	const u8 *llc = f->position;

	if (!has(f, LLC_BYTES))
		return PARSE_TRUNCATED;
	if (oui(llc) != LLC_SNAP ||
	    (oui(llc + 3) != OUI_ETHERTYPE && oui(llc + 3) != OUI_BRIDGE_TUNNEL))
		return PARSE_NOT_IP;
	f->position -= before;
	f->length += before;
	f->link = LINK_ETHERNET;
	return PARSE_OK;
}

/* Of several packets in one frame (A-MSDU) only the first is read: a record is a packet. */
static __always_inline enum parse_result take_subframe(struct inner *f)
{
	if (!has(f, sizeof(struct ethernet_header)))
		return PARSE_TRUNCATED;
	take(f, sizeof(struct ethernet_header));
	return take_llc(f);
}

static enum parse_result take_wifi(struct inner *f, int is_padded)
{
	u32 length = WIFI_HEADER_BYTES, qos_at;
	const u8 *header = f->position;
	u8 qos = 0;

	if (!has(f, 2))
		return PARSE_TRUNCATED;
	if ((header[0] & WIFI_VERSION_AND_TYPE) != WIFI_DATA || header[0] & WIFI_WITHOUT_DATA ||
	    header[1] & WIFI_PROTECTED)
		return PARSE_NOT_IP;
	if ((header[1] & WIFI_BOTH_DS) == WIFI_BOTH_DS)
		length += 6;
	qos_at = length;
	if (header[0] & WIFI_QOS)
		length += header[1] & WIFI_ORDER ? 6 : 2;
	if (is_padded)
		length = (length + 3) & ~3;
	if (!has(f, length))
		return PARSE_TRUNCATED;
	if (header[WIFI_SEQUENCE_AT] & WIFI_FRAGMENT)
		return PARSE_FRAGMENT;
	if (header[0] & WIFI_QOS)
		qos = header[qos_at];
	take(f, length);
	return qos & WIFI_AGGREGATE ? take_subframe(f) : take_llc(f);
}

/* The flags among the fields; 0 where there are none. */
static __always_inline u8 radiotap_flags(const u8 *header, u32 length)
{
	u32 present = little32(header + 4), at = 8, more = present;

	while (more & RADIOTAP_GOES_ON && at + 4 <= length) {
		more = little32(header + at);
		at += 4;
	}
	if (present & RADIOTAP_HAS_TIME)
		at = ((at + 7) & ~7) + 8;
	return present & RADIOTAP_HAS_FLAGS && at < length ? header[at] : 0;
}

static __always_inline enum parse_result take_radiotap(struct inner *f)
{
	const u8 *header = f->position;
	enum parse_result result;
	u8 flags;

	if (!has(f, RADIOTAP_LEAST_BYTES))
		return PARSE_TRUNCATED;
	if (header[0])
		return PARSE_MALFORMED;
	result = take_header(f, little16(header + 2), RADIOTAP_LEAST_BYTES, LINK_WIFI);
	if (result != PARSE_OK)
		return result;
	flags = radiotap_flags(header, f->position - header);
	if (flags & RADIOTAP_BAD)
		return PARSE_MALFORMED;
	return take_wifi(f, flags & RADIOTAP_PADDED);
}

static __always_inline int is_avs(const u8 *header)
{
	return big32(header) == AVS_VERSION_1 || big32(header) == AVS_VERSION_2;
}

static __always_inline enum parse_result take_wifi_behind(struct inner *f, u32 length, u32 least)
{
	enum parse_result result = take_header(f, length, least, LINK_WIFI);

	return result == PARSE_OK ? take_wifi(f, 0) : result;
}

static __always_inline enum parse_result take_avs(struct inner *f)
{
	if (!has(f, AVS_LEAST_BYTES))
		return PARSE_TRUNCATED;
	if (!is_avs(f->position))
		return PARSE_MALFORMED;
	return take_wifi_behind(f, big32(f->position + 4), AVS_LEAST_BYTES);
}

/* Under its number some drivers write AVS. */
static __always_inline enum parse_result take_prism(struct inner *f)
{
	if (has(f, AVS_LEAST_BYTES) && is_avs(f->position))
		return take_avs(f);
	return take_wifi_behind(f, PRISM_BYTES, PRISM_BYTES);
}

#endif
