/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the first segment that acknowledges remembered data tells about it.
 *
 * It ends the wait, always: whatever comes later answers something else. Whether the time that has
 * passed is an RTT is told by its TSecr, and where the data was sent only once by that alone
 * (Karn and Partridge, 1987; RFC 7323, 4.3 says which TSval a receiver echoes).
 */
#ifndef PPING_ANSWERS_H
#define PPING_ANSWERS_H

#include "clocks.h"

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
	u8 handshake; /* it was a SYN-ACK */
};

/* An acknowledgement of more than was seen sent is believed up to this: captures miss packets. */
#define MOST_ACK_AHEAD (1 << 20)
/* RFC 7323, 2.3 */
#define LARGEST_WINDOW (1U << 30)

/* Serial arithmetic, RFC 9293, 3.4; what no window reaches is of another connection. */
static __always_inline int acknowledges(const struct packet *p, u32 seq)
{
	return p->tcp.ack - seq - 1 < LARGEST_WINDOW;
}

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

/*
 * An acknowledgement that echoes an older TSval (a delayed one echoes the earliest that it
 * answers) proves the arrival of data sent once, if it acknowledges nothing that was not seen:
 * what is missing may have been this very data, and who guesses acknowledgements from afar makes
 * no RTT.
 */
static __always_inline int is_proof(const struct flow *flow, const struct packet *p,
				    const struct slot *slot)
{
	const struct direction *sent = &flow->direction[!p->direction];
	u32 known = flow->known[!p->direction];

	if (!slot->sent_once || (s32)(p->tcp.ack - sent->next_seq) > 0)
		return 0;
	if (known & SEQ_WHOLE)
		return 1;
	/* What is echoed was seen, too: else the data may have been sent before anything was. */
	return !(known & SEQ_DOUBTED) && p->tcp.tsecr &&
	       (s32)(p->tcp.tsecr - flow->samples[!p->direction].first) >= 0;
}

/* The first segment to acknowledge what waits in the slot since `time`. */
static __always_inline enum verdict judge(const struct flow *flow, const struct packet *p, u64 time,
					  const struct slot *slot)
{
	/*
	 * A TSecr of 0 is taken as none (RFC 7323, 3.2 has it so without ACK; some stacks
	 * always).
	 */
	s32 newer = p->tcp.tsecr ? (s32)(p->tcp.tsecr - slot->identifier) : -1;
	const struct direction *sent = &flow->direction[!p->direction];

	if (flow->known[!p->direction] & SEQ_KNOWN && (s32)(p->tcp.ack - sent->next_seq) > MOST_ACK_AHEAD)
		return VERDICT_AMBIGUOUS;
	if (newer > 0)
		return VERDICT_SUPERSEDED;
	if (newer < 0 && !is_proof(flow, p, slot))
		return VERDICT_AMBIGUOUS;
	/*
	 * Sent again, and another segment had the TSval before: the receiver may still have it
	 * from that.
	 */
	if (!newer && !slot->sent_once && !slot->is_alone)
		return VERDICT_AMBIGUOUS;
	return judge_time(p, time, time + target_settings()->timestamp_timeout);
}

#endif
