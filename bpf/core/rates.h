/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How often a direction of a flow is sampled, and which of its packets: --rate, --rtt-rate and --burst.
 *
 * In each interval one is. A window opens at the first candidate after the last one is over, and one of
 * its candidates is taken: not always the first, which after a pause meets empty queues, but any of as many as
 * windows of this direction usually have. Where fewer came, the first one after it is taken for it.
 */
#ifndef PPING_RATES_H
#define PPING_RATES_H

#include "lives.h"

/* An interval that follows the RTT is never longer: an outlier must not silence a flow. */
#define RTT_RATE_LONGEST_NS (60 * NS_PER_SECOND)

#define MOST_CANDIDATES 0xfffe
/* Of a window from which nothing is learnt: a handshake's is no window of data. */
#define CANDIDATES_UNKNOWN 0xffff

static __always_inline u64 sampling_interval(const struct samples *known)
{
	u64 factor = target_settings()->rtt_rate;
	u64 rtt, interval;

	if (!factor || !known->srtt)
		return target_settings()->rate;
	rtt = target_settings()->rtt_type == RTT_TYPE_SMOOTHED ? known->srtt : known->min_rtt;
	if (rtt > RTT_RATE_LONGEST_NS)
		rtt = RTT_RATE_LONGEST_NS;
	interval = rtt * factor / 1000;
	return interval < RTT_RATE_LONGEST_NS ? interval : RTT_RATE_LONGEST_NS;
}

static __always_inline int is_sampled(const struct flow *flow, u8 sender)
{
	return (flow->marks & MARK_SAMPLED << (sender & 1)) != 0;
}

/*
 * Not random, so that every target decides alike. Twice, since times go on in even steps (the multiplier is Knuth's,
 * 2^64 / golden ratio).
 */
static __always_inline u32 mixed(u64 a, u64 b)
{
	u64 once = (a + b) * 0x9e3779b97f4a7c15ULL;

	return (once ^ once >> 32) * 0x9e3779b97f4a7c15ULL >> 32;
}

/*
 * Which candidate of the window is to be taken, from 0 on. Where it cannot be, the next one is. A burst begins
 * with the first.
 */
static __always_inline u32 chosen(const struct flow *flow, const struct direction *d)
{
	if (target_settings()->burst > 1)
		return 0;
	return (u64)mixed(flow->life >> STATE_BITS, d->window_start) * d->usual >> 32;
}

/* One more that could have been taken, or was. */
static __always_inline void note_candidate(struct direction *d)
{
	if (d->candidates < MOST_CANDIDATES)
		d->candidates++;
}

static __always_inline void set_sampled(struct flow *flow, u8 sender)
{
	/* Written only where it changes something: the other direction, on another CPU, reads that cache line. */
	if (flow->burst[sender & 1] != 1)
		flow->burst[sender & 1] = 1;
	if (!is_sampled(flow, sender))
		set_mark(flow, MARK_SAMPLED << (sender & 1));
}

/* Whether no sample is due, as far as the coarse clock tells, which is cheap: then the exact one is not read. */
static __always_inline int is_too_early(const struct flow *flow, u8 sender, u64 tick)
{
	const struct direction *d = &flow->direction[sender & 1];
	u64 since = (u64)(coarse_time(tick) - d->window_time + 1) << COARSE_TIME_SHIFT;

	if (!d->window_time || since + target_tick_ns() >= sampling_interval(&flow->samples[sender & 1]))
		return 0;
	return is_sampled(flow, sender) ? target_settings()->burst <= 1 || flow->burst[sender & 1] >= target_settings()->burst
					: d->candidates < chosen(flow, d);
}

/* A window whose sample has been taken otherwise. */
static __always_inline void start_sample(struct flow *flow, u8 sender, u64 now)
{
	struct direction *d = &flow->direction[sender & 1];

	d->window_start = now;
	d->window_time = 0;
	d->candidates = CANDIDATES_UNKNOWN;
	set_sampled(flow, sender);
}

/*
 * What windows usually have. It grows step by step, which spares flows that end soon, and shrinks at once where there
 * were fewer than expected.
 */
