/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What of QUIC is not encrypted (RFC 8999; RFC 9000, 17; RFC 9369): of a datagram its first packet's header.
 *
 * Connection ids are kept as hashes: an id is compared with those of its own flow alone.
 */
#ifndef PPING_QUIC_H
#define PPING_QUIC_H

#include "packet.h"

#define QUIC_LONG_HEADER 0x80
#define QUIC_FIXED_BIT 0x40
#define QUIC_SPIN_BIT 0x20
#define QUIC_LONG_TYPE(first) ((first) >> 4 & 3)
#define QUIC_NEGOTIATION 0
#define QUIC_VERSION_1 1
#define QUIC_VERSION_2 0x6b3343cf
#define QUIC_MOST_ID_BYTES 20
#define QUIC_SHORT_ID_BYTES 8 /* that are looked at in a short header; where ids are shorter, or there are none, what follows is encrypted */
#define QUIC_LEAST_ID_BYTES 8 /* of the one that a client chooses for the server (RFC 9000, 7.2) */

/* The first byte, the version, and both ids with their lengths. */
#define QUIC_MOST_HEADER_BYTES (1 + 4 + 2 * (1 + QUIC_MOST_ID_BYTES))
#define QUIC_LEAST_HEADER_BYTES (1 + 4 + 2)

struct quic_header {
	u8 bytes[QUIC_MOST_HEADER_BYTES + 1]; /* and a 0 */
	u32 length;
};

/* FNV-1a, and its length: `at` is where that is. Never 0. */
static __always_inline u32 hash_id(const volatile struct quic_header *header, u32 at)
{
	u32 hash = 2166136261U, length = header->bytes[at];

	for (u32 i = 0; i <= QUIC_MOST_ID_BYTES; i++)
		if (i <= length && at + i < sizeof(header->bytes))
			hash = (hash ^ header->bytes[at + i]) * 16777619U;
	return hash ? hash : 1;
}

/*
 * Of a short header, whose id may have any length: 16 bits of the first bytes behind its first one. Where ids are shorter
 * these are another each time. Never 0.
 */
static __always_inline u32 hash_short_id(const struct quic_header *header)
{
	u64 bytes = 0;

	for (u32 i = 1; i <= QUIC_SHORT_ID_BYTES; i++)
		bytes = bytes << 8 | header->bytes[i];
	bytes = bytes * 0x9e3779b97f4a7c15ULL >> 48;
	return bytes ? bytes : 1;
}

/* Type bits are others in version 2 (RFC 9369, 3.2). */
static __always_inline enum quic_type type_of(u8 first, u32 version)
{
	u8 type = QUIC_LONG_TYPE(first);

	if (version == QUIC_NEGOTIATION)
		return QUIC_VERSION_NEGOTIATION;
	if (version == QUIC_VERSION_2)
		type = (type - 1) & 3;
	return QUIC_INITIAL + type;
}

/*
 * A long header; an enum parse_result. It is known by its version: the fixed bit may be 0, of a negotiation (RFC 9000,
 * 17.2.1) and where both ends have agreed on that (RFC 9287).
 */
__noinline int read_long_header(volatile struct quic_header *header, struct quic_packet *quic)
{
	u32 length, to, from;

	if (!header || !quic)
		return PARSE_NOT_TCP;
	length = header->length;
	quic->version = (u32)header->bytes[1] << 24 | header->bytes[2] << 16 | header->bytes[3] << 8 | header->bytes[4];
	if (quic->version != QUIC_NEGOTIATION && quic->version != QUIC_VERSION_1 && quic->version != QUIC_VERSION_2)
		return PARSE_NOT_TCP;
	to = header->bytes[5];
	if (to > QUIC_MOST_ID_BYTES)
		return PARSE_NOT_TCP;
	from = header->bytes[6 + to];
	if (from > QUIC_MOST_ID_BYTES || 7 + to + from > length)
		return PARSE_NOT_TCP;
	quic->type = type_of(header->bytes[0], quic->version);
	quic->dcid_length = to;
	quic->dcid = hash_id(header, 5);
	quic->scid = hash_id(header, 6 + to);
	return PARSE_OK;
}

/* `offset` is that of the datagram's payload in the frame, `length` how long that is. An enum parse_result. */
__noinline int read_quic(packet_source *source, u32 offset, u32 length, struct quic_packet *quic)
{
	struct quic_header header = {};

	if (!quic || !length)
		return PARSE_NOT_TCP;
	if (packet_load(source, offset, header.bytes, 1))
		return PARSE_TRUNCATED;
	if (!(header.bytes[0] & QUIC_LONG_HEADER)) {
		quic->type = QUIC_SHORT;
		quic->spin = !!(header.bytes[0] & QUIC_SPIN_BIT);
		quic->is_fixed = !!(header.bytes[0] & QUIC_FIXED_BIT);
		quic->dcid = 0;
		if (length > QUIC_SHORT_ID_BYTES && !packet_load(source, offset, header.bytes, 1 + QUIC_SHORT_ID_BYTES))
			quic->dcid = hash_short_id(&header);
		return PARSE_OK;
	}
	if (length < QUIC_LEAST_HEADER_BYTES)
		return PARSE_NOT_TCP;
	header.length = length < QUIC_MOST_HEADER_BYTES ? length : QUIC_MOST_HEADER_BYTES;
	if (packet_load_up_to(source, offset, header.bytes, header.length, QUIC_MOST_HEADER_BYTES))
		return PARSE_TRUNCATED;
	return read_long_header(&header, quic);
}

static __always_inline enum parse_result parse_quic(struct cursor *c, struct packet *p)
{
	enum parse_result result;

	p->key.protocol = PROTOCOL_QUIC;
	result = read_quic(c->source, c->position - c->start, c->remaining, &p->quic);
	if (result != PARSE_OK)
		p->key.protocol = PROTOCOL_UDP;
	return result;
}

#endif
