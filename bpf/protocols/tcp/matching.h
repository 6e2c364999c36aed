/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Segments and the questions that wait: which is answered, and which cannot be any more since its data
 * was sent again (Karn's rule).
 */
#ifndef PPING_TCP_MATCHING_H
#define PPING_TCP_MATCHING_H

#include "by_sequence.h"
#include "keepalive.h"
#include "timestamps.h"
#include "../../core/samples.h"

/* Whether the segment may answer something that its peer sent. Asked of each packet. */
static __always_inline int may_answer(const struct flow *flow, const struct packet *p)
{
	const struct samples *samples = &flow->samples[!p->direction];

	if (likely(!is_any_waiting(flow, !p->direction)) || !(p->tcp.flags & TCP_ACK))
		return 0;
	return samples->mapped || acknowledges(p, samples->slot.seq);
}

/*
 * Takes what waits in the flow, if the segment acknowledges it: then its wait is over, whatever
 * comes of it.
 */
static __always_inline enum verdict take_slot(struct flow *flow, const struct packet *p,
					      struct answered *answered)
{
	struct question *slot = &flow->samples[!p->direction].slot;
	u64 time = slot_time(slot);
	enum verdict verdict;

	if (time <= SLOT_BEING_FILLED || !acknowledges(p, slot->seq))
		return VERDICT_NONE;
	answered->time = time;
	answered->handshake = slot->handshake;
	answered->by_sequence = slot->by_sequence;
	answered->keep_alive = slot->probe != PROBE_NONE;
	answered->by_identifier = 0;
	if (unlikely(slot->probe)) {
		verdict = judge_probe(flow, p, answered);
		if (verdict == VERDICT_NONE)
			return VERDICT_NONE;
	} else {
		verdict = slot->by_sequence ? judge_by_sequence(flow, p, time) : judge(flow, p, time, slot);
	}
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
	answered->handshake = answered->by_sequence = answered->keep_alive = answered->by_identifier = 0;
	verdict = is_acknowledged(flow, sender, waiting->seq)
			  ? VERDICT_SUPERSEDED
			  : judge_time(p, waiting->time, waiting->expires);
	/* Two CPUs may have found it: whoever deletes it tells what came of it. */
	if (store_timestamp_delete(&key))
		return VERDICT_NONE;
	__sync_fetch_and_sub(&flow->samples[sender].mapped, 1);
	return verdict;
}

/*
 * A delayed acknowledgement may answer both what waits in the flow and, by its TSecr, an entry of
 * the map. Global, so that the verifier follows it once, and not after each path that leads here (6.1).
 */
__noinline int match_identifier(struct flow *flow, const struct packet *p)
{
	struct answered answered;
	enum verdict in_flow, in_map = VERDICT_NONE;

	if (!flow || !p)
		return 0;
	in_flow = take_slot(flow, p, &answered);
	if (in_flow != VERDICT_NONE)
		conclude(flow, p, in_flow, &answered);
	if (flow->samples[!p->direction].mapped && p->tcp.tsecr)
		in_map = take_timestamp(flow, p, &answered);
	if (in_map != VERDICT_NONE)
		conclude(flow, p, in_map, &answered);
	if (in_flow == VERDICT_NONE && in_map == VERDICT_NONE)
		store_count(COUNTER_NO_MATCH);
	return 0;
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

/*
 * The segment is no new data: it has been sent before, or was overtaken. Under the TSval of what
 * waits it makes it impossible to tell which of the two is answered (Karn), or whether an answer
 * had to wait until it filled a gap. Under another, TSecr tells, and what waits is no longer
 * answered by whatever acknowledges it. Without TSvals nothing tells, whatever was sent again. Seen at
 * another hook it is the same packet on its way through a router.
 */
__noinline int note_sent_again(struct flow *flow, const struct packet *p)
{
	struct samples *samples;
	struct question *slot;
	u64 time;

	if (!flow || !p)
		return 0;
	samples = &flow->samples[p->direction & 1];
	slot = &samples->slot;
	time = slot_time(slot);
	if (time > SLOT_BEING_FILLED && slot->hook == p->hook &&
	    (slot->by_sequence || (s32)(p->tcp.seq - slot->seq) <= 0)) {
		int is_told_apart = !slot->by_sequence && !slot->probe && slot->identifier != p->tcp.tsval;

		slot->sent_once = 0;
		if (slot->probe)
			dispute_probe(slot, p->tick);
		if (!is_told_apart)
			drop_slot(slot, time);
	}
	if (samples->mapped)
		drop_timestamp(flow, p);
	return 0;
}

#endif
