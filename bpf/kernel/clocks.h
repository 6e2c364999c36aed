/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's clocks: a coarse one, and the one that measures, by which packets leave. */
#ifndef PPING_CLOCKS_H
#define PPING_CLOCKS_H

#include "entry.h"
#include "interfaces.h"

/* What is to leave later than this, fq drops (its horizon, net/sched/sch_fq.c). */
#define DEPARTURE_HORIZON_NS (10 * NS_PER_SECOND)

/*
 * Jiffies as the coarse clock: they are in the cache, since the kernel's TCP goes by them, and
 * bpf_ktime_get_coarse_ns() costs as much as a flow's lookup does.
 */
static __always_inline u64 coarse_clock(struct __sk_buff *skb)
{
	return fixed.clock_from_packet ? skb->tstamp : bpf_jiffies64();
}

static __always_inline u64 target_tick_ns(void)
{
	return fixed.tick_ns;
}

/*
 * When a packet leaves. TCP gives each the time at which it may (its pacing), by the monotonic clock;
 * fq holds it until then, and the wait is the sender's own, not the path's. Where there is no fq, TCP
 * itself waits before it sends, and the time is past; but where there was one, a connection goes on as
 * if there still were. Times of reception, by the wall clock, are decades away; and on ingress a time is
 * not read at all, since what arrives has arrived.
 */
static __always_inline u64 departure(const struct __sk_buff *skb, u64 now)
{
	u64 time = skb->tstamp;

	/* Unsigned: what is past is far ahead. */
	if (time - now > DEPARTURE_HORIZON_NS || !settings.departures_held)
		return now;
	return !fixed.several || are_departures_held(interface_of(skb)) ? time : now;
}

static __always_inline u64 target_clock(void *context, u8 hook)
{
	struct __sk_buff *skb = context;
	u64 now;

	if (fixed.clock_from_packet)
		return skb->tstamp;
	now = bpf_ktime_get_ns();
	return hook == HOOK_INGRESS ? now : departure(skb, now);
}

#endif
