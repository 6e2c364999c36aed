/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which samples are reported, and when: at most one per report interval and direction of
 * a flow. What is held back is not lost: the next report stands for it, too.
 */
#ifndef PPING_REPORTS_H
#define PPING_REPORTS_H

#include "events.h"

/* Two CPUs may hold back at once: the lesser stays. */
#define LEAST_ATTEMPTS 3

#define NS_PER_MICROSECOND 1000ULL
/* Modulo 2^32 microseconds: less than a second back, not 71 minutes on. */
#define CLOCKS_APART (u32)-1000000

/* Whether any are. It does not change in a run. */
static __always_inline int are_held_back(void)
{
	return target_settings()->report_interval != 0;
}

static __always_inline int is_any_held(const struct flow *flow)
{
	return are_held_back() && (flow->held[0].samples || flow->held[1].samples);
}

static __always_inline void hold_back(struct samples *samples, struct held *held, u64 rtt, u32 flags)
{
	for (int i = 0; i < LEAST_ATTEMPTS; i++) {
		u64 least = held->least;

		if (least && least <= rtt)
			break;
		if (__sync_val_compare_and_swap(&held->least, least, rtt) == least)
			break;
	}
	held->last = rtt;
	samples->held_flags = flags;
	__sync_fetch_and_add(&held->samples, 1);
}

/* Takes what is held back into `report`. */
static __always_inline void take_held(struct held *held, struct report *report)
{
	u64 least = __sync_lock_test_and_set(&held->least, 0);

	report->samples += __sync_lock_test_and_set(&held->samples, 0);
	if (least && least < report->least)
		report->least = least;
}

/*
 * When a sample is reported: a flow's line has no room for more. After 71 minutes it begins again; who comes
 * back just then may be taken to have reported a moment ago, and waits for the next interval or a sweep.
 */
static __always_inline u32 report_time(u64 now)
{
	u32 microseconds = now / NS_PER_MICROSECOND;

	return microseconds ? microseconds : 1;
}

/* Whether it is too early for the next report. The clocks of two CPUs may differ: by then no time has passed. */
static __always_inline int is_held_back(const struct held *held, u32 now)
{
	u32 since = now - held->reported;

	if (since > CLOCKS_APART)
		since = 0;
	return held->reported && since * NS_PER_MICROSECOND < target_settings()->report_interval;
}

/* Of two CPUs one reports in each interval. */
static __always_inline int claim_report(struct held *held, u32 now)
{
	u32 last = held->reported;

	return !is_held_back(held, now) &&
	       __sync_val_compare_and_swap(&held->reported, last, now) == last;
}

/* Whether a new sample of what `sender` sent is to be told of; if so, `report` is what there is to tell. */
static __always_inline int is_reported(struct flow *flow, u8 sender, struct report *report, u64 now)
{
	struct held *held = &flow->held[sender & 1];

	if (likely(!are_held_back()))
		return 1;
	if (!claim_report(held, report_time(now))) {
		hold_back(&flow->samples[sender & 1], held, report->rtt, report->flags);
		return 0;
	}
	if (held->samples)
		take_held(held, report);
	return 1;
}

/* Reports what is held back of a flow's `sender`, with the last RTT of it. */
static __noinline void report_held(const struct flow_key *key, struct flow *flow, u8 sender,
				   u64 now)
{
	struct held *held = &flow->held[sender & 1];
	struct report report = { .rtt = held->last, .least = held->last,
				 .flags = flow->samples[sender & 1].held_flags };

	take_held(held, &report);
	if (!report.samples)
		return;
	held->reported = report_time(now);
	report_rare_rtt(key, flow, sender, &report, now);
}

/* A flow that ends has no next report. */
static __always_inline void report_all_held(const struct flow_key *key, struct flow *flow, u64 now)
{
	if (!are_held_back())
		return;
	for (u8 sender = 0; sender < 2; sender++)
		if (flow->held[sender].samples)
			report_held(key, flow, sender, now);
}

/* Nor may an idle one keep what it has longer than the interval. */
static __always_inline void report_overdue(const struct flow_key *key, struct flow *flow, u64 now)
{
	if (!are_held_back())
		return;
	for (u8 sender = 0; sender < 2; sender++) {
		const struct held *held = &flow->held[sender];

		if (held->samples && !is_held_back(held, report_time(now)))
			report_held(key, flow, sender, now);
	}
}

#endif
