/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Layouts that socket_owners.c shares with user space, besides those of pping.h.
 */
#ifndef PPING_SOCKET_OWNERS_H
#define PPING_SOCKET_OWNERS_H

#include "pping.h"

/* Cookies that one walk can look for. */
#define MOST_WANTED 4096

/* A process that has a socket open; once for each of its descriptors. */
struct socket_owner {
	u64 cookie;            /* of the socket; not 0 */
	u64 started;           /* when the process was forked, ns of the monotonic clock */
	u32 pid;               /* as the initial PID namespace has it */
	u32 reserved;
	char comm[COMM_BYTES]; /* of its first thread: any bytes, up to a 0 */
};

/* A TCP socket that a process has open, as it was when the walk met it; once for each of its descriptors. */
struct open_connection {
	struct owner owner;        /* socket_cookie is not 0; pid and comm as in socket_owner */
	u64 started;               /* likewise */
	struct address address[2]; /* its own, and its peer's, as it has them */
	u16 port[2];               /* host byte order */
	u32 namespace;             /* inode of its network namespace */
	u32 snd_una;               /* oldest sequence number that is not acknowledged, and the next one to be sent */
	u32 snd_nxt;
	u32 rcv_wup;               /* what it has acknowledged last, and all that it has received */
	u32 rcv_nxt;
	u32 listens;               /* 1: it has no peer and no sequence numbers */
	u32 reserved;
};

_Static_assert(sizeof(struct open_connection) == 112, "open_connection has no padding");
_Static_assert(sizeof(struct socket_owner) == 40, "socket_owner has no padding");

#endif
