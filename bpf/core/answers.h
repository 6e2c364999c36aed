/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What an answer tells about the question that waited for it.
 */
#ifndef PPING_ANSWERS_H
#define PPING_ANSWERS_H

#include "lives.h"

enum verdict {
	VERDICT_NONE,             /* nothing was waiting for this segment */
	VERDICT_ANSWERED,
	VERDICT_AMBIGUOUS,        /* sent again: which of the two it answers cannot be told */
	VERDICT_SUPERSEDED,       /* it answers later data: an earlier acknowledgement was lost */
	VERDICT_TOO_LATE,         /* its lifetime was over */
	VERDICT_BELOW_RESOLUTION, /* not later than what it answers, by the clock there is */
};

/* What was answered. */
struct answered {
	u64 time;     /* when it was seen */
	u8 handshake; /* it was a SYN-ACK, or of QUIC's handshake */
	u8 by_sequence;
	u8 keep_alive; /* it was a probe */
	u8 by_identifier;
};

/* Whether the peer of `sender` had acknowledged more than `seq` before the segment at hand. */
static __always_inline int is_acknowledged(const struct flow *flow, u8 sender, u32 seq)
{
	const struct direction *peer = &flow->direction[!sender];

	return flow->known[!sender] & ACK_KNOWN && (s32)(peer->ack - seq) > 0;
}

static __always_inline enum verdict judge_time(const struct packet *p, u64 time, u64 expires)
{
	if ((s64)(p->now - expires) > 0)
		return VERDICT_TOO_LATE;
	return (s64)(p->now - time) > 0 ? VERDICT_ANSWERED : VERDICT_BELOW_RESOLUTION;
}

#endif
