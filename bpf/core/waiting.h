/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where questions wait for their answers. One of each direction waits in its flow, which has
 * been looked up anyway; the others in the timestamp map, which is looked up only when it has
 * some of the flow.
 */
#ifndef PPING_WAITING_H
#define PPING_WAITING_H

#include "answers.h"

/* As a slot's time: claimed by a CPU that has yet to say what for. No clock shows it. */
#define SLOT_BEING_FILLED 1

/* A full barrier: who sees the time of a slot sees what it was filled with before. */
static __always_inline u64 slot_time(struct question *slot)
{
	return __sync_fetch_and_add(&slot->time, 0);
}

/* Whether questions that were asked then (coarse_time(); 0 = never) have waited too long. */
static __always_inline int is_long_ago(u32 time, const struct packet *p)
{
	s32 since = coarse_time(p->tick) - time;

	return !time || since > (s32)(target_settings()->timestamp_timeout >> COARSE_TIME_SHIFT);
}

/* Whether anything that `sender` sent waits. */
static __always_inline int is_any_waiting(const struct flow *flow, u8 sender)
{
	const struct samples *samples = &flow->samples[sender & 1];

	return samples->slot.time || samples->mapped;
}

/*
 * 1 for the one that freed what was put there at `time`; 0 when it is free, being filled, or
 * filled anew.
 */
static __always_inline int free_slot(struct question *slot, u64 time)
{
	return time > SLOT_BEING_FILLED && __sync_val_compare_and_swap(&slot->time, time, 0) == time;
}

/* Fills a free slot with what was seen at `question->time`; -1 where it is not free. */
static __always_inline int fill_slot(struct question *slot, const struct question *question)
{
	if (slot->time || __sync_val_compare_and_swap(&slot->time, 0, SLOT_BEING_FILLED))
		return -1;
	slot->identifier = question->identifier;
	slot->seq = question->seq;
	slot->sent_once = question->sent_once;
	slot->is_alone = question->is_alone;
	slot->handshake = question->handshake;
	slot->hook = question->hook;
	slot->by_sequence = question->by_sequence;
	slot->probe = question->probe;
	__sync_lock_test_and_set(&slot->time, question->time);
	return 0;
}

static __noinline int insert_timestamp(struct flow *flow, const struct packet *p,
				       const struct question *question, u64 expires)
{
	struct samples *samples = &flow->samples[p->direction & 1];
	struct timestamp_key key = { .cookie = p->cookie, .identifier = question->identifier,
				     .direction = p->direction };
	struct timestamp value = { .time = p->now, .expires = expires, .seq = question->seq,
				   .hook = p->hook, .flow = p->key };
	int status;

	/* Counted before it can be answered, so that the count never goes below zero. */
	__sync_fetch_and_add(&samples->mapped, 1);
	status = store_timestamp_insert(&key, &value);
	if (status)
		__sync_fetch_and_sub(&samples->mapped, 1);
	return status;
}

/*
 * Puts a question where its answer will find it: 0, 1 when its identifier does not tell it from
 * others, -1 when there is no room. `expires` is for the map: in its flow a question costs nothing to
 * keep.
 */
static __always_inline int put_question(struct flow *flow, const struct packet *p,
					const struct question *question, u64 expires)
{
	if (!fill_slot(&flow->samples[p->direction & 1].slot, question))
		return 0;
	/* Who sends in one direction only, and to whom he likes, gets no room of others. */
	if (!question->is_alone || state_of(flow) == FLOW_WAITING)
		return 1;
	return insert_timestamp(flow, p, question, expires);
}

/* Frees a slot of which it cannot be told any more what answers it. */
static __always_inline void drop_slot(struct question *slot, u64 time)
{
	u8 handshake = slot->handshake;

	if (free_slot(slot, time) && !handshake)
		store_count(COUNTER_AMBIGUOUS);
}

/* Frees a slot that nothing will answer any more; 1 where it held an identifier. */
static __always_inline u32 abandon_slot(struct question *slot, u64 time)
{
	u8 handshake = slot->handshake;

	if (!free_slot(slot, time) || handshake)
		return 0;
	store_count(COUNTER_UNANSWERED);
	return 1;
}

/* What answers a probe may from now on answer another. It does not wait, or not for much longer. */
static __always_inline void dispute_probe(struct question *slot, u64 tick)
{
	slot->probe = PROBE_DISPUTED;
	slot->identifier = coarse_time(tick);
}

/* Of a flow that ends with identifiers in it: nothing is left to answer them. */
static __always_inline u32 free_slots(struct flow *flow)
{
	struct question *first = &flow->samples[0].slot, *second = &flow->samples[1].slot;

	return abandon_slot(first, slot_time(first)) + abandon_slot(second, slot_time(second));
}

#endif
