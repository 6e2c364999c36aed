/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From bytes to a TCP segment: link layer, IP, TCP and its timestamp option.
 *
 * What nearly every packet looks like is read in place; each access is preceded
 * by its own check against `end`, which is also the form the BPF verifier can
 * follow. Extension headers and unusual TCP options are walked over a copy, in
 * global functions: the verifier checks those once and by themselves, where a
 * walk in place multiplies with every path that leads to it (a million steps
 * instead of ten thousand). For the same reason a position that such a walk
 * carries from step to step is kept in memory, where the verifier forgets it.
 *
 * The target supplies `packet_source` and packet_load().
 */
#ifndef PPING_PACKET_H
#define PPING_PACKET_H

#include "pping.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

#define bswap16 __builtin_bswap16
#define bswap32 __builtin_bswap32

enum hook {
	HOOK_INGRESS = 0,
	HOOK_EGRESS = 1,
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

/* A TCP segment, as far as an RTT is concerned. */
struct segment {
	u64 now;           /* when it was seen */
	struct flow_key key;
	u32 tsval;         /* RFC 7323, 3.2 */
	u32 tsecr;
	u32 seq;
	u32 ack;
	u32 payload;       /* bytes */
	u32 packets;       /* on the wire: more than 1 where the kernel holds them merged */
	u8 direction;      /* 0: sent by key.address[0]; 1: by key.address[1] */
	u8 flags;          /* enum tcp_flag */
	u8 has_timestamp;
	u8 hook;           /* enum hook */
	u8 to_this_host;   /* the link layer delivers it to this machine */
};

enum parse_result {
	PARSE_OK,
	PARSE_NOT_IP,
	PARSE_NOT_TCP,
	PARSE_FRAGMENT,
	PARSE_MALFORMED,
	PARSE_TRUNCATED, /* `end` came before the headers did */
};

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_TCP 6
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_AUTHENTICATION 51
#define PROTOCOL_DESTINATION 60

#define MAX_VLAN_TAGS 2
#define MAX_EXTENSION_HEADERS 6

#define TCP_OPTION_END 0
#define TCP_OPTION_NOP 1
#define TCP_OPTION_TIMESTAMP 8
#define TCP_TIMESTAMP_LENGTH 10
#define TCP_MAX_OPTIONS_LENGTH 40
/* NOP NOP TIMESTAMP 10, in wire order: what nearly every stack sends (RFC 7323, appendix A). */
#define TCP_ALIGNED_TIMESTAMP bswap32(0x0101080a)

struct ethernet_header {
	u8 destination[6];
	u8 source[6];
	u16 type;
} __attribute__((packed));

struct vlan_tag {
	u16 control;
	u16 type;
} __attribute__((packed));

struct ipv4_header {
	u8 version_length;
	u8 service;
	u16 total_length;
	u16 id;
	u16 fragment;
	u8 ttl;
	u8 protocol;
	u16 checksum;
	u32 source;
	u32 destination;
} __attribute__((packed));

struct ipv6_header {
	u32 version_class_label;
	u16 payload_length;
	u8 next_header;
	u8 hop_limit;
	u32 source[4];
	u32 destination[4];
} __attribute__((packed));

struct ipv6_extension {
	u8 next_header;
	u8 length; /* 8-byte units beyond the first; 4-byte units beyond two for AH */
	u16 fragment;
	u32 rest;
} __attribute__((packed));

struct tcp_header {
	u16 source_port;
	u16 destination_port;
	u32 seq;
	u32 ack;
	u8 data_offset;
	u8 flags;
	u16 window;
	u16 checksum;
	u16 urgent;
} __attribute__((packed));

struct aligned_timestamp {
	u32 leader; /* NOP NOP TIMESTAMP 10 */
	u32 tsval;
	u32 tsecr;
} __attribute__((packed));

/* Copies `length` bytes at `offset` of the frame, wherever they are held; 0 when they are there. */
static int packet_load(packet_source *source, u32 offset, void *to, u32 length);

/* Where the parser stands in the packet. */
struct cursor {
	packet_source *source;
	const u8 *start;
	const u8 *position;
	const u8 *end;
	u32 wire_length; /* of the whole frame, which may be longer than end - start */
	u32 remaining;   /* bytes from position to the end of the IP payload */
};

static __always_inline enum parse_result parse_link(struct cursor *c, enum link_layer link,
						    u8 *ip_version);
static __always_inline enum parse_result parse_ipv4(struct cursor *c, struct address *source,
						    struct address *destination);
static __always_inline enum parse_result parse_ipv6(struct cursor *c, struct address *source,
						    struct address *destination);
static __always_inline enum parse_result parse_tcp(struct cursor *c, struct segment *s,
						   u16 *source_port, u16 *destination_port);
static __always_inline void set_key(struct segment *s, const struct address *source,
				    const struct address *destination, u16 source_port,
				    u16 destination_port);

/*
 * Parses one frame of `wire_length` bytes, of which those up to `end` can be
 * read, into `s` (which the caller has zeroed; `now`, `packets`, `hook` and
 * `to_this_host` are the caller's).
 */
static __always_inline enum parse_result parse_segment(packet_source *source, const u8 *data,
						       const u8 *end, u32 wire_length,
						       enum link_layer link, struct segment *s)
{
	struct cursor c = { .source = source, .start = data, .position = data, .end = end,
			    .wire_length = wire_length };
	struct address from = {}, to = {};
	u16 from_port = 0, to_port = 0;
	enum parse_result result;

