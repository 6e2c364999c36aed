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

_Static_assert(sizeof(struct socket_owner) == 40, "socket_owner has no padding");

#endif
