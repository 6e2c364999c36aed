/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Forgetting what is stale. The target walks its stores and asks for each entry.
 */
#ifndef PPING_SWEEPS_H
#define PPING_SWEEPS_H

#include "assured.h"
#include "forgotten.h"
#include "quic_verdicts.h"
#include "reports.h"
#include "waiting.h"

/* A tombstone keeps stray late segments of a dead connection from reopening it: so long after the last. */
#define TOMBSTONE_NS (5 * NS_PER_SECOND)
/* After this without a packet an RST that was nearly right is believed. */
#define SILENCE_AFTER_RESET_NS NS_PER_SECOND
/* A flow seen in one direction only is forgotten after this. */
#define OPENING_TIMEOUT_NS (30 * NS_PER_SECOND)

static __always_inline u64 last_seen(const struct flow *flow)
{
	u64 a = flow->direction[0].last_seen, b = flow->direction[1].last_seen;

	return a > b ? a : b;
}

static __always_inline u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* The user's timeout, or the governor's, bounds all others. */
static __always_inline u64 idle_timeout(const struct flow *flow, enum flow_state state,
					int is_crowded)
{
	u64 timeout = target_settings()->flow_timeout;

	if (is_crowded && (state == FLOW_CLOSED || !is_assured(flow)))
		return least(timeout, CROWDED_TIMEOUT_NS);
	if (state == FLOW_CLOSED)
		return least(timeout, TOMBSTONE_NS);
	return state == FLOW_WAITING ? least(timeout, OPENING_TIMEOUT_NS) : timeout;
}

static __always_inline u8 doubted_from(u8 doubted)
{
	return (doubted & DOUBTED_RESET_MASK) - DOUBTED_RESET;
}

/* Whether nothing has followed an RST that was nearly right. */
static __always_inline int is_reset(struct flow *flow, s64 idle)
{
	u8 doubted = flow->doubted_reset;

	if (likely(!doubted))
		return 0;
	if (doubted & DOUBTED_RESET_SWEPT)
		return idle > (s64)SILENCE_AFTER_RESET_NS;
	flow->doubted_reset = doubted | DOUBTED_RESET_SWEPT;
	return 0;
}

static __always_inline s64 idle_time(const struct flow *flow, const struct sweep *sweep)
{
	return (sweep->tick - last_seen(flow)) * target_tick_ns();
}

static __always_inline int is_stale(struct flow *flow, enum flow_state state,
				    const struct sweep *sweep)
{
	s64 idle = idle_time(flow, sweep);

	return is_reset(flow, idle) || idle > (s64)idle_timeout(flow, state, sweep->is_crowded);
}

/* Of a flow that is forgotten. */
static __always_inline void tell_overdue(const struct flow_key *key, struct flow *flow, u8 sender,
					 u64 now)
{
	struct question *slot = &flow->samples[sender & 1].slot;
	struct overdue overdue = { .time = slot_time(slot), .hook = slot->hook, .sender = sender };

	if (overdue.time > SLOT_BEING_FILLED && !slot->handshake && !slot->probe)
		emit_overdue(key, flow, &overdue, now);
}

/* Deletes a flow that was found to be stale, unless another has been quicker. */
static __always_inline void forget_flow(const struct flow_key *key, struct flow *flow, u64 cookie,
					struct sweep *sweep)
{
	enum flow_state before = end_life(flow, cookie, FLOW_DELETED);
	u32 freed;

	if (before == FLOW_DELETED)
		return;
	note_forgotten(key, idle_time(flow, sweep), sweep->tick);
	report_all_held(key, flow, sweep->now);
	count_ended(flow, before);
	if (before == FLOW_OPEN && flow->doubted_reset)
		emit_closing(key, flow,
			     cause_of(REASON_RST, trigger_of(flow, doubted_from(flow->doubted_reset))), sweep->now);
	else if (before == FLOW_OPEN)
		emit_closing(key, flow, cause_of(REASON_TIMEOUT, TRIGGER_CLEANUP), sweep->now);
	else
		emit_unmeasured(key, flow, before, sweep->now);
	if (flow->doubted_reset)
		flow->reset = 1;
	tell_overdue(key, flow, 0, sweep->now);
	tell_overdue(key, flow, 1, sweep->now);
	freed = free_slots(flow);
	sweep->timestamps += freed;
	sweep->timestamps_deleted += freed;
	end_unassured(flow);
	if (are_aggregated())
		count_last_traffic(key, flow, cookie);
	forget_losses(flow, cookie);
	store_flow_delete(key);
}

/* Why an identifier is to be forgotten; COUNTER_COUNT where it is not. */
static __always_inline enum counter reason_to_forget(const struct timestamp_key *key,
						     const struct timestamp *timestamp,
						     const struct flow *flow, u64 now)
{
	if (!flow || cookie_of(flow) != key->cookie)
		return COUNTER_UNANSWERED;
	/* A delayed ACK has echoed the TSval of data before it. */
	if (is_acknowledged(flow, key->direction & 1, timestamp->seq))
		return COUNTER_SUPERSEDED;
	return (s64)(now - timestamp->expires) > 0 ? COUNTER_UNANSWERED : COUNTER_COUNT;
}

