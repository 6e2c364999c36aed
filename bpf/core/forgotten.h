/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Flows of datagrams that were forgotten while what they had asked could still be answered: where flows crowd their map,
 * or --flow-timeout is short. Where they fill it, others are not even made. If one comes again, an answer may be to what
 * was asked before. So it is kept when that was.
 */
#ifndef PPING_FORGOTTEN_H
#define PPING_FORGOTTEN_H

#include "lives.h"
#include "waiting.h"

/* About a second, as of coarse_time(): a packet may have been seen a little before that, on another CPU or in a capture. */
#define FORGOTTEN_SLACK 1024

/* Of one that is forgotten at `tick`, and was seen last `idle` ns before. Of TCP it is known by other means (embryos.h). */
static __always_inline void note_forgotten(const struct flow_key *key, s64 idle, u64 tick)
{
	u32 time = coarse_time_not_0(tick);

	if (key->protocol == PROTOCOL_TCP || idle > (s64)target_settings()->timestamp_timeout)
		return;
	store_forgotten_put(key, time);
}

/* Of one that a packet would have made, had there been room. A function of its own, for the stack. */
static __noinline void note_no_room(const struct packet *p)
{
	store_forgotten_put(&p->key, coarse_time_not_0(p->tick));
}

/* Whether one between the same ends has been. */
static __always_inline int was_forgotten(const struct packet *p)
{
	const u32 *time = store_forgotten_lookup(&p->key);
	u32 timeout = target_settings()->timestamp_timeout >> COARSE_TIME_SHIFT;

	/* Not by is_long_ago(): after half of the time in which 32 bits come round it would be in the future. */
	return time && coarse_time(p->tick) + FORGOTTEN_SLACK - *time <= timeout + FORGOTTEN_SLACK;
}

/* Whether nothing may be asked yet in this flow, which was made when that was so. */
static __always_inline int is_forgotten_before(struct flow *flow, const struct packet *p)
{
	if (likely(!(flow->marks & MARK_FORGOTTEN)))
		return 0;
	if (was_forgotten(p))
		return 1;
	clear_mark(flow, MARK_FORGOTTEN);
	return 0;
}

#endif
