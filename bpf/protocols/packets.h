/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A packet, to those who know its protocol.
 */
#ifndef PPING_PACKETS_H
#define PPING_PACKETS_H

#include "tcp/segments.h"

/*
 * The measurement: one packet, seen now. `context` is handed to target_clock() and target_is_local().
 * TCP is all that is parsed, so that there is nothing to choose between yet.
 */
static __always_inline void process_packet(void *context, struct packet *p)
{
	process_segment(context, p);
}

#endif