	result = parse_link(&c, link, &s->key.ip_version);
	if (result != PARSE_OK)
		return result;
	result = s->key.ip_version == 4 ? parse_ipv4(&c, &from, &to)
					: parse_ipv6(&c, &from, &to);
	if (result != PARSE_OK)
		return result;
	result = parse_tcp(&c, s, &from_port, &to_port);
	if (result != PARSE_OK)
		return result;
	set_key(s, &from, &to, from_port, to_port);
	return PARSE_OK;
}

/* Takes off Ethernet and up to two VLAN tags (IEEE 802.1Q), or nothing where there is no link header. */
static __always_inline enum parse_result parse_link(struct cursor *c, enum link_layer link,
						    u8 *ip_version)
{
	if (link == LINK_IP) {
		if (c->position + 1 > c->end)
			return PARSE_TRUNCATED;
		*ip_version = *c->position >> 4;
		return *ip_version == 4 || *ip_version == 6 ? PARSE_OK : PARSE_NOT_IP;
	}

	const struct ethernet_header *ethernet = (const void *)c->position;
	if ((const u8 *)(ethernet + 1) > c->end)
		return PARSE_TRUNCATED;
	u16 type = bswap16(ethernet->type);
	c->position += sizeof(*ethernet);

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		const struct vlan_tag *tag = (const void *)c->position;
		if ((const u8 *)(tag + 1) > c->end)
			return PARSE_TRUNCATED;
		type = bswap16(tag->type);
		c->position += sizeof(*tag);
	}
	*ip_version = type == ETHERTYPE_IPV4 ? 4 : 6;
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? PARSE_OK : PARSE_NOT_IP;
}

/*
 * What is left of the frame for the IP packet must hold what its header says.
 * 0 stands for more than 16 bits can say: the kernel's own merged packets
 * (BIG TCP), which end where the frame ends.
 */
static __always_inline enum parse_result set_remaining(struct cursor *c, u32 ip_length)
{
	u32 available = c->wire_length - (u32)(c->position - c->start);

	if (ip_length > available)
		return PARSE_MALFORMED;
	c->remaining = ip_length ? ip_length : available;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_ipv4(struct cursor *c, struct address *source,
						    struct address *destination)
{
	const struct ipv4_header *ip = (const void *)c->position;
	if ((const u8 *)(ip + 1) > c->end)
		return PARSE_TRUNCATED;
	u32 header_length = (ip->version_length & 0x0f) * 4;
	if (ip->version_length >> 4 != 4 || header_length < sizeof(*ip))
		return PARSE_MALFORMED;
	if (set_remaining(c, bswap16(ip->total_length)) != PARSE_OK || c->remaining < header_length)
		return PARSE_MALFORMED;
	if (ip->fragment & bswap16(0x1fff))
		return PARSE_FRAGMENT;
	if (ip->protocol != PROTOCOL_TCP)
		return PARSE_NOT_TCP;

	source->words[2] = destination->words[2] = bswap32(0x0000ffff);
	source->words[3] = ip->source;
	destination->words[3] = ip->destination;
	c->position += header_length;
	c->remaining -= header_length;
	return PARSE_OK;
}

/* A walk over IPv6 extension headers. */
struct extension_walk {
	u32 offset;    /* of the next header in the frame */
	u32 remaining; /* bytes from there to the end of the IP payload */
	u32 next_header;
};

/* Takes one extension header (RFC 8200, 4). */
static __always_inline enum parse_result skip_extension(packet_source *source,
							volatile struct extension_walk *walk)
{
	struct ipv6_extension extension;
	u32 kind = walk->next_header;
	u32 length;

	if (kind != PROTOCOL_HOP_BY_HOP && kind != PROTOCOL_ROUTING && kind != PROTOCOL_FRAGMENT &&
	    kind != PROTOCOL_AUTHENTICATION && kind != PROTOCOL_DESTINATION)
		return PARSE_NOT_TCP;
	if (walk->remaining < sizeof(extension) ||
	    packet_load(source, walk->offset, &extension, sizeof(extension)))
		return PARSE_MALFORMED;
	if (kind == PROTOCOL_FRAGMENT && extension.fragment & bswap16(0xfff8))
		return PARSE_FRAGMENT;
	length = (extension.length + 1) * 8;
	if (kind == PROTOCOL_AUTHENTICATION)
		length = (extension.length + 2) * 4;
	if (kind == PROTOCOL_FRAGMENT)
		length = sizeof(extension);
	if (length > walk->remaining)
		return PARSE_MALFORMED;
	walk->offset += length;
	walk->remaining -= length;
	walk->next_header = extension.next_header;
	return PARSE_OK;
}

/* Walks the extension headers up to TCP; an enum parse_result. */
__noinline int skip_extensions(packet_source *source, struct extension_walk *walk)
{
	if (!walk)
		return PARSE_MALFORMED;
	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		int result = skip_extension(source, walk);

		if (result != PARSE_OK || walk->next_header == PROTOCOL_TCP)
			return result;
	}
	return PARSE_MALFORMED;
}

