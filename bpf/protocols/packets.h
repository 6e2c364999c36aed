/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A packet, to those who know its protocol.
 */
#ifndef PPING_PACKETS_H
#define PPING_PACKETS_H

#include "tcp/segments.h"

/* Whether the packet is one of the few kinds that are processed apart, so that they cost the others nothing. */
static __always_inline int is_uncommon(const struct packet *p)
{
	return !p->tcp.has_timestamp && !(p->tcp.flags & (TCP_RST | TCP_SYN));
}

/*
 * The measurement: one packet, seen now, that is not uncommon. `context` is handed to target_clock() and
 * target_is_local(). TCP is all that is parsed, so that there is no protocol to choose yet.
 */
static __always_inline void process_packet(void *context, struct packet *p)
{
	process_segment(context, p);
}

/* The same of one that is. */
static __always_inline void process_uncommon(void *context, struct packet *p)
{
	process_unstamped(context, p);
}

#endif
