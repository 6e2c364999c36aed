/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* RTTs of ICMP echo: a reply has the identifier and the sequence number of its request (RFC 792, RFC 4443). */
#ifndef PPING_ECHOES_H
#define PPING_ECHOES_H

#include "../../core/exact.h"
#include "../../core/fates.h"

static __noinline void process_echo(void *context, struct packet *p)
{
	enum counter bytes_of = p->key.protocol == PROTOCOL_ICMP ? COUNTER_ICMP_BYTES : COUNTER_ICMPV6_BYTES;

	count_beside_tcp(process_exact(context, p, COUNTER_ECHO_REPLY), bytes_of, p->bytes);
}

#endif
