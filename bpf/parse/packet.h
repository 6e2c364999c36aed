/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What parsing works on and what it yields.
 *
 * The target supplies `packet_source` and packet_load().
 */
#ifndef PPING_PACKET_H
#define PPING_PACKET_H

#include "headers.h"

struct tcp_segment {
	u32 tsval;         /* RFC 7323, 3.2 */
	u32 tsecr;
	u32 seq;
	u32 ack;
	u8 data_offset;    /* this and the next two as they are in the header */
	u8 flags;          /* enum tcp_flag */
	u16 window;        /* in network byte order, unscaled */
	u8 has_timestamp;
};

/* Of protocols whose answers repeat what their questions are identified by. */
struct exact {
	u16 identifier;
	u8 is_answer;
};

/* A message of DNS. */
struct dns_message {
	u16 id;
	u8 is_response;
	u8 rcode;
	u8 is_truncated;     /* TC */
	u16 question_bytes;  /* from the question to the end of the datagram */
	u32 question;        /* where it is in the frame */
};

/* What kind of a header begins a datagram of QUIC. The first four are as version 1 numbers them. */
enum quic_type {
	QUIC_INITIAL,
	QUIC_ZERO_RTT,
	QUIC_HANDSHAKE,
	QUIC_RETRY,
	QUIC_VERSION_NEGOTIATION,
	QUIC_SHORT,
};

struct quic_packet {
	u32 dcid;       /* hashes of the connection ids, of long headers never 0; of a short one: hash_short_id() */
	u32 scid;
	u32 version;
	u8 dcid_length; /* 0 to 20 */
	u8 type;        /* enum quic_type */
	u8 spin;        /* of short headers: 0 or 1 */
	u8 is_fixed;    /* likewise: the fixed bit, which both ends may have agreed to leave out (RFC 9287) */
};

/* A header of IP, in the frame. */
struct inner_ip {
	u32 offset;
	u32 is_cut; /* its packet may be longer than what is there of it */
};

/*
 * A packet of a protocol that has RTTs, as far as these are concerned. `key.protocol` says which of the
 * union's members it has.
 */
struct packet {
	u64 tick;          /* about when it was seen: by the coarse clock, target_tick_ns() a tick; not 0 */
	u64 now;           /* exactly when; 0 until read_clock() */
	struct flow_key key;
	u64 cookie;        /* of the flow that find_flow() has found */
	union {
		struct tcp_segment tcp;
		struct exact exact;
		struct quic_packet quic;
		struct dns_message dns;
		struct inner_ip inner; /* where it is PARSE_NOT_TCP: of what may be a tunnel */
	};
	u32 payload;       /* bytes */
	u32 bytes;         /* of the packet, from the link layer on */
	u32 packets;       /* on the wire: more than 1 where the kernel holds them merged */
	u8 direction;      /* 0: sent by key.address[0]; 1: by key.address[1] */
	u8 hook;           /* enum hook */
	u8 to_this_host;   /* the link layer delivers it to this machine */
};

/* enum protocols: which are read, and not just counted; TCP is in any case. In the kernel a constant. */
static u32 target_protocols(void);

/* Likewise: those of what is over UDP. */
static const volatile struct udp_ports *target_udp_ports(void);

/* `ports`: enum limit's MOST_UDP_PORTS, the first 0 ends them. */
static __always_inline int is_one_of(const volatile u16 *ports, u16 port)
{
	for (int i = 0; i < MOST_UDP_PORTS && ports[i]; i++)
		if (ports[i] == port)
			return 1;
	return 0;
}

#define PROTOCOLS_OVER_UDP (PROTOCOLS_QUIC | PROTOCOLS_DNS)

/* Of an IANA's number. */
static __always_inline int is_measured(u8 protocol)
{
	if (protocol == PROTOCOL_TCP)
		return 1;
	if (target_protocols() & PROTOCOLS_ICMP && (protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6))
		return 1;
	return target_protocols() & PROTOCOLS_OVER_UDP && protocol == PROTOCOL_UDP;
}

/* Where a frame was seen. */
struct vantage {
	enum link_layer link;
	u32 interface; /* its number among several; 0 = there is but one */
	u16 vlan;      /* id of the tag that was taken off the frame before; 0 = none */
	u8 may_be_cut; /* frames may have been longer than is said: IP's own length counts */
};

enum parse_result {
	PARSE_OK,
	PARSE_NOT_IP,
	PARSE_NOT_TCP,
	PARSE_NOT_ECHO, /* likewise, but surely not a tunnel either: other ICMP */
	PARSE_FRAGMENT,
	PARSE_MALFORMED,
	PARSE_TRUNCATED, /* the headers go on beyond what can be read */
};

/* Copies `length` bytes at `offset` of the frame, wherever they are held; 0 when they can be read. */
static int packet_load(packet_source *source, u32 offset, void *to, u32 length);
/* The same where it may be more than others ask for: `most`, a constant. */
static int packet_load_up_to(packet_source *source, u32 offset, void *to, u32 length, u32 most);

/* Where the parser stands in the packet. */
struct cursor {
	packet_source *source;
	const u8 *start;
	const u8 *position;
	const u8 *end;
	u32 wire_length; /* of the whole frame, which may be longer than end - start */
	u32 remaining;   /* bytes from position to the end of the IP payload */
	u8 may_be_cut;   /* as in struct vantage */
};

#endif
