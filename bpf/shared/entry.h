/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What tc_entries.c leaves for the programs that watch, and by what it finds them. */
#ifndef PPING_SHARED_ENTRY_H
#define PPING_SHARED_ENTRY_H

#include "types.h"

/*
 * What the programs are told of an interface where those of several namespaces may have the same index. The ones
 * that are attached to it (tc_entries.c) leave it in skb->cb, which is there for such use, and go on with those
 * that watch.
 */
struct entry {
	u32 interface; /* its number in this run; never 0 */
	u32 namespace; /* inode of its network namespace */
};

enum entry_cb {
	ENTRY_CB_INTERFACE = 3,
	ENTRY_CB_NAMESPACE = 4,
};

/* Where those that watch are in the array of programs. */
enum entry_program {
	ENTRY_EGRESS = 0,
	ENTRY_INGRESS = 1,
	ENTRY_EGRESS_IP = 2,
	ENTRY_INGRESS_IP = 3,
	ENTRY_PROGRAMS = 4,
};

#endif
