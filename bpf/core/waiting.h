/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where identifiers wait for their answers. One of each direction waits in its flow, which has
 * been looked up anyway; the others in the timestamp map, which is looked up only when it has
 * some of the flow.
 */
#ifndef PPING_WAITING_H
#define PPING_WAITING_H

#include "answers.h"

/* As a slot's time: claimed by a CPU that has yet to say what for. No clock shows it. */
#define SLOT_BEING_FILLED 1

/* A full barrier: who sees the time of a slot sees what it was filled with before. */
static __always_inline u64 slot_time(struct slot *slot)
{
	return __sync_fetch_and_add(&slot->time, 0);
}

/* Whether anything that `sender` sent waits. */
static __always_inline int is_any_waiting(const struct flow *flow, u8 sender)
{
	const struct samples *samples = &flow->samples[sender & 1];

	return samples->slot.time || samples->mapped;
}

/* Whether the segment may answer something that its peer sent. Asked of each packet. */
static __always_inline int may_answer(const struct flow *flow, const struct packet *p)
{
	const struct samples *samples = &flow->samples[!p->direction];

	if (likely(!is_any_waiting(flow, !p->direction)) || !(p->tcp.flags & TCP_ACK))
		return 0;
	return samples->mapped || acknowledges(p, samples->slot.seq);
}

/*
 * 1 for the one that freed what was put there at `time`; 0 when it is free, being filled, or
 * filled anew.
 */
static __always_inline int free_slot(struct slot *slot, u64 time)
{
	return time > SLOT_BEING_FILLED && __sync_val_compare_and_swap(&slot->time, time, 0) == time;
}

/* Fills a free slot with what was seen at `waiting->time`; -1 where it is not free. */
static __always_inline int fill_slot(struct slot *slot, const struct slot *waiting)
{
	if (slot->time || __sync_val_compare_and_swap(&slot->time, 0, SLOT_BEING_FILLED))
		return -1;
	slot->identifier = waiting->identifier;
	slot->seq = waiting->seq;
	slot->sent_once = waiting->sent_once;
	slot->is_alone = waiting->is_alone;
	slot->handshake = waiting->handshake;
	slot->hook = waiting->hook;
	__sync_lock_test_and_set(&slot->time, waiting->time);
	return 0;
}

static __noinline int insert_timestamp(struct flow *flow, const struct packet *p, u32 seq,
				       u64 expires)
{
	struct samples *samples = &flow->samples[p->direction & 1];
	struct timestamp_key key = { .cookie = p->cookie, .identifier = p->tcp.tsval,
				     .direction = p->direction };
	struct timestamp value = { .time = p->now, .expires = expires, .seq = seq,
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
 * Puts an identifier where its answer will find it: 0, 1 when its TSval does not tell it from
 * others, -1 when there is no room. `expires` is for the map: in its flow an identifier costs
 * nothing to keep.
 */
static __always_inline int put_identifier(struct flow *flow, const struct packet *p,
					  const struct slot *waiting, u64 expires)
{
	struct slot *slot = &flow->samples[p->direction & 1].slot;

	if (!fill_slot(slot, waiting))
		return 0;
	/* Who sends in one direction only, and to whom he likes, gets no room of others. */
	return waiting->is_alone && state_of(flow) != FLOW_WAITING ? insert_timestamp(flow, p, waiting->seq, expires) : 1;
}

/*
 * Takes what waits in the flow, if the segment acknowledges it: then its wait is over, whatever
 * comes of it.
 */
static __always_inline enum verdict take_slot(struct flow *flow, const struct packet *p,
					      struct answered *answered)
{
	struct slot *slot = &flow->samples[!p->direction].slot;
	u64 time = slot_time(slot);
	enum verdict verdict;

	if (time <= SLOT_BEING_FILLED || !acknowledges(p, slot->seq))
		return VERDICT_NONE;
	answered->time = time;
	answered->handshake = slot->handshake;
	verdict = judge(flow, p, time, slot);
	/* Two CPUs may have found it: whoever frees it tells what came of it. */
	return free_slot(slot, time) ? verdict : VERDICT_NONE;
}

/* A function of its own, like the insertion: the stack of a BPF program is 512 bytes. */
static __noinline int take_timestamp(struct flow *flow, const struct packet *p,
				     struct answered *answered)
{
	u8 sender = !p->direction;
	struct timestamp_key key = { .cookie = p->cookie, .identifier = p->tcp.tsecr,
				     .direction = sender };
	const struct timestamp *waiting = store_timestamp_lookup(&key);
	enum verdict verdict;

	if (!waiting || !acknowledges(p, waiting->seq))
		return VERDICT_NONE;
	answered->time = waiting->time;
	answered->handshake = 0;
	verdict = is_acknowledged(flow, sender, waiting->seq)
			  ? VERDICT_SUPERSEDED
			  : judge_time(p, waiting->time, waiting->expires);
	/* Two CPUs may have found it: whoever deletes it tells what came of it. */
	if (store_timestamp_delete(&key))
		return VERDICT_NONE;
	__sync_fetch_and_sub(&flow->samples[sender].mapped, 1);
	return verdict;
}

/* Karn's rule for what waits in the map under the TSval that data is now sent again with. */
static __noinline void drop_timestamp(struct flow *flow, const struct packet *p)
{
	struct timestamp_key key = { .cookie = p->cookie, .identifier = p->tcp.tsval,
				     .direction = p->direction };
	const struct timestamp *waiting = store_timestamp_lookup(&key);

	if (!waiting || waiting->hook != p->hook || (s32)(p->tcp.seq - waiting->seq) > 0 ||
	    store_timestamp_delete(&key))
		return;
	__sync_fetch_and_sub(&flow->samples[p->direction & 1].mapped, 1);
	store_count(COUNTER_AMBIGUOUS);
}

static __always_inline void drop_slot(struct slot *slot, u64 time)
{
	u8 handshake = slot->handshake;

	if (free_slot(slot, time) && !handshake)
		store_count(COUNTER_AMBIGUOUS);
}

/*
 * The segment is no new data: it has been sent before, or was overtaken. Under the TSval of what
 * waits it makes it impossible to tell which of the two is answered (Karn), or whether an answer
 * had to wait until it filled a gap. Under another, TSecr tells, and what waits is no longer
 * answered by whatever acknowledges it. Seen at another hook it is the same packet on its way
 * through a router.
 */
static __noinline void note_sent_again(struct flow *flow, const struct packet *p)
{
	struct samples *samples = &flow->samples[p->direction & 1];
	struct slot *slot = &samples->slot;
	u64 time = slot_time(slot);

	if (time > SLOT_BEING_FILLED && slot->hook == p->hook && (s32)(p->tcp.seq - slot->seq) <= 0) {
		slot->sent_once = 0;
		if (slot->identifier == p->tcp.tsval)
			drop_slot(slot, time);
	}
	if (samples->mapped)
		drop_timestamp(flow, p);
}

/* Frees a slot that nothing will answer any more; 1 where it held an identifier. */
static __always_inline u32 abandon_slot(struct slot *slot, u64 time)
{
	u8 handshake = slot->handshake;

	if (!free_slot(slot, time) || handshake)
		return 0;
	store_count(COUNTER_UNANSWERED);
	return 1;
}

/* Of a flow that ends with identifiers in it: nothing is left to answer them. */
static __always_inline u32 free_slots(struct flow *flow)
{
	struct slot *first = &flow->samples[0].slot, *second = &flow->samples[1].slot;

	return abandon_slot(first, slot_time(first)) + abandon_slot(second, slot_time(second));
}

#endif
