/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What is kept of a direction's RTTs: the smoothed one and how far they are from it (RFC 6298), and the
 * least of the last window, as TCP keeps its own (net.ipv4.tcp_min_rtt_wlen). What is older may be of
 * another route.
 */
#ifndef PPING_RTTS_H
#define PPING_RTTS_H

#include "state.h"

/* About a millisecond: 32 bits of it are 52 days. */
#define WINDOW_TIME_SHIFT 20

static __always_inline u32 at_most_32_bits(u64 ns)
{
	return ns < ~0U ? ns : ~0U;
}

/* A half begins. What is known of the one before is kept if that has just ended. */
static __always_inline void begin_half(struct samples *known, u64 rtt, int is_next)
{
	u64 before = known->half.least;

	known->min_rtt = is_next && before < ~0U && before < rtt ? before : rtt;
	known->half.least = at_most_32_bits(rtt);
}

/*
 * Where a flow without timestamps was met in mid-stream its least RTT is not forgotten: what is lower is doubted
 * (by_sequence.h), and after a queue as long as a window nothing would be believed any more.
 */
static __always_inline u64 window_of(const struct flow *flow, u8 sender)
{
	return flow->known[sender & 1] & (SEQ_WHOLE | TSVAL_KNOWN) ? target_settings()->min_window : 0;
}

/*
 * A window has two halves: the one that is not over, and the one before. `min_rtt` is the least of both, so
 * that what the next half needs to know is the least of this one.
 */
static __always_inline void update_least(struct flow *flow, u8 sender, u64 rtt, u64 now)
{
	struct samples *known = &flow->samples[sender & 1];
	struct half *half = &known->half;
	u64 length = window_of(flow, sender) >> (WINDOW_TIME_SHIFT + 1);
	u32 time = now >> WINDOW_TIME_SHIFT;
	s64 since = (s32)(time - half->begun);

	if (!known->min_rtt || (length && since >= (s64)length)) {
		begin_half(known, rtt, known->min_rtt && since < 2 * (s64)length);
		half->begun = time;
		return;
	}
	if (rtt < known->min_rtt)
		known->min_rtt = rtt;
	if (rtt < half->least)
		half->least = rtt;
}

/* RFC 6298, 2.2 and 2.3: alpha = 1/8, beta = 1/4, and the variation first, by the SRTT before. */
static __always_inline void smooth(struct samples *known, u64 rtt)
{
	u64 srtt = known->srtt, apart = srtt < rtt ? rtt - srtt : srtt - rtt;

	known->rttvar = at_most_32_bits(srtt ? (3ULL * known->rttvar + apart) / 4 : rtt / 2);
	known->srtt = srtt ? (7 * srtt + rtt) / 8 : rtt;
}

/* Of what `sender` sent, answered at `now`. */
static __always_inline void update_rtt(struct flow *flow, u8 sender, u64 rtt, u64 now)
{
	update_least(flow, sender, rtt, now);
	smooth(&flow->samples[sender & 1], rtt);
	if (unlikely(flow->srtt_doubted[sender & 1]) && !(flow->marks & MARK_QUIC))
		flow->srtt_doubted[sender & 1] = 0;
}

#endif
