/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * RTTs of protocols in which an answer repeats what its question is identified by: whatever has that identifier
 * answers it, and nothing else does, and only once.
 *
 * Identifiers go up, modulo 2^16, as a sender has them. One that does not may have been sent before, and an answer to
 * it may be to either.
 */
#ifndef PPING_EXACT_H
#define PPING_EXACT_H

#include "datagram_owners.h"
#include "forgotten.h"
#include "samples.h"
#include "traffic.h"

/* As of BOUND_ATTEMPTS; a flow's packets of one direction are on few CPUs. */
#define IDENTIFIER_ATTEMPTS 4
#define MARKS_ONLY_ANSWERS (MARK_ONLY_ANSWERS | MARK_ONLY_ANSWERS << 1)

/* 0 where there is no room. Whoever asks has opened it, also where an answer is seen first. */
static __noinline struct flow *create_exact(struct packet *p)
{
	struct flow *flow = store_blank_flow();

	if (!flow)
		return 0;
	flow->life = life_of(target_next_cookie(), FLOW_WAITING);
	flow->marks = MARKS_ONLY_ANSWERS | MARK_OWNER_SOUGHT; /* among sockets of TCP it is not */
	if (was_forgotten(p))
		flow->marks |= MARK_FORGOTTEN;
	flow->initiator = p->direction ^ p->exact.is_answer;
	flow->opening_reason = REASON_FIRST_PACKET;
	flow->owner_state = first_owner_state();
	/* Its least RTT is of a window, as with timestamps: each answer is known to be one. */
	flow->known[0] = flow->known[1] = TSVAL_KNOWN;
	flow->direction[p->direction & 1].last_seen = p->tick;
	if (create_unassured(&p->key, flow) >= 0)
		return find_flow_rarely(p);
	note_no_room(p);
	return 0;
}

/*
 * Identifiers from one on up to another, modulo 2^16: all that were sent in some time are among them. Those of the window
 * are kept above those since the window before it began.
 */
static __always_inline u32 range_of(u16 first, u16 last)
{
	return first | (u32)last << 16;
}

static __always_inline u64 ranges_of(u32 lately, u32 of_window)
{
	return lately | (u64)of_window << 32;
}

static __always_inline int is_above(u32 range, u16 identifier)
{
	return (signed short)(identifier - (range >> 16)) > 0;
}

static __always_inline int covers(u32 range, u16 identifier)
{
	u16 first = range, last = range >> 16;

	return (u16)(identifier - first) <= (u16)(last - first);
}

static __always_inline u32 widened(u32 range, u16 identifier)
{
	if (covers(range, identifier))
		return range;
	return is_above(range, identifier) ? range_of(range, identifier) : range_of(identifier, range >> 16);
}

/* Where another CPU was faster, which has begun the window if it is a new one. */
static __always_inline void add_identifier(struct direction *d, u16 identifier)
{
	for (int i = 0; i < IDENTIFIER_ATTEMPTS; i++) {
		u64 before = d->asked;
		u64 after = ranges_of(widened(before, identifier), widened(before >> 32, identifier));

		if (__sync_val_compare_and_swap(&d->asked, before, after) == before)
			return;
	}
}

/*
 * Whether it has not been sent lately, for as long as questions wait: not if it is above all that were since
 * the last window but one began, and has not come round to them. A window is as long as that, so who begins again lower
 * down is above what is remembered after two. After a silence whatever comes is new. Of two CPUs one has it; the other's
 * is remembered, too: sent again, it is not new.
 */
static __noinline int is_identifier_new(struct direction *d, const struct packet *p)
{
	u64 before = d->asked;
	u16 identifier = p->exact.identifier;
	u32 lately = before, of_window = before >> 32, alone = range_of(identifier, identifier);
	int is_first = is_long_ago(d->identifier_time, p);
	int is_over = is_first || is_long_ago(d->identifier, p);
	int is_new;

	if (is_over)
		lately = of_window;
	is_new = is_first || (is_above(lately, identifier) && !covers(lately, identifier));
	lately = is_first ? alone : widened(lately, identifier);
	of_window = is_over ? alone : widened(of_window, identifier);
	if (__sync_val_compare_and_swap(&d->asked, before, ranges_of(lately, of_window)) != before) {
		add_identifier(d, identifier);
		is_new = 0;
	}
	d->identifier_time = coarse_time_not_0(p->tick);
	if (is_over)
		d->identifier = d->identifier_time;
	return is_new;
}

static __always_inline struct timestamp_key exact_key(const struct packet *p, u8 sender)
{
	struct timestamp_key key = { .cookie = p->cookie, .identifier = p->exact.identifier, .direction = sender };

	return key;
}

