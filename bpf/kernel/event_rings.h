/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How events leave: through a small ring buffer, and where that is full through a large one. */
#ifndef PPING_KERNEL_EVENT_RINGS_H
#define PPING_KERNEL_EVENT_RINGS_H

#include "../core/records.h"
#include "counters.h"
#include "settings.h"

/* Small enough to stay in the caches, however often it is written around. */
#define RING_BYTES (1 << 20)
/* For what other CPUs reserve at the same moment. */
#define RING_SPARE_BYTES (RING_BYTES / 16)
/* For when the reader is late. */
#define OVERFLOW_BYTES (8 << 20)
/* So much of it is many events: enum reader_state. */
#define RING_WAKEUP_BYTES (RING_BYTES / 4)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} events SEC(".maps");

/* What finds no room there. The reader takes it after what is there. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, OVERFLOW_BYTES);
} overflow SEC(".maps");

/* Its size is asked where it is full by what it is as a rule: tests have a larger one. */
static __always_inline int is_ring_full(void)
{
	u64 taken = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	return unlikely(taken > RING_BYTES - RING_SPARE_BYTES) &&
	       taken > bpf_ringbuf_query(&events, BPF_RB_RING_SIZE) - RING_SPARE_BYTES;
}

/*
 * Whether an event goes to the large ring buffer. Once one does all do, so that they stay in order, until the reader has
 * taken what is there. That is asked first, not when there is no room: what may be 0 can be asked once (verifier, 6.1).
 */
static __always_inline int is_overflowing(void)
{
	if (likely(!settings.overflows) && unlikely(is_ring_full()))
		settings.overflows = 1;
	return settings.overflows;
}

static __always_inline void *reserve_event(u64 bytes)
{
	if (unlikely(is_overflowing()))
		return bpf_ringbuf_reserve(&overflow, bytes, 0);
	return bpf_ringbuf_reserve(&events, bytes, 0);
}

static __always_inline struct rtt_event *target_reserve_rtt(u64 bytes)
{
	struct rtt_event *event = reserve_event(bytes);

	if (!event)
		store_count(COUNTER_RTT_EVENTS_LOST);
	return event;
}

static __always_inline struct flow_event *target_reserve_flow(void)
{
	struct flow_event *event = reserve_event(sizeof(*event));

	if (!event)
		store_count(COUNTER_FLOW_EVENTS_LOST);
	return event;
}

static __always_inline struct overdue_event *target_reserve_overdue(void)
{
	struct overdue_event *event = reserve_event(sizeof(*event));

	if (!event)
		store_count(COUNTER_FLOW_EVENTS_LOST);
	return event;
}

static __always_inline struct dns_event *target_reserve_dns(u64 bytes)
{
	struct dns_event *event = reserve_event(bytes);

	if (!event)
		store_count(COUNTER_FLOW_EVENTS_LOST);
	return event;
}

static __always_inline int target_is_short_of_events(void)
{
	return settings.overflows &&
	       bpf_ringbuf_query(&overflow, BPF_RB_AVAIL_DATA) > OVERFLOW_BYTES / 4 * 3;
}

/* Once: a wakeup takes microseconds, and one that wakes nobody no less. */
static __always_inline int reader_is_to_wake(void)
{
	u32 waits = settings.reader_waits;

	if (waits == READER_IS_AWAKE)
		return 0;
	if (waits == READER_WAITS_FOR_MANY && !settings.overflows &&
	    bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < RING_WAKEUP_BYTES)
		return 0;
	return __sync_lock_test_and_set(&settings.reader_waits, READER_IS_AWAKE) != READER_IS_AWAKE;
}

/*
 * The reader says that it waits and then looks whether there is an event; here one is reserved,
 * which it sees, and then it is looked whether the reader waits. Without a barrier between the
 * two (the reader has one) both may look before they can see what the other has done, and the
 * event would lie there until the reader's timer.
 */
static __always_inline void target_submit_ordered(void *event)
{
	bpf_ringbuf_submit(event, reader_is_to_wake() ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void target_submit(void *event)
{
	full_barrier(event);
	target_submit_ordered(event);
}

static __always_inline void target_discard(void *event)
{
	bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
}

#endif
