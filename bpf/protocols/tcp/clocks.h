/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The clocks behind TSvals (RFC 7323, 5.4): from 1 Hz to 1 MHz, each direction its own.
 */
#ifndef PPING_TCP_CLOCKS_H
#define PPING_TCP_CLOCKS_H

#include "../../core/lives.h"

/* The fastest in use, Linux's tcp_usec_ts. */
#define FASTEST_TICK_NS 1000
/*
 * 2^31 ticks of it: after this long, "older" and "newer" can no longer be told apart.
 */
#define HALF_RANGE_NS ((1ULL << 31) * FASTEST_TICK_NS)
/*
 * How far TSvals of packets that waited for each other, or overtook, may be from where they
 * should: a second of it.
 */
#define MOST_TSVAL_OFF (1U << 20)

/* Whether a TSval fits the clock that showed `before` when the direction was last seen. */
static __always_inline int fits_clock(const struct direction *d, u32 tsval, u32 before, u64 tick)
{
	u64 most = (tick - d->last_seen) * target_tick_ns() / FASTEST_TICK_NS + MOST_TSVAL_OFF;

	return most >= 1U << 31 || tsval - before + MOST_TSVAL_OFF <= most + MOST_TSVAL_OFF;
}

#endif
