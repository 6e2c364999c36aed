/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is counted of many RTTs together, and of queries of DNS. */
#ifndef PPING_SHARED_AGGREGATES_H
#define PPING_SHARED_AGGREGATES_H

#include "types.h"

/* What RTTs are counted by in the core, besides the side of the interface. */
enum aggregate_by {
	AGGREGATE_NOT = 0, /* they are not */
	AGGREGATE_BY_SIDE = 1,
	AGGREGATE_BY_INTERFACE = 2,
	AGGREGATE_BY_PREFIX = 3, /* of the responder, and by interface */
	AGGREGATE_BY_OWNER = 4,  /* in the objects with PPING_OWNERS */
};

/* What is counted. As struct fixed_settings it cannot change once the programs are loaded. */
struct aggregation {
	struct address mask_v4; /* of what is a network; of mapped addresses, as they are kept */
	struct address mask_v6;
	u32 by;                 /* enum aggregate_by */
	u32 events;             /* 1: each RTT is told by itself, too */
};

/* As docs/measurement.md has them. */
enum aggregate_side {
	AGGREGATE_BEYOND = 0,
	AGGREGATE_BEHIND = 1,
	AGGREGATE_UNKNOWN = 2, /* a capture does not say */
	AGGREGATE_SIDES = 3,
};

/* Whose connections are in an aggregate. */
enum aggregate_owner {
	AGGREGATE_OWNER_NOT_ASKED = 0,
	AGGREGATE_OWNER_KNOWN = 1,
	AGGREGATE_OWNER_ABSENT = 2,  /* they have no socket on this machine */
	AGGREGATE_OWNER_UNKNOWN = 3,
	AGGREGATE_OWNER_OTHERS = 4, /* whoever's: all those of this side and protocol that have found no room */
};

/* What tells aggregates apart. Hashed as bytes. */
struct aggregate_key {
	struct address prefix; /* or of a known owner its cgroup and its uid, as halves; all 0 where neither is asked for */
	u32 interface;         /* its number, as of places; likewise */
	u8 ip_version;         /* of the prefix; 0: there is none */
	u8 side;               /* enum aggregate_side */
	u8 protocol;           /* enum protocol */
	u8 owner;              /* enum aggregate_owner */
};

/* Buckets of RTTs in nanoseconds. Each octave has so many parts: from edge to edge it is 1/32, 3.1 %, at most. */
enum aggregate_shape {
	AGGREGATE_PART_BITS = 5,
	AGGREGATE_PARTS = 1 << AGGREGATE_PART_BITS,
	AGGREGATE_FIRST_BITS = 10, /* below 2^10 ns is the first bucket ... */
	AGGREGATE_LAST_BITS = 36,  /* ... and from 2^36 ns on the last */
	AGGREGATE_BUCKETS = (AGGREGATE_LAST_BITS - AGGREGATE_FIRST_BITS) * AGGREGATE_PARTS + 2,
};

/* One way. */
struct traffic {
	u64 packets;
	u64 bytes;                 /* payload */
	u64 retransmitted_packets; /* of these, as struct losses has them */
	u64 retransmitted_bytes;
};

/* Response codes of DNS: those below `counted` are told apart, and others are together where NOERROR would be. */
enum dns_rcodes {
	DNS_RCODES_OTHER = 0,
	DNS_RCODES_COUNTED = 6, /* from NOERROR to REFUSED */
};

/* Of queries of DNS that have an aggregate in common. */
struct dns_counts {
	u32 ambiguous; /* answered, but sent again */
	u32 truncated; /* responses that had no room for all */
	u32 rcodes[DNS_RCODES_COUNTED]; /* responses by their code; what is in none is NOERROR */
};

/*
 * RTTs of an interval that have a key in common, and how much their connections have carried. Of DNS response times in
 * place of RTTs; queries are of no connection.
 */
struct aggregate {
	u64 reported; /* RTTs, each in one bucket */
	u64 samples;  /* that they stand for */
	u64 sum;      /* of the RTTs; ns */
	u64 least;    /* of them; 0 = there is none */
	u64 most;
	u64 overdue;  /* times that data, or a query, was no longer waited for; in none of the above */
	union {
		struct traffic sent; /* towards the responder */
		struct dns_counts dns;
	};
	struct traffic rec;  /* from it */
	u32 place;    /* one of those that are at the interface */
	u32 buckets[AGGREGATE_BUCKETS];
	u32 reserved;
};

_Static_assert(sizeof(struct aggregation) == 40, "aggregation has no padding");
_Static_assert(sizeof(struct aggregate_key) == 24, "aggregate_key has no padding");
_Static_assert(sizeof(struct dns_counts) == sizeof(struct traffic), "dns_counts takes no more room");
_Static_assert(sizeof(struct aggregate) == 3456, "aggregate has no padding");

#endif