/* Forgets an identifier that nothing will answer; its flow may have gone before it. */
static __always_inline void forget_timestamp(const struct timestamp_key *key, struct flow *flow,
					     const struct timestamp *copy, enum counter reason,
					     u64 now)
{
	struct overdue overdue = { .time = copy->time, .hook = copy->hook, .sender = key->direction };
	struct samples *samples;

	if (store_timestamp_delete(key))
		return;
	store_count(reason);
	if (!flow || cookie_of(flow) != key->cookie)
		return;
	samples = &flow->samples[key->direction & 1];
	__sync_fetch_and_sub(&samples->mapped, 1);
	if (reason != COUNTER_UNANSWERED)
		return;
	samples->unanswered++;
	emit_overdue(&copy->flow, flow, &overdue, now);
}

/* The identifier that waits in its flow. */
static __always_inline void sweep_slot(const struct flow_key *key, struct flow *flow, u8 sender,
				       struct sweep *sweep)
{
	struct samples *samples = &flow->samples[sender & 1];
	struct question *slot = &samples->slot;
	struct overdue overdue = { .time = slot_time(slot), .hook = slot->hook, .sender = sender };
	u64 time = overdue.time;
	int is_probe;

	/* What waits for the end of a handshake is no identifier of data. */
	if (!time || (slot->handshake && time > SLOT_BEING_FILLED))
		return;
	sweep->timestamps++;
	is_probe = time > SLOT_BEING_FILLED && slot->probe;
	/* Of the very identifier that has expired: another may be put in its place meanwhile. */
	if ((s64)(sweep->now - time) <= (s64)target_settings()->timestamp_timeout ||
	    !abandon_slot(slot, time)) {
		sweep->slots++;
		return;
	}
	sweep->timestamps_deleted++;
	/* Nobody has to answer one (RFC 9293, 3.8.4): that is no RTT of at least so long. */
	if (is_probe)
		return dispute_probe(slot, sweep->tick);
	samples->unanswered++;
	emit_overdue(key, flow, &overdue, sweep->now);
}

/* One identifier of a walk over all. */
static __always_inline void sweep_timestamp(const struct timestamp_key *key,
					    const struct timestamp *timestamp, struct sweep *sweep)
{
	/* Copies: what is deleted may be used again at once. */
	struct timestamp_key stale = *key;
	struct timestamp copy = *timestamp;
	struct flow *flow = store_flow_lookup(&copy.flow);
	enum counter reason = reason_to_forget(&stale, &copy, flow, sweep->now);

	sweep->timestamps++;
	if (reason == COUNTER_COUNT)
		return;
	sweep->timestamps_deleted++;
	forget_timestamp(&stale, flow, &copy, reason, sweep->now);
}

/* One that a sweep leaves. */
static __always_inline void count_flow(const struct flow *flow, enum flow_state state, struct sweep *sweep)
{
	sweep->flows++;
	if (state == FLOW_WAITING)
		sweep->flows_waiting++;
	if (!is_assured(flow))
		sweep->flows_unassured++;
	count_left(flow, state, sweep);
}

/*
 * Most flows need nothing: counts such a one, and returns 1. Where it returns 0, sweep_flow() is to look.
 *
 * Without barriers, so that a CPU waits for the memory of several flows at once. Of a flow that another CPU changes
 * meanwhile it may see a part: such a flow is in use, and the next sweep finds what is due by then.
 */
static __always_inline int leave_flow(const struct flow *flow, struct sweep *sweep)
{
	enum flow_state state = state_of(flow);

	if (sweep->flush || flow->doubted_reset ||
	    idle_time(flow, sweep) > (s64)idle_timeout(flow, state, sweep->is_crowded) ||
	    flow->samples[0].slot.time || flow->samples[1].slot.time || is_any_held(flow))
		return 0;
	count_flow(flow, state, sweep);
	return 1;
}

/* One flow of a walk over all. */
static __always_inline void sweep_flow(const struct flow_key *key, struct flow *flow,
				       struct sweep *sweep)
{
	/* Before its key: that of the flow that has the memory by then would be another's. */
	u64 life = flow->life;
	enum flow_state state = life & STATE_MASK;
	struct flow_key stale = *key;

	if (is_stale(flow, state, sweep)) {
		sweep->flows++;
		sweep->flows_deleted++;
		return forget_flow(&stale, flow, life >> STATE_BITS, sweep);
	}
	sweep_slot(&stale, flow, 0, sweep);
	sweep_slot(&stale, flow, 1, sweep);
	count_flow(flow, state, sweep);
	if (sweep->flush) {
		report_all_held(&stale, flow, sweep->now);
		emit_unmeasured(&stale, flow, state, sweep->now);
	} else {
		report_overdue(&stale, flow, sweep->now);
	}
}

#endif
