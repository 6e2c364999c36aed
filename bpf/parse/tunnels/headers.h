/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Wire formats of tunnels. As in ../headers.h, none is `packed`.
 */
#ifndef PPING_TUNNELS_HEADERS_H
#define PPING_TUNNELS_HEADERS_H

#include "../headers.h"

#define ETHERTYPE_BRIDGED 0x6558 /* Ethernet */
#define ETHERTYPE_ERSPAN 0x88be  /* types I and II */
#define ETHERTYPE_ERSPAN_III 0x22eb

#define PROTOCOL_IPV4 4
#define PROTOCOL_IPV6 41
#define PROTOCOL_GRE 47

#define PORT_GTP_U 2152
#define PORT_VXLAN 4789
#define PORT_VXLAN_LINUX 8472 /* its default, from before there was another */
#define PORT_GENEVE 6081

#define MOST_TUNNELS 2
#define MAX_TUNNEL_BYTES 1024

/* RFC 2784, with what RFC 1701 and RFC 2890 have in the flags; each sets a field of 4 bytes. */
struct gre_header {
	u16 flags;
	u16 type; /* ethertype */
};
#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_VERSION 0x0007 /* 1 is PPTP's */
#define GRE_FIELD_BYTES 4

/* In the first word; draft-foschiano-erspan, 4.2 and 4.3. */
#define ERSPAN_SESSION 0x000003ff
#define ERSPAN_TRUNCATED 0x00000400
#define ERSPAN_VERSION_SHIFT 28
#define ERSPAN_II_BYTES 8
#define ERSPAN_III_BYTES 12
/* In its last word: 0 is Ethernet. */
#define ERSPAN_III_FRAME_TYPE 0x00007c00
#define ERSPAN_III_SUBHEADER 0x00000001
#define ERSPAN_III_SUBHEADER_BYTES 8

struct udp_header {
	u16 source_port;
	u16 destination_port;
	u16 length;
	u16 checksum;
};

/* The id of the network is in 24 bits. */
#define VNI_SHIFT 8

struct vxlan_header {
	u32 flags;
	u32 vni;
};
#define VXLAN_HAS_VNI 0x08000000

struct geneve_header {
	u8 version_length; /* the length is that of the options, in words */
	u8 flags;
	u16 type; /* ethertype */
	u32 vni;
};
#define GENEVE_VERSION_SHIFT 6
#define GENEVE_LENGTH 0x3f
#define GENEVE_CONTROL 0x80

struct gtp_header {
	u8 flags;
	u8 type;
	u16 length;
	u32 teid;
};
#define GTP_VERSION_TYPE 0xf0
#define GTP_VERSION_1 0x30 /* and GTP, not GTP' */
#define GTP_ANY_FIELD 0x07 /* then all of struct gtp_fields is there */
#define GTP_EXTENSION 0x04
#define GTP_USER_DATA 0xff
#define MOST_GTP_EXTENSIONS 4

struct gtp_fields {
	u16 sequence;
	u8 npdu;
	u8 next_extension; /* 0 = none; says nothing unless GTP_EXTENSION */
};

#endif
