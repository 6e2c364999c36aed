/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where a packet is seen: at which hook, in what link layer, and at which place. */
#ifndef PPING_SHARED_PLACES_H
#define PPING_SHARED_PLACES_H

/* What carries a connection's packets across a network. */
enum tunnel {
	TUNNEL_NONE = 0,
	TUNNEL_IPIP = 1,
	TUNNEL_IPV6_IN_IPV4 = 2,
	TUNNEL_IPV4_IN_IPV6 = 3,
	TUNNEL_IPV6_IN_IPV6 = 4,
	TUNNEL_GRE = 5,
	TUNNEL_ERSPAN = 6,
	TUNNEL_VXLAN = 7,
	TUNNEL_GENEVE = 8,
	TUNNEL_GTP_U = 9,
	/* No tunnels, but places likewise. */
	TUNNEL_SESSION = 14, /* of PPPoE, where what it carries is captured at its own interface, too */
	TUNNEL_VLANS = 15,   /* those in a tunnel */
};

/*
 * Places: below PLACE_CROWDED interfaces, from PLACE_ENTRIES on entries of the table of places; 0 = free.
 * An entry is a VLAN's id, the id of the innermost VLAN in it, and the interface's number. Where it has an
 * enum tunnel, it is the tunnel's id, the place that the tunnel is seen at, and whether it has an id.
 */
enum place {
	PLACE_VLAN_ID_BITS = 12,
	PLACE_INTERFACE_SHIFT = 24,
	PLACE_AROUND_SHIFT = 32,
	PLACE_HAS_ID_SHIFT = 48,
	PLACE_TUNNEL_SHIFT = 56,
	PLACE_BITS = 15,
	PLACE_CROWDED = 0x7fff, /* one of those that found no room in the table */
	PLACE_ENTRIES = 0x8000,
};

/* Where a packet passes the interface. */
enum hook {
	HOOK_INGRESS = 0,
	HOOK_EGRESS = 1,
	HOOK_UNKNOWN = 2, /* a capture that does not say */
	/* The loopback interface, where what leaves arrives: egress, and from it both ends are beyond. */
	HOOK_LOOPBACK = 3,
};

/* What a frame begins with. */
enum link_layer {
	LINK_ETHERNET = 0,
	LINK_IP = 1,         /* no link header: tun, ppp, wireguard */
	/* In captures only. */
	LINK_COOKED = 2,     /* Linux "any", version 1 */
	LINK_COOKED_V2 = 3,
	LINK_FAMILY = 4,     /* BSD loopback: a protocol family in either byte order */
	LINK_PPP = 8,        /* with or without HDLC-like framing; or Cisco HDLC */
	LINK_PPPOE = 9,      /* a session, from PPPoE's header on */
	/* Around another link layer: bpf/replay/wrapped.h takes these off. */
	LINK_NFLOG = 32,     /* what Netfilter logged */
	LINK_PKTAP = 33,     /* Apple's, of several interfaces */
	LINK_PPI = 34,       /* per-packet information */
	LINK_WIFI = 35,      /* IEEE 802.11 */
	LINK_WIFI_RADIOTAP = 36,
	LINK_WIFI_PRISM = 37,
	LINK_WIFI_AVS = 38,
};

#endif
