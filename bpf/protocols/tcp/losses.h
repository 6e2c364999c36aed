/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What shows that packets were lost: data that is sent again, or was overtaken, duplicate acknowledgements,
 * windows of zero. None of it is asked of a segment that goes on where the one before it ended.
 *
 * Data that does not go on was sent again if it was seen before. If it fills a gap that was seen, it may have
 * been overtaken: then it was sent before what is behind the gap. TSvals tell that, and where they cannot, time:
 * nothing is sent again before its sender has heard of the loss, which takes a round trip.
 */
#ifndef PPING_TCP_LOSSES_H
#define PPING_TCP_LOSSES_H

#include "keepalive.h"
#include "../../core/losses.h"

/* Of a gap: in microseconds or so, which come round after an hour. */
#define GAP_TIME_SHIFT 10
/* Where no RTT is known (as Wireshark has it). */
#define REORDERING_NS (3 * 1000 * 1000)

/* The clock is read for what is uncommon only: it may not have been yet. */
static __always_inline u32 gap_time(void *context, const struct packet *p)
{
	return (p->now ? p->now : target_clock(context, p->hook)) >> GAP_TIME_SHIFT;
}

/* Where the next gap goes: in place of the oldest. */
static __always_inline struct gap *next_gap(struct flow_losses *losses, u8 direction)
{
	u32 at = losses->next_gap[direction & 1]++;

	return &losses->gaps[direction & 1][at % MOST_GAPS];
}

/* What the segment passes over. */
static __noinline void note_gap(void *context, struct flow *flow, const struct packet *p)
{
	struct flow_losses *losses;
	struct gap *gap;

	if (is_passing_again(flow, p))
		return;
	losses = losses_of(flow, p->cookie);
	if (!losses)
		return;
	gap = next_gap(losses, p->direction);
	gap->start = flow->direction[p->direction & 1].next_seq;
	gap->end = p->tcp.seq;
	gap->tsval = p->tcp.tsval;
	gap->time = gap_time(context, p);
}

/*
 * Half a round trip, as far as it is known: the least RTT that was measured may be well above the least that
 * there is, while detours are short.
 */
static __always_inline u64 longest_detour(const struct flow *flow)
{
	u64 rtt = flow->samples[0].min_rtt + flow->samples[1].min_rtt;

	return rtt ? rtt / 2 : REORDERING_NS;
}

/* Whether it was sent before what is behind the gap that it fills. */
static __always_inline int precedes(const struct flow *flow, const struct packet *p, const struct gap *gap, u32 now)
{
	if (p->tcp.has_timestamp && p->tcp.tsval != gap->tsval)
		return (s32)(p->tcp.tsval - gap->tsval) < 0;
	return now - gap->time < longest_detour(flow) >> GAP_TIME_SHIFT;
}

/* What is left of a gap: where it is filled in its middle, a gap on each side. */
static __always_inline void fill(struct flow_losses *losses, u8 direction, struct gap *gap, u32 from, u32 to)
{
	int is_left_before = (s32)(from - gap->start) > 0, is_left_behind = (s32)(gap->end - to) > 0;
	struct gap *before = gap;

	if (is_left_before && is_left_behind) {
		before = next_gap(losses, direction);
		if (before == gap)
			before = next_gap(losses, direction);
		*before = *gap;
	}
	if (is_left_behind)
		gap->start = to;
	if (is_left_before)
		before->end = from;
	if (!is_left_before && !is_left_behind)
		gap->start = gap->end;
}

/*
 * Fills the gaps that the segment has data of; returns whether it was overtaken. What was sent before anything
 * was seen may have been, too.
 */
static __noinline int fills_gap(void *context, struct flow *flow, const struct packet *p, struct flow_losses *losses)
{
	u32 from = p->tcp.seq, to = from + sequence_length(p), now = gap_time(context, p);
	int overtaken = 0;

	if (!losses)
		return 0;
	for (int i = 0; i < MOST_GAPS; i++) {
		struct gap *gap = &losses->gaps[p->direction & 1][i];

		if ((s32)(from - gap->end) >= 0 || (s32)(to - gap->start) <= 0)
			continue;
		if ((s32)(from - gap->start) >= 0 && (s32)(to - gap->end) <= 0)
			overtaken |= precedes(flow, p, gap, now);
		fill(losses, p->direction, gap, from, to);
	}
	return overtaken;
}

/* Met in mid-stream, with the first that was seen before it: what is before that was not seen. */
static __always_inline int precedes_all(const struct flow *flow, const struct packet *p)
{
	u32 first = flow->samples[p->direction & 1].first;

	return p->tcp.has_timestamp && !flow->handshake_seen && !(flow->known[p->direction & 1] & SEQ_WHOLE) &&
	       (s32)(p->tcp.seq + sequence_length(p) - first) <= 0 &&
	       (s32)(p->tcp.tsval - flow->direction[p->direction & 1].latest) < 0;
}

