/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whose connections are, and their ends before NAT. */
#ifndef PPING_SHARED_OWNERS_H
#define PPING_SHARED_OWNERS_H

#include "flow_key.h"

/* Of which sockets it is noted whose they are, as they open. */
enum noted_sockets {
	NOTED_NONE = 0,
	NOTED_SOME = 1, /* within a part of the cgroups */
	NOTED_ALL = 2,
	NOTED_LATE = 3, /* all, but only once their handshake is over: a SYN finds none */
};

/* Beside a pid, which has 22 bits at most (PID_MAX_LIMIT). */
enum owner_pid {
	OWNER_PID_LISTENS = 1 << 30,
};

/*
 * Whose connection it is, as its socket on this machine tells. The process is the one that called connect(); of
 * others, user space finds it by the cookie. Of one that was accepted it is the one that listens, and says so.
 */
struct owner {
	u64 cgroup;        /* id of the cgroup2 directory, its inode */
	u64 socket_cookie;
	u32 uid;
	u32 pid;           /* thread group, and enum owner_pid; 0 = not known */
	u8 comm[COMM_BYTES];
};

/* What is known of the ends before NAT. */
enum original_state {
	ORIGINAL_UNKNOWN = 0,  /* not looked up, or not tracked */
	ORIGINAL_KNOWN = 1,
	ORIGINAL_DISPUTED = 2, /* two lookups of one flow have disagreed, or one and the socket */
};

/*
 * The ends of a connection as they were before NAT, in the order of its flow_key: as the socket that has opened it has
 * them, else conntrack's original tuple.
 */
struct original {
	struct address address[2];
	u16 port[2];
	u32 state; /* enum original_state */
};

/* What user space has found out of a flow that is listed. */
enum unowned_verdict {
	UNOWNED_UNDECIDED = 0, /* it is listed again */
	UNOWNED_OWNED = 1,     /* whose it is has been found */
	UNOWNED_REFUSED = 2,   /* likewise, and it is none of those that were asked for */
	UNOWNED_GIVEN_UP = 3,
};

/*
 * A flow that was met in mid-stream, and nothing has told whose it is: out of a walk over all flows, and with a verdict
 * into the next.
 */
struct unowned_flow {
	struct flow_key key;
	u64 cookie;
	u32 cell;        /* its number in the table of flows */
	u32 next_seq[2]; /* just beyond what each direction has sent last */
	u32 ack[2];      /* what it has acknowledged */
	u8 known[2];     /* of these: enum known, SEQ_KNOWN and ACK_KNOWN alone */
	u8 verdict;      /* in: enum unowned_verdict */
	u8 end;          /* in: the direction that the owner sends */
	struct owner owner; /* in: where one was found */
};

/* In and out of a walk for such flows. */
struct unowned_walk {
	u32 count; /* how many are listed */
	u32 reserved;
};

_Static_assert(sizeof(struct owner) == 40, "owner has no padding");
_Static_assert(sizeof(struct original) == 40, "original has no padding");
_Static_assert(sizeof(struct unowned_flow) == 112, "unowned_flow has no padding");

#endif
