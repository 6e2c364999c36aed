/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The TCP header and its timestamp option.
 *
 * What nearly every segment looks like is read in place. Unusual options are walked over
 * a copy, in a global function: the verifier checks that once and by itself, where a walk
 * in place multiplies with every path that leads to it (a million steps instead of ten
 * thousand). For the same reason the position that the walk carries from step to step is
 * kept in memory, where the verifier forgets it.
 */
#ifndef PPING_TCP_H
#define PPING_TCP_H

#include "packet.h"

/* A copy of a segment's options, and how far they have been read. */
struct option_walk {
	u8 bytes[TCP_MAX_OPTIONS_LENGTH];
	u32 length;
	u32 at;
	u32 tsval; /* found, in network byte order */
	u32 tsecr;
	u32 found;
};

/* Takes the option at walk->at; 0 after the last, -1 when malformed. */
__noinline int take_option(volatile struct option_walk *walk)
{
	u32 at, end, length;

	if (!walk)
		return -1;
	at = walk->at;
	end = walk->length;
	/* The constant is for verifiers (6.1) that learn nothing from comparing two unknowns. */
	if (at >= TCP_MAX_OPTIONS_LENGTH || at >= end || walk->bytes[at] == TCP_OPTION_END)
		return 0;
	if (walk->bytes[at] == TCP_OPTION_NOP) {
		walk->at = at + 1;
		return 1;
	}
	if (at + 2 > end)
		return -1;
	length = walk->bytes[at + 1];
	if (length < 2 || at + length > end)
		return -1;
	walk->at = at + length;
	if (walk->bytes[at] != TCP_OPTION_TIMESTAMP)
		return 1;
	if (length != TCP_TIMESTAMP_LENGTH || at + TCP_TIMESTAMP_LENGTH > end)
		return -1;
	__builtin_memcpy((void *)&walk->tsval, (const void *)&walk->bytes[at + 2], sizeof(u32));
	__builtin_memcpy((void *)&walk->tsecr, (const void *)&walk->bytes[at + 6], sizeof(u32));
	walk->found = 1;
	return 0;
}

/* Finds the timestamp option in any order and padding; -1 when the options are malformed. */
__noinline int find_timestamp(struct option_walk *walk)
{
	if (!walk)
		return -1;
	for (int step = 0; step < TCP_MAX_OPTIONS_LENGTH; step++) {
		int status = take_option(walk);

		if (status <= 0)
			return status;
	}
	return 0;
}

/* `offset` is that of the options in the frame. An enum parse_result. */
__noinline int parse_unusual_options(packet_source *source, u32 offset, u32 length, struct tcp_segment *tcp)
{
	struct option_walk walk = { .length = length };

	if (!tcp)
		return PARSE_MALFORMED;
	if (packet_load(source, offset, walk.bytes, length))
		return PARSE_TRUNCATED;
	if (find_timestamp(&walk))
		return PARSE_MALFORMED;
	tcp->tsval = bswap32(walk.tsval);
	tcp->tsecr = bswap32(walk.tsecr);
	tcp->has_timestamp = walk.found;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_options(struct cursor *c, u32 length,
						       struct packet *p)
{
	const struct aligned_timestamp *aligned =
		(const void *)(c->position + sizeof(struct tcp_header));

	if (unlikely(length < sizeof(*aligned) || (const u8 *)(aligned + 1) > c->end ||
		     aligned->leader != TCP_ALIGNED_TIMESTAMP)) {
		p->tcp.tsval = p->tcp.tsecr = p->tcp.has_timestamp = 0;
		return length ? parse_unusual_options(c->source, (const u8 *)aligned - c->start, length, &p->tcp)
			      : PARSE_OK;
	}
	p->tcp.tsval = bswap32(aligned->tsval);
	p->tcp.tsecr = bswap32(aligned->tsecr);
	p->tcp.has_timestamp = 1;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_tcp(struct cursor *c, struct packet *p)
{
	const struct tcp_header *tcp = (const void *)c->position;
	if ((const u8 *)(tcp + 1) > c->end)
		return c->remaining < sizeof(*tcp) ? PARSE_MALFORMED : PARSE_TRUNCATED;
	u32 header_length = (tcp->data_offset >> 4) * 4;
	if (header_length < sizeof(*tcp) || header_length > c->remaining)
		return PARSE_MALFORMED;

	p->key.port[0] = bswap16(tcp->source_port);
	p->key.port[1] = bswap16(tcp->destination_port);
	p->tcp.seq = bswap32(tcp->seq);
	p->tcp.ack = bswap32(tcp->ack);
	/* One word, so that the window costs nothing. */
	__builtin_memcpy(&p->tcp.data_offset, &tcp->data_offset, sizeof(u32));
	p->payload = c->remaining - header_length;
	return parse_options(c, header_length - sizeof(*tcp), p);
}

#endif
