/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What packets are counted by, and what is counted of interfaces. */
#ifndef PPING_SHARED_COUNTERS_H
#define PPING_SHARED_COUNTERS_H

#include "types.h"

/*
 * Every packet is counted by its hook (or as captured), and by what became of it in exactly one
 * counter from COUNTER_PURE_ACK to COUNTER_FLOW_MAP_FULL; the rest are about answers and
 * events. The first eight are what nearly every packet counts in: a cache line.
 */
enum counter {
	COUNTER_EGRESS,
	COUNTER_INGRESS,
	COUNTER_BYTES,              /* of all packets, from the link layer on */
	COUNTER_PURE_ACK,
	COUNTER_IDENTIFIER_NOT_NEW,
	COUNTER_RATE_LIMITED,
	COUNTER_REMEMBERED,
	COUNTER_LOCAL,              /* arrives for this machine */
	COUNTER_TIMESTAMP_MAP_FULL,
	COUNTER_NOT_IP,
	COUNTER_NOT_TCP,
	COUNTER_FRAGMENT,
	COUNTER_MALFORMED,
	COUNTER_TRUNCATED,          /* a capture holds less of it than its headers */
	COUNTER_FILTERED,           /* of a connection that the filter leaves out */
	COUNTER_NO_TIMESTAMP,       /* no TCP timestamp option, where that is asked for, or its connection has it */
	COUNTER_RESET,
	COUNTER_HANDSHAKE,          /* SYN or SYN-ACK, kept as an embryo; or a long header of QUIC */
	COUNTER_LINGERING,          /* late segment of a connection that has ended */
	COUNTER_ALREADY_ACKNOWLEDGED, /* data that had been acknowledged before it was seen */
	COUNTER_ANSWER_PENDING,     /* data without timestamps, while data before it waits to be acknowledged */
	COUNTER_RETRANSMITTED,      /* data before the end of what was seen: sent again, or out of order */
	COUNTER_IMPLAUSIBLE_TSVAL, /* its TSval does not fit its connection's clock: forged, or a clock above 1 MHz */
	COUNTER_OUT_OF_WINDOW,      /* its sequence number does not fit its connection: forged, or much was not seen */
	COUNTER_ECHO_REPLY,         /* of ICMP: nothing answers it */
	COUNTER_DNS_QUERY,          /* remembered */
	COUNTER_DNS_REPEATED,       /* a query with an id that waits: sent again, or on its way through a router */
	COUNTER_DNS_RESPONSE,
	COUNTER_SPIN_BIT,           /* of QUIC, encrypted but for its spin bit, which is proven to spin */
	COUNTER_NO_SPIN,            /* likewise, but it is not, or not yet: no RTT can be told */
	COUNTER_FLOW_MAP_FULL,
	COUNTER_CAPTURED,           /* from a capture that does not say at which hook */
	COUNTER_FILTERED_BYTES,     /* of those counted as FILTERED */
	COUNTER_UNMEASURABLE_BYTES, /* of those counted from NOT_IP to RESET, but for these, and as NO_SPIN */
	COUNTER_ICMP_BYTES,         /* of what is measurable, those that are not of TCP */
	COUNTER_ICMPV6_BYTES,
	COUNTER_QUIC_BYTES,
	COUNTER_DNS_BYTES,
	COUNTER_MATCHED,            /* identifiers answered, each an RTT */
	COUNTER_HANDSHAKE_MATCHED,  /* SYNs and SYN-ACKs answered, and questions of QUIC's handshakes */
	COUNTER_SPIN_MATCHED,       /* RTTs by QUIC's spin bit */
	COUNTER_NO_MATCH,           /* something was outstanding, but not this identifier */
	COUNTER_DNS_ANSWERED,       /* queries, each a response time */
	COUNTER_DNS_AMBIGUOUS,      /* queries answered, but sent again; or not later than they were seen */
	COUNTER_DNS_NO_MATCH,       /* responses that no query waited for */
	/* From here on sweeps may count, too (is_counted_by_sweeps()). */
	COUNTER_UNANSWERED,         /* identifiers forgotten without an answer */
	COUNTER_DNS_UNANSWERED,     /* queries forgotten without a response */
	COUNTER_QUIC_ENDED_NONE,    /* flows of QUIC seen both ways that are over, by enum spin, in its order */
	COUNTER_QUIC_ENDED_CONSTANT,
	COUNTER_QUIC_ENDED_RANDOM,
	COUNTER_QUIC_ENDED_VALID,
	COUNTER_RTT_EVENTS_LOST,    /* ring buffer full; or the flow ended while it was told of: submit_of() */
	COUNTER_FLOW_EVENTS_LOST,   /* those of overdue data and of DNS included */
	COUNTER_ORIGINALS_DISPUTED, /* flows with ORIGINAL_DISPUTED */
	COUNTER_AMBIGUOUS,          /* identifiers of data sent again: what was answered is not known */
	COUNTER_SUPERSEDED,         /* identifiers acknowledged by what answers other data */
	COUNTER_BELOW_RESOLUTION,   /* identifiers whose answer was not seen later than they were */
	COUNTER_STRAY_RESET,        /* RSTs that do not fit their connection, of those counted as RESET */
	COUNTER_RETRANSMITTED_PACKETS, /* as struct losses has them: on the wire */
	COUNTER_RETRANSMITTED_BYTES, /* of those, as BYTES has them */
	COUNTER_REORDERED_PACKETS,
	COUNTER_DUPLICATE_ACKS,
	COUNTER_ZERO_WINDOWS,
	COUNTER_LOSS_MAP_FULL,      /* of the packets before and of gaps: those that found no room in their flow's counts */
	COUNTER_COUNT,
};

