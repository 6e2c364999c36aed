/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How often a direction of a flow is sampled: --rate, --rtt-rate and --burst.
 */
#ifndef PPING_RATES_H
#define PPING_RATES_H

#include "state.h"

/* An interval that follows the RTT is never longer: an outlier must not silence a flow. */
#define RTT_RATE_LONGEST_NS (60 * NS_PER_SECOND)

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

/*
 * After a sample a few more may follow at once. Against delayed ACKs: where only every
 * other packet is answered, one unlucky choice would cost the whole interval.
 */
static __always_inline int claim_burst(struct direction *d, s64 since_sample)
{
	u32 most = target_settings()->burst;

	if (d->burst >= most || since_sample > (s64)target_settings()->burst_duration)
		return 0;
	return __sync_fetch_and_add(&d->burst, 1) < most;
}

static __always_inline void start_sample(struct direction *d, u64 now)
{
	d->sample_time = now;
	d->burst = 1;
}

/*
 * Whether a new identifier may be remembered. The time of an attempt counts even
 * where the map is full, so that heavy flows do not win every free slot.
 */
static __always_inline int claim_sample(struct direction *d, const struct samples *known, u64 now)
{
	u64 last = d->sample_time;
	s64 since = now - last, interval = sampling_interval(known);

	if (last && interval && since < interval)
		return claim_burst(d, since);
	/* Without an interval all are welcome, and the clocks of two CPUs may differ a little. */
	if (!interval)
		d->sample_time = now;
	else if (__sync_val_compare_and_swap(&d->sample_time, last, now) != last)
		return 0;
	d->burst = 1;
	return 1;
}

/*
 * Adds up to half of the interval. Flows that were sampled together would otherwise be
 * sampled together for ever: the timestamp map would be full in one moment and empty in the
 * next, and a longer interval would only put them further apart. Not random, so that
 * every target decides alike (the multiplier is Knuth's, 2^64 / golden ratio).
 */
static __always_inline void spread_attempts(struct direction *d, const struct samples *known,
					    u64 cookie, u32 identifier)
{
	u64 mixed = ((cookie + identifier) * 0x9e3779b97f4a7c15ULL) >> 48;

	d->sample_time += (sampling_interval(known) >> 17) * mixed;
	d->burst = ~0U; /* what is short of room is short of it for more, too */
}

#endif
