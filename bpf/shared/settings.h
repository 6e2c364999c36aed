/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the core and the programs are told: some of it before they are loaded, the rest at any time. */
#ifndef PPING_SHARED_SETTINGS_H
#define PPING_SHARED_SETTINGS_H

#include "filter.h"

/* By which it is known what is over UDP: either end's; the first 0 ends them. */
struct udp_ports {
	u16 quic[MOST_UDP_PORTS];
	u16 dns[MOST_UDP_PORTS];
};

/* What is asked for the ends of connections as they were before NAT. */
enum originals {
	ORIGINALS_NONE = 0,
	ORIGINALS_SOCKETS = 1,   /* those that are noted as they open */
	ORIGINALS_CONNTRACK = 2, /* and conntrack */
};

/* What cannot change once the programs are loaded. */
struct fixed_settings {
	u32 link_layer;        /* enum link_layer, of the programs that are not for IP alone */
	u32 clock_from_packet; /* tests: 1 takes the time from skb->tstamp, with a tick_ns of 1 */
	u64 tick_ns;           /* length of a tick of the coarse clock, the kernel's timer tick */
	u32 owners;            /* 1: whose connection it is; in the objects with PPING_OWNERS */
	u32 originals;         /* enum originals: its ends before NAT; in the object with PPING_ORIGINALS */
	u32 namespace;         /* inode of the network namespace that the interface is in, where it is one for all */
	u32 owner_filter;      /* 1: only some owners' connections are measured */
	u32 loopback;          /* 1: the loopback interface, whose packets pass both hooks */
	u32 several;           /* 1: of several interfaces, each a place of its own and with its own counts */
	u32 max_flows;         /* entries of the flow map */
	u32 tunnels;           /* 1: what is in tunnels is measured */
	u32 numbered;          /* 1: of several namespaces: struct entry says which interface it is */
	u32 flow_buckets;      /* of the table of flows (flow_table.h); a power of two */
	u32 cell_mask;         /* likewise: of words there, the bits of a cell's number + 1 */
	u32 filtered;          /* 1: there is a filter, which is not looked at otherwise */
	u32 protocols;         /* enum protocols: what is parsed, TCP in any case */
	u32 dns_names;         /* 1: what is asked for is told */
	struct udp_ports udp_ports;
	u64 hash_seed[11];     /* of that table: nobody who sends packets may know it */
};

/* Which RTT of a flow `rtt_rate` is a multiple of. */
enum rtt_type {
	RTT_TYPE_MIN = 0,
	RTT_TYPE_SMOOTHED = 1,
};

/* A wakeup takes microseconds of a packet's time, so that the reader goes by its timer where there are events. */
enum reader_state {
	READER_IS_AWAKE = 0,
	READER_WAITS_FOR_ONE = 1,  /* the next event is to wake it */
	READER_WAITS_FOR_MANY = 2, /* the one that makes the ring buffer a quarter full */
};

/* What user space may change while the programs run. */
struct settings {
	u64 rate;              /* least time between two samples of a direction; 0 = every identifier */
	u64 rtt_rate;          /* once an RTT is known: that time as its multiple, in 1/1000, up to 10^8; 0 = off */
	u64 report_interval;   /* least time between two reported RTTs of a direction; 0 = none */
	u64 timestamp_timeout; /* age at which an unanswered identifier is forgotten */
	u64 min_window;        /* a flow's least RTT is of the last so long, or of half of it at least; 0 = of all */
	u32 rtt_type;          /* enum rtt_type */
	u32 burst;             /* samples in a burst, the first one included; 0 = no bursts */
	u32 include_local;     /* 1 also remembers packets that arrive for this machine */
	u32 spread;            /* 1 adds up to half to each interval, so that flows do not fall together */
	u32 departures_held;   /* 1: there is fq, which holds packets until they are to leave */
	u32 sequence;          /* 0 leaves out what has no TCP timestamps: RTTs by sequence number */
	/* Another cache line: what few packets read, and what programs write. */
	u64 burst_duration;    /* how long after a sample more may follow at once */
	u64 flow_timeout;      /* idle time after which a flow is forgotten */
	u32 handshake;         /* 0 leaves handshake samples out */
	u32 reader_waits;      /* enum reader_state: who wakes it takes this back */
	u32 overflows;         /* 1: events have found no room; further ones go to the other ring, until the reader takes this back */
	u32 reserved;
};

_Static_assert(sizeof(struct settings) == 96, "settings has no padding");

#endif
