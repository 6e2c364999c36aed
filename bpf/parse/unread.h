/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a packet is that is not measured, for people to see: enum unread. It is walked over once more,
 * in global functions, as tcp.h explains, so that those that are measured have nothing of it.
 */
#ifndef PPING_UNREAD_H
#define PPING_UNREAD_H

#include "ip.h"
#include "carriers.h"
#include "icmp.h"
#include "udp.h"

#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_SLOW 0x8809
#define ETHERTYPE_PPPOE_DISCOVERY 0x8863
#define ETHERTYPE_EAPOL 0x888e
#define ETHERTYPE_LLDP 0x88cc
#define ETHERTYPE_MACSEC 0x88e5

#define PROTOCOL_IGMP 2
#define PROTOCOL_ESP 50
#define PROTOCOL_OSPF 89
#define PROTOCOL_VRRP 112
#define PROTOCOL_L2TP 115
#define PROTOCOL_SCTP 132

#define PORT_HTTP 80
#define PORT_IKE 500
#define PORT_L2TP 1701
#define PORT_IPSEC_NAT 4500
#define PORT_MDNS 5353

#define QUIC_DRAFTS 0xff0000 /* the upper bytes */
/* Versions that there will never be, to have them negotiated (RFC 9000, 15). */
#define QUIC_RESERVED_MASK 0x0f0f0f0f
#define QUIC_RESERVED 0x0a0a0a0a

struct unread_walk {
	u32 link;   /* enum link_layer */
	u32 length; /* of the whole frame */
	u32 is_ip;  /* it is known to be IP */
};

static __always_inline u32 kind_of_ethertype(u32 type)
{
	switch (type) {
	case ETHERTYPE_ARP:
		return UNREAD_ARP;
	case ETHERTYPE_PPPOE_DISCOVERY:
	case ETHERTYPE_PPPOE:
		return UNREAD_PPPOE;
	case ETHERTYPE_PPP:
		return UNREAD_PPP;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return UNREAD_MPLS;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
		return UNREAD_VLAN;
	case ETHERTYPE_LLDP:
		return UNREAD_LLDP;
	case ETHERTYPE_EAPOL:
		return UNREAD_EAPOL;
	case ETHERTYPE_MACSEC:
		return UNREAD_MACSEC;
	case ETHERTYPE_SLOW:
		return UNREAD_SLOW;
	default:
		return type < LEAST_ETHERTYPE ? UNREAD_LLC : UNREAD_OTHER_LINK;
	}
}

/*
 * A long header of a version that there is, or a short one, which has little that tells it. A fixed bit
 * that is 0, as both ends may agree on (RFC 9287), is not looked for.
 */
static __always_inline int is_quic(const u8 *start)
{
	u32 version = (u32)start[1] << 24 | start[2] << 16 | start[3] << 8 | start[4];

	if (!(start[0] & QUIC_LONG_HEADER))
		return start[0] & QUIC_FIXED_BIT;
	return version == QUIC_NEGOTIATION || version == QUIC_VERSION_1 || version == QUIC_VERSION_2 ||
	       version >> 8 == QUIC_DRAFTS || (version & QUIC_RESERVED_MASK) == QUIC_RESERVED;
}

static __always_inline int is_port_of_quic(u32 from, u32 to)
{
	return from == PORT_HTTP || to == PORT_HTTP || is_port_of(target_udp_ports()->quic, from, to);
}

/* By its type, the three zero bytes behind it, and its length (https://www.wireguard.com/protocol/). */
static __always_inline int is_wireguard(const u8 *start, u32 length)
{
	if (start[1] || start[2] || start[3])
		return 0;
	return (start[0] == 1 && length == 148) || (start[0] == 2 && length == 92) ||
	       (start[0] == 3 && length == 64) ||
	       (start[0] == 4 && length >= 32 && length % 16 == 0);
}

/* 0 for ports that say nothing. A tunnel's source port is a hash of what is in it. */
static __always_inline u32 kind_of_ports(u32 from, u32 to)
{
	if (to == PORT_VXLAN || to == PORT_VXLAN_LINUX)
		return UNREAD_VXLAN;
	if (to == PORT_GENEVE)
		return UNREAD_GENEVE;
	if (to == PORT_GTP_U || from == PORT_GTP_U)
		return UNREAD_GTP_U;
	if (to == PORT_MDNS)
		return UNREAD_MDNS;
	if (is_port_of(target_udp_ports()->dns, from, to))
		return UNREAD_DNS;
	if (to == PORT_IKE || from == PORT_IKE || to == PORT_IPSEC_NAT || from == PORT_IPSEC_NAT)
		return UNREAD_IPSEC;
	return to == PORT_L2TP || from == PORT_L2TP ? UNREAD_L2TP : 0;
}

/* A datagram of UDP; an enum unread. */
__noinline int kind_of_datagram(packet_source *source, u32 offset)
{
	struct udp_header header;
	u8 start[5];
	u32 from, to, kind;

	if (packet_load(source, offset, &header, sizeof(header)))
		return UNREAD_UDP;
	from = bswap16(header.source_port);
	to = bswap16(header.destination_port);
	kind = kind_of_ports(from, to);
	if (kind)
		return kind;
	if (packet_load(source, offset + sizeof(header), start, sizeof(start)))
		return UNREAD_UDP;
	if (is_wireguard(start, bswap16(header.length) - sizeof(header)))
		return UNREAD_WIREGUARD;
	if (!is_port_of_quic(from, to))
		return UNREAD_UDP;
	return is_quic(start) ? UNREAD_QUIC : UNREAD_UDP;
}