static __always_inline enum parse_result parse_extensions(struct cursor *c, u8 next_header)
{
	struct extension_walk walk = { .offset = c->position - c->start,
				       .remaining = c->remaining,
				       .next_header = next_header };
	enum parse_result result = skip_extensions(c->source, &walk);

	if (result != PARSE_OK)
		return result;
	if (walk.offset > MAX_EXTENSION_HEADERS * 2048 || walk.remaining > c->remaining)
		return PARSE_MALFORMED;
	c->position = c->start + walk.offset;
	c->remaining = walk.remaining;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_ipv6(struct cursor *c, struct address *source,
						    struct address *destination)
{
	const struct ipv6_header *ip = (const void *)c->position;
	if ((const u8 *)(ip + 1) > c->end)
		return PARSE_TRUNCATED;
	if (*c->position >> 4 != 6)
		return PARSE_MALFORMED;
	__builtin_memcpy(source, ip->source, sizeof(*source));
	__builtin_memcpy(destination, ip->destination, sizeof(*destination));
	u16 payload_length = bswap16(ip->payload_length);
	u8 next_header = ip->next_header;
	c->position += sizeof(*ip);
	if (set_remaining(c, payload_length) != PARSE_OK)
		return PARSE_MALFORMED;
	return next_header == PROTOCOL_TCP ? PARSE_OK : parse_extensions(c, next_header);
}

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
static __always_inline int take_option(volatile struct option_walk *walk)
{
	u32 at = walk->at;
	u32 end = walk->length;
	u32 length;

	if (end > TCP_MAX_OPTIONS_LENGTH)
		return -1;
	if (at >= end || walk->bytes[at] == TCP_OPTION_END)
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

static __always_inline enum parse_result parse_unusual_options(struct cursor *c, u32 length,
							       struct segment *s)
{
	struct option_walk walk = { .length = length };
	u32 offset = c->position - c->start + sizeof(struct tcp_header);

	if (!length)
		return PARSE_OK;
	if (packet_load(c->source, offset, walk.bytes, length) ||
	    find_timestamp(&walk))
		return PARSE_MALFORMED;
	s->tsval = bswap32(walk.tsval);
	s->tsecr = bswap32(walk.tsecr);
	s->has_timestamp = walk.found;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_options(struct cursor *c, u32 length,
						       struct segment *s)
{
	const struct aligned_timestamp *aligned =
		(const void *)(c->position + sizeof(struct tcp_header));

	if (length < sizeof(*aligned) || (const u8 *)(aligned + 1) > c->end ||
	    aligned->leader != TCP_ALIGNED_TIMESTAMP)
		return parse_unusual_options(c, length, s);
	s->tsval = bswap32(aligned->tsval);
	s->tsecr = bswap32(aligned->tsecr);
	s->has_timestamp = 1;
	return PARSE_OK;
}

static __always_inline enum parse_result parse_tcp(struct cursor *c, struct segment *s,
						   u16 *source_port, u16 *destination_port)
{
	const struct tcp_header *tcp = (const void *)c->position;
	if ((const u8 *)(tcp + 1) > c->end)
		return c->remaining < sizeof(*tcp) ? PARSE_MALFORMED : PARSE_TRUNCATED;
	u32 header_length = (tcp->data_offset >> 4) * 4;
	if (header_length < sizeof(*tcp) || header_length > c->remaining)
		return PARSE_MALFORMED;

	*source_port = bswap16(tcp->source_port);
	*destination_port = bswap16(tcp->destination_port);
	s->seq = bswap32(tcp->seq);
	s->ack = bswap32(tcp->ack);
	s->flags = tcp->flags;
	s->payload = c->remaining - header_length;
	return parse_options(c, header_length - sizeof(*tcp), s);
}

/* Any total order will do, as long as both directions of a connection agree on it. */
static __always_inline int is_first_end(const struct address *a, u16 a_port,
					const struct address *b, u16 b_port)
{
	if (a->halves[0] != b->halves[0])
		return a->halves[0] < b->halves[0];
	if (a->halves[1] != b->halves[1])
		return a->halves[1] < b->halves[1];
	return a_port <= b_port;
}

static __always_inline void set_key(struct segment *s, const struct address *source,
				    const struct address *destination, u16 source_port,
				    u16 destination_port)
{
	if (is_first_end(source, source_port, destination, destination_port)) {
		s->direction = 0;
		s->key.address[0] = *source;
		s->key.address[1] = *destination;
		s->key.port[0] = source_port;
		s->key.port[1] = destination_port;
	} else {
		s->direction = 1;
		s->key.address[0] = *destination;
		s->key.address[1] = *source;
		s->key.port[0] = destination_port;
		s->key.port[1] = source_port;
	}
}

#endif