/*
 * What packets are that are counted as NOT_IP or NOT_TCP. Each of them is counted in exactly one of
 * these, too.
 */
enum unread {
	/* NOT_IP */
	UNREAD_ARP,
	UNREAD_PPPOE,      /* discovery, LCP and other control, and what else is no IP in sessions */
	UNREAD_PPP,        /* likewise, on a line of PPP */
	UNREAD_MPLS,       /* no IP below the labels, or too many of them */
	UNREAD_VLAN,       /* too many tags */
	UNREAD_LLDP,
	UNREAD_EAPOL,      /* IEEE 802.1X */
	UNREAD_MACSEC,     /* IEEE 802.1AE: encrypted */
	UNREAD_SLOW,       /* slow protocols, such as LACP (IEEE 802.3, annex 57A) */
	UNREAD_LLC,        /* a length instead of an ethertype, such as spanning tree */
	UNREAD_WIFI,       /* IEEE 802.11: encrypted, management, control, or no IP in it */
	UNREAD_OTHER_LINK, /* any other ethertype or family */
	/* NOT_TCP */
	UNREAD_UDP,        /* none of those below */
	UNREAD_QUIC,       /* by port and first byte: unread.h */
	UNREAD_WIREGUARD,  /* by form: unread.h; its data is encrypted */
	UNREAD_DNS,        /* by port: 53, and others that were named */
	UNREAD_MDNS,       /* port 5353 */
	UNREAD_IPSEC,      /* ESP, AH, and UDP ports 500 and 4500 */
	UNREAD_VXLAN,
	UNREAD_GENEVE,
	UNREAD_GTP_U,
	UNREAD_L2TP,       /* over UDP or IP */
	UNREAD_GRE,
	UNREAD_IP_IN_IP,
	UNREAD_ICMP_ECHO,  /* of both */
	UNREAD_ICMP,
	UNREAD_ICMPV6,
	UNREAD_SCTP,
	UNREAD_OSPF,
	UNREAD_IGMP,
	UNREAD_VRRP,
	UNREAD_OTHER_IP,   /* any other protocol */
	UNREAD_COUNT,
};

/* Of one CPU; in a replay of all. */
struct counters {
	u64 by_cause[COUNTER_COUNT];
	u64 by_unread[UNREAD_COUNT];
};

/*
 * What pping has seen of one interface among several. It is in the slot of its index's last bits, or in the one
 * beside that: a look-up is of one cache line, and no hash.
 */
struct carried {
	u32 interface; /* its index; 0 = free */
	u32 reserved;
	u64 egress;    /* packets */
	u64 ingress;
	u64 bytes;     /* of both */
};

/* Slots of each CPU. */
enum carried_slots {
	CARRIED_SLOTS = 4096,
};

#endif