/* Sent again, or after all others were: which of the two is answered cannot be told. Whether one like it has waited. */
static __noinline int drop_exact(struct flow *flow, const struct packet *p)
{
	struct samples *samples = &flow->samples[p->direction & 1];
	struct timestamp_key key = exact_key(p, p->direction);
	u64 time = slot_time(&samples->slot);

	if (time > SLOT_BEING_FILLED && samples->slot.identifier == p->exact.identifier) {
		drop_slot(&samples->slot, time);
		return 1;
	}
	if (!samples->mapped || store_timestamp_delete(&key))
		return 0;
	__sync_fetch_and_sub(&samples->mapped, 1);
	store_count(COUNTER_AMBIGUOUS);
	return 1;
}

static __noinline enum counter ask_exact(void *context, struct flow *flow, const struct packet *p)
{
	struct direction *d = &flow->direction[p->direction & 1];
	struct question question = { .time = p->now, .identifier = p->exact.identifier, .hook = p->hook,
				     .is_alone = 1 };

	int is_new = is_identifier_new(d, p);

	clear_mark(flow, MARK_ONLY_ANSWERS << (p->direction & 1));
	/* Seen at another hook it is the same packet on its way through a router. */
	if (flow->samples[p->direction & 1].slot.hook == p->hook && drop_exact(flow, p))
		return COUNTER_IDENTIFIER_NOT_NEW;
	if (!is_new || is_forgotten_before(flow, p))
		return COUNTER_IDENTIFIER_NOT_NEW;
	note_candidate(d);
	if (is_left_out(context, flow, p))
		return COUNTER_LOCAL;
	if (!claim_sample(flow, p->direction, p->now, p->tick))
		return COUNTER_RATE_LIMITED;
	return remember_question(flow, p, &question);
}

static __always_inline enum verdict take_exact_slot(struct flow *flow, const struct packet *p,
						    struct answered *answered)
{
	struct question *slot = &flow->samples[!p->direction].slot;
	u64 time = slot_time(slot);

	if (time <= SLOT_BEING_FILLED || slot->identifier != p->exact.identifier || !free_slot(slot, time))
		return VERDICT_NONE;
	answered->time = time;
	return judge_time(p, time, time + target_settings()->timestamp_timeout);
}

static __noinline enum verdict take_exact_timestamp(struct flow *flow, const struct packet *p,
						    struct answered *answered)
{
	struct timestamp_key key = exact_key(p, !p->direction);
	const struct timestamp *waiting = store_timestamp_lookup(&key);
	enum verdict verdict;

	if (!waiting)
		return VERDICT_NONE;
	answered->time = waiting->time;
	verdict = judge_time(p, waiting->time, waiting->expires);
	/* Two CPUs may have found it: whoever deletes it tells what came of it. */
	if (store_timestamp_delete(&key))
		return VERDICT_NONE;
	__sync_fetch_and_sub(&flow->samples[!p->direction].mapped, 1);
	return verdict;
}

/* Of one that was asked before anything was seen: asked again, an answer may be to either. */
static __always_inline void note_asked_before(struct direction *d, const struct packet *p)
{
	u32 alone = range_of(p->exact.identifier, p->exact.identifier);

	if (d->identifier_time)
		return;
	d->asked = ranges_of(alone, alone);
	d->identifier_time = d->identifier = coarse_time_not_0(p->tick);
}

static __noinline void match_exact(struct flow *flow, const struct packet *p)
{
	struct answered answered = { .by_identifier = 1 };
	enum verdict verdict;

	note_asked_before(&flow->direction[!p->direction], p);
	if (!is_any_waiting(flow, !p->direction))
		return;
	verdict = take_exact_slot(flow, p, &answered);
	if (verdict == VERDICT_NONE && flow->samples[!p->direction].mapped)
		verdict = take_exact_timestamp(flow, p, &answered);
	if (verdict == VERDICT_NONE)
		store_count(COUNTER_NO_MATCH);
	else
		conclude(flow, p, verdict, &answered);
}

/* A packet that asks, or answers. Returns what becomes of it. */
static __always_inline enum counter process_exact(void *context, struct packet *p, enum counter answer)
{
	struct flow *flow = find_flow_rarely(p);

	read_clock(context, p);
	if (!flow)
		flow = create_exact(p);
	if (!flow)
		return COUNTER_FLOW_MAP_FULL;
	if (state_of(flow) >= FLOW_CLOSED)
		return COUNTER_LINGERING;
	if (is_datagram_refused(context, flow, p, !p->exact.is_answer))
		return COUNTER_FILTERED;
	update_flow(flow, p);
	if (!p->exact.is_answer)
		return ask_exact(context, flow, p);
	match_exact(flow, p);
	return answer;
}

#endif
