/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whether a connection's end is on this machine, in the interface's network namespace. */
#ifndef PPING_LOCALITY_H
#define PPING_LOCALITY_H

#include "flows.h"
#include "state.h"

/* Whether what came in through ingress ends here. Asked once: `locality` is that of the flow's direction. */
static __always_inline int ends_here(void *context, u8 *locality, const struct packet *p)
{
	if (*locality == LOCALITY_UNKNOWN)
		*locality = target_is_local(context, &p->key, !p->direction, p->to_this_host)
				? LOCALITY_LOCAL : LOCALITY_REMOTE;
	return *locality == LOCALITY_LOCAL;
}

#endif