static __always_inline int kind_of_icmp(packet_source *source, u32 protocol, u32 offset)
{
	int is_v4 = protocol == PROTOCOL_ICMP;
	u8 start[2]; /* type and code */
	u8 request = is_v4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST, reply = is_v4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;

	if (!packet_load(source, offset, start, sizeof(start)) && !start[1] &&
	    (start[0] == request || start[0] == reply))
		return UNREAD_ICMP_ECHO;
	return is_v4 ? UNREAD_ICMP : UNREAD_ICMPV6;
}

static __always_inline int kind_of_protocol(packet_source *source, u32 protocol, u32 offset)
{
	switch (protocol) {
	case PROTOCOL_UDP:
		return kind_of_datagram(source, offset);
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		return kind_of_icmp(source, protocol, offset);
	case PROTOCOL_ESP:
	case PROTOCOL_AUTHENTICATION:
		return UNREAD_IPSEC;
	case PROTOCOL_IPV4:
	case PROTOCOL_IPV6:
		return UNREAD_IP_IN_IP;
	case PROTOCOL_GRE:
		return UNREAD_GRE;
	case PROTOCOL_L2TP:
		return UNREAD_L2TP;
	case PROTOCOL_SCTP:
		return UNREAD_SCTP;
	case PROTOCOL_OSPF:
		return UNREAD_OSPF;
	case PROTOCOL_IGMP:
		return UNREAD_IGMP;
	case PROTOCOL_VRRP:
		return UNREAD_VRRP;
	default:
		return UNREAD_OTHER_IP;
	}
}

/* An IP packet that carries no TCP; an enum unread. */
__noinline int kind_of_packet(packet_source *source, u32 offset)
{
	struct extension_walk walk = { .offset = offset + sizeof(struct ipv6_header),
				       .remaining = 0xffff };
	u8 first, protocol;

	if (packet_load(source, offset, &first, sizeof(first)))
		return UNREAD_OTHER_IP;
	if (first >> 4 == 4) {
		if (packet_load(source, offset + IPV4_PROTOCOL_OFFSET, &protocol, sizeof(protocol)))
			return UNREAD_OTHER_IP;
		return kind_of_protocol(source, protocol, offset + (first & 0x0f) * 4);
	}
	if (packet_load(source, offset + IPV6_NEXT_HEADER_OFFSET, &protocol, sizeof(protocol)))
		return UNREAD_OTHER_IP;
	walk.next_header = protocol;
	skip_extensions(source, &walk);
	return kind_of_protocol(source, walk.next_header, walk.offset);
}

/* Where the link header has its ethertype, and where it ends. */
static __always_inline void set_start(const struct unread_walk *unread, u32 *type_at, u32 *end)
{
	*type_at = ETHERTYPE_OFFSET;
	*end = sizeof(struct ethernet_header);
	if (unread->link == LINK_COOKED) {
		*type_at = sizeof(struct cooked_header) - sizeof(u16);
		*end = sizeof(struct cooked_header);
	} else if (unread->link == LINK_COOKED_V2) {
		*type_at = 0;
		*end = sizeof(struct cooked_v2_header);
	}
}

/* What follows the link header and its tags. */
static __always_inline int find_type(packet_source *source, const struct unread_walk *unread,
				     struct carrier_walk *walk)
{
	u32 type_at;
	u16 type;

	set_start(unread, &type_at, &walk->offset);
	if (packet_load(source, type_at, &type, sizeof(type)))
		return -1;
	walk->type = bswap16(type);
	for (int i = 0; i < MAX_VLAN_TAGS && is_vlan(walk->type); i++) {
		struct vlan_tag tag;

		if (packet_load(source, walk->offset, &tag, sizeof(tag)))
			return -1;
		walk->offset += sizeof(tag);
		walk->type = bswap16(tag.type);
	}
	return 0;
}

/* A line's frame that is no IP: Cisco HDLC has ethertypes, and numbers of its own. */
static __always_inline u32 kind_of_line(packet_source *source)
{
	u16 start[2];

	if (packet_load(source, 0, start, sizeof(start)))
		return UNREAD_PPP;
	if (start[0] != CISCO_HDLC_UNICAST && start[0] != CISCO_HDLC_MULTICAST)
		return UNREAD_PPP;
	return kind_of_ethertype(bswap16(start[1]));
}

/* A frame that parse_packet() made PARSE_NOT_IP or PARSE_NOT_TCP of; an enum unread. */
__noinline int kind_of_unread(packet_source *source, struct unread_walk *unread)
{
	struct carrier_walk walk = {};

	if (!unread)
		return UNREAD_OTHER_LINK;
	walk.length = unread->length;
	if (unread->link == LINK_FAMILY)
		walk.offset = sizeof(u32);
	if (unread->link == LINK_IP || unread->link == LINK_FAMILY)
		return unread->is_ip ? kind_of_packet(source, walk.offset) : UNREAD_OTHER_LINK;
	if (unread->link >= LINK_WIFI)
		return UNREAD_WIFI;
	if (unread->link >= LINK_NFLOG)
		return UNREAD_OTHER_LINK;
	if (unread->link == LINK_PPP)
		walk.type = ETHERTYPE_PPP;
	else if (unread->link == LINK_PPPOE)
		walk.type = ETHERTYPE_PPPOE;
	else if (find_type(source, unread, &walk))
		return UNREAD_OTHER_LINK;
	if (unread->link == LINK_PPP && !unread->is_ip)
		return kind_of_line(source);
	if (!unread->is_ip)
		return kind_of_ethertype(walk.type);
	if (!is_ip(walk.type))
		find_ip(source, &walk);
	return kind_of_packet(source, walk.offset);
}

#endif
