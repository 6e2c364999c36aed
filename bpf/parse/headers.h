/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Wire formats: Ethernet, IEEE 802.1Q, what else carries IP (carriers.h), IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293)
 * and its timestamp option (RFC 7323). None is `packed`: that would have every field read byte by
 * byte, and their fields lie where they would anyway.
 */
#ifndef PPING_HEADERS_H
#define PPING_HEADERS_H

#include "../pping.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/*
 * Those that are not static are global functions to the verifier, which follows them once and by themselves, and not
 * anew after each path that leads to them. So they return an int, and look whether what they are given is 0.
 */
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

/*
 * For what such a function is given and only some objects have a use for: a compiler that sees none passes whatever
 * is there (clang 16), which the verifier refuses.
 */
#define keep_argument(argument) asm volatile("" : : "r"(argument))

/*
 * What most packets need is kept together, and the rest out of its way: between two packets
 * the caches hold other things, so that each line of code costs.
 */
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define bswap16 __builtin_bswap16
#define bswap32 __builtin_bswap32

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_QINQ_OLD 0x9100 /* before IEEE 802.1ad */
#define ETHERTYPE_MPLS 0x8847
#define ETHERTYPE_MPLS_MULTICAST 0x8848
#define ETHERTYPE_PPPOE 0x8864 /* of its sessions */
#define ETHERTYPE_PPP 0x880b
#define ETHERTYPE_PBB 0x88e7
#define LEAST_ETHERTYPE 0x0600 /* below it a length (IEEE 802.3), or Linux's own numbers of such frames */

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281
#define PPP_MPLS_MULTICAST 0x0283

/* In wire order. */
#define PPPOE_SESSION_DATA bswap16(0x1100)   /* version 1, type 1, code 0 */
#define HDLC_UNNUMBERED bswap16(0xff03)      /* address and control of PPP's framing */
#define CISCO_HDLC_UNICAST bswap16(0x0f00)
#define CISCO_HDLC_MULTICAST bswap16(0x8f00)
#define MPLS_BOTTOM_OF_STACK bswap32(0x00000100)
#define LLC_SNAP_ETHERTYPE bswap32(0xaaaa0300) /* and two bytes of 0; then an ethertype follows */

/* Protocol families in BSD loopback headers; for IPv6 each system has its own. */
#define FAMILY_IPV4 2
#define FAMILY_IPV6_LINUX 10
#define FAMILY_IPV6_NETBSD 24 /* and OpenBSD */
#define FAMILY_IPV6_FREEBSD 28
#define FAMILY_IPV6_MACOS 30

#define PROTOCOL_UDP 17

/* IPv6's extension headers, among the protocols. */
#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_AUTHENTICATION 51
#define PROTOCOL_DESTINATION 60

#define COOKED_INTERFACE_BITS 20
#define MAX_VLAN_TAGS 4
#define MAX_MPLS_LABELS 8
/* Labels, each in a pseudowire of PPPoE: more there cannot be. */
#define MAX_CARRIERS (2 * MAX_MPLS_LABELS + 1)
#define MAX_CARRIER_BYTES 1024
#define CONTROL_WORD_BYTES 4
#define PBB_TAG_BYTES 4
/* Beside the ids of VLANs: sessions of PPPoE are places of their own. */
#define SESSIONS_APART 0x80000000
#define VLAN_ID_MASK 0x0fff /* the rest is priority */
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
};
#define ETHERTYPE_OFFSET 12

/* Linux cooked capture, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
struct cooked_header {
	u16 packet_type;
	u16 hardware_type;
	u16 address_length;
	u8 address[8];
	u16 type;
};

/* Its second version, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
struct cooked_v2_header {
	u16 type;
	u16 reserved;
	u32 interface;
	u16 hardware_type;
	u8 packet_type;
	u8 address_length;
	u8 address[8];
};

/* In both versions: what is above came in. */
#define COOKED_TO_THIS_HOST 0
#define COOKED_OUTGOING 4
/* linux/if_arp.h: a loopback device hands over what it sends only once it comes in. */
#define HARDWARE_LOOPBACK 772

struct vlan_tag {
	u16 control;
	u16 type;
};

/* IEEE 802.2 with SNAP (RFC 1042). */
struct snap_header {
	u32 start;
	u16 organization;
	u16 type;
};

struct pppoe_header {
	u16 version_type_code;
	u16 session;
	u16 length;
};

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
};
#define IPV4_PROTOCOL_OFFSET 9

#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000

struct ipv6_header {
	u32 version_class_label;
	u16 payload_length;
	u8 next_header;
	u8 hop_limit;
	u32 source[4];
	u32 destination[4];
};
#define IPV6_LENGTH_OFFSET 4
#define IPV6_NEXT_HEADER_OFFSET 6

/* How it begins. */
struct ipv6_start {
	u32 version_class_label;
	u16 payload_length;
	u8 next_header;
	u8 hop_limit;
};

struct ipv6_extension {
	u8 next_header;
	u8 length; /* 8-byte units beyond the first; 4-byte units beyond two for AH */
	u16 fragment;
	u32 rest;
};

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
};

struct aligned_timestamp {
	u32 leader; /* NOP NOP TIMESTAMP 10 */
	u32 tsval;
	u32 tsecr;
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

#endif