static __always_inline void count_reordered(struct flow_losses *losses, const struct packet *p)
{
	store_add(COUNTER_REORDERED_PACKETS, p->packets);
	if (losses)
		__sync_fetch_and_add(&losses->counts[p->direction & 1].reordered_packets, p->packets);
}

/* Its first `length` bytes: the others are new. */
static __always_inline void count_retransmitted(struct flow_losses *losses, const struct packet *p, u32 length)
{
	u32 packets = p->packets, each = packets > 1 ? (p->payload - 1) / packets + 1 : p->payload;

	if (length < p->payload && each)
		packets = (length - 1) / each + 1;
	store_add(COUNTER_RETRANSMITTED_PACKETS, packets);
	store_add(COUNTER_RETRANSMITTED_BYTES, p->bytes - (p->payload - length));
	if (!losses)
		return;
	__sync_fetch_and_add(&losses->counts[p->direction & 1].retransmitted_bytes, length);
	__sync_fetch_and_add(&losses->counts[p->direction & 1].retransmitted_packets, packets);
}

/* The segment has data that does not go on where its direction had ended. */
__noinline int note_repeated(packet_source *context, struct flow *flow, const struct packet *p)
{
	struct flow_losses *losses;
	u32 length;

	keep_argument(context);
	if (!flow || !p || is_passing_again(flow, p) || is_probe(flow, p))
		return 0;
	length = flow->direction[p->direction & 1].next_seq - p->tcp.seq;
	losses = losses_of(flow, p->cookie);
	if (fills_gap(context, flow, p, losses) || precedes_all(flow, p))
		count_reordered(losses, p);
	else
		count_retransmitted(losses, p, length < p->payload ? length : p->payload);
	return 0;
}

/* A SYN-ACK, or a SYN, of a connection whose handshake is over. */
static __noinline void note_repeated_handshake(struct flow *flow, const struct packet *p)
{
	if (state_of(flow) < FLOW_CLOSED && !is_passing_again(flow, p) &&
	    (s32)(flow->direction[p->direction & 1].next_seq - p->tcp.seq) > 0)
		count_retransmitted(losses_of(flow, p->cookie), p, p->payload);
}

/* How often a step of the handshake that the flow began with was sent again. */
static __noinline void inherit_repeats(struct flow *flow, const struct packet *p, u8 direction, u32 repeats)
{
	struct flow_losses *losses;

	if (!repeats)
		return;
	losses = losses_of(flow, p->cookie);
	store_add(COUNTER_RETRANSMITTED_PACKETS, repeats);
	if (losses)
		__sync_fetch_and_add(&losses->counts[direction & 1].retransmitted_packets, repeats);
}

/* More than a timestamp: of a repeated acknowledgement as a rule what was received out of order (RFC 2018). */
static __always_inline int has_more_options(const struct packet *p)
{
	u32 length = (p->tcp.data_offset >> 4) * 4;

	return length > sizeof(struct tcp_header) + (p->tcp.has_timestamp ? sizeof(struct aligned_timestamp) : 0);
}

/* Whether it says the same as the one before. Without more options than usual it may be another window. */
static __always_inline int says_nothing_new(struct flow_losses *losses, const struct packet *p)
{
	u32 *ack = &losses->repeated_ack[p->direction & 1];
	u16 *window = &losses->repeated_window[p->direction & 1];
	int is_same = *ack == p->tcp.ack && *window == p->tcp.window;

	*ack = p->tcp.ack;
	*window = p->tcp.window;
	return is_same || has_more_options(p);
}

/*
 * A pure acknowledgement of what had been acknowledged: a duplicate one, if there is data to be acknowledged
 * (RFC 5681, 2; RFC 6675, 2).
 */
static __noinline void note_repeated_ack(struct flow *flow, const struct packet *p)
{
	const struct direction *d = &flow->direction[p->direction & 1];
	const struct direction *peer = &flow->direction[!p->direction];
	u8 known = flow->known[p->direction & 1];
	struct flow_losses *losses;

	if (!(known & SEQ_KNOWN && known & ACK_KNOWN) || !(flow->known[!p->direction] & SEQ_KNOWN) ||
	    !p->tcp.window || p->tcp.seq != d->next_seq || (s32)(peer->next_seq - p->tcp.ack) <= 0 ||
	    is_passing_again(flow, p))
		return;
	losses = losses_of(flow, p->cookie);
	if (!losses || !says_nothing_new(losses, p))
		return;
	store_add(COUNTER_DUPLICATE_ACKS, p->packets);
	__sync_fetch_and_add(&losses->counts[p->direction & 1].duplicate_acks, p->packets);
}

static __noinline void note_zero_window(struct flow *flow, const struct packet *p)
{
	struct flow_losses *losses;

	if (p->tcp.flags & TCP_FIN || is_passing_again(flow, p))
		return;
	store_add(COUNTER_ZERO_WINDOWS, p->packets);
	losses = losses_of(flow, p->cookie);
	if (losses)
		__sync_fetch_and_add(&losses->counts[p->direction & 1].zero_windows, p->packets);
}

#endif
