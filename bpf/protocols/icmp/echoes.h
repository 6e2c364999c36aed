/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* RTTs of ICMP echo: a reply has the identifier and the sequence number of its request (RFC 792, RFC 4443). */
#ifndef PPING_ECHOES_H
#define PPING_ECHOES_H

#include "../../core/exact.h"

static __noinline void process_echo(void *context, struct packet *p)
{
	store_count_fate(process_exact(context, p, COUNTER_ECHO_REPLY));
}

#endif
