/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where identifiers wait for their answers. One of each direction waits in its flow, which has
 * been looked up anyway; the others in the timestamp map, which is looked up only when it has
 * some of the flow.
 */
#ifndef PPING_WAITING_H
#define PPING_WAITING_H

#include "state.h"

/* As a slot's time: claimed by a CPU that has yet to say what for. No clock shows it. */
#define SLOT_BEING_FILLED 1

/* A full barrier: who sees the time of a slot sees what it was filled with before. */
static __always_inline u64 slot_time(struct slot *slot)
{
	return __sync_fetch_and_add(&slot->time, 0);
}

/* An answer acknowledges what it answers (serial arithmetic, RFC 9293, 3.4). */
static __always_inline int acknowledges(const struct segment *s, u32 seq)
{
	return (s32)(s->ack - seq) > 0;
}

/*
 * Acknowledging the remembered data tells its answer from that to a pure ACK which
 * carried the same TSval a moment earlier.
 */
static __always_inline int is_answered(const struct segment *s, u64 time, u32 seq)
{
	return acknowledges(s, seq) && (s64)(s->now - time) > 0;
}

/* Whether anything that `sender` sent waits. */
static __always_inline int is_any_waiting(const struct flow *flow, u8 sender)
{
	const struct samples *samples = &flow->samples[sender & 1];

	return samples->slot.time || samples->mapped;
}

/* 1 for the one that freed what was put there at `time`; 0 when it is free, being filled, or filled anew. */
static __always_inline int free_slot(struct slot *slot, u64 time)
{
	return time > SLOT_BEING_FILLED && __sync_val_compare_and_swap(&slot->time, time, 0) == time;
}

static __always_inline int fill_slot(struct slot *slot, const struct segment *s, u64 expires)
{
	if (slot->time || __sync_val_compare_and_swap(&slot->time, 0, SLOT_BEING_FILLED))
		return -1;
	slot->expires = expires;
	slot->identifier = s->tsval;
	slot->seq = s->seq;
	__sync_lock_test_and_set(&slot->time, s->now);
	return 0;
}

static __noinline int insert_timestamp(struct flow *flow, const struct segment *s, u64 expires)
{
	struct samples *samples = &flow->samples[s->direction & 1];
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsval,
				     .direction = s->direction };
	struct timestamp value = { .time = s->now, .expires = expires, .seq = s->seq,
				   .flow = s->key };
	int status;

	/* Counted before it can be answered, so that the count never goes below zero. */
	__sync_fetch_and_add(&samples->mapped, 1);
	status = store_timestamp_insert(&key, &value);
	if (status)
		__sync_fetch_and_sub(&samples->mapped, 1);
	return status;
}

/* Puts the segment's identifier where its answer will find it: 0, 1 when it waits already, -1 when there is no room. */
static __always_inline int put_identifier(struct flow *flow, const struct segment *s, u64 expires)
{
	struct slot *slot = &flow->samples[s->direction & 1].slot;

	if (slot->time && slot->identifier == s->tsval)
		return 1;
	return fill_slot(slot, s, expires) ? insert_timestamp(flow, s, expires) : 0;
}

/* A function of its own, like the insertion: the stack of a BPF program is 512 bytes. */
static __noinline u64 take_timestamp(struct flow *flow, const struct segment *s)
{
	u8 sender = !s->direction;
	struct timestamp_key key = { .cookie = flow->cookie, .identifier = s->tsecr,
				     .direction = sender };
	const struct timestamp *waiting = store_timestamp_lookup(&key);
	u64 time;

	if (!waiting)
		return 0;
	time = waiting->time;
	if (!is_answered(s, time, waiting->seq))
		return 0;
	/* Two CPUs may have found it: whoever deletes it reports. */
	if (store_timestamp_delete(&key))
		return 0;
	__sync_fetch_and_sub(&flow->samples[sender].mapped, 1);
	return time;
}

/* When the identifier that the segment answers was seen, once; 0 when it answers none. */
static __always_inline u64 take_identifier(struct flow *flow, const struct segment *s)
{
	struct samples *samples = &flow->samples[!s->direction];
	u64 time = slot_time(&samples->slot);

	if (time > SLOT_BEING_FILLED && samples->slot.identifier == s->tsecr) {
		if (!is_answered(s, time, samples->slot.seq))
			return 0;
		/* Two CPUs may have found it: whoever frees it reports. */
		return free_slot(&samples->slot, time) ? time : 0;
	}
	return samples->mapped ? take_timestamp(flow, s) : 0;
}

/* Of a flow that ends with identifiers in it: nothing is left to answer them. */
static __always_inline u32 free_slots(struct flow *flow)
{
	struct slot *first = &flow->samples[0].slot, *second = &flow->samples[1].slot;
	u32 freed = free_slot(first, slot_time(first)) + free_slot(second, slot_time(second));

	if (freed)
		store_add(COUNTER_UNANSWERED, freed);
	return freed;
}

#endif
