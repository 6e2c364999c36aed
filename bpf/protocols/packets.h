/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A packet, to those who know its protocol.
 */
#ifndef PPING_PACKETS_H
#define PPING_PACKETS_H

#include "icmp/echoes.h"
#include "quic/datagrams.h"
#include "tcp/segments.h"

/* Where nothing else is asked for, nothing is left of this. */
static __always_inline int is_other_than_tcp(const struct packet *p)
{
	return target_protocols() & ~PROTOCOLS_TCP && p->key.protocol != PROTOCOL_TCP;
}

/* Whether the packet is one of the few kinds that are processed apart, so that they cost the others nothing. */
static __always_inline int is_uncommon(const struct packet *p)
{
	return is_other_than_tcp(p) || (!p->tcp.has_timestamp && !(p->tcp.flags & (TCP_RST | TCP_SYN)));
}

/*
 * The measurement: one packet, seen now, that is not uncommon. `context` is handed to target_clock() and
 * target_is_local().
 */
static __always_inline void process_packet(void *context, struct packet *p)
{
	process_segment(context, p);
}

/* The same of one that is. */
static __always_inline void process_uncommon(void *context, struct packet *p)
{
	if (target_protocols() & PROTOCOLS_QUIC && p->key.protocol == PROTOCOL_QUIC)
		return process_quic(context, p);
	if (is_other_than_tcp(p))
		return process_echo(context, p);
	process_unstamped(context, p);
}

#endif