static __always_inline u16 usual_after(const struct flow *flow, const struct direction *d, u8 sender)
{
	u32 most = 2 * d->usual + 1;
	u32 usual = is_sampled(flow, sender) ? d->usual / 2 : 0;
	u32 grown = d->candidates < most ? d->candidates : most;

	if (d->candidates == CANDIDATES_UNKNOWN)
		return 0;
	return grown > usual ? grown : usual;
}

enum opened {
	OPENED_BY_ANOTHER, /* CPU */
	OPENED,
	OPENED_OWED,       /* the window before has had no sample */
};

static __always_inline enum opened open_window(struct flow *flow, u8 sender, u64 last, u64 now,
						u64 tick)
{
	struct direction *d = &flow->direction[sender & 1];
	int is_owed = last && !is_sampled(flow, sender);
	u16 usual = usual_after(flow, d, sender);

	if (__sync_val_compare_and_swap(&d->window_start, last, now) != last)
		return OPENED_BY_ANOTHER;
	d->window_time = coarse_time_not_0(tick);
	d->usual = usual;
	d->candidates = 0;
	flow->burst[sender & 1] = 0;
	clear_mark(flow, MARK_SAMPLED << (sender & 1));
	return is_owed ? OPENED_OWED : OPENED;
}

/* Whether one that has no others beside it is to be remembered. */
static __always_inline int claim_alone(struct flow *flow, u8 sender, u64 now)
{
	u64 last = flow->direction[sender & 1].window_start;

	if (last && (s64)(now - last) < (s64)sampling_interval(&flow->samples[sender & 1]))
		return 0;
	start_sample(flow, sender, now);
	return 1;
}

/*
 * After a sample a few more may follow at once. Against delayed ACKs: where only every
 * other packet is answered, one unlucky choice would cost the whole interval.
 */
static __always_inline int claim_burst(struct flow *flow, u8 sender, s64 since_start)
{
	u8 *burst = &flow->burst[sender & 1];

	if (*burst >= target_settings()->burst || since_start > (s64)target_settings()->burst_duration)
		return 0;
	++*burst;
	return 1;
}

/* Global, so that the verifier follows it once (6.1). */
__noinline int claim_in_window(struct flow *flow, u8 sender, u64 now, u64 tick)
{
	struct direction *d;
	u64 last;
	s64 since, interval;
	enum opened opened = OPENED;

	if (!flow)
		return 0;
	d = &flow->direction[sender & 1];
	last = d->window_start;
	since = now - last;
	interval = sampling_interval(&flow->samples[sender & 1]);
	if (!last || since >= interval)
		opened = open_window(flow, sender, last, now, tick);
	if (opened != OPENED)
		return opened == OPENED_OWED;
	if (is_sampled(flow, sender))
		return claim_burst(flow, sender, since);
	if (d->candidates < chosen(flow, d))
		return 0;
	if (set_mark(flow, MARK_SAMPLED << (sender & 1)))
		return 0;
	flow->burst[sender & 1] = 1;
	return 1;
}

/*
 * Whether a candidate is to be remembered. An attempt counts even where the map is full, so that heavy flows do not
 * win every free slot.
 */
static __always_inline int claim_sample(struct flow *flow, u8 sender, u64 now, u64 tick)
{
	if (sampling_interval(&flow->samples[sender & 1]))
		return claim_in_window(flow, sender, now, tick);
	/* Without an interval all are welcome, and the clocks of two CPUs may differ a little. */
	flow->direction[sender & 1].window_start = now;
	set_sampled(flow, sender);
	return 1;
}

/*
 * Adds up to half of the interval. Flows that were sampled together would otherwise be
 * sampled together for ever: the timestamp map would be full in one moment and empty in the
 * next, and a longer interval would only put them further apart.
 */
static __always_inline void spread_attempts(struct flow *flow, u8 sender, u32 identifier)
{
	struct direction *d = &flow->direction[sender & 1];
	u64 interval = sampling_interval(&flow->samples[sender & 1]);

	d->window_start += (interval >> 17) * (mixed(flow->life >> STATE_BITS, identifier) >> 16);
	flow->burst[sender & 1] = 255; /* what is short of room is short of it for more, too */
}

#endif
