/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A packet, to those who know its protocol.
 */
#ifndef PPING_PACKETS_H
#define PPING_PACKETS_H

#include "dns/messages.h"
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

/* Of these, what process_quic() is for: by itself, since the stack has no room for more around it. */
static __always_inline int is_quic_packet(const struct packet *p)
{
	return target_protocols() & PROTOCOLS_QUIC && p->key.protocol == PROTOCOL_QUIC;
}

/*
 * The measurement: one packet, seen now, that is not uncommon. Where it is so afterwards, it is to be processed as
 * one that is. `context` is its packet_source; it is handed to
 * target_clock() and target_is_local().
 */
static __always_inline void process_packet(void *context, struct packet *p)
{
	process_segment(context, p);
}

/* The same of one that is, but of QUIC. */
static __always_inline void process_uncommon(void *context, struct packet *p)
{
	if (!is_other_than_tcp(p))
		return process_unstamped(context, p);
	switch (p->key.protocol) {
	case PROTOCOL_DNS:
		if (target_protocols() & PROTOCOLS_DNS)
			process_dns(context, p);
		return;
	default:
		process_echo(context, p);
	}
}

#endif
